"""Which distribution packages the final stage keeps, and the line that installs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from slimstage.knowledge import KnowledgeBase
from slimstage.model.installed import InstalledPackage
from slimstage.model.python import BaseFacts
from slimstage.rewrites.conversion import Refused
from slimstage.rewrites.needs import is_wanted

# A library's package bears its version: libzip4, libjpeg62-turbo, libicu72, libpng16-16t64.
# apt and dpkg depend on them, so that no image of Debian or Ubuntu is without.
_IN_EVERY_DEBIAN = frozenset(("libc6", "libgcc-s1", "libstdc++6", "zlib1g", "liblzma5", "libbz2-1.0"))


class RuntimePackages(NamedTuple):
    """`names` as they go on the command line (pins kept), `recommends` whether they came with recommended ones.

    `dropped` are the build packages left behind; `twins` maps a -dev package to what stands for it.
    """

    names: tuple[str, ...]
    recommends: bool
    dropped: tuple[str, ...]
    twins: dict[str, tuple[str, ...]]
    upgrade: bool = False


def runtime_packages(
    installed: Iterable[InstalledPackage],
    knowledge: KnowledgeBase,
    base: BaseFacts,
    words: frozenset[str],
    extra: Sequence[str] = (),
    build_only: frozenset[str] = frozenset(),
) -> RuntimePackages:
    """What is left of the installed packages when nothing is compiled any more.

    Raises `Refused` when a program of a build package is started at run time, or when the run-time libraries of
    a development package are not known.
    """
    names: list[str] = []
    dropped: list[str] = []
    twins: dict[str, tuple[str, ...]] = {}
    recommends = False
    for package in installed:
        if package.is_build or package.name in build_only:
            if is_wanted(package.name, words):
                raise Refused("tool-needed-at-run-time", package.place, package=package.name)
            dropped.append(package.name)
            found = run_time_twins(knowledge, package, base.release)
            if found is None:
                raise Refused("unknown-twin", package.place, package=package.name)
            kept = tuple(name for name in found if name not in base.contents)
            if found:
                twins[package.name] = kept
            names += kept
        else:
            names.append(package.word.raw)
            recommends = recommends or not package.operation.has("no-install-recommends")
    if base.manager == "apk":
        names = [name for name in names if name != "musl"]
        # What gcc and g++ compile is linked with these; Debian's base holds them, Alpine's does not.
        if {"g++", "build-base"} & set(dropped):
            names.append("libstdc++")
        elif "gcc" in dropped:
            names.append("libgcc")
    if base.manager == "apt":
        names = [name for name in names if name not in _IN_EVERY_DEBIAN]
    names += [name for name in extra if name not in base.contents and name not in _IN_EVERY_DEBIAN]
    return RuntimePackages(
        tuple(dict.fromkeys(names)), recommends and bool(names), tuple(dict.fromkeys(dropped)), twins
    )


def run_time_twins(knowledge: KnowledgeBase, package: InstalledPackage, release: str | None) -> tuple[str, ...] | None:
    """The run-time packages of a development package; empty when it needs none, None when nobody knows."""
    found = knowledge.twins(package.manager, package.name, release)
    if found or package.record is None or package.record.role != "dev":
        return found
    known = knowledge.system_packages.get((package.manager, package.name))
    if package.manager == "apt" and (known is None or known.twins) and release is not None:
        return indexed_twins(knowledge, package.name, release)
    if known is None:
        return None
    if release is None and len(set(known.twins.values())) == 1:
        return next(iter(known.twins.values()))
    return None if known.twins else ()


def indexed_twins(knowledge: KnowledgeBase, name: str, release: str | None) -> tuple[str, ...] | None:
    """The libraries that a development package of a Debian release stands for, by the release's package table.

    None when the table names none.
    """
    found = knowledge.debian(release)
    if found is None:
        return None
    return tuple(one for one in found.table.twins(name) if one not in _IN_EVERY_DEBIAN) or None


def install_line(manager: str, names: Sequence[str], newline: str, escape: str, *, recommends: bool) -> str:
    """The RUN that installs packages and leaves no index behind."""
    joined = " ".join(names)
    if manager == "apk":
        return f"RUN apk add --no-cache {joined}"
    if manager == "dnf":
        return f"RUN dnf install -y {joined} {escape}{newline}    && dnf clean all"
    flag = "" if recommends else " --no-install-recommends"
    parts = ("RUN apt-get update", f"apt-get install -y{flag} {joined}", "rm -rf /var/lib/apt/lists/*")
    return f" {escape}{newline}    && ".join(parts)
