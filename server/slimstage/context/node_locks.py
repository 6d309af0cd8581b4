"""Lock files of Node's package managers: exactly which versions they will install, and which of them ship.

Groups are "main", "dev" for what only development wants, and "optional"; a package that both want is left out only
when both are. An absent, broken or unknown file is None.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from slimstage.context import BuildContext
from slimstage.context.locks import Lock, Locked
from slimstage.context.manifests import json_object, read_json_object
from slimstage.text import lazy_pattern


class NodePlatform(NamedTuple):
    """Where packages land, in npm's words."""

    cpu: str = "x64"
    libc: str = "glibc"

    def takes(self, row: Mapping[str, Any]) -> bool:
        """Whether a package that names systems, processors or C libraries is for this one."""
        for key, ours in (("os", "linux"), ("cpu", self.cpu), ("libc", self.libc)):
            listed = row.get(key)
            if not isinstance(listed, list) or not listed:
                continue
            if f"!{ours}" in listed or (ours not in listed and not any(str(one).startswith("!") for one in listed)):
                return False
        return True


X64 = NodePlatform()
_MAIN, _DEV = frozenset(("main",)), frozenset(("dev",))
_NPM_FORMATS = (1, 2, 3)
_NEWEST_PNPM = 9
# A project's lock file has some ten thousand lines, and everything that weighs or checks an install asks for it: what
# a text says is kept for the last few of them.
_kept = lru_cache(maxsize=6)


def read_package_lock(
    context: BuildContext, path: str = "package-lock.json", platform: NodePlatform = X64
) -> Lock | None:
    """The packages of npm's lock file, versions 1 to 3, without those of other platforms."""
    text = context.read_text(path)
    found = _npm_packages(text, platform) if text is not None else None
    return Lock(found[0], path, found[1]) if found is not None else None


@_kept
def _npm_packages(text: str, platform: NodePlatform) -> tuple[tuple[Locked, ...], bool] | None:
    """The packages, and whether the file says where their archives lie."""
    data = json_object(text)
    if data is None or data.get("lockfileVersion", 1) not in _NPM_FORMATS:
        return None
    packages: list[Locked] = []
    rows = data.get("packages")
    if isinstance(rows, dict):
        for place, row in rows.items():
            if not place or not isinstance(row, dict) or row.get("link") is True or "node_modules/" not in place:
                continue
            if not platform.takes(row):
                continue
            name = row.get("name") or place.rpartition("node_modules/")[2]
            packages.append(Locked(str(name), str(row.get("version", "")), _npm_groups(row)))
        located = any(isinstance(row, dict) and isinstance(row.get("resolved"), str) for row in rows.values())
        return tuple(packages), located
    _old_npm(data.get("dependencies"), packages, 0)
    return (tuple(packages), True) if packages else None


def _npm_groups(row: Mapping[str, Any]) -> frozenset[str]:
    """npm marks what is wanted by one kind of dependency only; `devOptional` is wanted by both."""
    if row.get("devOptional") is True:
        return frozenset(("dev", "optional"))
    if row.get("dev") is True:
        return _DEV
    return frozenset(("optional",)) if row.get("optional") is True else _MAIN


def _old_npm(rows: Any, packages: list[Locked], depth: int) -> None:
    for name, row in rows.items() if isinstance(rows, dict) and depth < 50 else ():
        if isinstance(row, dict):
            packages.append(Locked(str(name), str(row.get("version", "")), _npm_groups(row)))
            _old_npm(row.get("dependencies"), packages, depth + 1)


Key = str
Graph = Mapping[Key, Iterable[Key]]


def _reached(graph: Graph, roots: Iterable[Key]) -> set[Key]:
    found: set[Key] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += graph.get(key, ())
    return found


class _Wanted(NamedTuple):
    """What the manifests of a project ask for, as `name@range`: for production, and for development."""

    main: tuple[str, ...]
    dev: tuple[str, ...]


def _wanted(context: BuildContext, folder: str) -> _Wanted | None:
    """From the package.json beside a lock file and those of its workspace; None when some cannot be told."""
    from slimstage.context.node_project import read_node_project  # here, since it reads more than a lock file

    project = read_node_project(context, folder)
    if project is None or not project.complete:
        return None
    main: dict[str, None] = {}
    dev: dict[str, None] = {}
    for package in project.packages:
        data = read_json_object(context, posixpath.join(package.folder, "package.json")) or {}
        for field in ("dependencies", "optionalDependencies", "devDependencies"):
            rows = data.get(field)
            for name, wanted in rows.items() if isinstance(rows, dict) else ():
                if isinstance(wanted, str):
                    (dev if field == "devDependencies" else main).setdefault(f"{name}@{wanted}")
    return _Wanted(tuple(main), tuple(dev))


_YARN_KEY = lazy_pattern(r'^"?(?P<name>@?[^@"\n]+)@[^\n]*:$', re.MULTILINE)
_YARN_VERSION = lazy_pattern(r'^  "?version"?:? "?(?P<version>[^"\n]+)"?$', re.MULTILINE)
_YARN_NEED = lazy_pattern(r'^    "?(?P<name>@?[^@"\s:]+)"?:? "?(?P<range>[^"\n]*)"?$')
_YARN_NEEDS = lazy_pattern(r"^  (?:dependencies|optionalDependencies):\n((?:    [^\n]*\n?)+)", re.MULTILINE)


def read_yarn_lock(context: BuildContext, path: str = "yarn.lock") -> Lock | None:
    """The packages of yarn.lock (versions 1 and berry).

    It does not tell development packages apart: what ships is what the project's manifests lead to; without them
    the packages are in no group.
    """
    text = context.read_text(path)
    if text is None or ("yarn lockfile" not in text[:200] and "__metadata:" not in text):
        return None
    return Lock(_yarn_packages(text, _wanted(context, posixpath.dirname(path))), path)


@_kept
def _yarn_packages(text: str, wanted: _Wanted | None) -> tuple[Locked, ...]:
    rows: list[tuple[Locked, tuple[str, ...]]] = []  # with the descriptors that lead to it
    graph: dict[str, list[str]] = {}
    for block in re.split(r"\n\n+", text.replace("\r\n", "\n")):
        key, version = _YARN_KEY.search(block), _YARN_VERSION.search(block)
        if key is None or version is None or "-use.local" in block or "@workspace:" in key[0]:
            continue
        descriptors = tuple(_plain(part) for part in key[0].rstrip(":").split(", "))
        needs = [
            _plain(f"{need['name']}@{need['range']}")
            for section in _YARN_NEEDS.finditer(block)
            for line in section[1].split("\n")
            if (need := _YARN_NEED.fullmatch(line))
        ]
        graph.update(dict.fromkeys(descriptors, needs))
        rows.append((Locked(key["name"], version["version"]), descriptors))
    if wanted is None or not all(_plain(one) in graph for one in wanted.main if not _is_local(one)):
        return tuple(locked for locked, _ in rows)
    shipped = _reached(graph, map(_plain, wanted.main))
    return tuple(
        locked._replace(groups=_MAIN if shipped.intersection(descriptors) else _DEV) for locked, descriptors in rows
    )


def _plain(descriptor: str) -> str:
    """`name@range` without quotes and without what berry writes before a range of the registry."""
    return descriptor.strip().strip('"').replace("@npm:", "@", 1)


def _is_local(descriptor: str) -> bool:
    return bool(re.search(r"@(?:workspace|link|portal|file):|@\*$", descriptor))


_PNPM_KEY = lazy_pattern(
    r"^  '?/?(?P<name>@?[^@'\s/][^@'\s]*?)[@/](?P<version>\d[^:'(\s]*)(?:\([^'\n]*\))?'?:[ \t]*$", re.MULTILINE
)
_PNPM_FORMAT = lazy_pattern(r"^lockfileVersion: '?(?P<number>\d+)", re.MULTILINE)


def read_pnpm_lock(context: BuildContext, path: str = "pnpm-lock.yaml", platform: NodePlatform = X64) -> Lock | None:
    """The packages of pnpm-lock.yaml, by its `packages:` section, without those of other platforms.

    Up to version 6 of its format it marks development packages; from 9 on they follow from its other sections.
    """
    text = context.read_text(path)
    format_ = _PNPM_FORMAT.search(text[:200]) if text is not None else None
    if text is None or format_ is None or int(format_["number"]) > _NEWEST_PNPM:
        return None
    packages = _pnpm_packages(text, platform)
    return Lock(packages, path) if packages is not None else None


@_kept
def _pnpm_packages(text: str, platform: NodePlatform) -> tuple[Locked, ...] | None:
    text = text.replace("\r\n", "\n")
    section = _section(text, "packages")
    shipped = _pnpm_production(text)
    packages = []
    keys = list(_PNPM_KEY.finditer(section or ""))
    for at, key in enumerate(keys):
        body = (section or "")[key.end() : keys[at + 1].start() if at + 1 < len(keys) else None]
        systems = {
            name: [one.strip(" '\"") for one in found[1].split(",")]
            for name in ("os", "cpu", "libc")
            if (found := re.search(rf"^    {name}: \[([^\]]*)\]", body, re.MULTILINE))
        }
        if not platform.takes(systems):
            continue
        groups: frozenset[str] = frozenset()
        if shipped is not None:
            groups = _MAIN if f"{key['name']}@{key['version']}" in shipped else _DEV
        elif re.search(r"^    dev: true", body, re.MULTILINE):
            groups = _DEV
        packages.append(Locked(key["name"], key["version"], groups))
    return tuple(packages) if section is not None else None


def _section(text: str, name: str) -> str | None:
    """A top-level section of a lock file in YAML; None when it has none."""
    _, found, rest = f"\n{text}".partition(f"\n{name}:\n")
    return re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0] if found else None


_YAML_LINE = lazy_pattern(r"(?P<indent> +)'?(?P<key>[^':\n]+?)'?:(?: '?(?P<value>[^'\n]*?)'?)?[ \t]*")
_SHIPPED = ("dependencies", "optionalDependencies")


def _pnpm_production(text: str) -> set[str] | None:
    """The `name@version` that the importers' own dependencies lead to; None for a format without snapshots."""
    importers, snapshots = _section(text, "importers"), _section(text, "snapshots")
    if importers is None or snapshots is None:
        return None
    roots: list[str] = []
    kind = name = ""
    for indent, key, value in _lines(importers):
        if indent == 4:
            kind = key
        elif indent == 6:
            name = key
        elif indent == 8 and key == "version" and kind in _SHIPPED and value and not value.startswith("link:"):
            roots.append(_pnpm_key(name, value))
    graph: dict[str, list[str]] = {}
    current: list[str] = []
    for indent, key, value in _lines(snapshots):
        if indent == 2:
            current = graph.setdefault(key, [])
        elif indent == 4:
            kind = key
        elif indent == 6 and kind in _SHIPPED and value:
            current.append(_pnpm_key(key, value))
    return {key.partition("(")[0] for key in _reached(graph, roots)}


def _lines(section: str) -> Iterable[tuple[int, str, str]]:
    for line in section.split("\n"):
        found = _YAML_LINE.fullmatch(line)
        if found is not None:
            yield len(found["indent"]), found["key"], found["value"] or ""


def _pnpm_key(name: str, version: str) -> str:
    """The snapshot of a dependency; its version may name another package ("alias: other@1.0.0")."""
    return version if re.match(r"@?[^@(]+@", version) else f"{name}@{version}"


def read_bun_lock(context: BuildContext, path: str = "bun.lock", platform: NodePlatform = X64) -> Lock | None:
    """The packages of bun's text lock file, without those of other platforms; its binary one cannot be read."""
    text = context.read_text(path)
    packages = _bun_packages(text, platform) if text is not None else None
    return Lock(packages, path) if packages is not None else None


@_kept
def _bun_packages(text: str, platform: NodePlatform) -> tuple[Locked, ...] | None:
    try:
        data = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    except (ValueError, RecursionError):
        return None
    rows = data.get("packages") if isinstance(data, dict) else None
    if not isinstance(rows, dict) or data.get("lockfileVersion") not in (0, 1):
        return None
    table: dict[str, tuple[Locked, Mapping[str, Any]]] = {}
    for key, row in rows.items():
        name, separator, version = str(row[0]).rpartition("@") if isinstance(row, list) and row else ("", "", "")
        details = next((one for one in row[1:] if isinstance(one, dict)), {}) if separator else {}
        if name and not version.startswith("workspace:"):
            systems = {field: _listed(details.get(field)) for field in ("os", "cpu", "libc")}
            if platform.takes(systems):
                table[key] = (Locked(name, version), details)
    roots = _bun_roots(data.get("workspaces"))
    graph = {key: [_bun_key(key, need, table) for need in _bun_needs(row)] for key, (_, row) in table.items()}
    shipped = _reached(graph, roots) if roots is not None else None
    return tuple(
        locked if shipped is None else locked._replace(groups=_MAIN if key in shipped else _DEV)
        for key, (locked, _) in table.items()
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def _bun_roots(workspaces: Any) -> list[str] | None:
    if not isinstance(workspaces, dict):
        return None
    return [name for row in workspaces.values() if isinstance(row, dict) for name in _bun_needs(row)]


def _bun_needs(row: Mapping[str, Any]) -> list[str]:
    return [name for field in _SHIPPED if isinstance(row.get(field), dict) for name in row[field]]


def _bun_key(of: str, need: str, table: Mapping[str, object]) -> str:
    """The row a package finds for what it needs: its own copy, else the one that all share."""
    return f"{of}/{need}" if f"{of}/{need}" in table else need


Reader = Callable[[BuildContext, str], "Lock | None"]


def reader_of(manager: str, platform: NodePlatform) -> tuple[str, Reader]:
    """The lock file of a manager, and how to read it for a platform."""
    if manager == "yarn":
        return "yarn.lock", read_yarn_lock
    if manager == "pnpm":
        return "pnpm-lock.yaml", lambda context, path: read_pnpm_lock(context, path, platform)
    if manager == "bun":
        return "bun.lock", lambda context, path: read_bun_lock(context, path, platform)
    return "package-lock.json", lambda context, path: read_package_lock(context, path, platform)
