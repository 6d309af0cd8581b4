"""Which groups of a Python lock file a command line asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from slimstage.context.locks import EXTRA

if TYPE_CHECKING:
    from slimstage.context.locks import Lock
    from slimstage.model.packages import PackageOperation


def chosen_groups(
    operation: PackageOperation, lock: Lock, pyproject: dict[str, Any], *, no_dev: bool = False
) -> frozenset[str]:
    """The groups to install, extras among them as in the lock; `no_dev` says that a variable leaves "dev" out.

    `pyproject` is the table of pyproject.toml, empty when it cannot be read: then every group but extras counts that
    is not left out by name.
    """
    known = {group for one in lock.packages for group in one.groups}
    groups = {group for group in known if not group.startswith(EXTRA)} | {"main"}
    extras = _extras(operation, known)
    if operation.manager == "pipenv":
        return frozenset(("main", "dev") if operation.has("dev") else ("main",))
    if operation.manager == "uv":
        return frozenset(_of_uv(operation, groups, _table(pyproject, "tool", "uv"), no_dev=no_dev) | extras)
    if operation.manager == "pdm":
        return frozenset(_of_pdm(operation, groups, pyproject))
    return frozenset(_of_poetry(operation, groups, _table(pyproject, "tool", "poetry", "group")) | extras)


def _of_uv(operation: PackageOperation, groups: set[str], settings: dict[str, Any], *, no_dev: bool) -> set[str]:
    only = _values(operation, "only-group") | ({"dev"} if operation.has("only-dev") else set())
    if only:
        return only
    listed = settings.get("default-groups", ["dev"])
    chosen = set(groups) if listed == "all" else {one for one in listed if isinstance(one, str)} | {"main"}
    if operation.has("no-default-groups"):
        chosen = {"main"}
    if operation.has("all-groups"):
        chosen |= groups
    if no_dev or operation.has("no-dev", "prod", "production"):
        chosen.discard("dev")
    return (chosen | _values(operation, "group")) - _values(operation, "no-group")


def _of_poetry(operation: PackageOperation, groups: set[str], tables: dict[str, Any]) -> set[str]:
    only = _values(operation, "only")
    if only:
        return only
    if operation.has("no-dev"):
        return {"main"}
    optional = {name for name, table in tables.items() if isinstance(table, dict) and table.get("optional") is True}
    return ((groups - optional) | _values(operation, "with")) - _values(operation, "without")


def _of_pdm(operation: PackageOperation, groups: set[str], pyproject: dict[str, Any]) -> set[str]:
    optional = set(_table(pyproject, "project", "optional-dependencies"))
    named = _values(operation, "group")
    development = groups - {"main"} - optional
    chosen = {"main"} if not operation.has("no-default") else set()
    if not operation.has("prod") and not operation.has("no-dev"):
        chosen |= development if chosen or not named else set()
    if ":all" in named or any(name.endswith(":all") for name in operation.options):
        chosen |= groups
    return (chosen | named) - _values(operation, "without")


def _extras(operation: PackageOperation, known: set[str]) -> set[str]:
    extras = {group for group in known if group.startswith(EXTRA)}
    if operation.has("all-extras"):
        return extras - {EXTRA + name for name in _values(operation, "no-extra")}
    return {EXTRA + name for name in _values(operation, "extra", "extras")} & extras


def _values(operation: PackageOperation, *names: str) -> set[str]:
    """The names given to options, which may hold several."""
    given: Iterable[str] = (value for name in names for value in operation.options.get(name, ()))
    return {part for value in given for part in value.replace(",", " ").split()}


def _table(data: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        found = data.get(key)
        data = found if isinstance(found, dict) else {}
    return data
