"""What holds for any text: nothing is lost, nothing raises, and editing equals parsing anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import example, given, settings

from slimstage.syntax import parse, reparse
from slimstage.syntax.grammar import PROBLEMS
from slimstage.syntax.nodes import Directive, Dockerfile, Instruction, Item
from slimstage.text import SourceText, Span

from .strategies import edits, texts

CACHES = ("facts", "layout", "hint")
EXAMPLES = int(os.environ.get("SLIMSTAGE_EXAMPLES", "300"))


def structure(node: Any) -> Any:
    """A node as plain data: everything but the cached facts."""
    if isinstance(node, Dockerfile):
        assert [node.index_of(item) for item in node.items] == list(range(len(node.items)))
        assert node.instructions == tuple(item for item in node.items if isinstance(item, Instruction))
        assert node.directives == tuple(item for item in node.items if isinstance(item, Directive))
        lines = SourceText(node.source.text).line_starts
        assert node.source.line_starts == lines
        return (node.escape, node.first_open, node.starts, [structure(item) for item in node.items])
    if is_dataclass(node):
        parts = [structure(getattr(node, f.name)) for f in fields(node) if f.name not in CACHES]
        return type(node).__name__, parts, node.tokens if isinstance(node, Item) else ()
    if isinstance(node, tuple):
        return type(node).__name__, [structure(part) for part in node]
    return node


def spans(node: Any) -> Iterator[Span]:
    """Every span below a node."""
    if isinstance(node, Span):
        yield node
    elif is_dataclass(node):
        for f in fields(node):
            if f.name not in CACHES:
                yield from spans(getattr(node, f.name))
    elif isinstance(node, (tuple, list)):
        for part in node:
            yield from spans(part)


def check_item(item: Item) -> None:
    at = 0
    for token in item.tokens:
        assert token.start == at, (item, token)
        assert token.end > at, (item, token)
        at = token.end
    assert at == len(item.text)
    assert item.text
    for span in spans(item):
        assert 0 <= span.start <= span.end <= len(item.text), (item, span)
    for problem in item.problems:
        assert set(problem.args) == set(PROBLEMS[problem.code].args), problem


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts)
def test_every_character_is_in_one_token(text: str) -> None:
    tree = parse(text)
    assert "".join(tree.tokens()) == text
    for item in tree.items:
        check_item(item)


@settings(max_examples=EXAMPLES, deadline=None)
@given(texts, edits)
@example("ENV a b c\n\n\rCOPY <<EOF /x", [(0.5, 1, ""), (0.5, 12, "")])
@example("ENV a b c\n\n  RUN e f g", [(0.6, 12, "")])
def test_editing_equals_parsing_anew(text: str, changes: list[tuple[float, int, str]]) -> None:
    tree = parse(text)
    for where, length, new in changes:
        start = int(where * len(text))
        end = min(start + length, len(text))
        text = text[:start] + new + text[end:]
        tree = reparse(tree, Span(start, end), new)
        assert tree.source.text == text
        assert structure(tree) == structure(parse(text))


@settings(max_examples=EXAMPLES // 3, deadline=None)
@given(texts, edits)
def test_editing_in_the_middle_of_a_long_file(text: str, changes: list[tuple[float, int, str]]) -> None:
    head = "FROM a\n\n" + "RUN b \\\n  c\n# d\n" * 3
    tail = "\n" + "COPY e f\nENV g=h\n" * 3
    tree = parse(head + text + tail)
    for where, length, new in changes:
        start = len(head) + int(where * len(text))
        end = min(start + length, len(head) + len(text))
        text = text[: start - len(head)] + new + text[end - len(head) :]
        tree = reparse(tree, Span(start, end), new)
        assert structure(tree) == structure(parse(head + text + tail))
