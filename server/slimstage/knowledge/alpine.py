"""Alpine's packages: what they take, and what they need, for the names that Dockerfiles ask for.

The figures are those of one release's package index (`knowledge/packages/alpine.yaml`), for the packages that
Dockerfiles name and all they need; dependencies are resolved to package names when the file is made.

Run `python -m slimstage.knowledge.alpine RELEASE DATE APKINDEX [NAME...]` to print the `packages` and `aliases` of a
release anew, from an unpacked APKINDEX: for the names of packages/apk.yaml, the ones of the file as it is, and NAME.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True, frozen=True)
class AlpinePackage:
    """One package in bytes: its files, and its archive. It comes by itself once all of `when` are installed."""

    installed: int
    archive: int
    needs: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class AlpineRelease:
    """A release's packages; `base` are those of its image, `aliases` names that another package provides."""

    release: str
    date: str
    base: frozenset[str]
    packages: Mapping[str, AlpinePackage]
    aliases: Mapping[str, str]

    def real(self, name: str) -> str | None:
        """The package behind a name, or None for one that is not in the table."""
        if name in self.packages:
            return name
        return self.aliases.get(name)

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """These packages and all they need, with those that come by themselves; unknown names are passed over."""
        found: set[str] = set()
        waiting = [real for name in names if (real := self.real(name)) is not None]
        while waiting:
            while waiting:
                name = waiting.pop()
                if name not in found and name in self.packages:
                    found.add(name)
                    waiting += self.packages[name].needs
            waiting = [name for name, when in self._conditional if name not in found and found.issuperset(when)]
        return frozenset(found)

    @property
    def _conditional(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, package.when) for name, package in self.packages.items() if package.when]


def read_index(text: str) -> dict[str, dict[str, str]]:
    """The paragraphs of an APKINDEX by package name; of two versions the later paragraph counts."""
    found: dict[str, dict[str, str]] = {}
    for paragraph in text.split("\n\n"):
        fields = {line[0]: line[2:] for line in paragraph.split("\n") if line[1:2] == ":"}
        if "P" in fields:
            found[fields["P"]] = fields
    return found


# What leads to all that the image alpine:3.22 holds, its 16 packages (docker-library/repo-info lists them).
_BASE = ("alpine-baselayout", "alpine-keys", "alpine-release", "apk-tools", "busybox", "musl-utils")
# Sub-packages that come only where documentation, service files or shell completions are wanted.
_ASIDE = ("-doc", "-openrc", "-lang", "-completion", "-completions", "-udev", "-dbg", "-vim", "-emacs", "-nftrules")


class Index:
    """An APKINDEX, its dependencies as package names."""

    def __init__(self, text: str) -> None:
        self.rows = read_index(text)
        self.providers: dict[str, list[str]] = {}
        for name, fields in self.rows.items():
            for provided in fields.get("p", "").split():
                self.providers.setdefault(_bare(provided), []).append(name)

    def real(self, wanted: str) -> str | None:
        """The package that meets a dependency: itself, or the provider of the highest priority."""
        name = _bare(wanted)
        if name in self.rows:
            return name
        found = self.providers.get(name, ())
        return max(found, key=lambda one: (int(self.rows[one].get("k", "0")), -len(one)), default=None)

    def names(self, name: str, field: str) -> list[str]:
        """The packages behind a field of dependencies, each once; conflicts are left out."""
        wanted = [word for word in self.rows[name].get(field, "").split() if not word.startswith("!")]
        found = dict.fromkeys(real for word in wanted if (real := self.real(word)) is not None and real != name)
        return list(found)

    def closure(self, wanted: Iterable[str]) -> list[str]:
        """All packages that these lead to, sorted, with those that then come by themselves."""
        found: set[str] = set()
        waiting = [real for name in wanted if (real := self.real(name)) is not None]
        conditional = [name for name, row in self.rows.items() if "i" in row and not name.endswith(_ASIDE)]
        while waiting:
            while waiting:
                name = waiting.pop()
                if name not in found:
                    found.add(name)
                    waiting += self.names(name, "D")
            waiting = [name for name in conditional if name not in found and found.issuperset(self.when(name))]
        return sorted(found)

    def when(self, name: str) -> list[str]:
        """The packages that bring this one along."""
        return self.names(name, "i")

    def lines(self, wanted: Iterable[str]) -> Iterable[str]:
        """The YAML of `packages` and `aliases`."""
        wanted = sorted({*wanted, *_BASE})
        names = self.closure(wanted)
        yield f"  base: [{', '.join(name for name in self.closure(_BASE))}]"
        yield "  packages:"
        for name in names:
            row = self.rows[name]
            fields = [f"installed: {row['I']}", f"archive: {row['S']}"]
            fields += [
                f"{key}: [{', '.join(found)}]"
                for key, field in (("needs", "D"), ("when", "i"))
                if (found := self.names(name, field)) and (key == "needs" or not name.endswith(_ASIDE))
            ]
            yield f"    {_quoted(name)}: {{{', '.join(fields)}}}"
        yield "  aliases:"
        for name in wanted:
            real = self.real(name)
            if real is not None and real != name:
                yield f"    {_quoted(name)}: {_quoted(real)}"


def _bare(dependency: str) -> str:
    return re.split(r"[=<>~]", dependency, maxsplit=1)[0]


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z][a-z0-9_+.-]*", name) and name not in ("y", "n", "yes", "no") else f'"{name}"'


def main(arguments: list[str]) -> int:
    """Print the rows; returns the exit code."""
    if len(arguments) < 3:
        sys.stderr.write(__doc__ or "")
        return 2
    from slimstage.knowledge.base import KnowledgeBase

    knowledge = KnowledgeBase()
    release, date, path, *names = arguments
    names += [name for manager, name in knowledge.system_packages if manager == "apk"]
    known = knowledge.alpine
    if known is not None:
        names += [*known.packages, *known.aliases]
    sys.stdout.write(f'"{release}":\n  source: alpine-index\n  date: "{date}"\n')
    for line in Index(Path(path).read_text(encoding="utf-8")).lines(names):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
