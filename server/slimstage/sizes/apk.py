"""What `apk add` brings in and `apk del` takes away, within one RUN and from one RUN to the next.

Sizes are those of one Alpine release's index. How far other releases are from it was compared on its own packages:
35 packages of a 3.24 image take 2 % more in sum than those of 3.22 (single ones 0.82 to 1.20 of it); of 1,351 packages
over 200 kB of 3.16, whose figures counted blocks of 4 kB, half take 0.98 to 1.29 of it, nine in ten 0.57 to 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from slimstage.knowledge.alpine import AlpineRelease
from slimstage.sizes import NOTHING, Basis, Size

SOURCE = "alpine-index"
CACHE = "/var/cache/apk"
_SAME, _NEAR, _FAR_LOW, _FAR_HIGH = 0.04, 0.15, 0.4, 0.6
_NEAR_RELEASES = 2
_OTHER_MACHINE = 0.1
_NO_FILES = 1000  # bytes of a package that only names others


@dataclass(slots=True, frozen=True)
class World:
    """What apk was asked for so far, each request with the name of its virtual package or None; `base` was there
    before and stays. `sure` says whether all of the base is known.
    """

    base: frozenset[str]
    requests: tuple[tuple[str | None, str], ...] = ()
    sure: bool = True

    def add(self, names: Iterable[str], virtual: str | None) -> World:
        """After `apk add [--virtual VIRTUAL] NAMES`."""
        return replace(self, requests=(*self.requests, *((virtual, name) for name in names)))

    def remove(self, names: Iterable[str]) -> World:
        """After `apk del NAMES`: a virtual package takes what it asked for along."""
        gone = frozenset(names)
        kept = [one for one in self.requests if one[0] not in gone and (one[0] is not None or one[1] not in gone)]
        return replace(self, requests=tuple(kept))

    def installed(self, table: AlpineRelease) -> frozenset[str]:
        """All packages of the table that are there."""
        return table.closure([*self.base, *(name for _, name in self.requests)])


def weigh(
    table: AlpineRelease, added: Iterable[str], asked: Iterable[str], release: str | None, machine: str, *, sure: bool
) -> tuple[Size, Size]:
    """Bytes of these packages on disk and in a compressed layer, on an Alpine of that release."""
    packages = {name: table.packages[name] for name in added}
    disk = sum(one.installed for one in packages.values())
    archives = sum(one.archive for one in packages.values())
    low, high, basis = _margins(table.release, release)
    if machine != "x86_64":
        low, high, basis = low + _OTHER_MACHINE, high + _OTHER_MACHINE, "assumed"
    least = disk
    if not sure:  # an image nobody knows may hold some of them; what is asked for by name is new
        basis = "assumed"
        least = sum(packages[name].installed for name in _named(table, asked) if name in packages)
    sources = (SOURCE,)
    size = Size(disk, round(least * (1 - low)), round(disk * (1 + high)), basis, sources)
    share = least / disk if disk else 1
    return size, Size(archives, round(archives * share * (0.95 - low)), round(archives * (1.05 + high)), basis, sources)


def _named(table: AlpineRelease, asked: Iterable[str]) -> set[str]:
    """The packages asked for; those that a package without files of its own stands for."""
    found: set[str] = set()
    for name in asked:
        real = table.real(name)
        if real is not None:
            package = table.packages[real]
            found.update((real,) if package.installed > _NO_FILES else package.needs)
    return found


def _margins(known: str, wanted: str | None) -> tuple[float, float, Basis]:
    """How far below and above the figures a release may be."""
    try:
        distance = abs(int(known.partition(".")[2]) - int((wanted or "").partition(".")[2]))
        distance += 100 * (known.partition(".")[0] != (wanted or "").partition(".")[0])
    except ValueError:
        return _NEAR, _NEAR * 1.5, "assumed"  # an Alpine of its day
    if distance == 0:
        return _SAME, _SAME, "indexed"
    return (_NEAR, _NEAR, "computed") if distance <= _NEAR_RELEASES else (_FAR_LOW, _FAR_HIGH, "assumed")


def records(disk: Size) -> Size:
    """apk's database, written again with every change, triggers' results and links: one line a file installed."""
    if disk is NOTHING:
        return Size(60_000, 10_000, 600_000, "assumed")
    return Size(60_000 + round(disk.bytes * 0.004), 10_000, 600_000 + round(disk.high * 0.01), "assumed")


def index() -> Size:
    """The index files that stay without `--no-cache`: 0.5 MB of main in 3.22, the rest of community."""
    return Size(2_400_000, 1_200_000, 3_500_000, "assumed", (SOURCE,))
