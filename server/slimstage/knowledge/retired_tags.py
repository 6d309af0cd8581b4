"""Read which tags Docker's official images once had, and on which release, into retired.table.

Run `python -m slimstage.knowledge.retired_tags TABLE FOLDER` with a clone of docker-library/official-images, whose
history has every list of tags there was. It takes about a minute and asks no network.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from slimstage.knowledge.retired import Retired, write_table

REPOSITORIES = tuple(
    "eclipse-temurin gcc golang httpd maven nginx node openjdk perl php postgres pypy python ruby rust".split()
)
_RELEASE = re.compile(
    r"(?:^|-)(?:alpine-?)?((?<=alpine)\d+\.\d+|(?<=alpine-)\d+\.\d+|wheezy|jessie|stretch|buster|bullseye|bookworm|"
    r"trixie|xenial|bionic|focal|jammy|noble|resolute)(?=-|$)"
)
_LISTED = re.compile(r"^(?:Tags|SharedTags):\s*(.*)$", re.MULTILINE)
_LEFT_OUT = re.compile(r"windows|nanoserver|onbuild|rc|alpha|beta|pre|dev|ea-|-ea")
_HEAD = (
    "# Tags of official images that are built no longer: see server/slimstage/knowledge/retired.py for the columns.",
)


def listed(text: str) -> Iterator[tuple[str, ...]]:
    """The groups of tags that a list names, each group one image (of several platforms; Windows left out)."""
    joined = re.sub(r",\s*\n\s+", ", ", text)
    for block in joined.split("\n\n"):
        if re.search(r"^Constraints:.*(?:windows|nanoserver)", block, re.MULTILINE):
            continue
        tags = [tag.strip() for names in _LISTED.findall(block) for tag in names.split(",")]
        if any(tags):
            yield tuple(tag for tag in tags if tag)


def retired(versions: Iterator[tuple[str, str]]) -> dict[str, Retired]:
    """By tag, from the lists with their days, oldest first: what the last list no longer has."""
    found: dict[str, tuple[str, frozenset[str]]] = {}
    current: set[str] = set()
    for day, text in versions:
        current = set()
        for tags in listed(text):
            releases = frozenset(match[1] for tag in tags if (match := _RELEASE.search(tag)))
            found.update(dict.fromkeys(tags, (day, releases)))
            current.update(tags)
    return {
        tag: Retired(day, *releases)
        for tag, (day, releases) in found.items()
        if len(releases) == 1
        and tag not in current
        and re.match(r"\d", tag)
        and not _RELEASE.search(tag)
        and not _LEFT_OUT.search(tag)
    }


def history(folder: Path, repository: str) -> Iterator[tuple[str, str]]:
    """The days and texts of a repository's list of tags, oldest first."""
    path = f"library/{repository}"
    for line in _git(folder, "log", "--reverse", "--format=%H %ct", "--", path).splitlines():
        commit, seconds = line.split()
        day = dt.datetime.fromtimestamp(int(seconds), dt.timezone.utc).date().isoformat()
        text = _git(folder, "show", f"{commit}:{path}")
        if text:
            yield day, text


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def main(table: str, folder: str) -> int:
    """Write the table anew."""
    found = {repository: retired(history(Path(folder), repository)) for repository in REPOSITORIES}
    Path(table).write_text(write_table(_HEAD, found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
