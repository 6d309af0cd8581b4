"""What is being typed at an offset: the instruction, the words before, and the unfinished word itself."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from slimstage.analysis import Analysis
from slimstage.syntax.nodes import Blank, Comment, Directive, Heredoc, Instruction, Item, Token, TokenKind
from slimstage.text import lazy_pattern

Region = Literal["directive", "keyword", "arguments", "heredoc"]

_UNFINISHED_VARIABLE = lazy_pattern(r"\$\{?\w*\Z")
_WRITTEN = (TokenKind.KEYWORD, TokenKind.FLAG, TokenKind.TEXT, TokenKind.HEREDOC_MARKER, TokenKind.SPACE)
_JOINED = (TokenKind.CONTINUATION, TokenKind.COMMENT, TokenKind.NEWLINE)


class Cursor(NamedTuple):
    """An unfinished word: `word` is its text up to the cursor, from offset `start` of the whole text on.

    `words` are those before it, without the instruction's keyword. `keyword` is upper-cased; for the trigger of
    an ONBUILD it is the trigger's, and `onbuild` is True. `item` is None where no instruction is begun yet.
    """

    region: Region
    offset: int
    start: int
    word: str
    words: tuple[str, ...] = ()
    keyword: str = ""
    item: Instruction | None = None
    onbuild: bool = False
    variable: str | None = None  # the unfinished reference, `$` or `${` included

    @property
    def flags_may_stand(self) -> bool:
        """Whether only flags came before."""
        return all(word.startswith("--") for word in self.words)

    @property
    def plain_words(self) -> tuple[str, ...]:
        """The words before the cursor that are no flags."""
        at = next((index for index, word in enumerate(self.words) if not word.startswith("--")), len(self.words))
        return self.words[at:]

    def flag_value(self, name: str) -> str | None:
        """The value of a flag before the cursor, or None."""
        found = [word for word in self.words if word.startswith(f"--{name}=")]
        return found[-1].partition("=")[2] if found else None


def cursor_at(analysis: Analysis, offset: int) -> Cursor | None:
    """What is being typed at `offset`; None inside comments and where nothing can be completed."""
    tree = analysis.dockerfile
    item = tree.item_at(offset)
    if item is None:
        return _in_line(analysis, offset, head=True)
    start = tree.start_of(item)
    at = offset - start
    if at == len(item.text) and item.text.endswith(("\n", "\r")) and not _goes_on(item):
        return _in_line(analysis, offset, head=all(isinstance(other, Directive) for other in tree.items))
    if isinstance(item, (Blank, Comment, Directive)):
        before = tree.items[: tree.index_of(item)]
        return _in_line(analysis, offset, head=all(isinstance(other, Directive) for other in before))
    if not isinstance(item, Instruction):
        return None
    if at <= item.keyword_span.end:
        return _in_line(analysis, offset, head=False)
    return _in_instruction(item, start, at)


def _goes_on(item: Item) -> bool:
    tokens = item.tokens
    return bool(tokens) and tokens[-1].kind in (TokenKind.CONTINUATION, TokenKind.HEREDOC_BODY)


def _in_line(analysis: Analysis, offset: int, *, head: bool) -> Cursor | None:
    source = analysis.source
    begin = source.line_starts[source.line_of(offset)]
    text = source.text[begin:offset]
    word = text.lstrip(" \t\ufeff")
    start = offset - len(word)
    if word.startswith("#"):
        return Cursor("directive", offset, start, word) if head else None
    if any(character.isspace() for character in word):
        return None
    return Cursor("keyword", offset, start, word)


def _in_instruction(item: Instruction, start: int, at: int) -> Cursor | None:
    written: list[str] = []
    places: list[int] = []
    for token in item.tokens:
        if token.start >= at:
            break
        if token.kind is TokenKind.HEREDOC_BODY:
            if token.end > at or (token.end == at and not _closed(item, token)):
                return _in_heredoc(item, start, at)
        elif token.kind in _WRITTEN:
            text = item.text[token.start : min(token.end, at)]
            written.append(text)
            places += range(token.start, token.start + len(text))
        elif token.kind in _JOINED:
            if token.kind is TokenKind.COMMENT and at <= token.end:
                return None
        else:
            return None
    logical = "".join(written)
    begin = len(logical) - len(re.split(r"[ \t]", logical)[-1])
    word = logical[begin:]
    word_start = places[begin] if begin < len(places) else at
    if "\n" in item.text[word_start:at]:
        return None  # an edit must stay on one line
    words = logical[:begin].split()[1:]
    keyword, onbuild = item.keyword, False
    if keyword == "ONBUILD":
        onbuild = True
        if not words:
            return Cursor("keyword", start + at, start + word_start, word, item=item, onbuild=True)
        keyword, words = words[0].upper(), words[1:]
    return Cursor(
        "arguments",
        start + at,
        start + word_start,
        word,
        tuple(words),
        keyword,
        item,
        onbuild,
        _variable(logical, item.text[:at]),
    )


def _closed(item: Instruction, body: Token) -> bool:
    return any(heredoc.body_span.end == body.end and heredoc.terminated for heredoc in item.heredocs)


def _in_heredoc(item: Instruction, start: int, at: int) -> Cursor | None:
    heredoc: Heredoc | None = next((each for each in item.heredocs if each.body_span.covers(at)), None)
    if heredoc is None or not (heredoc.expand or item.keyword == "RUN"):
        return None
    match = _UNFINISHED_VARIABLE.search(item.text, heredoc.body_span.start, at)
    if match is None or match.end() != at or _escaped(item.text, match.start()):
        return None
    return Cursor("heredoc", start + at, start + match.start(), match[0], (), item.keyword, item, variable=match[0])


def _variable(logical: str, physical: str) -> str | None:
    """The variable reference that the cursor is in the middle of; None in single quotes and after an escape."""
    match = _UNFINISHED_VARIABLE.search(logical)
    if match is None or not physical.endswith(match[0]) or _escaped(logical, match.start()):
        return None
    return None if _in_single_quotes(logical[: match.start()]) else match[0]


def _escaped(text: str, at: int) -> bool:
    count = 0
    while at - 1 - count >= 0 and text[at - 1 - count] == "\\":
        count += 1
    return count % 2 == 1


def _in_single_quotes(text: str) -> bool:
    quote = ""
    skip = False
    for character in text:
        if skip:
            skip = False
        elif character == "\\" and quote != "'":
            skip = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote == "'"
