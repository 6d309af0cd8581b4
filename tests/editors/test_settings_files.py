"""Sublime Text's and Zed's settings, which no test can load in their editors: known keys, and programs that start."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slimstage.lsp.settings import SECTION, read, schema
from tests.editors.harness import block, follow, home
from tests.editors.test_jetbrains import answers

EDITORS = Path(__file__).parents[2] / "editors"
# What LSP 2.13 for Sublime Text takes for a server; it marks anything else as a mistake.
SUBLIME = {
    "enabled",
    "command",
    "selector",
    "schemes",
    "tcp_port",
    "env",
    "settings",
    "initialization_options",
    "priority_selector",
    "auto_complete_selector",
    "ignore_server_trigger_chars",
    "diagnostics_mode",
    "experimental_capabilities",
    "disabled_capabilities",
    "file_watcher",
    "semantic_tokens",
    "markdown_language_map",
    "syntax_map",
}
# What Zed's documentation names, as far as a server needs it (November 2026).
ZED: dict[str, Any] = {
    "languages": {"*": {"language_servers": list, "inlay_hints": {"enabled": bool}, "enable_language_server": bool}},
    "file_types": {"*": list},
    "lsp": {
        "*": {
            "binary": {"path": str, "arguments": list, "env": dict, "ignore_system_version": bool},
            "initialization_options": dict,
            "settings": dict,
        }
    },
}


def sublime() -> dict[str, Any]:
    """The settings without comments."""
    text = (EDITORS / "sublime" / "LanguageServers.sublime-settings").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    return found


def zed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EDITORS / "zed" / "settings.json").read_text(encoding="utf-8"))
    return found


def strange(data: dict[str, Any], known: dict[str, Any], where: str = "") -> Iterator[str]:
    """Keys that are not known, and values of another kind; `*` stands for names of the user's."""
    for key, value in data.items():
        kind = known.get(key, known.get("*"))
        if kind is None:
            yield f"{where}{key}"
        elif isinstance(kind, dict):
            yield from strange(value, kind, f"{where}{key}.") if isinstance(value, dict) else [f"{where}{key}"]
        elif not isinstance(value, kind):
            yield f"{where}{key}: no {kind.__name__}"


def test_sublime_knows_every_key() -> None:
    (server,) = sublime().values()
    assert set(server) <= SUBLIME
    assert server["enabled"] is True
    assert server["selector"] == "source.dockerfile"  # the scope of the package Dockerfile Syntax Highlighting
    assert {key.removeprefix(f"{SECTION}.") for key in server["settings"]} <= set(schema())


def test_zed_knows_every_key() -> None:
    assert list(strange(zed(), ZED)) == []
    servers = zed()["languages"]["Dockerfile"]["language_servers"]
    (ours,) = zed()["lsp"]
    # The extension Dockerfile has two servers; ours takes the place of one, the other stays off.
    assert servers == [ours, "!docker-language-server", "..."]
    assert ours == "dockerfile-language-server"
    assert read(zed()["lsp"][ours]["initialization_options"]) == read({})  # all defaults, no complaint


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"lsp": {"x": {"command": "slimstage"}}}, "lsp.x.command"),
        ({"lsp": {"x": {"binary": {"path": ["slimstage"]}}}}, "lsp.x.binary.path: no str"),
        ({"language": {}}, "language"),
    ],
)
def test_the_check_sees_faults(data: dict[str, Any], fault: str) -> None:
    assert list(strange(data, ZED)) == [fault]


@pytest.mark.editors
def test_the_programs_they_name_start(server_command: list[str]) -> None:
    environment = {**os.environ, "PATH": f"{Path(server_command[0]).parent}:{os.environ['PATH']}"}
    binary = zed()["lsp"]["dockerfile-language-server"]["binary"]
    for command in (sublime()["slimstage"]["command"], [binary["path"], *binary["arguments"]]):
        assert answers(shlex.join(command), environment) == "slimstage"


def test_zeds_readme_puts_the_files_where_zed_looks(archives: Path) -> None:
    readme = EDITORS / "zed" / "README.md"
    follow(readme, archives, "slimstage-zed.zip")
    follow(readme, archives, "slimstage-snippets.zip")
    folder = home() / ".config" / "zed"
    assert json.loads((folder / "settings.json").read_text(encoding="utf-8")) == zed()
    snippets = json.loads((folder / "snippets" / "dockerfile.json").read_text(encoding="utf-8"))
    assert all(set(snippet) == {"prefix", "body", "description"} for snippet in snippets.values())
    assert "settings.json" in block(readme, "sh")


def test_wishes_for_conversions_are_read_in_camel_case() -> None:
    settings, complaints = read({"conversion": {"base": "keep", "nonRoot": True, "cacheMounts": False}})
    assert settings.core.conversion == {"base": "keep", "non_root": True, "cache_mounts": False}
    assert not complaints
    assert set(schema()["conversion"]["properties"]) == {"base", "nonRoot", "cacheMounts", "layeredJar"}
    for faulty in ({"base": "slim"}, {"nonRoot": 1}, {"nonroot": True}):
        settings, complaints = read({"conversion": faulty})
        assert settings.core.conversion == {} and len(complaints) == 1
