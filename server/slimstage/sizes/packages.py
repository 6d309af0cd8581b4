"""What installing distribution packages adds to an image, from the knowledge base's measured figures.

One measured figure stands for one request on the slim base of a release. The figures of several requests
overlap (their dependencies are shared), so their union is an interval: at least the largest, at most the sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from slimstage.sizes import Size, exactly

if TYPE_CHECKING:
    from slimstage.knowledge import Claim, KnowledgeBase

# build-essential depends on these (Debian package index, bookworm and trixie), so they add nothing beside it.
_INCLUDED = {
    "build-essential": frozenset({"gcc", "g++", "make", "libc6-dev", "dpkg-dev", "cpp", "binutils"}),
    "g++": frozenset({"gcc", "libc6-dev", "cpp", "binutils"}),
    "gcc": frozenset({"cpp", "binutils"}),
}


def added_by_apt(
    knowledge: KnowledgeBase, release: str | None, names: Iterable[str], *, recommends: bool
) -> Size | None:
    """Bytes that installing `names` together adds to the slim base of a Debian release.

    A package without a figure counts from 0 on when another has one, with no upper bound of its own known:
    then the result is a lower bound only (`high` is `low`), and None when no package has a figure.
    """
    wanted = set(names)
    if release is None or not wanted:
        return None
    for name in tuple(wanted):
        wanted -= _INCLUDED.get(name, frozenset())
    figures: list[Size] = []
    complete = True
    for name in sorted(wanted):
        record = knowledge.system_package("apt", name)
        figure = _figure(record.added, release, recommends) if record is not None else None
        if figure is None:
            complete = False
        else:
            figures.append(figure)
    if not figures:
        return None
    if len(figures) == 1 and complete:
        return figures[0]
    largest = max(figures, key=lambda figure: figure.low)
    high = sum(figure.high for figure in figures) if complete else largest.low
    sources = tuple(dict.fromkeys(source for figure in figures for source in figure.sources))
    return Size(largest.bytes, largest.low, max(high, largest.low), "computed", sources)


def apt_lists(knowledge: KnowledgeBase, release: str | None) -> Size | None:
    """Bytes of the package lists that `apt-get update` leaves in /var/lib/apt/lists, or None."""
    concept = knowledge.concepts.get("apt-lists")
    if concept is None or release is None:
        return None
    return _figure(concept.claims, release, recommends=False)


def _figure(claims: Iterable[Claim], release: str, recommends: bool) -> Size | None:
    """The figure measured on that release; without recommends it is a lower bound for an install with them."""
    found: dict[str, Claim] = {}
    for claim in claims:
        if release in claim.subject and claim.unit == "bytes":
            found.setdefault(claim.quantity, claim)
    exact = found.get("added-with-recommends" if recommends else "added") or found.get("lists")
    if exact is not None:
        return Size(int(exact.value), int(exact.low), int(exact.high), exact.basis, (exact.source,))
    least = found.get("added")
    return None if least is None else exactly(int(least.value), "computed", least.source)


def image_size(knowledge: KnowledgeBase, repository: str, tag: str | None) -> Size | None:
    """Bytes on disk of an image the knowledge base knows exactly, or None."""
    match = knowledge.image(repository, tag)
    if match is None or not match.exact or match.image.disk is None:
        return None
    claim = match.image.disk
    factor = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}.get(claim.unit)
    if factor is None:
        return None
    if claim.low == claim.high:
        return exactly(int(claim.value * factor), claim.basis, claim.source)
    low, high = int(claim.low * factor), int(claim.high * factor)
    return Size(int(claim.value * factor), low, high, claim.basis, (claim.source,))
