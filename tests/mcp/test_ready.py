"""What users copy: configurations, the registry's description, the page in the README."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import jsonschema
import pytest

from slimstage import __version__
from slimstage.cli.arguments import parse
from slimstage.cli.console import Console
from slimstage.mcp.tools import TOOLS, call_tool
from tests.mcp.conftest import ROOT, make_workspace

AGENTS = (ROOT / "editors" / "agents" / "README.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", AGENTS, re.DOTALL)]

# The part of the registry's schema (2025-12-11) that our file uses, closed where theirs is open.
ARGUMENT = {
    "type": "object",
    "properties": {
        "type": {"enum": ["positional", "named"]},
        "name": {"type": "string"},
        "value": {"type": "string"},
        "description": {"type": "string"},
        "format": {"enum": ["string", "number", "boolean", "filepath"]},
        "isRequired": {"type": "boolean"},
    },
    "required": ["type"],
    "if": {"properties": {"type": {"const": "positional"}}},
    "then": {"required": ["value"]},
    "else": {"required": ["name"]},
    "additionalProperties": False,
}
REGISTRY = {
    "type": "object",
    "properties": {
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
        "name": {"type": "string", "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", "minLength": 3, "maxLength": 200},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "maxLength": 255},
        "packages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "registryType": {"enum": ["npm", "pypi", "oci", "nuget", "mcpb"]},
                    "identifier": {"type": "string"},
                    "version": {"type": "string", "minLength": 1, "not": {"const": "latest"}},
                    "runtimeHint": {"type": "string"},
                    "runtimeArguments": {"type": "array", "items": ARGUMENT},
                    "packageArguments": {"type": "array", "items": ARGUMENT},
                    "transport": {
                        "type": "object",
                        "properties": {"type": {"const": "stdio"}},
                        "required": ["type"],
                        "additionalProperties": False,
                    },
                },
                "required": ["registryType", "identifier", "transport"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["$schema", "name", "description", "version", "packages"],
    "additionalProperties": False,
}


def test_the_registrys_description_is_valid_and_agrees_with_the_package() -> None:
    server = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    jsonschema.validate(server, REGISTRY)
    (package,) = server["packages"]
    assert server["version"] == package["version"] == __version__
    assert f"<!-- mcp-name: {server['name']} -->" in README
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'name = "{package["identifier"]}"' in project
    # Without the extra the command would only say how to install it.
    (source,) = package["runtimeArguments"]
    assert (source["name"], source["value"]) == ("--from", f"slimstage[mcp]=={__version__}")
    words = [argument.get("value", argument.get("name")) for argument in package["packageArguments"]]
    assert starts(["slimstage", words[0], words[1], "."])


def starts(command: list[str]) -> bool:
    """Whether our own command line understands a configured command."""
    if command[:3] == ["uvx", "--from", "slimstage[mcp]"]:
        command = command[3:]
    assert command[0] == "slimstage"
    options = parse(command[1:], Console("en"))
    return options is not None and options.command == "mcp"


def servers(snippet: dict[str, Any]) -> dict[str, Any]:
    (found,) = (snippet[key] for key in ("mcpServers", "servers", "context_servers") if key in snippet)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_every_configuration_starts_the_server(snippet: dict[str, Any]) -> None:
    (server,) = servers(snippet).values()
    assert starts([server["command"], *server["args"]])


def test_every_client_has_its_configuration() -> None:
    for client in ("Claude Code", "Claude Desktop", "VS Code", "Cursor", "Zed", "JetBrains AI", "Windsurf"):
        assert f"\n## {client}" in AGENTS
        assert client in README
    assert len(SNIPPETS) == 7
    (added,) = re.findall(r"claude mcp add slimstage -- (.*)", AGENTS)
    assert starts(shlex.split(added))


def test_the_readme_names_every_tool() -> None:
    section = README.split("## For coding agents")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == [tool.name for tool in TOOLS]


def test_the_transcript_is_real() -> None:
    """Figures change with the knowledge base; everything else must be what the server says today."""
    section = README.split("## For coding agents")[1].split("\n## ")[0]
    transcript = re.findall(r"```\n(> .*?)```", section, re.DOTALL)[0]
    work = make_workspace(ROOT / "tests" / "fixtures" / "seed" / "python-single-stage")
    for part in re.split(r"^> ", transcript, flags=re.MULTILINE)[1:]:
        request, *said = part.strip().splitlines()
        name, _, arguments = request.partition(" ")
        answer = call_tool(work, name, json.loads(arguments), lambda done, total, key: None)
        assert answer is not None
        lines = [line for line in said if line and not line.startswith("(")]
        real = [re.sub(r"\d+(\.\d+)?", "N", line) for line in answer.text.splitlines()[: len(lines)]]
        assert real == [re.sub(r"\d+(\.\d+)?", "N", line) for line in lines]


def test_every_text_that_the_code_names_is_there_and_no_other() -> None:
    messages = {key for key in Console("en").knowledge().messages if key.startswith("mcp.")}
    rooms = [*(ROOT / "server/slimstage/mcp").glob("*.py"), ROOT / "server/slimstage/cli/mcp.py"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    named = {f"mcp.error.{key}" for key in re.findall(r'Refused\(\s*"(\w+)"', code)}
    named |= {f"mcp.{key}" for key in re.findall(r'self\.text\(\s*"([\w.]+)"', code)}
    named |= {f"mcp.progress.{key}" for key in re.findall(r'\.step\([^"()]*"(\w+)"', code)}
    answers = {f"mcp.answer.{key}" for key in re.findall(r"""call\.text\(\s*["']([\w.]+)["']""", code)}
    assert named | answers <= messages
    # Those whose names are put together.
    together = re.compile(
        r"mcp\.(instructions$|network\.(on|off)$|error\.nearest$|tool\.|parameter\.|prompt\.|resource\.)"
        r"|mcp\.answer\.(takes\.|install|disk_size|download_size|build_needs|runtime_needs)"
    )
    assert {key for key in messages - named - answers if not together.match(key)} == set()
    for tool in TOOLS:
        assert {f"mcp.tool.{tool.name}.title", f"mcp.tool.{tool.name}.description"} <= messages
        assert {f"mcp.parameter.{tool.renamed.get(name, name)}" for name in tool.parameters} <= messages
