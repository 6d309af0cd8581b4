"""What npm packages take in node_modules, and what they need; a maintainers' tool.

`python -m slimstage.knowledge.measure_npm FOLDER sizes|needs` reads a folder in which `npm install --ignore-scripts`
ran and prints rows for `knowledge/packages/npm.yaml` or `npm-needs.yaml`. Packages with an install script are left
out, since what it downloads or builds is not there, but for a few that only print.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HARMLESS = ("core-js", "yarn")


def installed(folder: Path) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Name, folder and row of the lock file of every package that lies below `folder`."""
    rows = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, row in rows.items():
        name = row.get("name") or place.rpartition("node_modules/")[2]
        runs_scripts = row.get("hasInstallScript") is True and name not in _HARMLESS
        if place and not row.get("link") and not runs_scripts and (folder / place).is_dir():
            yield name, folder / place, row


def own_bytes(folder: Path) -> int:
    """The bytes of a package's files, without the packages nested in it; a link counts for nothing."""
    total = 0
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        for entry in current.iterdir():
            if entry.is_symlink() or (current == folder and entry.name == "node_modules"):
                continue
            if entry.is_dir():
                waiting.append(entry)
            else:
                total += entry.stat().st_size
    return total


def sizes(folder: Path) -> dict[str, dict[str, int]]:
    """Bytes by name and version."""
    found: dict[str, dict[str, int]] = {}
    for name, place, row in installed(folder):
        found.setdefault(name, {})[row["version"]] = own_bytes(place)
    return found


def needs(folder: Path) -> dict[str, list[str]]:
    """The dependencies of each package at the top, with the optional ones that fit this machine."""
    found: dict[str, list[str]] = {}
    for name, place, row in installed(folder):
        if place == folder / "node_modules" / name:
            optional = [one for one in row.get("optionalDependencies", ()) if (folder / "node_modules" / one).is_dir()]
            if listed := sorted({*row.get("dependencies", ()), *optional}):
                found[name] = listed
    return found


def main(arguments: list[str]) -> int:
    """Print the rows; returns the exit code."""
    if len(arguments) != 2 or arguments[1] not in ("sizes", "needs"):
        sys.stderr.write(__doc__ or "")
        return 2
    folder, what = arguments
    rows: dict[str, Any] = sizes(Path(folder)) if what == "sizes" else dict(needs(Path(folder)))
    for name, row in sorted(rows.items()):
        sys.stdout.write(f"{json.dumps(name)}: {json.dumps(row)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
