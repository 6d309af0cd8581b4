"""composer.json and composer.lock: what a PHP project asks Composer for.

Reading never fails: an absent or broken file is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slimstage.context import BuildContext
from slimstage.context.manifests import read_json_object


@dataclass(slots=True, frozen=True)
class ComposerJson:
    """Package names of both sections, and the commands of each script by its event."""

    require: tuple[str, ...]
    require_dev: tuple[str, ...]
    scripts: Mapping[str, tuple[str, ...]]


def read_composer_json(context: BuildContext, path: str = "composer.json") -> ComposerJson | None:
    """The manifest, or None."""
    data = read_json_object(context, path)
    if data is None:
        return None
    scripts: dict[str, tuple[str, ...]] = {}
    for event, commands in _table(data, "scripts").items():
        if isinstance(commands, str):
            scripts[event] = (commands,)
        elif isinstance(commands, list):
            scripts[event] = tuple(command for command in commands if isinstance(command, str))
        elif isinstance(commands, dict):  # Symfony Flex: command -> kind
            scripts[event] = tuple(commands)
    return ComposerJson(tuple(_table(data, "require")), tuple(_table(data, "require-dev")), scripts)


def development_namespaces(context: BuildContext, path: str = "composer.lock") -> tuple[str, ...] | None:
    """The first parts of the namespaces that the locked development packages bring ("PHPUnit", "Mockery" ...).

    None without a lock file, or when one of them does not say by its autoload section what it brings.
    """
    data = read_json_object(context, path)
    rows = data.get("packages-dev") if data is not None else None
    if not isinstance(rows, list):
        return None
    found: dict[str, None] = {}
    for row in rows:
        if not isinstance(row, dict) or row.get("type") in ("composer-plugin", "metapackage"):
            return None
        autoload = _table(row, "autoload")
        if autoload.get("files"):
            return None  # functions, which no namespace tells
        names = [*_table(autoload, "psr-4"), *_table(autoload, "psr-0")]
        name = row.get("name")
        if not names and isinstance(name, str) and autoload.get("classmap"):
            names = [known for start, known in _BY_VENDOR.items() if name.startswith(start)]
        if not names or "" in names:
            return None
        found.update((namespace.strip("\\").split("\\")[0], None) for namespace in names)
    return tuple(found)


# They list their classes one by one; the namespace is the vendor's.
_BY_VENDOR = {"phpunit/": "PHPUnit", "sebastian/": "SebastianBergmann", "phar-io/": "PharIo", "theseer/": "TheSeer"}


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}
