"""Tokens of an item, computed when somebody asks: every character in exactly one."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from slimstage.syntax.nodes import Token, TokenKind
from slimstage.syntax.words import BLANKS

BOM = "\ufeff"
Pairs = tuple[tuple[int, int], ...]


@dataclass(slots=True, eq=False)
class Layout:
    """Where an instruction's parts are.

    `marks` are logical ranges with their kind, in order; `segments` map logical offsets to the item;
    `gaps` are the stretches between two pieces of the logical line (continuation, comments, blank
    lines); `heredocs` are body and end of each heredoc.
    """

    first: bool
    marks: tuple[tuple[int, int, TokenKind], ...]
    segments: Pairs
    gaps: Pairs
    heredocs: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    def __call__(self, text: str) -> tuple[Token, ...]:
        """The tokens of the instruction with this text."""
        tokens: list[Token] = []
        at = _bom(text, self.first, tokens)
        size = self.heredocs[0][0][0] if self.heredocs else len(text)
        pieces = self._pieces()
        index = 0
        for gap_start, gap_end in (*self.gaps, (size, size)):
            while at < gap_start:
                while index < len(pieces) and pieces[index].start < at:
                    index += 1
                if index < len(pieces) and pieces[index].start == at:
                    tokens.append(pieces[index])
                    at = pieces[index].end
                    continue
                stop = min(gap_start, pieces[index].start) if index < len(pieces) else gap_start
                _line(tokens, TokenKind.TEXT, at, text[at:stop])
                at = stop
            _gap(tokens, text, gap_start, gap_end)
            at = gap_end
        for body, end in self.heredocs:
            if body[1] > body[0]:
                tokens.append(Token(TokenKind.HEREDOC_BODY, *body))
            if end[1] > end[0]:
                tokens.append(Token(TokenKind.HEREDOC_END, *end))
        return tuple(tokens)

    def _pieces(self) -> list[Token]:
        """The marks as tokens of the item, cut where the logical line is cut."""
        out = []
        segments = self.segments
        for start, end, kind in sorted(self.marks):
            index = max(bisect_right(segments, start, key=_logical) - 1, 0)
            at = start
            while at < end:
                logical, physical = segments[index]
                stop = min(end, segments[index + 1][0]) if index + 1 < len(segments) else end
                out.append(Token(kind, physical + at - logical, physical + stop - logical))
                at = stop
                index += 1
        return out


def _logical(segment: tuple[int, int]) -> int:
    return segment[0]


@dataclass(slots=True, eq=False)
class Lines:
    """The layout of a comment, a directive or blank lines."""

    first: bool
    kind: TokenKind

    def __call__(self, text: str) -> tuple[Token, ...]:
        """The tokens of the lines."""
        tokens: list[Token] = []
        at = _bom(text, self.first, tokens)
        while at < len(text):
            end = text.find("\n", at) + 1 or len(text)
            _line(tokens, self.kind, at, text[at:end])
            at = end
        return tuple(tokens)


def _bom(text: str, first: bool, tokens: list[Token]) -> int:
    if first and text.startswith(BOM):
        tokens.append(Token(TokenKind.BOM, 0, 1))
        return 1
    return 0


def _gap(tokens: list[Token], text: str, start: int, stop: int) -> None:
    """A continuation and the comments, blank lines and bare continuations behind it."""
    at = start
    while at < stop:
        end = text.find("\n", at, stop) + 1 or stop
        line = text[at:end]
        shown = line.strip(BLANKS)
        if not shown or shown[0] == "#":
            _line(tokens, TokenKind.COMMENT, at, line)
        else:
            tokens.append(Token(TokenKind.CONTINUATION, at, end))
        at = end


def _line(tokens: list[Token], kind: TokenKind, at: int, raw: str) -> None:
    """Blanks, text of `kind`, blanks, line end."""
    body = raw.rstrip("\r\n")
    shown = body.lstrip(BLANKS)
    text = shown.rstrip(BLANKS)
    first = at + len(body) - len(shown)
    last = first + len(text)
    if not text:
        first = last = at
    if first > at:
        tokens.append(Token(TokenKind.SPACE, at, first))
    if last > first:
        tokens.append(Token(kind, first, last))
    if at + len(body) > last:
        tokens.append(Token(TokenKind.SPACE, last, at + len(body)))
    if len(raw) > len(body):
        tokens.append(Token(TokenKind.NEWLINE, at + len(body), at + len(raw)))
