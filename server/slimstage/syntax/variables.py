"""Variable references: `$NAME`, `${NAME}` and `${NAME<modifier>word}` with their places.

Follows BuildKit's frontend/dockerfile/shell/lex.go (read 2026-11). A shell body goes through the same
reader with `in_shell=True`: then only plain names count, and what BuildKit would reject is no fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from slimstage.syntax.grammar import VARIABLE_MODIFIERS
from slimstage.syntax.nodes import VariableReference
from slimstage.text import Span, lazy_pattern

_MAX_DEPTH = 30
# BuildKit's processName: digits, one special parameter, or letters, digits and underscores.
_NAME = lazy_pattern(r"[0-9]+|[@*#?$!-]|\w+")
_SHELL_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = lazy_pattern(r"[^$'\"}\\`/]+")


class Fault(NamedTuple):
    """A reference BuildKit rejects; offsets count in the text that was read."""

    start: int
    end: int
    name: str
    modifier: str
    reason: str


class _Reader:
    def __init__(
        self, text: str, end: int, escape: str, span: Callable[[int, int], Span], in_shell: bool, quotes: bool
    ) -> None:
        self.text, self.end, self.escape, self.span = text, end, escape, span
        self.in_shell, self.quotes = in_shell, quotes
        self.faults: list[Fault] = []

    def read(self, at: int, stop: str, found: list[VariableReference], depth: int) -> int:
        """Collect the references from `at` to the unquoted `stop` (not consumed), or the end."""
        text, end, escape, quotes = self.text, self.end, self.escape, self.quotes
        double = False
        while at < end:
            plain = _PLAIN.match(text, at, end)
            if plain is not None:
                at = plain.end()
                if at >= end:
                    break
            character = text[at]
            if character == stop and not double:
                return at
            if character == escape:
                at += 2
            elif character == "$":
                at = self.reference(at, found, depth)
            elif character == "'" and quotes and not double:
                close = text.find("'", at + 1, end)
                at = end if close < 0 else close + 1
            elif character == '"' and quotes:
                double = not double
                at += 1
            else:
                at += 1
        return end

    def reference(self, at: int, found: list[VariableReference], depth: int) -> int:
        """Read the reference at the `$`; returns the offset after it."""
        text, end = self.text, self.end
        braced = at + 1 < end and text[at + 1] == "{"
        start = at + 2 if braced else at + 1
        match = (_SHELL_NAME if self.in_shell else _NAME).match(text, start, end)
        if not braced:
            if match is None:
                return at + 1
            found.append(VariableReference(match[0], self.span(at, match.end()), self.span(start, match.end())))
            return match.end()
        if match is None:
            return self.nameless(at, start)
        name, after = match[0], match.end()
        name_span = self.span(start, after)
        if after < end and text[after] == "}":
            found.append(VariableReference(name, self.span(at, after + 1), name_span, braced=True))
            return after + 1
        modifier = next((m for m in VARIABLE_MODIFIERS if text.startswith(m, after, end)), None)
        nested: list[VariableReference] = []
        word_start = after + len(modifier or "")
        deep = depth >= _MAX_DEPTH
        if deep:
            close = text.find("}", word_start, end)
            close = end if close < 0 else close
        elif modifier in ("/", "//"):
            slash = self.read(word_start, "/", nested, depth + 1)
            close = self.read(min(slash + 1, end), "}", nested, depth + 1)
            if slash < end <= close or slash >= end:
                close = end
        else:
            close = self.read(word_start, "}", nested, depth + 1)
        close = min(close, end)
        stop = min(close + 1, end)
        word: str | None = text[word_start:close]
        if modifier is None:
            modifier, word = text[after:close], None
            if close < end:
                self.faults.append(Fault(at, stop, name, modifier, "modifier"))
        if close >= end:
            self.faults.append(Fault(at, end, name, modifier, "unclosed"))
        found.append(VariableReference(name, self.span(at, stop), name_span, modifier, word, tuple(nested), True))
        return stop

    def nameless(self, at: int, start: int) -> int:
        text, end = self.text, self.end
        close = text.find("}", start, end)
        stop = end if close < 0 else close + 1
        if stop - at > 2 and close >= 0:
            self.faults.append(Fault(at, stop, "", text[start:close], "bad-substitution"))
        else:
            self.faults.append(Fault(at, stop, "", "", "unclosed"))
        return stop


def find_references(
    text: str,
    start: int,
    end: int,
    escape: str,
    span: Callable[[int, int], Span],
    *,
    in_shell: bool = False,
    quotes: bool = True,
) -> tuple[tuple[VariableReference, ...], list[Fault]]:
    """The references in text[start:end] in order, and what BuildKit would reject there.

    `span` turns offsets in `text` into the spans to store. `quotes=False` reads quotes as ordinary
    characters, as BuildKit does in heredoc bodies. Nested references hang on their parent.
    """
    if text.find("$", start, end) < 0:
        return (), []
    reader = _Reader(text, end, escape, span, in_shell, quotes)
    found: list[VariableReference] = []
    reader.read(start, "", found, 0)
    return tuple(found), [] if in_shell else reader.faults


def end_of_braced(text: str, at: int) -> int | None:
    """The offset after the `${...}` at `at`, or None when BuildKit rejects it."""
    reader = _Reader(text, len(text), "\\", Span, False, True)
    after = reader.reference(at, [], 0)
    return None if reader.faults else after
