"""Source text, spans and positions: offsets inside, lines and code units at the edge."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class _Pattern:
    """Compiles its expression when it is first used."""

    def __init__(self, expression: str, flags: int) -> None:
        self._expression = expression
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # Kept on the instance, so that the next use finds the compiled pattern's own method.
        value = self.__dict__[name] = getattr(re.compile(self._expression, self._flags), name)
        return value


def lazy_pattern(expression: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression that costs nothing until it is used: start-up compiles none of those a file does not need.

    What cannot be compiled raises `re.error` at the first use; `tests/test_text.py` uses every one.
    """
    return cast("re.Pattern[str]", _Pattern(expression, flags))


def close_matches(word: str, known: Iterable[str], n: int = 1, cutoff: float = 0.6) -> list[str]:
    """The known words most like `word`, best first, for "did you mean"; empty when none is near."""
    from difflib import get_close_matches  # here, since few files are misspelt and every start would pay

    return get_close_matches(word, list(known), n, cutoff)


_LINE_END = lazy_pattern(r"\r\n|\n|\r")


class Span(NamedTuple):
    """A half-open range of offsets (Python string indices, so Unicode code points)."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        """The same range, moved by `by` code points."""
        return Span(self.start + by, self.end + by)

    def covers(self, offset: int) -> bool:
        """Whether a cursor at `offset` touches the range; both ends count, as editors see it."""
        return self.start <= offset <= self.end


class Position(NamedTuple):
    """A zero-based line and a zero-based column; the column's unit is the caller's encoding."""

    line: int
    character: int


class SourceText:
    """An immutable text with a line index; lines end at LF, CRLF or a lone CR, as in LSP."""

    __slots__ = ("__dict__", "text")

    def __init__(self, text: str) -> None:
        self.text = text

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of every line; never empty."""
        if "\r" not in self.text:
            starts = [0]
            find, at = self.text.find, -1
            while (at := find("\n", at + 1)) >= 0:
                starts.append(at + 1)
            return starts
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def is_ascii(self) -> bool:
        """Whether columns are the same in every encoding."""
        return self.text.isascii()

    def line_span(self, line: int) -> Span:
        """The span of a line without its line end; lines beyond the text are empty at its end."""
        starts = self.line_starts
        if line >= len(starts):
            return Span(len(self.text), len(self.text))
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        while end > starts[line] and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(starts[line], end)

    def line_of(self, offset: int) -> int:
        """The zero-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def position(self, offset: int, encoding: Encoding = "utf-32") -> Position:
        """Line and column of `offset`, the column counted in code units of `encoding`."""
        offset = min(max(offset, 0), len(self.text))
        line = self.line_of(offset)
        start = self.line_starts[line]
        if encoding == "utf-32" or self.is_ascii:
            return Position(line, offset - start)
        return Position(line, code_units(self.text[start:offset], encoding))

    def offset(self, line: int, character: int, encoding: Encoding = "utf-32") -> int:
        """The offset of a position; one beyond a line or the text is clamped to its end.

        A column inside a surrogate pair or a multi-byte sequence falls back to the
        character's start.
        """
        if line < 0:
            return 0
        if line >= len(self.line_starts):
            return len(self.text)
        span = self.line_span(line)
        character = max(character, 0)
        if encoding == "utf-32" or self.is_ascii:
            return min(span.start + character, span.end)
        units = 0
        for index in range(span.start, span.end):
            width = code_units(self.text[index], encoding)
            if units + width > character:
                return index
            units += width
        return span.end

    def replaced(self, span: Span, new: str) -> SourceText:
        """A new text with `span` replaced by `new`; a line index that is there already is carried over."""
        result = SourceText(self.text[: span.start] + new + self.text[span.end :])
        starts: list[int] | None = self.__dict__.get("line_starts")
        if starts is not None and "\r" not in new and "\r" not in self.text:
            first, last = bisect_right(starts, span.start), bisect_right(starts, span.end)
            inserted = [span.start + match.end() for match in _LINE_END.finditer(new)]
            shift = len(new) - (span.end - span.start)
            tail = [start + shift for start in starts[last:]] if shift else starts[last:]
            result.__dict__["line_starts"] = [*starts[:first], *inserted, *tail]
        return result

    def edited(self, edits: Iterable[tuple[Span, str]]) -> SourceText:
        """A new text with several non-overlapping replacements; insertions at one offset keep their order."""
        parts: list[str] = []
        at = 0
        for span, new in sorted(edits, key=lambda edit: edit[0]):
            parts += (self.text[at : max(span.start, at)], new)
            at = max(span.end, at)
        parts.append(self.text[at:])
        return SourceText("".join(parts))


def code_units(text: str, encoding: Encoding) -> int:
    """The length of `text` in code units: bytes, UTF-16 units or code points."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text) + sum(character > "\uffff" for character in text)
    return len(text.encode("utf-8", "surrogatepass"))
