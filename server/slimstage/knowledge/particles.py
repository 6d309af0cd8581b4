"""Korean particles after a word that is filled in: 을 or 를, 이 or 가, by how the word ends.

Texts write both, as in `{name}을(를)`. Where the ending is sure (Hangul, a digit, most letters) the right one stays;
where the reading of a foreign word is not known, both stay, as is usual in Korean user interfaces.
"""

from __future__ import annotations

import re
from typing import Literal

from slimstage.text import lazy_pattern

# What a word ends in: a vowel, the consonant ㄹ (which 로 treats like a vowel), or another consonant.
Ending = Literal["vowel", "rieul", "consonant"]

# As written -> (after a consonant, after a vowel).
_PAIRS = {
    "을(를)": ("을", "를"),
    "이(가)": ("이", "가"),
    "은(는)": ("은", "는"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}
_PARTICLE = lazy_pattern("|".join(map(re.escape, _PAIRS)))
_CLOSING = "`'\"”’*_"
_DIGITS: dict[str, Ending] = {
    "0": "consonant", "1": "rieul", "2": "vowel", "3": "consonant", "4": "vowel",
    "5": "vowel", "6": "consonant", "7": "rieul", "8": "rieul", "9": "vowel",
}  # fmt: skip
# Letters whose reading at the end of a word is nearly always the same; t, k, p, b, c, g and e are not among them.
_LETTERS: dict[str, Ending] = {
    **dict.fromkeys("adfhijoqrsuvwxyz", "vowel"),
    **dict.fromkeys("mn", "consonant"),
    "l": "rieul",
}
# Words of the field that the letters do not tell.
_WORDS: dict[str, Ending] = {
    **dict.fromkeys(
        "apache apk apt arg base cache cmake entrypoint expose flask gb gcc healthcheck image kb latest libc libgcc "
        "make mb name node package source stage target type".split(),
        "vowel",
    ),
    **dict.fromkeys("apt-get git pip pip3 pipx pipeline volume wget".split(), "consonant"),
}


def with_particles(text: str) -> str:
    """`text` with every double particle that can be decided replaced by the right one. Never raises."""
    return _PARTICLE.sub(_chosen, text)


def needs_particles(template: str) -> bool:
    """Whether a text holds a double particle."""
    return _PARTICLE.search(template) is not None


def _chosen(found: re.Match[str]) -> str:
    ending = _ending(found.string[: found.start()])
    if ending is None:
        return found.group()
    consonant, vowel = _PAIRS[found.group()]
    if consonant == "으로":
        return consonant if ending == "consonant" else vowel
    return vowel if ending == "vowel" else consonant


def _ending(before: str) -> Ending | None:
    """How the last word before a particle ends; None when nobody can tell."""
    before = before.rstrip(_CLOSING)
    if before.endswith(")"):  # a particle follows the word, not what is bracketed behind it
        before = before[: max(before.rfind("("), 0)].rstrip().rstrip(_CLOSING)
    if not before:
        return None
    last = before[-1]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "vowel" if final == 0 else "rieul" if final == 8 else "consonant"
    if last in _DIGITS:
        return _DIGITS[last]
    word = re.split(r"[^0-9a-z-]", before[-40:].lower())[-1]
    known = _WORDS.get(word) or _WORDS.get(word.rpartition("-")[2])
    if known is not None:
        return known
    if last.lower() == "g" and word.endswith("ng"):
        return "consonant"
    if word.isdecimal() or not last.isascii():
        return None
    return _LETTERS.get(last.lower())
