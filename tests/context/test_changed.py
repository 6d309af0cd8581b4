"""A context with changed files, and lines put behind a text."""

from __future__ import annotations

import pytest

from slimstage.context import ChangedContext, DictContext, with_lines


def test_changed_files_are_seen_and_the_others_stay() -> None:
    context = ChangedContext(DictContext({"a/b": "1", "c": "22"}), {"./new": "x", "c": "3"})
    assert [context.read_text(path) for path in ("a/b", "c", "new", "d")] == ["1", "3", "x", None]
    assert [context.exists(path) for path in ("a", "new", "d")] == [True, True, False]
    assert list(context.list()) == ["a", "c", "new"]
    assert list(context.list("a")) == ["b"]
    tree = context.tree()
    assert tree is not None and tree.bytes == 3


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (None, "x\ny\n"),
        ("", "x\ny\n"),
        ("a", "a\nx\ny\n"),
        ("a\n", "a\nx\ny\n"),
        ("a\r\nb", "a\r\nb\r\nx\r\ny\r\n"),
    ],
)
def test_lines_behind_a_text(text: str | None, result: str) -> None:
    assert with_lines(text, ("x", "y")) == result
