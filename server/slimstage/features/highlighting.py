"""Semantic tokens: keywords, flags, stages, images and variables, in file order and without overlaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from slimstage.analysis import Analysis
from slimstage.features.places import uses_in
from slimstage.syntax.nodes import Instruction, Item, TokenKind
from slimstage.text import Span

Kind = Literal["keyword", "parameter", "namespace", "class", "variable", "comment", "macro", "operator"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_BY_TOKEN: dict[TokenKind, Kind] = {
    TokenKind.KEYWORD: "keyword",
    TokenKind.FLAG: "parameter",
    TokenKind.COMMENT: "comment",
    TokenKind.DIRECTIVE: "macro",
    TokenKind.HEREDOC_MARKER: "operator",
    TokenKind.HEREDOC_END: "operator",
}


class Highlight(NamedTuple):
    """A stretch of one line and what it is."""

    span: Span
    kind: Kind


def highlights(analysis: Analysis, within: Span | None = None) -> tuple[Highlight, ...]:
    """The tokens of the file, or of the items that touch `within`. A token never crosses a line end."""
    tree = analysis.dockerfile
    names: dict[int, list[Highlight]] = {}
    for stage in analysis.model.stages:
        if stage.name_word is not None:
            names.setdefault(id(stage.instruction), []).append(Highlight(stage.name_word.span, "namespace"))
    for reference in analysis.model.references:
        kind: Kind = "class" if reference.target_stage is None else "namespace"
        names.setdefault(id(reference.instruction), []).append(Highlight(reference.span, kind))
    found: list[Highlight] = []
    for start, item in zip(tree.starts, tree.items, strict=True):
        if within is None or (start <= within.end and within.start <= start + len(item.text)):
            special = [*_variables(item), *names.get(id(item), ())]
            found += (Highlight(span.shifted(start), kind) for span, kind in _painted(item, special))
    return tuple(found)


def _variables(item: Item) -> Iterator[Highlight]:
    if isinstance(item, Instruction):
        for pair in item.pairs:
            if item.keyword in ("ARG", "ENV"):
                yield Highlight(pair.key.span, "variable")
        for use in uses_in(item):
            yield Highlight(use.name_span, "variable")
        if item.inner is not None and item.inner.keyword_span.end > item.inner.keyword_span.start:
            yield Highlight(item.inner.keyword_span, "keyword")


def _painted(item: Item, special: list[Highlight]) -> Iterator[Highlight]:
    """The item's tokens with the special spans cut out of them; the first of two overlapping ones counts."""
    taken: list[Highlight] = []
    for one in sorted(special, key=lambda one: one.span):
        if one.span.end > one.span.start and (not taken or taken[-1].span.end <= one.span.start):
            taken.append(one)
    at = 0
    for token in item.tokens:
        kind = _BY_TOKEN.get(token.kind)
        position = token.start
        while at < len(taken) and taken[at].span.start < token.end:
            one = taken[at]
            if kind is not None:
                yield from _lines(item.text, Span(position, one.span.start), kind)
            yield from _lines(item.text, one.span, one.kind)
            position = max(one.span.end, position)
            at += 1
        if kind is not None:
            yield from _lines(item.text, Span(position, token.end), kind)


def _lines(text: str, span: Span, kind: Kind) -> Iterator[Highlight]:
    start = span.start
    for piece in text[span.start : span.end].splitlines(keepends=True):
        length = len(piece.rstrip("\r\n"))
        if length:
            yield Highlight(Span(start, start + length), kind)
        start += len(piece)
