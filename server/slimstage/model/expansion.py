"""BuildKit's word expansion: quotes, escapes and `$variables` of an instruction's arguments.

Follows BuildKit's frontend/dockerfile/shell/lex.go (read 2026-11): a single-quoted stretch is
literal, a double-quoted one expands, the escape character quotes the next character, `${v:-w}`
and its kin work as in a shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

_MAX_DEPTH = 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?!$-]")


class Unset(Enum):
    """Why a variable has no value: not defined at all, or defined but not known here."""

    UNDEFINED = "undefined"
    UNKNOWN = "unknown"


Lookup = Callable[[str], "str | Unset"]


@dataclass(slots=True, frozen=True)
class Expansion:
    """An expanded word; `value` is None when it depends on something not known here."""

    value: str | None
    undefined: tuple[str, ...] = ()


class _Unknown(Exception):
    """The word depends on a value nobody knows before the build."""


def expand(raw: str, lookup: Lookup, escape: str = "\\") -> Expansion:
    """Expand one word as BuildKit does; undefined variables become empty."""
    if not any(character in raw for character in ("$", "'", '"', escape)):
        return Expansion(raw)
    undefined: list[str] = []
    try:
        value = _Expander(lookup, escape, undefined).word(raw, 0)
    except _Unknown:
        return Expansion(None, tuple(undefined))
    return Expansion(value, tuple(undefined))


class _Expander:
    def __init__(self, lookup: Lookup, escape: str, undefined: list[str]) -> None:
        self.lookup, self.escape, self.undefined = lookup, escape, undefined

    def word(self, raw: str, depth: int) -> str:
        if depth > _MAX_DEPTH:
            raise _Unknown
        out: list[str] = []
        at, end, quote = 0, len(raw), ""
        while at < end:
            character = raw[at]
            if quote == "'":
                if character == "'":
                    quote = ""
                else:
                    out.append(character)
                at += 1
            elif character == self.escape and at + 1 < end:
                if quote and raw[at + 1] not in ('"', "$", self.escape):
                    out.append(character)
                out.append(raw[at + 1])
                at += 2
            elif character == '"':
                quote = "" if quote else '"'
                at += 1
            elif character == "'" and not quote:
                quote = "'"
                at += 1
            elif character == "$":
                at = self.variable(raw, at, out, depth)
            else:
                out.append(character)
                at += 1
        return "".join(out)

    def variable(self, raw: str, at: int, out: list[str], depth: int) -> int:
        """Expand the reference at `at`; returns the offset after it."""
        if raw.startswith("${", at):
            close = _closing_brace(raw, at + 2)
            out.append(self.braced(raw[at + 2 : close], depth))
            return close + 1
        match = _NAME.match(raw, at + 1)
        if match is None:
            out.append("$")
            return at + 1
        out.append(self.value(match[0]))
        return match.end()

    def value(self, name: str) -> str:
        found = self.lookup(name)
        if found is Unset.UNDEFINED:
            self.undefined.append(name)
            return ""
        if isinstance(found, Unset):
            raise _Unknown
        return found

    def braced(self, inside: str, depth: int) -> str:
        match = _NAME.match(inside)
        if match is None:
            raise _Unknown
        name, rest = match[0], inside[match.end() :]
        if not rest:
            return self.value(name)
        modifier = next((m for m in (":-", ":+", ":?", "##", "%%", "//", "-", "+", "?", "#", "%", "/") if rest.startswith(m)), None)
        if modifier is None:
            raise _Unknown
        word = rest[len(modifier) :]
        found = self.lookup(name)
        if found is Unset.UNKNOWN:
            raise _Unknown
        text = "" if isinstance(found, Unset) else found
        is_set = not isinstance(found, Unset) and (bool(text) or not modifier.startswith(":"))
        if modifier in (":-", "-"):
            return text if is_set else self.word(word, depth + 1)
        if modifier in (":+", "+"):
            return self.word(word, depth + 1) if is_set else ""
        if modifier in (":?", "?"):
            if not is_set:
                raise _Unknown
            return text
        if modifier in ("/", "//"):
            pattern, _, replacement = word.partition("/")
            regex = _glob(self.word(pattern, depth + 1), greedy=True)
            new = self.word(replacement, depth + 1)
            return re.sub(regex, lambda _: new, text, count=0 if modifier == "//" else 1)
        return _trim(text, self.word(word, depth + 1), modifier)


def _trim(text: str, pattern: str, modifier: str) -> str:
    regex = re.compile(_glob(pattern, greedy=True))
    if modifier.startswith("#"):
        lengths = range(len(text) + 1) if modifier == "#" else range(len(text), -1, -1)
        return next((text[n:] for n in lengths if regex.fullmatch(text, 0, n)), text)
    starts = range(len(text), -1, -1) if modifier == "%" else range(len(text) + 1)
    return next((text[:n] for n in starts if regex.fullmatch(text, n)), text)


def _glob(pattern: str, *, greedy: bool) -> str:
    star = ".*" if greedy else ".*?"
    return "(?s:" + "".join(star if c == "*" else "." if c == "?" else re.escape(c) for c in pattern) + ")"


def _closing_brace(raw: str, at: int) -> int:
    """The offset of the brace that closes `${`, or the text's end."""
    depth = 1
    while at < len(raw):
        if raw[at] == "\\":
            at += 1
        elif raw.startswith("${", at):
            depth += 1
            at += 1
        elif raw[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return at
