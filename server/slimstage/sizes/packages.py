"""What installing distribution packages adds to an image, for rules and rewrites that speak of a few packages.

A figure measured for the very request goes before the sum over its closure in the release's package table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from slimstage.sizes import Size, exactly

if TYPE_CHECKING:
    from slimstage.knowledge import Claim, KnowledgeBase


def added_by_apt(
    knowledge: KnowledgeBase, release: str | None, names: Iterable[str], *, recommends: bool
) -> Size | None:
    """Bytes that installing `names` together adds to the slim base of a Debian release.

    None when the release has no table or none of the packages. With only some of them in it the result is a lower
    bound (`high` is `low`).
    """
    wanted = sorted(set(names))
    packages = knowledge.debian(release)
    if packages is None or not wanted:
        return None
    if len(wanted) == 1 and release is not None:
        record = knowledge.system_package("apt", wanted[0])
        figure = _figure(record.added, release, recommends) if record is not None else None
        if figure is not None and figure.basis == "measured":
            return figure
    from slimstage.sizes.apt import closure  # here: it reads a table that few files need

    found = closure(packages.table, wanted, packages.slim, recommends=recommends)
    if len(found.unknown) == len(wanted):
        return None
    if found.unknown:
        return Size(found.disk.low, found.disk.low, found.disk.low, "computed", found.disk.sources)
    return found.disk


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
