"""Which packages `apt-get install` brings in, and what they weigh on disk.

The resolver follows apt's own order: what is asked for is marked first, then each package's dependencies
depth first, the first alternative that can be had, and (unless --no-install-recommends) what is recommended.
A test compares its sets with `apt-get -s install`.

What a package takes in a slim image was measured from the .deb for some 700 packages per release. Beside its
files an install leaves dpkg's records, alternatives, caches of ldconfig and compiled Python: fitted to 58 real
installs on bookworm's and trixie's slim roots (measured 2026-11-24), that is 25 kB a package and the
size of the Python source once more; the largest error of the fit over 1 MB was 6 %.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from slimstage.knowledge.debian_table import DebianPackage, DebianRelease, DebianTable
from slimstage.sizes import Size
from slimstage.text import close_matches, lazy_pattern


class Closure(NamedTuple):
    """What an install adds: package names, sorted; `unknown` are the requested names the release does not have."""

    added: tuple[str, ...]
    unknown: tuple[str, ...]
    disk: Size
    download: int  # sum of the .deb files, bytes


def closure(table: DebianTable, wanted: Iterable[str], present: AbstractSet[str], *, recommends: bool) -> Closure:
    """The packages that installing `wanted` adds to `present`, in one apt transaction."""
    resolver = _Resolver(table, present, recommends=recommends)
    unknown = resolver.install(list(wanted))
    added = sorted(resolver.added)
    packages = [package for name in added if (package := table.package(name)) is not None]
    return Closure(
        tuple(added),
        tuple(unknown),
        disk_size(packages, table),
        sum(package.download for package in packages),
    )


# Installed-Size counts documentation too: measured / declared over the same installs is 0.77 to 1.06, most 0.92.
_OF_INSTALLED, _OF_INSTALLED_LOW, _OF_INSTALLED_HIGH = 0.92, 0.75, 1.06
_RECORDS, _RECORDS_LOW, _RECORDS_HIGH = 25_000, 3_000, 60_000
_ERROR = 0.02
_PYTHON_LIBRARY = lazy_pattern(r"libpython3\.\d+-(?:minimal|stdlib)")


def disk_size(packages: Iterable[DebianPackage], table: DebianTable) -> Size:
    """Bytes the packages take on disk in a slim image, installed in one go."""
    total = low = high = 0.0
    for package in packages:
        if package.kept is None:
            # Modules of the distribution's Python are compiled at install: as much again (measured packages: 0.7 to
            # 1.2); of the interpreter's own, beside which lie compiled ones, about half as much.
            library = _PYTHON_LIBRARY.fullmatch(package.name) is not None
            code = package.installed if library or package.name.startswith("python3-") else 0
            total += package.installed * _OF_INSTALLED + code * (0.5 if library else 0.9) + _RECORDS
            low += package.installed * _OF_INSTALLED_LOW + code * 0.3 + _RECORDS_LOW
            high += package.installed * _OF_INSTALLED_HIGH + code * 1.3 + _RECORDS_HIGH
        else:
            python = package.python or 0
            total += package.kept + python + _RECORDS
            low += package.kept * (1 - _ERROR) + _RECORDS_LOW
            high += package.kept * (1 + _ERROR) + python * 1.3 + _RECORDS_HIGH
    return Size(round(total), round(low), round(high), "indexed", (table.source,))


class _Resolver:
    def __init__(self, table: DebianTable, present: AbstractSet[str], *, recommends: bool) -> None:
        self.table = table
        self.recommends = recommends
        self.added: dict[str, None] = {}
        self.provided: set[str] = set(present)
        for name in present:
            package = table.package(name)
            if package is not None:
                self.provided.update(package.provides)

    def install(self, wanted: list[str]) -> list[str]:
        """Mark everything asked for, then what it needs; returns the names nobody provides."""
        unknown: list[str] = []
        roots: list[str] = []
        for name in wanted:
            real = self.candidate(name)
            if real is None:
                if name not in self.provided:
                    unknown.append(name)
            elif real not in self.provided or real in self.added:
                self.mark(real)
                roots.append(real)
        for name in roots:
            self.pull(name)
        return unknown

    def candidate(self, name: str) -> str | None:
        """The real package behind a name: itself, or the one package that provides it."""
        if self.table.package(name) is not None:
            return name
        providers = self.table.providers(name)
        return providers[0] if len(providers) == 1 else None

    def mark(self, name: str) -> None:
        package = self.table.package(name)
        if package is not None:
            self.added.setdefault(name)
            self.provided.add(name)
            self.provided.update(package.provides)

    def pull(self, root: str) -> None:
        """Mark what a marked package needs; a work list, so that a long chain costs no recursion."""
        waiting = [root]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            package = self.table.package(name)
            if package is None or name in seen:
                continue
            seen.add(name)
            following: list[str] = []
            groups = package.depends + (package.recommends if self.recommends else ())
            for group in groups:
                if any(alternative in self.provided for alternative in group):
                    continue
                chosen = self.choose(group)
                if chosen is not None:
                    self.mark(chosen)
                    following.append(chosen)
            waiting += reversed(following)

    def choose(self, group: tuple[str, ...]) -> str | None:
        """The package apt takes for a dependency: the first alternative that is real or provided."""
        for alternative in group:
            if self.table.package(alternative) is not None:
                return alternative
            providers = self.table.providers(alternative)
            if providers:
                return providers[-1]
        return None


# Every RUN that changes packages writes dpkg's status file and its copy, debconf's and ldconfig's caches anew: what a
# layer adds over what `du` sees (fitted to `make` and `unzip` on slim roots of 88 and 146 packages, real builds).
_REWRITTEN, _REWRITTEN_PER_PACKAGE = 720_000, 2_300


def rewritten(present: int) -> Size:
    """Bytes a layer gets because package records are written again, with `present` packages installed before."""
    count = _REWRITTEN + _REWRITTEN_PER_PACKAGE * present
    return Size(count, round(count * 0.7), round(count * 1.4), "computed")


class Transaction:
    """The apt installs and removals of one RUN, weighed together: what it removes again costs nothing.

    `present` are the packages there before; `unsure` says that they are only assumed to be those of a slim image.
    """

    def __init__(self, release: DebianRelease, present: frozenset[str], *, unsure: bool) -> None:
        self.table = release.table
        self.present = present
        self.unsure = unsure
        self.requests: list[tuple[tuple[str, ...], bool]] = []
        self.removed: set[str] = set()
        self.sweeps = False
        self.purges = False

    def install(self, names: Iterable[str], *, recommends: bool) -> None:
        """`apt-get install names`."""
        wanted = tuple(names)
        self.removed -= set(wanted)
        self.requests.append((wanted, recommends))

    def remove(self, names: Iterable[str], *, sweeps: bool) -> None:
        """`apt-get remove names`; `sweeps` when what only they needed goes too."""
        self.removed.update(names)
        self.purges = True
        self.sweeps = self.sweeps or sweeps

    def result(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The packages added at the end of the RUN, and the requested names that do not exist."""
        added: dict[str, None] = {}
        unknown: list[str] = []
        for names, recommends in self.requests:
            wanted = [name for name in names if not (self.sweeps and name in self.removed)]
            found = closure(self.table, wanted, self.present | set(added), recommends=recommends)
            added.update(dict.fromkeys(found.added))
            unknown += found.unknown
        if not self.sweeps:
            self._drop(added)
        return tuple(sorted(added)), tuple(dict.fromkeys(unknown))

    def _drop(self, added: dict[str, None]) -> None:
        """Take what is removed by name, and what cannot be without it, out of `added`."""
        gone = {name for name in self.removed if name in added}
        while gone:
            for name in gone:
                added.pop(name, None)
            gone = {
                name
                for name in added
                if (package := self.table.package(name)) is not None
                and any(self._is_broken(group, added) for group in package.depends)
            }

    def _is_broken(self, group: tuple[str, ...], added: dict[str, None]) -> bool:
        """Whether a dependency was met by a package that is removed now."""
        if not any(name in self.removed for name in group):
            return False
        return not any(name in added or name in self.present for name in group)

    def weigh(self, added: Iterable[str]) -> Size:
        """Bytes of these packages on disk."""
        packages = [package for name in added if (package := self.table.package(name)) is not None]
        size = disk_size(packages, self.table)
        if not self.unsure:
            return size
        # A base nobody knows may hold some of them: at least what was asked for by name is new.
        names = {name for request, _ in self.requests for name in request}
        own = disk_size([package for package in packages if package.name in names], self.table)
        return Size(size.bytes, own.low, size.high, "assumed", size.sources)

    def compressed(self, added: Iterable[str]) -> Size:
        """Bytes of these packages in a compressed layer: gzip makes more of them than Debian's xz."""
        debs = sum(package.download for name in added if (package := self.table.package(name)) is not None)
        return Size(round(debs * 1.3), debs, round(debs * 1.65), "computed", (self.table.source,))


def similar(table: DebianTable, name: str) -> str | None:
    """A package whose name is much like one that does not exist, or None."""
    # Comparing with all 60,000 takes a second: the beginning must be right, and more of it in the crowd of lib*.
    start = name[: 5 if name.startswith("lib") else 3]
    near = [other for other in table.names if other.startswith(start) and abs(len(other) - len(name)) < 5]
    found = close_matches(name, near, n=1, cutoff=0.75)
    return found[0] if found else None
