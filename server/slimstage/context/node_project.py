"""A Node project in the build context: its manifests, the members of its workspace and which Yarn it means.

Reading never fails: a pattern that cannot be followed leaves the workspace incomplete.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import dataclass
from typing import Any

from slimstage.context import BuildContext, normal_path
from slimstage.context.manifests import PackageJson, read_json_object, read_package_json
from slimstage.text import lazy_pattern

_MAX_FOLDERS = 2000
_NEVER_MEMBERS = ("node_modules", "bower_components", ".git")
_YARN_VERSION = lazy_pattern(r"yarn@(?:npm:)?(\d+)|yarn-(\d+)[\w.-]*\.c?js")
# The version of the lock file's format, by the Yarn that writes it (yarnpkg/berry, Project.ts).
_LOCK_FORMATS = {"4": 2, "5": 3, "6": 3, "7": 4, "8": 4}


@dataclass(slots=True, frozen=True)
class NodePackage:
    """A folder of the context with a package.json; `folder` is "" for the context's root."""

    folder: str
    manifest: PackageJson


@dataclass(slots=True, frozen=True)
class NodeProject:
    """The package at `root`, and the members when it is a workspace.

    `complete` is False when some members cannot be told. `yarn` is the major version of Yarn that the project means,
    None for a Yarn 2 or newer whose version is not said; `linker` is what its settings say of node_modules.
    """

    root: NodePackage
    members: tuple[NodePackage, ...] = ()
    complete: bool = True
    yarn: int | None = 1
    linker: str | None = None
    focuses: bool = False

    @property
    def packages(self) -> tuple[NodePackage, ...]:
        """The root and the members."""
        return (self.root, *self.members)

    def named(self, name: str) -> NodePackage | None:
        """The member of that name."""
        return next((package for package in self.packages if package.manifest.name == name), None)

    def at(self, folder: str) -> NodePackage | None:
        """The package that a folder of the context is or lies in: the innermost."""
        holding = [p for p in self.packages if not p.folder or folder == p.folder or folder.startswith(p.folder + "/")]
        return max(holding, key=lambda package: len(package.folder), default=None)

    def closure(self, package: NodePackage) -> tuple[NodePackage, ...]:
        """A package and the members that it depends on, by way of others too."""
        found = [package]
        for one in found:
            for name in one.manifest.dependencies:
                other = self.named(name)
                if other is not None and other not in found:
                    found.append(other)
        return tuple(found)


def read_node_project(context: BuildContext, folder: str = "") -> NodeProject | None:
    """The project whose package.json lies in a folder of the context; None when there is none that can be read."""
    manifest = read_package_json(context, posixpath.join(folder, "package.json"))
    if manifest is None:
        return None
    patterns = _patterns(context, folder)
    members, complete = _members(context, folder, patterns or ())
    yarn, linker, focuses = _yarn(context, folder)
    return NodeProject(NodePackage(folder, manifest), members, complete and patterns is not None, yarn, linker, focuses)


def _patterns(context: BuildContext, folder: str) -> tuple[str, ...] | None:
    """The members' folders as written; None when the file that names them is not understood."""
    found: list[str] = []
    text = context.read_text(posixpath.join(folder, "pnpm-workspace.yaml"))
    if text is not None:
        listed = _yaml(text).get("packages", [])
        if not _is_list_of_texts(listed):
            return None
        found += listed
    rows: Any = (read_json_object(context, posixpath.join(folder, "package.json")) or {}).get("workspaces", [])
    if isinstance(rows, dict):
        rows = rows.get("packages", [])
    if not _is_list_of_texts(rows):
        return None
    return tuple(dict.fromkeys([*found, *rows]))


def _is_list_of_texts(rows: Any) -> bool:
    return isinstance(rows, list) and all(isinstance(row, str) for row in rows)


def _yaml(text: str) -> dict[str, Any]:
    import yaml  # here, since few projects have such a file

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {"packages": None}
    return data if isinstance(data, dict) else {}


def _members(context: BuildContext, root: str, patterns: tuple[str, ...]) -> tuple[tuple[NodePackage, ...], bool]:
    wanted = [normal_path(pattern) for pattern in patterns if not pattern.startswith("!")]
    unwanted = [normal_path(pattern[1:]) for pattern in patterns if pattern.startswith("!")]
    complete = not any("{" in pattern or "(" in pattern for pattern in (*wanted, *unwanted))
    left = [_MAX_FOLDERS]
    found: dict[str, NodePackage] = {}
    for pattern in wanted:
        for folder in _matching(context, root, pattern.split("/"), left):
            inside = posixpath.relpath(folder, root) if root else folder
            if not folder or any(_matches(inside, other) for other in unwanted):
                continue
            manifest = read_package_json(context, posixpath.join(folder, "package.json"))
            if manifest is not None:
                found[folder] = NodePackage(folder, manifest)
    return tuple(found.values()), complete and left[0] > 0


def _matches(folder: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(folder, pattern.replace("**/", "*").replace("**", "*"))


def _matching(context: BuildContext, folder: str, parts: list[str], left: list[int]) -> list[str]:
    """The folders below `folder` that a pattern's parts name."""
    if not parts or parts == [""]:
        return [folder]
    left[0] -= 1
    if left[0] <= 0:
        return []
    first, rest = parts[0], parts[1:]
    if first == "**":
        found = _matching(context, folder, rest, left)
        for name in _folders(context, folder):
            found += _matching(context, posixpath.join(folder, name), parts, left)
        return list(dict.fromkeys(found))
    if any(character in first for character in "*?["):
        names = [name for name in _folders(context, folder) if fnmatch.fnmatchcase(name, first)]
    else:
        names = [first] if context.exists(posixpath.join(folder, first)) else []
    return [path for name in names for path in _matching(context, posixpath.join(folder, name), rest, left)]


def _folders(context: BuildContext, folder: str) -> list[str]:
    names = [name for name in context.list(folder) if name not in _NEVER_MEMBERS]
    return [name for name in names if context.list(posixpath.join(folder, name))]


def _yarn(context: BuildContext, folder: str) -> tuple[int | None, str | None, bool]:
    """The major version of Yarn, how it links modules, and whether it can install for production alone."""
    settings = context.read_text(posixpath.join(folder, ".yarnrc.yml"))
    data = _yaml(settings) if settings is not None else {}
    manager = (read_json_object(context, posixpath.join(folder, "package.json")) or {}).get("packageManager")
    path = data.get("yarnPath")
    for text in (manager, path):
        match = _YARN_VERSION.search(text) if isinstance(text, str) else None
        if match is not None:
            return _newer(int(match[1] or match[2]), data)
    lock = context.read_text(posixpath.join(folder, "yarn.lock")) or ""
    written = re.search(r"^__metadata:\n  version: (\d+)", lock.replace("\r\n", "\n"), re.MULTILINE)
    if written is not None:
        return _newer(_LOCK_FORMATS.get(written[1]), data)
    return _newer(None, data) if settings is not None else (1, None, False)


def _newer(major: int | None, settings: dict[str, Any]) -> tuple[int | None, str | None, bool]:
    if major == 1:
        return 1, None, False
    linker = settings.get("nodeLinker")
    focuses = (major or 0) >= 4 or "plugin-workspace-tools" in str(settings.get("plugins", ""))
    return major, linker if isinstance(linker, str) else "pnp", focuses
