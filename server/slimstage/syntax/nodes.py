"""The syntax tree: what a Dockerfile says, with every character in one token.

Every item (an instruction, a comment, a directive, a blank line) owns its exact text, and
all spans inside it are relative to its first character. An item whose text did not change
is therefore reused as it is after an edit, wherever it moved to.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from slimstage.text import SourceText, Span


class TokenKind(str, Enum):
    """What a token is; semantic highlighting and the lossless property both rest on it."""

    KEYWORD = "keyword"
    SPACE = "space"
    NEWLINE = "newline"
    CONTINUATION = "continuation"  # the escape character, trailing blanks and the line end
    COMMENT = "comment"
    FLAG = "flag"
    TEXT = "text"  # arguments
    HEREDOC_MARKER = "heredoc-marker"  # <<-"EOF" on the instruction's own line
    HEREDOC_BODY = "heredoc-body"
    HEREDOC_END = "heredoc-end"  # the terminator line
    DIRECTIVE = "directive"
    BOM = "bom"


class Token(NamedTuple):
    """One lexical piece; `start` and `end` are relative to the item."""

    kind: TokenKind
    start: int
    end: int


class Problem(NamedTuple):
    """A fault the parser saw: `code` is the id of the rule that reports it."""

    code: str
    span: Span
    args: Mapping[str, Any] = {}


class Form(str, Enum):
    """How an instruction's arguments are written."""

    SHELL = "shell"  # RUN, CMD, ENTRYPOINT, HEALTHCHECK CMD as one shell string
    JSON = "json"  # exec form
    WORDS = "words"  # blank-separated words: FROM, COPY, EXPOSE, ARG, ...
    PAIRS = "pairs"  # ENV a=b, LABEL a=b, ARG a=b
    LEGACY_PAIR = "legacy-pair"  # ENV a b c
    NONE = "none"  # no arguments at all


class VariableReference(NamedTuple):
    """`$NAME`, `${NAME}` or `${NAME<modifier>word}` where BuildKit (or a shell) would expand it.

    `modifier` is one of "", ":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/", "//",
    or the unknown text after the name. `word` is the raw text after the modifier (None without
    one); for "/" and "//" it is "pattern/replacement". `nested` holds the references in `word`.
    """

    name: str
    span: Span
    name_span: Span
    modifier: str = ""
    word: str | None = None
    nested: tuple[VariableReference, ...] = ()
    braced: bool = False


class Word(NamedTuple):
    """One argument. `raw` has line continuations and inner comment lines removed.

    `value` has quotes and escapes resolved too, and is None when it holds a variable reference.
    """

    raw: str
    span: Span
    value: str | None
    variables: tuple[VariableReference, ...] = ()


class MountOption(NamedTuple):
    """`key` or `key=value` inside `--mount=...`; `value` is None when there is no `=`."""

    key: str
    key_span: Span
    value: str | None = None
    value_span: Span | None = None


class Flag(NamedTuple):
    """`--name` or `--name=value` before the arguments; `value` is None when there is no `=`."""

    name: str
    span: Span
    name_span: Span  # without the dashes
    value: str | None = None
    value_span: Span | None = None
    variables: tuple[VariableReference, ...] = ()
    mount: tuple[MountOption, ...] = ()  # only for RUN --mount

    def option(self, *keys: str) -> MountOption | None:
        """The last mount option with one of these keys, or None."""
        for option in reversed(self.mount):
            if option.key.lower() in keys:
                return option
        return None


class Pair(NamedTuple):
    """`key=value` of ENV, LABEL or ARG; `value` is None for `ARG name`."""

    key: Word
    value: Word | None
    span: Span


class Heredoc(NamedTuple):
    """`<<[-]["']DELIMITER["']` with its body; `expand` is False for a quoted delimiter.

    `content` is what BuildKit hands on: leading tabs stripped for `<<-`. `end_span` is empty at
    the body's end when the terminator is missing (`terminated` is False then).
    """

    delimiter: str
    marker_span: Span
    body_span: Span
    end_span: Span
    content: str
    strip_tabs: bool
    expand: bool
    terminated: bool
    variables: tuple[VariableReference, ...] = ()


class LogicalText(NamedTuple):
    """A stretch of an instruction with continuations and inner comments removed.

    `segments` maps back: pairs (offset in `text`, offset in the item), rising in both.
    """

    text: str
    segments: tuple[tuple[int, int], ...]

    def to_item(self, offset: int) -> int:
        """The offset in the item of an offset in `text` (0 <= offset <= len(text))."""
        if len(self.segments) == 1:
            logical, physical = self.segments[0]
            return physical + offset - logical
        index = bisect_right(self.segments, offset, key=lambda pair: pair[0]) - 1
        logical, physical = self.segments[max(index, 0)]
        return physical + offset - logical

    def span(self, start: int, end: int) -> Span:
        """The item's span of text[start:end]; the end is taken after the last character."""
        if end <= start:
            at = self.to_item(start)
            return Span(at, at)
        return Span(self.to_item(start), self.to_item(end - 1) + 1)


@dataclass(slots=True, eq=False)
class Item:
    """A piece of the file on its own lines; `text` includes the final line end, if any.

    `layout` makes the tokens of the text; few readers want them, so they wait until asked for.
    `hint` is where `Dockerfile.index_of` found the item last, so that it need not search.
    """

    text: str
    layout: Callable[[str], tuple[Token, ...]]
    problems: tuple[Problem, ...] = ()
    hint: int = field(default=0, kw_only=True)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens in order; together they cover the text. Empty for an `inner` instruction."""
        return self.layout(self.text)


@dataclass(slots=True, eq=False)
class Blank(Item):
    """Blank lines between instructions."""


@dataclass(slots=True, eq=False)
class Comment(Item):
    """One whole-line comment; `content` is without the `#` and surrounding blanks."""

    content: str = ""


@dataclass(slots=True, eq=False)
class Directive(Item):
    """A parser directive that counts: `# name=value` before anything else."""

    name: str = ""  # lower-cased
    name_span: Span = Span(0, 0)
    value: str = ""
    value_span: Span = Span(0, 0)


@dataclass(slots=True, eq=False)
class Instruction(Item):
    """One instruction with its continuation lines, inner comments and heredoc bodies.

    `keyword` is upper-cased; `arguments` are the words (or JSON items) after the flags: one word, the
    whole text, for the shell form and for WORKDIR, USER, STOPSIGNAL and MAINTAINER; only the trigger or
    the type for ONBUILD and HEALTHCHECK. `pairs` is filled for ENV, LABEL and ARG; `inner` is ONBUILD's
    trigger or HEALTHCHECK's CMD/NONE, its spans relative to this item too (its faults and tokens are
    on this item). `body` is everything after the flags, logically joined: what BuildKit hands to the
    shell for the shell form. `variables` are those BuildKit expands, flags, pairs, words, heredocs and
    the trigger included; what only a shell expands is on the words. `facts` caches what others derive from
    this instruction alone (it is never shared between two instructions).
    """

    keyword: str = ""
    keyword_span: Span = Span(0, 0)
    flags: tuple[Flag, ...] = ()
    form: Form = Form.NONE
    arguments: tuple[Word, ...] = ()
    pairs: tuple[Pair, ...] = ()
    heredocs: tuple[Heredoc, ...] = ()
    inner: Instruction | None = None
    body: LogicalText = LogicalText("", ((0, 0),))
    variables: tuple[VariableReference, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Offset after the last character that is not a line end or trailing blank."""
        return len(self.text.rstrip(" \t\r\n")) or self.keyword_span.end

    @property
    def span(self) -> Span:
        """From the keyword to the end, without leading and trailing blanks."""
        return Span(self.keyword_span.start, max(self.end, self.keyword_span.end))

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name, or None."""
        for flag in reversed(self.flags):
            if flag.name == name:
                return flag
        return None


class Place(NamedTuple):
    """A span inside an item of a tree; it stays valid while the item is reused."""

    item: Item
    span: Span


@dataclass(eq=False)
class Dockerfile:
    """A parsed file: its items in order cover the whole text.

    `first_open` is the index of the first item that waits for a line further down (a heredoc
    without its end): an edit anywhere below may close it. None without such an item. `open_ends`
    holds the lines that are waited for, perhaps with some that no longer are.
    """

    source: SourceText
    items: tuple[Item, ...]
    escape: str = "\\"
    first_open: int | None = None
    open_ends: frozenset[str] = frozenset()

    @cached_property
    def starts(self) -> list[int]:
        """The offset of every item in the text."""
        return [0, *accumulate(len(item.text) for item in self.items[:-1])] if self.items else []

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions, in order."""
        return tuple(item for item in self.items if isinstance(item, Instruction))

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        """The parser directives that count, in order."""
        return tuple(takewhile(lambda item: isinstance(item, Directive), self.items))  # type: ignore[arg-type]

    @cached_property
    def faults(self) -> dict[str, list[tuple[Item, Problem]]]:
        """What the parser found wrong, by code, in file order."""
        found: dict[str, list[tuple[Item, Problem]]] = {}
        for item in self.items:
            for problem in item.problems:
                found.setdefault(problem.code, []).append((item, problem))
        return found

    def directive(self, name: str) -> Directive | None:
        """The directive of that name, or None."""
        return next((item for item in self.directives if item.name == name), None)

    @cached_property
    def nothing(self) -> Item:
        """What a place of a file without any item is in: an item of no text, which is not among the items."""
        return Blank("", lambda text: ())

    def start_of(self, item: Item) -> int:
        """The offset of an item of this tree; KeyError for an item of another tree."""
        if not self.items and item is self.nothing:
            return 0
        return self.starts[self.index_of(item)]

    def span_of(self, place: Place) -> Span:
        """A place as a span of the whole text."""
        return place.span.shifted(self.start_of(place.item))

    def item_at(self, offset: int) -> Item | None:
        """The item that holds the character at `offset`; at the text's end the last one."""
        if not self.items:
            return None
        return self.items[max(bisect_right(self.starts, offset) - 1, 0)]

    def index_of(self, item: Item) -> int:
        """The position of an item among all items; KeyError for an item of another tree.

        Trees share items, and an item stands near where it stood in the tree before.
        """
        items, hint = self.items, item.hint
        size = len(items)
        if hint < size and items[hint] is item:
            return hint
        for distance in range(1, max(size - hint, hint + 1)):
            for index in (hint + distance, hint - distance):
                if 0 <= index < size and items[index] is item:
                    item.hint = index
                    return index
        raise KeyError("the item belongs to another tree")

    def tokens(self) -> Iterator[str]:
        """All token texts in order; joined they are the text."""
        for item in self.items:
            for token in item.tokens:
                yield item.text[token.start : token.end]
