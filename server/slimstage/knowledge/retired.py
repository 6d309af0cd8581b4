"""Tags of official images that are built no longer, with what they last stood on: knowledge/images/retired.table.

The file is text, one image a line below a line that names the repository:

    = python
    2022-06-01 bullseye 3.10.4 3.10.4-slim

The columns: the day of the last list of docker-library/official-images that had the tags; the release of Debian,
Ubuntu or Alpine ("3.16") that another name of the same image bore that day; the tags. A registry keeps such a tag as it
was last pushed. Tags that bear the release themselves and those listed with no release are left out.

A repository's rows are read when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Retired(NamedTuple):
    """The last day a tag was listed (ISO date), and the release it stood on ("bullseye", "3.16")."""

    date: str
    release: str


class RetiredTable:
    """Look-ups in the whole table."""

    def __init__(self, text: str) -> None:
        self._text = "\n" + text
        self._read: dict[str, dict[str, Retired]] = {}

    def find(self, repository: str, tag: str) -> Retired | None:
        """What a tag last stood on; None for one that is still built, or that the table does not hold."""
        rows = self._read.get(repository)
        if rows is None:
            rows = self._read[repository] = self._rows(repository)
        return rows.get(tag)

    def tags(self, repository: str) -> Sequence[str]:
        """The tags of a repository."""
        self.find(repository, "")
        return tuple(self._read[repository])

    def repositories(self) -> list[str]:
        """All repositories of the table."""
        return [line[2:] for line in self._text.split("\n") if line.startswith("= ")]

    def _rows(self, repository: str) -> dict[str, Retired]:
        start = self._text.find(f"\n= {repository}\n")
        if start < 0:
            return {}
        end = self._text.find("\n= ", start + 1)
        lines = self._text[start : end if end >= 0 else len(self._text)].split("\n")[2:]
        fields = [line.split(" ") for line in lines if line]
        return {tag: Retired(date, release) for date, release, *tags in fields for tag in tags}


def write_table(head: Sequence[str], found: Mapping[str, Mapping[str, Retired]]) -> str:
    """The file's text: comment lines, then repositories by name, the latest day first."""
    lines = list(head)
    for repository in sorted(found):
        lines.append(f"= {repository}")
        rows: dict[Retired, list[str]] = {}
        for tag, retired in found[repository].items():
            rows.setdefault(retired, []).append(tag)
        lines += [" ".join([*retired, *sorted(rows[retired])]) for retired in sorted(rows, reverse=True)]
    return "\n".join(lines) + "\n"
