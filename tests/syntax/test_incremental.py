"""After an edit only what changed is parsed again; everything else is the same object."""

from __future__ import annotations

import pytest

from slimstage.syntax import parse, reparse
from slimstage.syntax.nodes import Dockerfile
from slimstage.text import Span

from .test_properties import structure

TEXT = """# escape=\\
# note
FROM a AS b

RUN one \\
  two
COPY c d
RUN <<EOF
body
EOF
ENV e=f
CMD g
"""


def edited(text: str, old: str, new: str) -> tuple[Dockerfile, Dockerfile]:
    """A tree, and the tree after replacing the first `old` in it."""
    tree = parse(text)
    start = text.index(old)
    return tree, reparse(tree, Span(start, start + len(old)), new)


def fresh(before: Dockerfile, after: Dockerfile) -> list[str]:
    """The texts of the items that are new objects."""
    kept = {id(item) for item in before.items}
    return [item.text for item in after.items if id(item) not in kept]


@pytest.mark.parametrize(
    ("old", "new", "parsed"),
    [
        ("c d", "c x", ["COPY c x\n"]),
        ("two\n", "twoo\n", ["RUN one \\\n  twoo\n"]),
        ("body", "bodies", ["RUN <<EOF\nbodies\nEOF\n"]),
        ("CMD g", "CMD h", ["CMD h\n"]),
        ("COPY c d\n", "COPY c d\nUSER x\n", ["USER x\n"]),
        ("COPY c d\n", "", []),
        ("c d\n", "c d \\\n", ["COPY c d \\\nRUN <<EOF\nbody\nEOF\n"]),  # opens a continuation
        (" \\\n  two", "\n  two", ["RUN one\n", "  two\n"]),  # closes it
        ("<<EOF\n", "<<EOX\n", ["RUN <<EOX\nbody\nEOF\n"]),  # the body now ends at the next instruction
        ("EOF\nENV", "EOF2\nENV", ["RUN <<EOF\nbody\nEOF2\n"]),
        ("# note", "# check=x", ["# escape=\\\n", "# check=x\n"]),
    ],
)
def test_only_changed_items_are_parsed(old: str, new: str, parsed: list[str]) -> None:
    before, after = edited(TEXT, old, new)
    again = fresh(before, after)
    assert set(parsed) <= set(again)
    neighbours = {item.text for item in before.items}
    assert [text for text in again if text not in parsed and text not in neighbours] == []
    assert len(again) <= len(parsed) + 2


def test_a_changed_escape_changes_everything() -> None:
    before, after = edited("# escape=\\\nFROM a\nRUN b `\n  c\n", "\\", "`")
    assert fresh(before, after) == ["# escape=`\n", "FROM a\n", "RUN b `\n  c\n"]


def test_a_line_above_turns_directives_into_comments() -> None:
    tree = parse("# escape=`\nFROM a\nRUN b `\n  c\n")
    after = reparse(tree, Span(0, 0), "\n")
    assert after.escape == "\\"
    assert [i.keyword for i in after.instructions] == ["FROM", "RUN", "C"]


def test_a_terminator_far_below_closes_an_open_heredoc() -> None:
    text = "RUN <<EOF\nFROM a\n" + "COPY b c\n" * 50
    tree = parse(text)
    assert tree.first_open == 0
    after = reparse(tree, Span(len(text), len(text)), "EOF\n")
    assert len(after.items) == 1
    assert after.first_open is None


def test_suffix_is_reused_in_a_long_file() -> None:
    text = "FROM a\n" + "RUN b \\\n  c\n" * 2000
    tree = parse(text)
    after = reparse(tree, Span(7, 7), "USER x\n")
    assert len(fresh(tree, after)) <= 3


def test_out_of_range_edits_are_clamped() -> None:
    tree = parse("FROM a\n")
    assert reparse(tree, Span(-5, 99), "RUN b").source.text == "RUN b"
    assert reparse(tree, Span(99, 200), "RUN b").source.text == "FROM a\nRUN b"


def test_from_nothing_and_to_nothing() -> None:
    empty = parse("")
    assert empty.items == ()
    tree = reparse(empty, Span(0, 0), "FROM a")
    assert [i.keyword for i in tree.instructions] == ["FROM"]
    assert reparse(tree, Span(0, 6), "").items == ()


def test_an_item_is_found_after_it_moved() -> None:
    text = "FROM a\nRUN b\nCMD c\n"
    tree = parse(text)
    command = tree.instructions[2]
    after = reparse(tree, Span(7, 7), "USER u\n" * 10)
    assert after.index_of(command) == 12
    assert after.start_of(command) == after.source.text.index("CMD")
    assert tree.start_of(command) == text.index("CMD")
    with pytest.raises(KeyError):
        tree.index_of(after.items[3])


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("RUN <<EOF\nbody\nCOPY a b\nCMD c\n", "OPY", "OPIED"),  # an open heredoc goes on below
        ("RUN <<EOF\nbody\nCOPY a b\nRUN <<EOF\nCMD c\n", "CMD c", "EOF"),
        ("RUN <<EOF\nFROM a\nRUN <<X\nFROM b\nUSER c\n", "USER c", "X"),
        ("RUN <<EOF\nFROM a\nEO\nF\n", "O\nF", "OF"),
        ("FROM a\n\nCOPY b c\n\nCMD d\n", "COPY b c\n", ""),
        ("FROM a\n\nCOPY b c\n\nCMD d\n", "COPY b c", "  "),
        ("FROM a\nRUN b\n", "\nRUN", "\\\nRUN"),
        ("# escape=`\n# syntax=a\nFROM a\n", "# escape=`\n", ""),
        ("# syntax=a\n# x\n# escape=`\nFROM a\nRUN b `\n c\n", "# x\n", ""),
        ("# syntax=a\n# escape=`\nFROM a\nRUN b `\n c\n", "# syntax=a", "# x"),
        ("FROM a\n", "FROM", "\ufeffFROM"),
        ("\ufeffFROM a\n", "\ufeff", ""),
        ("FROM a\r\nRUN b\r\n", "\r\nRUN", "RUN"),
        ("FROM a", "a", "a\n"),
    ],
)
def test_an_edit_gives_what_parsing_anew_gives(text: str, old: str, new: str) -> None:
    _, after = edited(text, old, new)
    assert structure(after) == structure(parse(after.source.text))
