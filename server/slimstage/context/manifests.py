"""Dependency manifests in the build context: what a project asks its package manager to install.

Reading never fails: what cannot be read or understood makes the result incomplete, and whoever needs
certainty stays silent then.
"""

from __future__ import annotations

import importlib
import json
import posixpath
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from slimstage.context import BuildContext, normal_path
from slimstage.text import lazy_pattern

_MAX_DEPTH = 10
_SEPARATORS = lazy_pattern(r"[-_.]+")
RequirementKind = Literal["package", "path", "url", "vcs"]


def canonical_name(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


class Requirement(NamedTuple):
    """One thing pip is asked to install. `name` is normalised (PEP 503), None for a path or an unnamed URL.

    `specifier` is as written (`==2.9.9`, `>=1,<2`, ""); `marker` None means always.
    """

    raw: str
    kind: RequirementKind
    name: str | None
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str | None = None

    @property
    def pinned(self) -> str | None:
        """The one version asked for with `==`, or None."""
        if "," in self.specifier or "*" in self.specifier:
            return None
        match = re.fullmatch(r"={2,3}\s*(\S+)", self.specifier.strip())
        return match[1] if match else None

    def applies(self, python: str | None, libc: str = "glibc") -> bool:
        """Whether the requirement counts on Linux with CPython `python` ("3.11"); True when unsure."""
        if self.marker is None:
            return True
        environment = {
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "extra": "",
        }
        if python is None:
            if "python" in self.marker:
                return True
        else:
            environment["python_version"] = python
            environment["python_full_version"] = python + ".0"
        # Read where it is needed: the library takes a third of the start-up of `slimstage check`.
        from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

        try:
            return Marker(self.marker).evaluate(environment)
        except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
            return True


class Requirements(NamedTuple):
    """What one file, with the files it includes, asks for.

    `complete` is False when an included file is missing or a line is not understood. `files` are the context
    paths read, constraints included, the first one first. `no_binary` holds the names (or ":all:") that pip must
    build. `editable` says whether something is installed so that it stays where its sources are.
    """

    items: tuple[Requirement, ...]
    files: tuple[str, ...]
    complete: bool = True
    no_binary: frozenset[str] = frozenset()
    other_index: bool = False
    editable: bool = False


@dataclass(slots=True)
class _Reading:
    items: list[Requirement] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    complete: bool = True
    no_binary: set[str] = field(default_factory=set)
    other_index: bool = False
    editable: bool = False


def read_requirements(context: BuildContext, path: str) -> Requirements | None:
    """The requirements in a file of the context, nested `-r` files included; None when it is not there."""
    if context.read_text(path) is None:
        return None
    reading = _Reading()
    _read(context, normal_path(path), reading, 0)
    return Requirements(
        tuple(reading.items),
        tuple(reading.files),
        reading.complete,
        frozenset(reading.no_binary),
        reading.other_index,
        reading.editable,
    )


def _read(context: BuildContext, path: str, reading: _Reading, depth: int) -> None:
    text = context.read_text(path)
    if text is None or depth > _MAX_DEPTH:
        reading.complete = False
        return
    if path in reading.files:
        return
    reading.files.append(path)
    for line in _logical_lines(text):
        _read_line(context, path, line, reading, depth)


def _logical_lines(text: str) -> list[str]:
    """Lines as pip sees them: continued ones joined, comments dropped."""
    lines = re.sub(r"\\\r?\n", " ", text.removeprefix("\ufeff")).splitlines()
    stripped = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in lines)
    return [line for line in stripped if line]


def _read_line(context: BuildContext, path: str, line: str, reading: _Reading, depth: int) -> None:
    option, _, value = line.partition(" ") if not line.startswith("--") else _long_option(line)
    value = value.strip()
    if option in ("-r", "--requirement"):
        _read(context, posixpath.normpath(posixpath.join(posixpath.dirname(path), value)), reading, depth + 1)
    elif option in ("-c", "--constraint"):
        constraint = normal_path(posixpath.join(posixpath.dirname(path), value))
        if context.read_text(constraint) is None:
            reading.complete = False
        elif constraint not in reading.files:
            reading.files.append(constraint)
    elif option in ("--prefer-binary", "--pre", "--require-hashes", "--trusted-host"):
        pass
    elif option in ("-e", "--editable"):
        reading.items.append(parse_requirement(value))
        reading.editable = True
    elif option in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index"):
        reading.other_index = True
    elif option == "--no-binary":
        reading.no_binary.update(_names(value))
    elif option == "--only-binary":
        pass
    elif line.startswith("-"):
        # `-rother.txt` and options nobody knows.
        if line.startswith("-r"):
            _read(
                context,
                posixpath.normpath(posixpath.join(posixpath.dirname(path), line[2:].strip())),
                reading,
                depth + 1,
            )
        else:
            reading.complete = False
    else:
        if "--no-binary" in line or "--config-settings" in line or "--global-option" in line:
            reading.complete = False
        reading.items.append(parse_requirement(line))
        if reading.items[-1].kind == "package" and reading.items[-1].name is None:
            reading.items.pop()
            reading.complete = False


def _long_option(line: str) -> tuple[str, str, str]:
    match = re.match(r"(--[A-Za-z-]+)(?:\s*=\s*|\s+)?(.*)", line)
    return (match[1], "=", match[2]) if match else (line, "", "")


def _names(value: str) -> set[str]:
    return {part if part.startswith(":") else canonical_name(part) for part in value.split(",") if part}


@lru_cache(4096)
def parse_requirement(text: str) -> Requirement:
    """One requirement as pip's command line or a requirements file spells it; name None when it has none."""
    text = re.split(r"\s+--(?:hash|config-settings|global-option|no-binary)\b", text.strip())[0].strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    if re.match(r"(git|hg|svn|bzr)\+", text):
        egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", text)
        return Requirement(text, "vcs", canonical_name(egg[1]) if egg else None)
    if re.match(r"(https?|ftp|file)://", text):
        egg = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", text)
        return Requirement(text, "url", canonical_name(egg[1]) if egg else None)
    if text.startswith((".", "/", "~")) or text.endswith((".whl", ".tar.gz", ".zip")) or re.match(r"[\w.-]+/", text):
        return Requirement(text, "path", None)
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as _Requirement

    try:
        parsed = _Requirement(text)
    except InvalidRequirement:
        return Requirement(text, "package", None)
    kind: RequirementKind = "package"
    if parsed.url:
        kind = "vcs" if re.match(r"(git|hg|svn|bzr)\+", parsed.url) else "url"
    return Requirement(
        text,
        kind,
        canonical_name(parsed.name),
        str(parsed.specifier),
        tuple(sorted(parsed.extras)),
        str(parsed.marker) if parsed.marker else None,
    )


class PyProject(NamedTuple):
    """What a `pyproject.toml` says that matters to a build. `backend` is "" for the default (setuptools)."""

    dependencies: tuple[Requirement, ...]
    backend: str
    tools: frozenset[str]  # names of [tool.*] tables
    extras: Mapping[str, tuple[Requirement, ...]] = {}

    @property
    def compiles(self) -> bool:
        """Whether the backend is one that compiles native code."""
        return self.backend.split(".")[0] in ("maturin", "scikit_build_core", "skbuild", "mesonpy", "setuptools_rust")


def read_pyproject(context: BuildContext, path: str = "pyproject.toml") -> PyProject | None:
    """The project's metadata, or None when the file is absent or not TOML."""
    data = read_toml(context, path)
    if data is None:
        return None
    project, build, tools = (_table(data, key) for key in ("project", "build-system", "tool"))
    listed = project.get("dependencies")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    backend = build.get("build-backend")
    return PyProject(
        tuple(parse_requirement(name) for name in names),
        backend if isinstance(backend, str) else "",
        frozenset(tools),
        {
            extra: tuple(parse_requirement(name) for name in names if isinstance(name, str))
            for extra, names in _table(project, "optional-dependencies").items()
            if isinstance(names, list)
        },
    )


def read_toml(context: BuildContext, path: str) -> dict[str, Any] | None:
    """The table in a TOML file of the context, or None when the file is absent or not TOML."""
    text = context.read_text(path)
    return _toml(text) if text is not None else None


@lru_cache(maxsize=8)  # a lock file takes tens of milliseconds, and whoever weighs or checks an install asks for it
def _toml(text: str) -> dict[str, Any] | None:
    """The table of a text, which all readers share: they only look at it."""
    return _object(text, lambda text: toml_reader().loads(text))


def read_json_object(context: BuildContext, path: str) -> dict[str, Any] | None:
    """The object in a JSON file of the context, or None when the file is absent or holds no JSON object."""
    text = context.read_text(path)
    return json_object(text) if text is not None else None


def json_object(text: str) -> dict[str, Any] | None:
    """The object that a text in JSON is, or None when it is none."""
    return _object(text, json.loads)


def _object(text: str, parse: Callable[[str], Any]) -> dict[str, Any] | None:
    try:
        data = parse(text)
    except (ImportError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def toml_reader() -> Any:
    """The standard library's reader of TOML; below Python 3.11 the package it came from, a dependency there."""
    return importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


class PackageJson(NamedTuple):
    """What a `package.json` says that matters to a build."""

    name: str
    scripts: dict[str, str]
    dependencies: dict[str, str]
    dev_dependencies: dict[str, str]
    main: str | None = None

    def has(self, *names: str) -> bool:
        """Whether any of these is a dependency of either kind."""
        return any(name in self.dependencies or name in self.dev_dependencies for name in names)


def read_package_json(context: BuildContext, path: str = "package.json") -> PackageJson | None:
    """The manifest, or None when the file is absent or not a JSON object."""
    data = read_json_object(context, path)
    if data is None:
        return None
    main = data.get("main")
    name = data.get("name")
    return PackageJson(
        name if isinstance(name, str) else "",
        _strings(data, "scripts"),
        _strings(data, "dependencies"),
        _strings(data, "devDependencies"),
        main if isinstance(main, str) else None,
    )


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _strings(data: dict[str, Any], key: str) -> dict[str, str]:
    return {name: value for name, value in _table(data, key).items() if isinstance(value, str)}
