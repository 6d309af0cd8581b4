"""Did you mean: the accepted names closest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


def closest_names(name: str, accepted: Iterable[str], limit: int = 2) -> tuple[str, ...]:
    """The accepted names within `limit` edits, best first, then in the given order; case is free.

    An edit inserts, drops or replaces a letter, or swaps two neighbours. Half of a name's letters or
    more never count as a typo, so short names need fewer edits.
    """
    wanted = name.lower()
    ranked = []
    for position, candidate in enumerate(accepted):
        if abs(len(candidate) - len(wanted)) > limit:
            continue
        edits = distance(wanted, candidate.lower())
        if edits <= limit and edits * 2 < max(len(candidate), 2) and edits < max(len(wanted), 2):
            ranked.append((edits, position, candidate))
    return tuple(candidate for _, _, candidate in sorted(ranked))


@lru_cache(maxsize=32768)  # the same names meet at every keystroke
def distance(a: str, b: str) -> int:
    """Edits between two names (optimal string alignment); names are cut at 64 letters."""
    a, b = a[:64], b[:64]
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
