"""What a user may set, in `slimstage.toml`, `pyproject.toml` or an editor: one definition for all edges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from slimstage.rewrites.conversion import BASES, WISHES
from slimstage.rules import ALL_RULES
from slimstage.rules.base import SEVERITIES, Severity
from slimstage.text import close_matches

FAIL_ON: tuple[str, ...] = ("error", "warning", "info", "hint", "never")
LANGUAGES: tuple[str, ...] = ("en", "ko")


class Settings(NamedTuple):
    """Validated settings; None and empty mean "not set". Paths are as written, relative to their file."""

    knowledge: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = {}
    fail_on: str | None = None
    lang: str | None = None
    target: str | None = None
    build_args: Mapping[str, str] = {}
    context: str | None = None
    conversion: Mapping[str, Any] = {}


class SettingsError(Exception):
    """A setting that cannot be used; `key` and `arguments` name a text of `knowledge/messages/cli.yaml`."""

    def __init__(self, key: str, /, **arguments: Any) -> None:
        super().__init__(key, arguments)
        self.key = key
        self.arguments = arguments


def read_settings(data: Mapping[str, Any]) -> Settings:
    """Settings from parsed TOML or JSON. Raises `SettingsError` on an unknown key or a value of a wrong kind."""
    known = tuple(Settings._fields)
    values: dict[str, Any] = {}
    for key, value in data.items():
        name = key.replace("-", "_")
        if name not in known:
            raise SettingsError("settings.unknown_key", key=key, known=", ".join(known), **hint(name, known))
        values[name] = _READERS[name](key, value)
    return Settings(**values)


def rule_severities(pairs: Iterable[tuple[str, str]]) -> dict[str, Severity]:
    """Severities by rule id; an alias of another tool (`DL3006`) stands for every rule that bears it."""
    severities: dict[str, Severity] = {}
    for name, level in pairs:
        wanted = name.lower()
        rules = [r.id for r in ALL_RULES if wanted == r.id or wanted in (alias.lower() for alias in r.aliases)]
        if not rules:
            raise SettingsError("settings.unknown_rule", rule=name, **hint(name, [rule.id for rule in ALL_RULES]))
        if level not in SEVERITIES:
            raise SettingsError("settings.bad_value", key=name, value=level, expected=", ".join(SEVERITIES))
        severities.update(dict.fromkeys(rules, level))
    return severities


def hint(name: str, known: Iterable[str]) -> dict[str, str]:
    """The nearest known word as `{"nearest": word}`, with "" when nothing is near."""
    return {"nearest": next(iter(close_matches(name, list(known), n=1)), "")}


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SettingsError("settings.wrong_kind", key=key, expected='"..."')
    return value


def _texts(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError("settings.wrong_kind", key=key, expected='["...", "..."]')
    return tuple(value)


def _table(key: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise SettingsError("settings.wrong_kind", key=key, expected='{ NAME = "..." }')
    return dict(value)


def _conversion(key: str, value: Any) -> dict[str, Any]:
    """What conversions should heed: the names of `WISHES` with hyphens; editors write them in camel case."""
    if not isinstance(value, Mapping):
        raise SettingsError("settings.wrong_kind", key=key, expected='{ base = "keep", non-root = true }')
    found: dict[str, Any] = {}
    for written, wanted in value.items():
        name = re.sub(r"(?<=[a-z])[A-Z]", lambda upper: "_" + upper[0].lower(), written).replace("-", "_")
        if name not in WISHES:
            raise SettingsError(
                "settings.unknown_key", key=f"{key}.{written}", known=", ".join(WISHES), **hint(name, WISHES)
            )
        if name == "base":
            found[name] = _one_of(*BASES)(f"{key}.{written}", wanted)
        elif isinstance(wanted, bool):
            found[name] = wanted
        else:
            raise SettingsError("settings.wrong_kind", key=f"{key}.{written}", expected="true, false")
    return found


def _severities(key: str, value: Any) -> dict[str, Severity]:
    return rule_severities(_table(key, value).items())


def _one_of(*allowed: str) -> Any:
    def read(key: str, value: Any) -> str:
        if value not in allowed:
            raise SettingsError("settings.bad_value", key=key, value=value, expected=", ".join(allowed))
        return str(value)

    return read


_READERS: Mapping[str, Any] = {
    "knowledge": _texts,
    "severities": _severities,
    "fail_on": _one_of(*FAIL_ON),
    "lang": _one_of(*LANGUAGES),
    "target": _text,
    "build_args": _table,
    "context": _text,
    "conversion": _conversion,
}
