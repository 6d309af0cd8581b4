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

    @property
    def shown(self) -> tuple[str, ...]:
        """In decimal units as image tools print them: one figure, or the two ends of a wide interval."""
        if self.high - self.low > abs(self.bytes) * 0.05 and self.low >= 0:
            return (decimal(self.low), decimal(self.high))
        return (decimal(self.bytes),)

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


NOTHING = exactly(0, "measured")


def decimal(count: int) -> str:
    """Bytes in the largest unit that keeps the number at 1 or above, one decimal below 100."""
    value, unit = float(count), "B"
    for following in ("kB", "MB", "GB"):
        if abs(value) < 1000:
            break
        value, unit = value / 1000, following
    return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 100 else f"{value:.1f} {unit}"
