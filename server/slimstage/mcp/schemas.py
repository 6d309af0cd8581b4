"""JSON Schemas of what tools take and give, and a check of arguments that tells an agent how to mend its call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from slimstage.features.describe import LIBCS
from slimstage.features.packages import MACHINES
from slimstage.knowledge.base import MANAGERS
from slimstage.mcp.workspace import MAX_BYTES, MAX_PATH, Refused
from slimstage.rewrites.conversion import BASES
from slimstage.rules.base import SEVERITIES
from slimstage.settings import LANGUAGES
from slimstage.text import close_matches

Schema = dict[str, Any]

LEVELS = tuple(level for level in SEVERITIES if level != "off")
_NAME = {"type": "string", "minLength": 1, "maxLength": 300}

# Of a parameter that several tools take; its description is the text `mcp.parameter.<name>`.
PARAMETERS: Mapping[str, Schema] = {
    "text": {"type": "string", "maxLength": MAX_BYTES},
    "path": {"type": "string", "minLength": 1, "maxLength": MAX_PATH},
    "context": {"type": "string", "minLength": 1, "maxLength": MAX_PATH},
    "target": _NAME,
    "severity": {"type": "string", "enum": list(LEVELS), "default": "hint"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    "results": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
    "detail": {"type": "string", "enum": ["brief", "full"], "default": "brief"},
    "lang": {"type": "string", "enum": list(LANGUAGES)},
    "base": {"type": "string", "enum": list(BASES)},
    "non_root": {"type": "boolean"},
    "cache_mounts": {"type": "boolean"},
    "layered_jar": {"type": "boolean"},
    "write": {"type": "boolean", "default": False},
    "topic": _NAME,
    "query": _NAME,
    "images": {"type": "array", "items": _NAME, "minItems": 1, "maxItems": 12},
    "name": _NAME,
    "manager": {"type": "string", "enum": [*MANAGERS, "pip", "npm"]},
    "release": {"type": "string", "enum": ["bullseye", "bookworm", "trixie"]},
    "python": {"type": "string", "pattern": r"^3\.[0-9]{1,2}$"},
    "libc": {"type": "string", "enum": list(LIBCS)},
    "machine": {"type": "string", "enum": list(MACHINES)},
}


def thing(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def or_none(schema: Schema) -> Schema:
    """The schema, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": schema}


STRING: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
WHOLE: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
STRINGS: Schema = many(STRING)
_BASIS: Schema = {"enum": ["measured", "indexed", "documented", "computed", "assumed"]}
SIZE: Schema = thing({"bytes": WHOLE, "low": WHOLE, "high": WHOLE, "basis": _BASIS})
CLAIM: Schema = thing({**SIZE["properties"], "source": STRING, "date": STRING})

_POSITION = thing({"line": COUNT, "character": COUNT})
_RANGE = thing({"start": _POSITION, "end": _POSITION})
_FIX = thing(
    {"title": STRING, "safe": YES_OR_NO, "edits": many(thing({"range": _RANGE, "newText": STRING}))},
    {"file": thing({"path": STRING, "lines": STRINGS})},
)
_FULL_FINDING = thing(
    {
        "path": STRING,
        "rule": STRING,
        "aliases": STRINGS,
        "severity": {"enum": list(LEVELS)},
        "message": STRING,
        "range": _RANGE,
        "fixes": many(_FIX),
    }
)
_BRIEF_FINDING = thing(
    {"line": COUNT, "rule": STRING, "severity": {"enum": list(LEVELS)}, "message": STRING},
    {"fix": STRING, "safe": YES_OR_NO},
)

FINDINGS = thing(
    {
        "path": STRING,
        "total": COUNT,
        "counts": thing(dict.fromkeys(LEVELS, COUNT)),
        "truncated": YES_OR_NO,
        "findings": many({"anyOf": [_BRIEF_FINDING, _FULL_FINDING]}),
    }
)
_SOURCED = thing({**SIZE["properties"], "sources": STRINGS})
_BOTH = {"disk": SIZE, "download": SIZE}
_BOTH_SOURCED = {"disk": _SOURCED, "download": _SOURCED}
_PART = thing(
    {
        "what": STRING,
        "kind": STRING,
        "bytes": or_none(WHOLE),
        "basis": or_none(_BASIS),
        "source": or_none(STRING),
        "disk": or_none(_SOURCED),
        "path": or_none(STRING),
    }
)


def _sizes(both: Mapping[str, Schema], base: Schema, *, parts: bool) -> Schema:
    stage = {"name": STRING, "ships": YES_OR_NO, "needed": YES_OR_NO, "line": COUNT, "base": base, **both}
    line = {"line": COUNT, "stage": STRING, "keyword": STRING, **both}
    return thing(
        {
            "path": STRING,
            "image": thing({**both, "unknown": STRINGS}),
            "stages": many(thing(stage)),
            "instructions": many(thing({**line, "parts": many(_PART)} if parts else {**line, "unknown": STRINGS})),
        },
        {"online": thing({"missed": COUNT, "reasons": STRINGS})},
    )


# An object at the top, as the protocol wants it, and one of two shapes.
SIZES: Schema = {
    "type": "object",
    "anyOf": [_sizes(_BOTH, SIZE, parts=False), _sizes(_BOTH_SOURCED, _SOURCED, parts=True)],
}
CONVERSION = thing(
    {
        "path": STRING,
        "converted": YES_OR_NO,
        "reason": or_none(STRING),
        "refusal": or_none(STRING),
        "dockerfile": or_none(STRING),
        "before": or_none(SIZE),
        "after": or_none(SIZE),
        "unknown": STRINGS,
        "steps": many(thing({"what": STRING, "why": STRING})),
    },
    {"diff": STRING},
)
FIXED = thing(
    {"path": STRING, "applied": COUNT, "remaining": COUNT, "dockerfile": STRING, "written": YES_OR_NO},
    {"diff": STRING},
)
PAGE = thing({"topic": STRING, "markdown": STRING})
FOUND = thing({"total": COUNT, "results": many(thing({"topic": STRING, "title": STRING, "uri": or_none(STRING)}))})
IMAGES = thing(
    {
        "images": many(
            thing(
                {
                    "image": STRING,
                    "known": {"enum": ["exact", "relative", "no"]},
                    "facts_of": or_none(STRING),
                    "disk": or_none(CLAIM),
                    "download": or_none(CLAIM),
                    "facts": or_none(
                        thing(
                            {
                                "summary": STRING,
                                "kind": or_none(STRING),
                                "distribution": or_none(STRING),
                                "libc": or_none(STRING),
                                "package_manager": or_none(STRING),
                                "shell": or_none(STRING),
                                "language": or_none(STRING),
                                "contents": STRINGS,
                                "users": STRINGS,
                                "end_of_life": or_none(STRING),
                                "slimmer": STRINGS,
                            }
                        )
                    ),
                }
            )
        )
    }
)
_NEEDS: Schema = {"type": "object", "additionalProperties": STRINGS}
_SYSTEM_PACKAGE = thing(
    {
        "manager": {"enum": list(MANAGERS)},
        "name": STRING,
        "role": or_none(STRING),
        "summary": or_none(STRING),
        "twins": many(thing({"release": STRING, "packages": STRINGS})),
        "added": many(thing({"on": STRING, "quantity": STRING, **CLAIM["properties"]})),
        "installs": many(
            thing(
                {"release": STRING, "recommends": YES_OR_NO, "packages": COUNT, "disk": SIZE, "download": COUNT},
            )
        ),
    }
)
_PYTHON_PACKAGE = thing(
    {
        "manager": {"const": "pip"},
        "name": STRING,
        "version": STRING,
        "date": STRING,
        "summary": or_none(STRING),
        "pure": YES_OR_NO,
        "requires_python": or_none(STRING),
        "sdist": or_none(COUNT),
        "wheels": many(
            thing(
                {
                    "python": STRING,
                    "libc": STRING,
                    "machine": STRING,
                    "takes": {"enum": ["wheel", "sdist", "older", "nothing"]},
                    "wheel": or_none(STRING),
                    "download": or_none(COUNT),
                    "unpacked": or_none(COUNT),
                }
            )
        ),
        "installed": many(thing({"version": STRING, "bytes": COUNT, "download": COUNT})),
        "build_needs": _NEEDS,
        "runtime_needs": _NEEDS,
        "compiles_at_run_time": YES_OR_NO,
    }
)
_NODE_PACKAGE = thing(
    {"manager": {"const": "npm"}, "name": STRING, "versions": many(thing({"version": STRING, "bytes": COUNT}))}
)
PACKAGES = thing({"name": STRING, "packages": many({"anyOf": [_SYSTEM_PACKAGE, _PYTHON_PACKAGE, _NODE_PACKAGE]})})

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def checked(arguments: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The arguments with defaults filled in. Raises `Refused` naming the first one that is wrong.

    Knows the part of JSON Schema that `PARAMETERS` uses; null stands for a parameter that was left out.
    """
    properties: Mapping[str, Schema] = schema["properties"]
    given = {name: value for name, value in arguments.items() if value is not None}
    for name in given:
        if name not in properties:
            known = ", ".join(properties)
            raise Refused("unknown_argument", name=name[:100], known=known, near=_nearest(name, properties))
    for name in schema.get("required", ()):
        if name not in given:
            raise Refused("missing_argument", name=name)
    for name, value in given.items():
        _check(name, value, properties[name])
    defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
    return {**defaults, **given}


def _check(name: str, value: Any, schema: Schema) -> None:
    kind: str = schema["type"]
    fits = isinstance(value, _KINDS[kind])
    if not fits or (kind == "integer" and isinstance(value, bool)):
        raise Refused("wrong_type", name=name, expected=kind)
    allowed: Sequence[str] = schema.get("enum", ())
    if allowed and value not in allowed:
        raise Refused("wrong_value", name=name, allowed=", ".join(allowed), near=_nearest(str(value), allowed))
    if kind == "integer" and not schema["minimum"] <= value <= schema["maximum"]:
        raise Refused("out_of_range", name=name, low=schema["minimum"], high=schema["maximum"])
    if kind == "string" and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        raise Refused("wrong_length", name=name, low=schema.get("minLength", 0), high=schema["maxLength"])
    if "pattern" in schema and not _is_python_version(value):
        raise Refused("wrong_version", name=name)
    if kind == "array":
        if not schema["minItems"] <= len(value) <= schema["maxItems"]:
            raise Refused("wrong_length", name=name, low=schema["minItems"], high=schema["maxItems"])
        for item in value:
            _check(name, item, schema["items"])


def _nearest(word: str, known: Iterable[str]) -> str:
    return next(iter(close_matches(word, list(known), n=1)), "")


def _is_python_version(value: str) -> bool:
    """What the one pattern of `PARAMETERS` says."""
    major, _, minor = value.partition(".")
    return major == "3" and minor.isascii() and minor.isdecimal() and len(minor) <= 2
