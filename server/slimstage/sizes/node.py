"""What npm, yarn, pnpm and bun install, by their lock files.

A lock file names versions, not sizes: those come from packages measured in real installs (packages/npm.yaml), from
`node_modules` in the build context when it is there, and for the rest from the average of the measured ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from slimstage.context.locks import Locked
from slimstage.sizes import NOTHING, Size, exactly

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.knowledge import KnowledgeBase

SOURCE = "npm-installs"
# Packages that were in none of the first installs measured, in those measured later: 56 kB each. Half of all are below
# 26 kB, the mean of those below 5 MB is 164 kB.
_UNKNOWN, _UNKNOWN_LOW, _UNKNOWN_HIGH = 80_000, 25_000, 300_000
# Archives in the package index, relative to the files: JavaScript is mostly 0.2, binaries 0.4.
COMPRESSED, COMPRESSED_LOW, COMPRESSED_HIGH = 0.25, 0.15, 0.45


class NodeModules(NamedTuple):
    """A `node_modules` folder: its size, how many packages, and those nobody measured."""

    disk: Size
    packages: int
    unknown: tuple[str, ...]


def modules(
    knowledge: KnowledgeBase, packages: Iterable[Locked], context: BuildContext | None, folder: str | None
) -> NodeModules:
    """The size of these packages; `folder` is the context's node_modules that may show some of them."""
    if context is not None and (folder is None or not context.exists(folder)):
        context = None  # as in most projects: not one look per package
    known = measured = 0
    margin = 0.0
    unknown: list[str] = []
    count = 0
    for one in packages:
        count += 1
        size, distance = _size(knowledge, one)
        if size is None and context is not None and folder is not None:
            tree = context.tree(f"{folder}/{one.name}")
            size, distance = (tree.bytes, 0.1) if tree is not None and tree.files else (None, 0.0)
        if size is None:
            unknown.append(one.name)
        else:
            known += size
            measured += distance == 0
            margin += size * distance
    disk = NOTHING
    if known:
        slack = margin + known * 0.01
        disk = Size(known, round(known - slack), round(known + slack), "computed" if margin else "measured", (SOURCE,))
    if unknown:
        number = len(unknown)
        # Their sum is steadier than each: the interval narrows with the number.
        low = _UNKNOWN_LOW + (_UNKNOWN - _UNKNOWN_LOW) * min(number, 400) / 800
        high = _UNKNOWN_HIGH - (_UNKNOWN_HIGH - _UNKNOWN) * min(number, 400) / 800
        disk = disk + Size(number * _UNKNOWN, round(number * low), round(number * high), "assumed", (SOURCE,))
    return NodeModules(disk, count, tuple(dict.fromkeys(unknown)))


def closure(knowledge: KnowledgeBase, wanted: Mapping[str, str]) -> tuple[list[Locked], bool]:
    """What npm installs for these packages without a lock file, at any version; False when some of it is not known.

    `wanted` maps names to what a manifest asks for; only a plain version is taken from it.
    """
    found: dict[str, Locked] = {}
    complete = True
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        versions = knowledge.node_packages.get(name)
        asked = wanted.get(name, "").lstrip("^~=v")
        version = asked if re.fullmatch(r"[0-9][0-9A-Za-z.+-]*", asked) else ""
        if not version and versions:
            version = max(versions, key=_numbers)
        found[name] = Locked(name, version)
        complete = complete and versions is not None
        waiting += knowledge.node_needs.get(name, ())
    return list(found.values()), complete


def _size(knowledge: KnowledgeBase, one: Locked) -> tuple[int | None, float]:
    """Bytes of a package, and how far the measured version is away as a share."""
    versions = knowledge.node_sizes(one.name, one.version)
    if not versions:
        return None, 0.0
    if one.version in versions:
        return versions[one.version], 0.0
    nearest, same = _nearest(tuple(versions), one.version)
    return versions[nearest], 0.15 if same else 0.4


@lru_cache(maxsize=20_000)  # asked for every package of a lock file, again and again
def _nearest(versions: tuple[str, ...], version: str) -> tuple[str, bool]:
    """The nearest of several versions, and whether it has the same major number."""
    wanted = _numbers(version)
    nearest = min(versions, key=lambda other: _apart(_numbers(other), wanted))
    return nearest, _numbers(nearest)[:1] == wanted[:1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0])[:3])


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(abs(a - b) for a, b in zip(one, other, strict=False))


def evidence(context: BuildContext | None, folder: str) -> Size | None:
    """The size of a `node_modules` folder beside the Dockerfile; None when there is none."""
    tree = context.tree(folder) if context is not None else None
    if tree is None or not tree.files:
        return None
    count = tree.bytes
    return Size(
        count, round(count * 0.85), round(count * (1.15 if tree.complete else 3)), "computed", ("node_modules",)
    )


def archives(disk: Size) -> Size:
    """The compressed bytes of installed packages."""
    if disk is NOTHING:
        return exactly(0, "measured")
    low, high = round(disk.low * COMPRESSED_LOW), round(disk.high * COMPRESSED_HIGH)
    return Size(round(disk.bytes * COMPRESSED), low, high, "computed", disk.sources)
