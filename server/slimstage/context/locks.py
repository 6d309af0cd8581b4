"""Lock files: exactly which versions a package manager will install.

Reading never fails: an absent, broken or unknown file is None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def read_uv_lock(context: BuildContext, path: str = "uv.lock", extras: frozenset[str] = frozenset()) -> Lock | None:
    """The packages `uv sync` installs, by walking from the project; group "dev" for what only dev groups want."""
    data = read_toml(context, path)
    rows = data.get("package") if data is not None else None
    if data is None or data.get("version") != 1 or not isinstance(rows, list):
        return None
    table = {row["name"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("name"), str)}
    roots = [row for row in table.values() if _is_project(row.get("source"))]
    groups: dict[str, set[str]] = {}
    for root in roots:
        wanted = {"main": _names(root.get("dependencies"))}
        optional = root.get("optional-dependencies")
        for extra, needs in optional.items() if isinstance(optional, dict) else ():
            if extra in extras:
                wanted["main"] = wanted["main"] + _names(needs)
        dev = root.get("dev-dependencies")
        for group, needs in dev.items() if isinstance(dev, dict) else ():
            wanted[group] = _names(needs)
        for group, names in wanted.items():
            _reach(table, names, group, groups)
    packages = []
    for name, row in table.items():
        if _is_project(row.get("source")) or (roots and name not in groups):
            continue
        version = row.get("version")
        packages.append(
            Locked(
                canonical_name(name),
                version if isinstance(version, str) else "",
                frozenset(groups.get(name, ())),
                _wheel_size(row),
            )
        )
    return Lock(tuple(packages), path)


def _reach(table: Mapping[str, Any], names: list[tuple[str, tuple[str, ...]]], group: str, groups: Any) -> None:
    waiting = list(names)
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        name, extras = waiting.pop()
        row = table.get(name)
        if row is None or (name, extras) in seen:
            continue
        seen.add((name, extras))
        groups.setdefault(name, set()).add(group)
        waiting += _names(row.get("dependencies"))
        optional = row.get("optional-dependencies")
        if isinstance(optional, dict):
            for extra in extras:
                waiting += _names(optional.get(extra))


_OTHER_SYSTEM = lazy_pattern(r"(win32|Windows|cygwin|emscripten|darwin|Darwin)'")


def _names(rows: Any) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            marker = row.get("marker")
            if isinstance(marker, str) and _OTHER_SYSTEM.search(marker) and "==" in marker and "!=" not in marker:
                continue
            extra = row.get("extra")
            found.append((row["name"], tuple(extra) if isinstance(extra, list) else ()))
    return found


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
    """The packages of poetry.lock; `groups` are in the file from version 2.1 of its format on."""
    data = read_toml(context, path)
    rows = data.get("package") if data is not None else None
    if not isinstance(rows, list):
        return None
    main = _wanted_by_project(context, rows) if not any("groups" in row or "category" in row for row in rows) else None
    packages = []
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("name"), str) and row.get("optional") is not True:
            groups = row.get("groups")
            category = row.get("category")
            found = groups if isinstance(groups, list) else [category] if isinstance(category, str) else []
            if main is not None:
                found = ["main" if canonical_name(row["name"]) in main else "dev"]
            marker = row.get("markers")
            packages.append(
                Locked(
                    canonical_name(row["name"]),
                    str(row.get("version", "")),
                    frozenset(name for name in found if isinstance(name, str)),
                    None,
                    marker if isinstance(marker, str) else None,
                )
            )
    return Lock(tuple(packages), path)


def _wanted_by_project(context: BuildContext, rows: list[Any]) -> set[str] | None:
    """The packages that pyproject.toml's own dependencies lead to; None when it does not say."""
    data = read_toml(context, "pyproject.toml")
    if data is None:
        return None
    needs: dict[str, list[str]] = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            listed = row.get("dependencies")
            names = [canonical_name(name) for name in listed] if isinstance(listed, dict) else []
            needs[canonical_name(row["name"])] = names
    project, poetry = data.get("project"), data.get("tool")
    poetry = poetry.get("poetry") if isinstance(poetry, dict) else None
    listed = project.get("dependencies") if isinstance(project, dict) else None
    waiting = [re.split(r"[^A-Za-z0-9._-]", text.strip())[0] for text in listed or () if isinstance(text, str)]
    own = poetry.get("dependencies") if isinstance(poetry, dict) else None
    waiting += [name for name in own if name != "python"] if isinstance(own, dict) else []
    if not waiting:
        return None
    found: set[str] = set()
    while waiting:
        name = canonical_name(waiting.pop())
        if name not in found:
            found.add(name)
            waiting += needs.get(name, ())
    return found


def read_pdm_lock(context: BuildContext, path: str = "pdm.lock") -> Lock | None:
    """The packages of pdm.lock; group "default" is what the project itself needs."""
    found = read_poetry_lock(context, path)
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


def read_package_lock(context: BuildContext, path: str = "package-lock.json") -> Lock | None:
    """The packages of npm's lock file, versions 1 to 3; group "dev" for what production leaves out.

    Packages for other operating systems or processors are left out.
    """
    data = read_json_object(context, path)
    if data is None:
        return None
    packages: list[Locked] = []
    rows = data.get("packages")
    if isinstance(rows, dict):
        for place, row in rows.items():
            if not place or not isinstance(row, dict) or row.get("link") is True or "node_modules/" not in place:
                continue
            if not _is_for_linux(row):
                continue
            name = row.get("name") or place.rpartition("node_modules/")[2]
            dev = row.get("dev") is True or row.get("devOptional") is True
            packages.append(Locked(str(name), str(row.get("version", "")), frozenset(("dev",) if dev else ("main",))))
        located = any(isinstance(row, dict) and isinstance(row.get("resolved"), str) for row in rows.values())
        return Lock(tuple(packages), path, located)
    _old_npm(data.get("dependencies"), packages, 0)
    return Lock(tuple(packages), path) if packages else None


def _old_npm(rows: Any, packages: list[Locked], depth: int) -> None:
    for name, row in rows.items() if isinstance(rows, dict) and depth < 50 else ():
        if isinstance(row, dict):
            groups = frozenset(("dev",) if row.get("dev") is True else ("main",))
            packages.append(Locked(str(name), str(row.get("version", "")), groups))
            _old_npm(row.get("dependencies"), packages, depth + 1)


def _is_for_linux(row: Mapping[str, Any]) -> bool:
    for key, ours in (("os", "linux"), ("cpu", "x64"), ("libc", "glibc")):
        listed = row.get(key)
        if not isinstance(listed, list) or not listed:
            continue
        if f"!{ours}" in listed or (ours not in listed and not any(str(one).startswith("!") for one in listed)):
            return False
    return True


_YARN_KEY = lazy_pattern(r'^"?(?P<name>@?[^@"\n]+)@[^\n]*:$', re.MULTILINE)
_YARN_VERSION = lazy_pattern(r'^  "?version"?:? "?(?P<version>[^"\n]+)"?$', re.MULTILINE)


def read_yarn_lock(context: BuildContext, path: str = "yarn.lock") -> Lock | None:
    """The packages of yarn.lock (versions 1 and berry). It does not tell development packages apart."""
    text = context.read_text(path)
    if text is None or ("yarn lockfile" not in text[:200] and "__metadata:" not in text):
        return None
    packages = []
    for block in re.split(r"\n\n+", text.replace("\r\n", "\n")):
        key, version = _YARN_KEY.search(block), _YARN_VERSION.search(block)
        if key is not None and version is not None and "@workspace:" not in block and "-use.local" not in block:
            packages.append(Locked(key["name"], version["version"]))
    return Lock(tuple(packages), path)


_PNPM_KEY = lazy_pattern(
    r"^  '?/?(?P<name>@?[^@'\s/][^@'\s]*?)[@/](?P<version>\d[^:'(\s]*)(?:\([^'\n]*\))?'?:[ \t]*$", re.MULTILINE
)


def read_pnpm_lock(context: BuildContext, path: str = "pnpm-lock.yaml") -> Lock | None:
    """The packages of pnpm-lock.yaml, by its `packages:` section; other systems' are left out."""
    text = context.read_text(path)
    if text is None or "lockfileVersion" not in text[:200]:
        return None
    _, found, rest = text.partition("\npackages:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    packages = []
    keys = list(_PNPM_KEY.finditer(section))
    for at, key in enumerate(keys):
        body = section[key.end() : keys[at + 1].start() if at + 1 < len(keys) else len(section)]
        systems = re.search(r"^    os: \[([^\]]*)\]", body, re.MULTILINE)
        machines = re.search(r"^    cpu: \[([^\]]*)\]", body, re.MULTILINE)
        if (systems is not None and "linux" not in systems[1]) or (machines is not None and "x64" not in machines[1]):
            continue
        dev = re.search(r"^    dev: true", body, re.MULTILINE) is not None
        packages.append(Locked(key["name"], key["version"], frozenset(("dev",)) if dev else frozenset()))
    return Lock(tuple(packages), path) if found else None
