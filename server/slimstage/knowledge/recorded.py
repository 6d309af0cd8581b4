"""Sizes of image tags as public records had them on a day: knowledge/images/recorded.table.

The file is text, one image a line below a line that names the repository:

    = python
    2020-10-13 repo-info-2020 measured apt 115.02M 44566512 - 43197693 3.9-slim 3.9.0-slim slim

The columns: date the image was built; the source's id in sources.yaml (where it is a copy of
docker-library/repo-info, the pages are `repos/<repository>/local/<tag>.md` and `remote/<tag>.md`); basis; package
manager; bytes on disk and in the registry for linux/amd64, then both for linux/arm64; the tags that were this image.
`-` is unknown. Sizes stand as the record writes them: `115.02M` and `1.11G` are decimal, right to their last digit.

A repository's rows are read when somebody first asks for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from slimstage.knowledge.records import ClaimBasis

_UNITS = {"K": 1000, "M": 1_000_000, "G": 1_000_000_000}
_COLUMNS = 8  # before the tags


class Figure(NamedTuple):
    """Bytes as a record gives them: `written` right to its last digit."""

    value: int
    low: int
    high: int


class Recorded(NamedTuple):
    """One image on one day. Sizes as written in the table, "" when unknown; `manager` "apt", "apk", "rpm" or ""."""

    date: str
    source: str
    basis: ClaimBasis
    manager: str
    disk: str
    download: str
    disk_arm64: str
    download_arm64: str
    tags: tuple[str, ...]

    def figure(self, quantity: str, arm64: bool = False) -> Figure | None:
        """Bytes on "disk" or of the "download", or None."""
        written: str = getattr(self, f"{quantity}_arm64" if arm64 else quantity)
        return read_figure(written) if written else None


class RecordedTable:
    """Look-ups in the whole table."""

    def __init__(self, text: str) -> None:
        self._text = "\n" + text
        self._read: dict[str, tuple[Recorded, ...]] = {}

    def rows(self, repository: str) -> tuple[Recorded, ...]:
        """The images of a repository, newest first; empty for one that nobody recorded."""
        rows = self._read.get(repository)
        if rows is None:
            rows = self._read[repository] = self._rows(repository)
        return rows

    def repositories(self) -> list[str]:
        """All repositories of the table."""
        return [line[2:] for line in self._text.split("\n") if line.startswith("= ")]

    def _rows(self, repository: str) -> tuple[Recorded, ...]:
        start = self._text.find(f"\n= {repository}\n")
        if start < 0:
            return ()
        end = self._text.find("\n= ", start + 1)
        lines = self._text[start : end if end >= 0 else len(self._text)].split("\n")[2:]
        return tuple(read_row(line) for line in lines if line)


def read_figure(written: str) -> Figure:
    """`44566512`, `115.02M`, `1.11G` in bytes."""
    factor = _UNITS.get(written[-1])
    if factor is None:
        return Figure(int(written), int(written), int(written))
    whole, _, decimals = written[:-1].partition(".")
    step = factor // 10 ** len(decimals)  # what the last digit stands for
    value = int(whole + decimals) * step
    return Figure(value, value - step // 2, value + step // 2)


def read_row(line: str) -> Recorded:
    """One line of the table."""
    fields = line.split(" ")
    date, source, basis, manager, *sizes = ("" if field == "-" else field for field in fields[:_COLUMNS])
    disk, download, disk_arm64, download_arm64 = sizes
    tags = tuple(fields[_COLUMNS:])
    return Recorded(date, source, cast(ClaimBasis, basis), manager, disk, download, disk_arm64, download_arm64, tags)


def write_table(head: Sequence[str], rows: Mapping[str, Iterable[Recorded]]) -> str:
    """The file's text: comment lines, then repositories by name, images newest first."""
    lines = list(head)
    for repository in sorted(rows):
        lines.append(f"= {repository}")
        for row in sorted(rows[repository], key=lambda row: (row.date, row.tags), reverse=True):
            lines.append(" ".join([*(str(field or "-") for field in row[:_COLUMNS]), *row.tags]))
    return "\n".join(lines) + "\n"
