"""A release of Debian or Ubuntu, its packages as one compact table: sizes, dependencies and what provides what.

The file is zlib-compressed text. Its first line names the release and the date of the index; then one line
per package, sorted by name: `name TAB installed kB TAB download bytes TAB measured TAB depends TAB recommends
TAB provides`; `measured` is empty or `bytes/python` from measure_debs.py. Dependency groups are separated by
`,`, alternatives by `|`, versions are dropped (one release holds one version). After an empty line follow the
virtual names, sorted too: `name TAB providers`. Lines are looked up by bisection, so opening a table costs its
decompression and no more. `librust-*` packages are left out: they are a third of the text (their dependency
lists hold every cargo feature), and images get crates from cargo.

Run `python -m slimstage.knowledge.debian_table RELEASE DATE OUT MEASURED PACKAGES...` to make a table from a
file of measure_debs.py's rows (or `-`) and the distribution's `Packages` files (the main archive, its updates
and its security updates; apt keeps them in its list folder after `apt-get update`).
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from slimstage.text import lazy_pattern

Group = tuple[str, ...]


class DebianPackage(NamedTuple):
    """One package, in bytes; dependency groups hold alternatives in order.

    `installed` is the index's Installed-Size; `kept` what a slim image keeps of the files, and `python` the
    Python source among that (both None where nobody measured the package).
    """

    name: str
    installed: int
    download: int
    kept: int | None
    python: int | None
    depends: tuple[Group, ...]
    recommends: tuple[Group, ...]
    provides: tuple[str, ...]


_UBUNTU = frozenset(("jammy", "noble"))


class DebianTable:
    """Look-ups in one release's table."""

    def __init__(self, data: bytes) -> None:
        text = zlib.decompress(data)
        start = text.index(b"\n") + 1
        self.release, self.date = text[: start - 1].decode().split(" ")
        middle = text.index(b"\n\n")
        self._text = text
        self._real, self._virtual = (start, middle + 1), (middle + 2, len(text))
        self._packages: dict[str, DebianPackage | None] = {}

    def package(self, name: str) -> DebianPackage | None:
        """The package of that name, or None when the release has none."""
        if name not in self._packages:
            line = self._line(self._real, name)
            self._packages[name] = _parsed(line) if line else None
        return self._packages[name]

    def providers(self, name: str) -> tuple[str, ...]:
        """The packages that provide a virtual name, in name order; empty when there are none."""
        line = self._line(self._virtual, name)
        return tuple(line.split("\t")[1].split(",")) if line else ()

    def name_of(self, name: str) -> str | None:
        """The release's own package for a name: that package, or the only one that provides it (`libglib2.0-0` is
        `libglib2.0-0t64` in trixie); None when the release has none.
        """
        found = self.package(name) or self._only_provider(name)
        return found.name if found is not None else None

    def twins(self, name: str) -> tuple[str, ...]:
        """The run-time packages behind a -dev package: what it depends on and bears a library's name.

        One that depends on other -dev packages of its name only, or on a single one, stands for theirs. Empty when
        there are none, as for headers alone.
        """
        waiting = [name]
        seen: set[str] = set()
        found: dict[str, None] = {}
        while waiting:
            asked = waiting.pop(0)
            package = self.package(asked) or self._only_provider(asked)
            if package is None or package.name in seen:
                continue
            seen.add(package.name)
            needs = [group[0] for group in package.depends]
            own = [need for need in needs if _LIBRARY.fullmatch(need) and need not in _COMPILERS_OWN]
            found.update(dict.fromkeys(own))
            if not own:
                others = [need for need in needs if need.endswith("-dev") and need != "libc6-dev"]
                alone = len(needs) == len(others) == 1
                waiting += [need for need in others if alone or _share_a_name(package.name, need[:-4])]
        return tuple(found)

    def _only_provider(self, name: str) -> DebianPackage | None:
        providers = self.providers(name)
        return self.package(providers[0]) if len(providers) == 1 else None

    @property
    def source(self) -> str:
        """The id in sources.yaml of the index that the table was made from."""
        return "ubuntu-index" if self.release in _UBUNTU else "debian-index"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All real package names, sorted; for did-you-mean."""
        start, end = self._real
        return tuple(line.partition("\t")[0] for line in self._text[start : end - 1].decode().split("\n"))

    def _line(self, part: tuple[int, int], name: str) -> str | None:
        """The line of a part of the text that starts with `name` and a tab, or None."""
        text, wanted = self._text, name.encode("utf-8", "replace")
        low, high = part
        while low < high:
            start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            start = max(start, low)
            found = text[start : text.index(b"\t", start)]
            end = text.index(b"\n", start)
            if found == wanted:
                return text[start:end].decode()
            if found < wanted:
                low = end + 1
            else:
                high = start
        return None


_LIBRARY = lazy_pattern(r"lib(?!.*-(?:dev|doc|bin|common|data|utils|tools)$)[a-z0-9+.-]*\d[a-z0-9+.-]*")
_COMPILERS_OWN = frozenset(("libc6", "libgcc-s1", "libstdc++6"))  # what anything that was compiled needs
_VERSION_AT_END = lazy_pattern(r"(?:t64|[\d.+-]+)$")


def _share_a_name(development: str, name: str) -> bool:
    """Whether a package's name without its version begins as a -dev package's, or the other way round."""
    whole = development.removesuffix("-dev")
    stem, other = (_VERSION_AT_END.sub("", text) for text in (whole, name))
    if len(stem) < 4:
        return whole == name
    return name.startswith(stem) or (len(other) > 4 and whole.startswith(other))


class DebianRelease(NamedTuple):
    """A release's table, and the packages its slim image holds."""

    table: DebianTable
    slim: frozenset[str]


def _groups(text: str) -> tuple[Group, ...]:
    return tuple(tuple(group.split("|")) for group in text.split(",")) if text else ()


def _parsed(line: str) -> DebianPackage:
    name, installed, download, measured, depends, recommends, provides = line.split("\t")
    kept, _, python = measured.partition("/")
    return DebianPackage(
        name,
        int(installed) * 1024,
        int(download),
        int(kept) if kept else None,
        int(python) if python else None,
        _groups(depends),
        _groups(recommends),
        tuple(provides.split(",")) if provides else (),
    )


def build(release: str, date: str, packages: Iterable[str], measured: Mapping[str, str]) -> bytes:
    """A table from the text of one or more `Packages` files; of two versions the higher one counts."""
    chosen: dict[str, dict[str, str]] = {}
    for text in packages:
        for paragraph in text.split("\n\n"):
            fields = _fields(paragraph)
            name = fields.get("Package")
            if not name or name.startswith("librust-"):
                continue
            kept = chosen.get(name)
            if kept is None or version_key(fields["Version"]) > version_key(kept["Version"]):
                chosen[name] = fields
    lines: list[str] = []
    virtual: dict[str, list[str]] = {}
    for name, fields in sorted(chosen.items()):
        depends = ",".join(part for part in (_plain(fields.get("Pre-Depends")), _plain(fields.get("Depends"))) if part)
        provides = _plain(fields.get("Provides"))
        sizes = (fields.get("Installed-Size", "0"), fields["Size"], measured.get(name, ""))
        lines.append("\t".join((name, *sizes, depends, _plain(fields.get("Recommends")), provides)))
        for provided in provides.split(",") if provides else ():
            virtual.setdefault(provided, []).append(name)
    provided_lines = [f"{name}\t{','.join(dict.fromkeys(providers))}" for name, providers in sorted(virtual.items())]
    text = f"{release} {date}\n" + "\n".join(lines) + "\n\n" + "\n".join(provided_lines) + "\n"
    return zlib.compress(text.encode("utf-8"), 9)


def _fields(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in paragraph.split("\n"):
        key, colon, value = line.partition(":")
        if colon and not line.startswith(" "):
            fields[key] = value.strip()
    return fields


def _plain(relation: str | None) -> str:
    """A dependency field without versions, architectures and blanks."""
    if not relation:
        return ""
    text = re.sub(r"\([^)]*\)|\[[^]]*\]|:[a-z0-9]+(?=[\s,|]|$)|\s+", "", relation)
    groups: list[str] = []
    for group in text.split(","):
        alternatives = "|".join(dict.fromkeys(group.split("|")))
        if alternatives and alternatives not in groups:
            groups.append(alternatives)
    return ",".join(groups)


class version_key:  # noqa: N801  a sort key, used like a function
    """Orders Debian versions: epoch, upstream version, revision, as dpkg does (deb-version(7))."""

    __slots__ = ("epoch", "revision", "upstream")

    def __init__(self, version: str) -> None:
        epoch, colon, rest = version.partition(":")
        if not colon:
            epoch, rest = "0", version
        upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
        self.epoch, self.upstream, self.revision = int(epoch), upstream, revision

    def __gt__(self, other: version_key) -> bool:
        if self.epoch != other.epoch:
            return self.epoch > other.epoch
        return (_compare(self.upstream, other.upstream) or _compare(self.revision, other.revision)) > 0


_PIECE = lazy_pattern(r"(\D*)(\d*)")


def _compare(left: str, right: str) -> int:
    for (text_a, number_a), (text_b, number_b) in zip_longest(
        _PIECE.findall(left), _PIECE.findall(right), fillvalue=("", "")
    ):
        key_a, key_b = [_order(c) for c in text_a] + [0], [_order(c) for c in text_b] + [0]
        if key_a != key_b:
            return 1 if key_a > key_b else -1
        if int(number_a or 0) != int(number_b or 0):
            return 1 if int(number_a or 0) > int(number_b or 0) else -1
    return 0


def _order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) + (0 if character.isalpha() else 256)


def main(arguments: list[str]) -> int:
    """Make a table; returns the exit code."""
    if len(arguments) < 5:
        sys.stderr.write(__doc__ or "")
        return 2
    release, date, out, rows, *paths = arguments
    measured: dict[str, str] = {}
    for line in Path(rows).read_text(encoding="utf-8").splitlines() if rows != "-" else ():
        name, kept, python = line.split("\t")
        measured[name] = f"{kept}/{python}"
    Path(out).write_bytes(build(release, date, (Path(path).read_text(encoding="utf-8") for path in paths), measured))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
