"""Prompts: what an agent is asked to do with one Dockerfile, with what slimstage already found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slimstage.mcp.resources import matching
from slimstage.mcp.tools import Call, apply_fixes, check_dockerfile, convert_to_multi_stage, fenced, visible
from slimstage.mcp.workspace import Refused, Workspace
from slimstage.settings import LANGUAGES

PROMPTS = ("slim_dockerfile", "review_dockerfile", "explain_dockerfile")
ARGUMENTS = ("path", "text", "lang")
_MOST_FILES = 2000


@dataclass(slots=True, frozen=True)
class Prompt:
    """Texts `mcp.prompt.<name>.title`, `.description` and `.task`."""

    description: str
    text: str


def prompt(workspace: Workspace, name: str, arguments: Mapping[str, str]) -> Prompt | None:
    """One user message, or None when there is no such prompt. Raises `Refused`."""
    if name not in PROMPTS:
        return None
    for given in arguments:
        if given not in ARGUMENTS:
            raise Refused("unknown_argument", name=visible(given[:100]), known=", ".join(ARGUMENTS), near="")
    if arguments.get("lang") not in (None, "", *LANGUAGES):
        raise Refused("wrong_value", name="lang", allowed=", ".join(LANGUAGES), near="")
    lang = workspace.language(arguments.get("lang"))
    text, path = arguments.get("text") or None, arguments.get("path") or None
    if text is None and path is None:
        path = next(iter(dockerfiles(workspace, "")), None)
        if path is None:
            raise Refused("no_input")
    call = Call(workspace, lang)
    document = workspace.document(text, path)
    knowledge = workspace.base()
    parts = [
        knowledge.text(f"mcp.prompt.{name}.task", lang),
        knowledge.text("mcp.prompt.data", lang, path=visible(document.name)),
        "\n".join(fenced(document.analysis.source.text, "dockerfile")),
    ]
    if name != "explain_dockerfile":
        parts.append(check_dockerfile(call, text=text, path=path).text)
    if name == "slim_dockerfile":
        parts.append(convert_to_multi_stage(call, text=text, path=path).text)
        fixed = apply_fixes(call, text=text, path=path)
        if fixed.data["applied"]:
            parts.append(fixed.text)
    return Prompt(knowledge.text(f"mcp.prompt.{name}.description", lang), "\n\n".join(parts))


def dockerfiles(workspace: Workspace, value: str) -> list[str]:
    """Dockerfiles below the root, relative to it, that match what was typed; the nearest to the root first."""
    found = []
    for _, path in zip(range(_MOST_FILES), workspace.host.dockerfiles(), strict=False):
        try:
            found.append(workspace.shown(workspace.resolve(path)))
        except Refused:
            continue  # a link that leads out of the root
    return sorted(matching(found, value), key=lambda path: (not path.startswith(value), path.count("/"), path))


def complete(workspace: Workspace, name: str, argument: str, value: str) -> list[str] | None:
    """Values of a prompt's argument; None for a prompt there is not."""
    if name not in PROMPTS:
        return None
    if argument == "lang":
        return matching(LANGUAGES, value)
    return dockerfiles(workspace, value) if argument == "path" else []
