"""A name that somebody may have meant; says nothing rather than something far-fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from string import ascii_lowercase

_LEAST = 4


def similar(name: str, known: Collection[str]) -> str | None:
    """The known name that a slip of the fingers made this of; None for a known name, or when two may be meant.

    Most names that no table holds exist all the same (`aiofiles` beside `aiofile`, `wandb` beside `wand`). So only
    slips count that hardly make a name of its own: two letters swapped, one written twice, one left out inside.
    """
    if name in known or len(name) < _LEAST:
        return None
    found = {one for one in _slips(name) if one in known}
    return found.pop() if len(found) == 1 else None


def _slips(name: str) -> Iterator[str]:
    """What was to be written, if this is a slip."""
    for at in range(len(name) - 1):
        first, second = name[at], name[at + 1]
        if first == second:
            yield name[:at] + name[at + 1 :]
        elif at and first.isalpha() and second.isalpha():
            yield name[:at] + second + first + name[at + 2 :]
    for at in range(1, len(name)):
        if name[at - 1].isalpha() and name[at].isalpha():
            yield from (name[:at] + letter + name[at:] for letter in ascii_lowercase)
