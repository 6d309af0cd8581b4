"""Lock files of Python's package managers: exactly which versions they will install.

Reading never fails: an absent, broken or unknown file is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from slimstage.context import BuildContext
from slimstage.context.manifests import canonical_name, read_json_object, read_toml
from slimstage.text import lazy_pattern


class Locked(NamedTuple):
    """One locked package. `groups` are the dependency groups that want it ("main", "dev" ...), empty when the file
    does not say; `download` are the bytes of the file that Linux on x86_64 takes, None when the file has no sizes.
    """

    name: str
    version: str
    groups: frozenset[str] = frozenset()
    download: int | None = None
    marker: str | None = None


class Lock(NamedTuple):
    """What a lock file asks for; `path` is the file in the context, `located` whether it says where archives lie
    (npm asks the index about every package otherwise).
    """

    packages: tuple[Locked, ...]
    path: str
    located: bool = True


Holds = Callable[["str | None"], bool]
EXTRA = "extra:"  # before the name of an extra, among groups
_OTHER_SYSTEM = lazy_pattern(r"(win32|Windows|cygwin|emscripten|darwin|Darwin)'")


def on_linux(marker: str | None) -> bool:
    """Whether a marker may hold on Linux, without knowing which Python is meant."""
    other = marker is not None and _OTHER_SYSTEM.search(marker) and "==" in marker and "!=" not in marker
    return not other


def read_uv_lock(context: BuildContext, path: str = "uv.lock", holds: Holds = on_linux) -> Lock | None:
    """The packages `uv sync` installs, by walking from the project along the dependencies whose markers hold.

    Groups are "main", the names of dependency groups, and "extra:NAME" for what only an extra of the project wants.
    """
    data = read_toml(context, path)
    rows = data.get("package") if data is not None else None
    if data is None or data.get("version") != 1 or not isinstance(rows, list):
        return None
    table = _UvTable([row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)], holds)
    roots = [row for row in table.rows if _is_project(row.get("source"))]
    for root in roots:
        wanted: dict[str, Any] = {"main": root.get("dependencies")}
        for prefix, field in ((EXTRA, "optional-dependencies"), ("", "dev-dependencies")):
            listed = root.get(field)
            wanted.update({prefix + name: needs for name, needs in listed.items()} if isinstance(listed, dict) else {})
        for group, needs in wanted.items():
            table.reach(needs, group)
    packages = []
    for row in table.rows:
        groups = table.groups.get(id(row), set())
        if _is_project(row.get("source")) or (roots and not groups):
            continue
        version = row.get("version")
        size = _wheel_size(row)
        packages.append(
            Locked(canonical_name(row["name"]), version if isinstance(version, str) else "", frozenset(groups), size)
        )
    return Lock(tuple(packages), path)


class _UvTable:
    """The rows of a uv.lock; one name has several where versions differ by Python or system."""

    def __init__(self, rows: list[dict[str, Any]], holds: Holds) -> None:
        self.rows = rows
        self.holds = holds
        self.groups: dict[int, set[str]] = {}  # by the row's identity
        self.by_name: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            self.by_name.setdefault(row["name"], []).append(row)

    def reach(self, needs: Any, group: str) -> None:
        """Note the group on everything that these dependencies lead to."""
        waiting = self.wanted(needs)
        seen: set[tuple[int, tuple[str, ...]]] = set()
        while waiting:
            row, extras = waiting.pop()
            if (id(row), extras) in seen:
                continue
            seen.add((id(row), extras))
            self.groups.setdefault(id(row), set()).add(group)
            waiting += self.wanted(row.get("dependencies"))
            optional = row.get("optional-dependencies")
            if isinstance(optional, dict):
                for extra in extras:
                    waiting += self.wanted(optional.get(extra))

    def wanted(self, needs: Any) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
        """The rows that dependencies name, with the extras asked for."""
        found = []
        for need in needs if isinstance(needs, list) else ():
            if not isinstance(need, dict) or not isinstance(need.get("name"), str):
                continue
            marker = need.get("marker")
            if not self.holds(marker if isinstance(marker, str) else None):
                continue
            extra = need.get("extra")
            extras = tuple(one for one in extra if isinstance(one, str)) if isinstance(extra, list) else ()
            found += [(row, extras) for row in self.chosen(need["name"], need.get("version"))]
        return found

    def chosen(self, name: str, version: Any) -> list[dict[str, Any]]:
        """The row of a version, else those whose resolution is that of this platform."""
        rows = self.by_name.get(name, [])
        if isinstance(version, str):
            return [row for row in rows if row.get("version") == version]
        return [row for row in rows if len(rows) == 1 or self.is_resolution(row.get("resolution-markers"))]

    def is_resolution(self, markers: Any) -> bool:
        listed = markers if isinstance(markers, list) else []
        return not listed or any(isinstance(marker, str) and self.holds(marker) for marker in listed)


def _is_project(source: Any) -> bool:
    return isinstance(source, dict) and bool({"editable", "virtual", "directory"} & source.keys())


def _wheel_size(row: Mapping[str, Any]) -> int | None:
    """The bytes of the wheel Linux on x86_64 takes: pure, else the newest manylinux one."""
    best: int | None = None
    wheels = row.get("wheels")
    for wheel in wheels if isinstance(wheels, list) else ():
        url, size = (wheel.get("url"), wheel.get("size")) if isinstance(wheel, dict) else (None, None)
        if isinstance(url, str) and isinstance(size, int):
            if url.endswith("-none-any.whl"):
                return size
            if "manylinux" in url and url.endswith("x86_64.whl"):
                best = max(best or 0, size)
    return best


def read_poetry_lock(context: BuildContext, path: str = "poetry.lock") -> Lock | None:
    """The packages of poetry.lock; `groups` are in the file from version 2.1 of its format on.

    An optional package is in the group "extra:NAME" of every extra that leads to it.
    """
    return _read_poetry_like(context, path, "lock-version", 2)


def _read_poetry_like(context: BuildContext, path: str, field: str, newest: int) -> Lock | None:
    data = read_toml(context, path)
    rows = data.get("package") if data is not None else None
    if data is None or not isinstance(rows, list) or not _is_known(data.get("metadata"), field, newest):
        return None
    extras = _by_extra(data.get("extras"), rows)
    main = _wanted_by_project(context, rows) if not any("groups" in row or "category" in row for row in rows) else None
    packages = []
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            name = canonical_name(row["name"])
            groups = row.get("groups")
            category = row.get("category")
            found = groups if isinstance(groups, list) else [category] if isinstance(category, str) else []
            if main is not None:
                found = ["main" if name in main else "dev"]
            if row.get("optional") is True:
                found = [EXTRA + extra for extra, names in extras.items() if name in names]
                if not found:
                    continue
            marker = row.get("markers")
            packages.append(
                Locked(
                    name,
                    str(row.get("version", "")),
                    frozenset(name for name in found if isinstance(name, str)),
                    None,
                    marker if isinstance(marker, str) else None,
                )
            )
    return Lock(tuple(packages), path)


def _is_known(metadata: Any, field: str, newest: int) -> bool:
    """Whether the version of a lock file's format is one we have seen; True for a file that does not say."""
    version = metadata.get(field) if isinstance(metadata, dict) else None
    number = re.match(r"\d+", version) if isinstance(version, str) else None
    return number is None or int(number[0]) <= newest


def _needs(rows: list[Any]) -> dict[str, list[str]]:
    """What each package of a poetry.lock needs, by canonical name."""
    needs: dict[str, list[str]] = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            listed = row.get("dependencies")
            names = [canonical_name(name) for name in listed] if isinstance(listed, dict) else []
            needs[canonical_name(row["name"])] = names
    return needs


def _reached(needs: Mapping[str, list[str]], names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = [canonical_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found


def _by_extra(extras: Any, rows: list[Any]) -> dict[str, set[str]]:
    """The packages that each extra of the project leads to."""
    if not isinstance(extras, dict) or not extras:
        return {}
    needs = _needs(rows)
    return {
        extra: _reached(needs, [re.split(r"[^A-Za-z0-9._-]", one)[0] for one in names if isinstance(one, str)])
        for extra, names in extras.items()
        if isinstance(names, list)
    }


def _wanted_by_project(context: BuildContext, rows: list[Any]) -> set[str] | None:
    """The packages that pyproject.toml's own dependencies lead to; None when it does not say."""
    data = read_toml(context, "pyproject.toml")
    if data is None:
        return None
    project, poetry = data.get("project"), data.get("tool")
    poetry = poetry.get("poetry") if isinstance(poetry, dict) else None
    listed = project.get("dependencies") if isinstance(project, dict) else None
    waiting = [re.split(r"[^A-Za-z0-9._-]", text.strip())[0] for text in listed or () if isinstance(text, str)]
    own = poetry.get("dependencies") if isinstance(poetry, dict) else None
    waiting += [name for name in own if name != "python"] if isinstance(own, dict) else []
    if not waiting:
        return None
    return _reached(_needs(rows), waiting)


def read_pdm_lock(context: BuildContext, path: str = "pdm.lock") -> Lock | None:
    """The packages of pdm.lock; group "default" is what the project itself needs."""
    found = _read_poetry_like(context, path, "lock_version", 4)
    if found is None:
        return None
    rows = [
        Locked(
            row.name,
            row.version,
            frozenset("main" if group == "default" else group for group in row.groups),
            None,
            row.marker,
        )
        for row in found.packages
    ]
    return Lock(tuple(rows), path)


def read_pipfile_lock(context: BuildContext, path: str = "Pipfile.lock") -> Lock | None:
    """The packages of Pipfile.lock: section "default" is group "main", "develop" is "dev"."""
    data = read_json_object(context, path)
    if data is None:
        return None
    packages: dict[str, Locked] = {}
    for section, group in (("default", "main"), ("develop", "dev")):
        rows = data.get(section)
        for name, row in rows.items() if isinstance(rows, dict) else ():
            version = row.get("version") if isinstance(row, dict) else None
            marker = row.get("markers") if isinstance(row, dict) else None
            key = canonical_name(name)
            before = packages.get(key)
            packages[key] = Locked(
                key,
                version.lstrip("=") if isinstance(version, str) else "",
                frozenset((group, *(before.groups if before is not None else ()))),
                None,
                marker if isinstance(marker, str) else None,
            )
    return Lock(tuple(packages.values()), path)
