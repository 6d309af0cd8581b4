"""A name that somebody may have meant; says nothing rather than something far-fetched."""

from __future__ import annotations

from collections.abc import Collection

_CLOSE = 0.86


def similar(name: str, known: Collection[str]) -> str | None:
    """The known name that a misspelt one looks like; None for a known name, or one that may well be another's.

    `flask2` and `flask-admin` are names of their own: only letters may differ, and hardly in number.
    """
    if name in known or len(name) < 4:
        return None
    from difflib import get_close_matches  # here, since few files name a package nobody knows

    shape = _shape(name)
    near = [one for one in known if one[:1] == name[:1] and abs(len(one) - len(name)) < 2 and _shape(one) == shape]
    found = get_close_matches(name, near, n=1, cutoff=_CLOSE)
    return found[0] if found else None


def _shape(name: str) -> str:
    """The characters that are no letters."""
    return "".join(character for character in name if not character.isalpha())
