"""Where knowledge files are and how they become plain data: YAML in a checkout, compiled JSON in a wheel.

Reading these files, and the cache of their compiled form, is the only I/O of the core.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# File patterns of each kind below knowledge/; a kind is read when somebody first asks for it.
KINDS: Mapping[str, tuple[str, ...]] = {
    "sources": ("sources.yaml",),
    "seed": ("seed.yaml",),
    "concepts": ("concepts/*.yaml",),
    "patterns": ("patterns/*.yaml",),
    "instructions": ("instructions/*.yaml",),
    "mounts": ("instructions/mounts.yaml",),
    "directives": ("instructions/directives.yaml",),
    "variables": ("instructions/variables.yaml",),
    "images": ("images/*.yaml",),
    "official": ("official-tags.yaml",),
    "apt": ("packages/apt.yaml",),
    "apk": ("packages/apk.yaml",),
    "dnf": ("packages/dnf.yaml",),
    "alpine": ("packages/alpine.yaml",),
    "alpine_images": ("packages/alpine-images.yaml",),
    "pypi": ("packages/pypi.yaml",),
    "pypi_sizes": ("packages/pypi-sizes.yaml",),
    "npm": ("packages/npm.yaml",),
    "npm_needs": ("packages/npm-needs.yaml",),
    "rules": ("rules/*.yaml",),
    "messages": ("messages/*.yaml",),
    "debian": ("debian/base.yaml",),
    "debian_layers": ("debian/layers.yaml",),
    "conversions": ("conversions.yaml",),
}
_TABLES_AMONG_INSTRUCTIONS = frozenset({"mounts.yaml", "directives.yaml", "variables.yaml"})
COMPILED = "compiled"  # folder of the JSON files inside a wheel's data folder

Place = tuple[Any, ...]  # keys and indices from the top of a file to a value


class KnowledgeError(Exception):
    """A knowledge file cannot be used. `line` is one-based; None when the fault has no place.

    What is wrong is the text `knowledge.fault.<key>` filled with `arguments`; `KnowledgeBase.fault_text` says it.
    """

    def __init__(self, file: Path | str, line: int | None, key: str, **arguments: str) -> None:
        self.file = str(file)
        self.line = line
        self.key = key
        self.arguments = arguments
        self.place = self.file if line is None else f"{self.file}:{line}"
        super().__init__(f"{self.place}: {key}")


def data_folder() -> Path:
    """The shipped data: inside the package in a wheel, `knowledge/` at the top of a checkout."""
    here = Path(__file__).resolve()
    packaged = here.parent / "data"
    if packaged.is_dir():
        return packaged
    return here.parents[3] / "knowledge"


def files_of(kind: str, folder: Path) -> list[Path]:
    """The files of one kind below `folder`, sorted by name."""
    found: list[Path] = []
    for pattern in KINDS[kind]:
        if "*" in pattern:
            parent, _, _ = pattern.partition("/")
            found.extend(
                path
                for path in sorted((folder / parent).glob("*.yaml"))
                if kind != "instructions" or path.name not in _TABLES_AMONG_INSTRUCTIONS
            )
        elif (folder / pattern).is_file():
            found.append(folder / pattern)
    return found


def read_kind(kind: str, folder: Path | None = None) -> dict[str, Any]:
    """Plain data of every file of a kind, by the file's path below the data folder."""
    folder = data_folder() if folder is None else folder
    compiled = folder / COMPILED / f"{kind}.json"
    try:
        return _mapping(json.loads(compiled.read_bytes()))
    except OSError:
        pass
    files = files_of(kind, folder)
    stamp = _stamp(files)
    cached = _cache_file(kind, folder)
    if cached is not None:
        try:
            held = json.loads(cached.read_bytes())
            if held["stamp"] == stamp:
                return _mapping(held["files"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
    data = {path.relative_to(folder).as_posix(): parse_file(path) for path in files}
    if cached is not None:
        _write_quietly(cached, {"stamp": stamp, "files": data})
    return data


def parse_file(path: Path) -> Any:
    """The plain data of one YAML file; dates stay text. Raises `KnowledgeError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KnowledgeError(path, None, "not-utf-8", byte=str(error.start)) from None
    except OSError as error:
        raise KnowledgeError(path, None, "unreadable", reason=error.strerror or type(error).__name__) from None
    import yaml

    try:
        data = yaml.load(text, _loader())  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise KnowledgeError(path, mark.line + 1 if mark else None, "not-yaml", reason=error.problem or "") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise KnowledgeError(path, None, "not-yaml", reason=str(error)) from None
    for place, key in _odd_keys(data, ()):
        line = line_of(path, (*place, key))
        raise KnowledgeError(path, line, "key-not-text", name=str(key))
    return data


def line_of(path: Path, place: Place) -> int | None:
    """One-based line of the value at `place`, or of the nearest thing around it that exists."""
    import yaml

    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), _loader())
    except (OSError, yaml.YAMLError, ValueError):
        return None
    if node is None:
        return None
    line = int(node.start_mark.line) + 1
    for step in place:
        following = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step) or (not isinstance(step, str) and _spells(key.value, step)):
                    line, following = int(key.start_mark.line) + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            following = node.value[step]
            line = int(following.start_mark.line) + 1
        if following is None:
            break
        node = following
    return line


def doubled_keys(path: Path) -> Iterator[tuple[int, str]]:
    """One-based line and name of every key a mapping holds twice (YAML would silently keep the last)."""
    import yaml

    def walk(node: Any) -> Iterator[tuple[int, str]]:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield int(key.start_mark.line) + 1, str(key.value)
                    seen.add(key.value)
                yield from walk(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                yield from walk(value)

    yield from walk(yaml.compose(path.read_text(encoding="utf-8-sig"), _loader()))


def _spells(written: Any, number: Any) -> bool:
    """Whether a key as written, `3.10`, is the number YAML made of it, 3.1."""
    try:
        return bool(float(written) == number)
    except (TypeError, ValueError):
        return False


_loaders: list[Any] = []


def _loader() -> Any:
    if not _loaders:
        import yaml

        base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

        class Loader(base):  # type: ignore[misc]
            """Safe YAML without time stamps: a date is text here, as in JSON."""

        Loader.yaml_implicit_resolvers = {
            first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in base.yaml_implicit_resolvers.items()
        }
        _loaders.append(Loader)
    return _loaders[0]


def _odd_keys(data: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Keys that JSON would change: a tag `3.10` written without quotes is the number 3.1."""
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                yield place, key
            yield from _odd_keys(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _odd_keys(value, (*place, index))


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _stamp(files: list[Path]) -> list[list[Any]]:
    stamp = []
    for path in files:
        status = path.stat()
        stamp.append([path.name, status.st_mtime_ns, status.st_size])
    return stamp


def _cache_file(kind: str, folder: Path) -> Path | None:
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        root = os.path.expanduser("~/Library/Caches")
    else:
        root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not root or not os.path.isabs(root):
        return None
    import zlib

    place = f"{zlib.crc32(str(folder).encode(errors='replace')):08x}"  # one set of files per checkout
    return Path(root) / "slimstage" / f"knowledge-{place}-{kind}.json"


def _write_quietly(path: Path, data: Any) -> None:
    """Write `data`, or nothing: a read-only home or a full disk must not matter. Readers never see half a file."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
