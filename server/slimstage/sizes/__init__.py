"""Sizes in bytes, each with the interval it surely lies in and how it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "indexed", "documented", "computed", "assumed"]
_WEAKER: tuple[Basis, ...] = ("measured", "indexed", "documented", "computed", "assumed")


@dataclass(slots=True, frozen=True)
class Size:
    """Bytes with `low <= bytes <= high`; the basis is that of the weakest part."""

    bytes: int
    low: int
    high: int
    basis: Basis
    sources: tuple[str, ...] = ()

    def __add__(self, other: Size) -> Size:
        """The sum of two sizes that share nothing."""
        return Size(
            self.bytes + other.bytes,
            self.low + other.low,
            self.high + other.high,
            max(self.basis, other.basis, key=_WEAKER.index),
            tuple(dict.fromkeys(self.sources + other.sources)),
        )

    def __sub__(self, other: Size) -> Size:
        """What is saved when `other` takes this one's place; may be negative."""
        return Size(
            self.bytes - other.bytes,
            self.low - other.high,
            self.high - other.low,
            max(self.basis, other.basis, key=_WEAKER.index),
            tuple(dict.fromkeys(self.sources + other.sources)),
        )


def exactly(count: int, basis: Basis, *sources: str) -> Size:
    """A size without an interval."""
    return Size(count, count, count, basis, sources)
