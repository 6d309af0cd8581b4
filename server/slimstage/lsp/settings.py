"""Editor settings: what `slimstage.*` in a client's configuration may say, and its JSON schema for their manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from slimstage.rewrites.conversion import BASES
from slimstage.rules import ALL_RULES
from slimstage.rules.base import SEVERITIES
from slimstage.settings import LANGUAGES, Settings, SettingsError, read_settings

SECTION = "slimstage"


@dataclass(slots=True, frozen=True)
class EditorSettings:
    """`core` is shared with the command line; the rest is what only an editor shows."""

    core: Settings = field(default_factory=Settings)
    diagnostics: bool = True
    hover: bool = True
    inlay_hints: bool = True
    size_hints: bool = True
    code_lens: bool = True
    online: bool = False
    read_context: bool = True  # False in a workspace the user does not trust: the open text only


_SHARED = {
    "lang": "lang",
    "severities": "severities",
    "target": "target",
    "buildArgs": "build_args",
    "context": "context",
    "knowledge": "knowledge",
    "conversion": "conversion",
}
_SWITCHES = {
    "diagnostics": "diagnostics",
    "hover": "hover",
    "inlayHints": "inlay_hints",
    "sizeHints": "size_hints",
    "codeLens": "code_lens",
    "online": "online",
    "readContext": "read_context",
}


def read(data: object, *, read_context: bool = True) -> tuple[EditorSettings, list[str]]:
    """The settings in a client's answer, and one line of complaint for each key that cannot be used.

    A faulty key keeps its default; nothing is raised, since a client sends what its user typed. `read_context` is what
    holds when the client does not say.
    """
    settings, complaints = EditorSettings(read_context=read_context), []
    if not isinstance(data, Mapping):
        return settings, []
    shared: dict[str, Any] = {}
    switches: dict[str, bool] = {}
    for key, value in data.items():
        if key in _SHARED:
            if value not in (None, "", {}, []):
                try:
                    read_settings({_SHARED[key]: value})
                    shared[_SHARED[key]] = value
                except SettingsError as error:
                    complaints.append(f"{SECTION}.{key}: {error.key} {dict(error.arguments)}")
        elif key in _SWITCHES:
            if isinstance(value, bool):
                switches[_SWITCHES[key]] = value
            elif value is not None:
                complaints.append(f"{SECTION}.{key}: true or false expected")
        elif key not in CLIENT_KEYS:
            complaints.append(f"{SECTION}.{key}: unknown setting")
    return replace(settings, core=read_settings(shared), **switches), complaints


# What clients of ours use themselves and send along with the rest.
CLIENT_KEYS = frozenset({"enable", "interpreter", "importStrategy", "path", "args", "trace", "budget", "mcp"})


def schema() -> dict[str, Any]:
    """The settings the server reads, as JSON Schema properties without the `slimstage.` prefix.

    Descriptions are keys of `knowledge/messages/lsp.yaml` (`settings.<name>`).
    """
    switches: dict[str, Any] = {
        key: {"type": "boolean", "default": getattr(EditorSettings(), name)}
        for key, name in _SWITCHES.items()
        if key != "readContext"  # clients set it from their own notion of trust
    }
    return {
        "lang": {"type": "string", "enum": ["", *LANGUAGES], "default": ""},
        "severities": {
            "type": "object",
            "default": {},
            "properties": {rule.id: {"type": "string", "enum": list(SEVERITIES)} for rule in ALL_RULES},
            "additionalProperties": {"type": "string", "enum": list(SEVERITIES)},
        },
        "target": {"type": "string", "default": ""},
        "buildArgs": {"type": "object", "default": {}, "additionalProperties": {"type": "string"}},
        "context": {"type": "string", "default": ""},
        "conversion": {
            "type": "object",
            "default": {},
            "properties": {
                "base": {"type": "string", "enum": list(BASES), "default": "auto"},
                "nonRoot": {"type": "boolean", "default": False},
                "cacheMounts": {"type": "boolean", "default": False},
                "layeredJar": {"type": "boolean", "default": False},
            },
            "additionalProperties": False,
        },
        "knowledge": {"type": "array", "items": {"type": "string"}, "default": []},
        **switches,
    }
