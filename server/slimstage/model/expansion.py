"""BuildKit's word expansion: quotes, escapes and `$variables` of an instruction's arguments.

Follows BuildKit's frontend/dockerfile/shell/lex.go (read 2026-11), function by function: what it refuses
has no value here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from slimstage.text import lazy_pattern

_MAX_DEPTH = 20
_MAX_LENGTH = 65_536  # `ENV A=$A$A` over and over doubles; beyond this a value counts as not known
_MAX_STARS = 3  # each star multiplies the time a pattern may take
_NAME = lazy_pattern(r"[0-9]+|[@*#?$!-]|[^\W\d]\w*")


class Unset(Enum):
    """Why a variable has no value: not defined at all, or defined but not known here."""

    UNDEFINED = "undefined"
    UNKNOWN = "unknown"


Lookup = Callable[[str], "str | Unset"]


class Expansion(NamedTuple):
    """An expanded word; `value` is None when it depends on something not known here, or BuildKit refuses it."""

    value: str | None
    undefined: tuple[str, ...] = ()


class _Unknown(Exception):
    """The word has no value before the build."""


def expand(raw: str, lookup: Lookup, escape: str = "\\") -> Expansion:
    """Expand one word as BuildKit does; undefined variables become empty."""
    if "$" not in raw and "'" not in raw and '"' not in raw and escape not in raw:
        return Expansion(raw)
    lexer = _Lexer(raw, lookup, escape)
    try:
        value = lexer.until("", raw_escapes=False)
    except _Unknown:
        return Expansion(None, tuple(lexer.undefined))
    return Expansion(value if len(value) <= _MAX_LENGTH else None, tuple(lexer.undefined))


class _Lexer:
    def __init__(self, raw: str, lookup: Lookup, escape: str) -> None:
        self.raw, self.lookup, self.escape = raw, lookup, escape
        self.at = 0
        self.depth = 0
        self.undefined: list[str] = []

    def peek(self) -> str:
        return self.raw[self.at : self.at + 1]

    def next(self) -> str:
        character = self.raw[self.at : self.at + 1]
        self.at += 1
        return character

    def until(self, stop: str, *, raw_escapes: bool) -> str:
        """Expand up to `stop` (processStopOn); "" stands for the end of the word."""
        if self.depth > _MAX_DEPTH:
            raise _Unknown
        self.depth += 1
        out: list[str] = []
        while self.at < len(self.raw):
            character = self.next()
            if character == stop:
                self.depth -= 1
                return "".join(out)
            if character == "$":
                out.append(self.dollar())
            elif character == "'":
                out.append(self.single_quoted())
            elif character == '"':
                out.append(self.double_quoted(raw_escapes=raw_escapes))
            elif character == self.escape:
                if raw_escapes:
                    out.append(character)
                out.append(self.next())
            else:
                out.append(character)
        if stop:
            raise _Unknown
        self.depth -= 1
        return "".join(out)

    def single_quoted(self) -> str:
        close = self.raw.find("'", self.at)
        if close < 0:
            raise _Unknown
        start, self.at = self.at, close + 1
        return self.raw[start:close]

    def double_quoted(self, *, raw_escapes: bool) -> str:
        out: list[str] = []
        while self.at < len(self.raw):
            character = self.next()
            if character == '"':
                return "".join(out)
            if character == "$":
                out.append(self.dollar())
            elif character == self.escape:
                following = self.peek()
                if raw_escapes or following not in ('"', "$", self.escape):
                    out.append(character)
                if following in ('"', "$", self.escape):
                    out.append(self.next())
            else:
                out.append(character)
        raise _Unknown

    def dollar(self) -> str:
        """Expand the reference after a `$` (processDollar)."""
        if self.peek() != "{":
            match = _NAME.match(self.raw, self.at)
            if match is None:
                return "$"
            self.at = match.end()
            return self.value(match[0])
        match = _NAME.match(self.raw, self.at + 1)
        if match is None:
            raise _Unknown
        self.at = match.end()
        name, operator = match[0], self.next()
        if operator == "}":
            return self.value(name)
        if operator == "/":
            return self.replaced(name)
        colon = operator == ":"
        if colon:
            operator = self.next()
        if operator in ("-", "+", "?"):
            word = self.until("}", raw_escapes=False)
            return self.defaulted(name, operator, word, colon=colon)
        if operator in ("#", "%") and not colon:
            word = self.until("}", raw_escapes=True)
            greedy = word.startswith(operator)
            return _trimmed(self.known(name), word[1:] if greedy else word, greedy=greedy, at_end=operator == "%")
        raise _Unknown

    def value(self, name: str) -> str:
        found = self.lookup(name)
        if found is Unset.UNDEFINED:
            self.undefined.append(name)
        return self.known(name)

    def known(self, name: str) -> str:
        found = self.lookup(name)
        if found is Unset.UNDEFINED:
            return ""
        if isinstance(found, Unset):
            raise _Unknown
        return found

    def defaulted(self, name: str, operator: str, word: str, *, colon: bool) -> str:
        text = self.known(name)
        is_set = self.lookup(name) is not Unset.UNDEFINED and not (colon and not text)
        if operator == "+":
            return word if is_set else ""
        if is_set:
            return text
        if operator == "-":
            return word
        raise _Unknown  # `?`: the build stops here

    def replaced(self, name: str) -> str:
        every = self.peek() == "/"
        if every:
            self.at += 1
        pattern = self.until("/", raw_escapes=True)
        replacement = self.until("}", raw_escapes=True)
        return _regex(pattern, greedy=True).sub(lambda _: replacement, self.known(name), count=0 if every else 1)


def _trimmed(text: str, pattern: str, *, greedy: bool, at_end: bool) -> str:
    if at_end:  # BuildKit reverses both to find the shortest match at the end
        return _trimmed(text[::-1], _reversed(pattern), greedy=greedy, at_end=False)[::-1]
    match = _regex(pattern, greedy=greedy).match(text)
    return text[match.end() :] if match else text


def _reversed(pattern: str) -> str:
    return "".join(reversed(re.findall(r"\\.|.", pattern, re.DOTALL)))


def _regex(pattern: str, *, greedy: bool) -> re.Pattern[str]:
    """A shell pattern without bracket expressions as a regular expression (convertShellPatternToRegex)."""
    if pattern.count("*") > _MAX_STARS:
        raise _Unknown
    out: list[str] = []
    for piece in re.findall(r"\\.|.", pattern, re.DOTALL):
        if piece == "*":
            out.append(".*" if greedy else ".*?")
        elif piece == "?":
            out.append(".")
        elif len(piece) == 2:
            if piece[1] not in "}/*?\\":
                raise _Unknown
            out.append(re.escape(piece[1]))
        else:
            out.append(re.escape(piece))
    return re.compile("".join(out))
