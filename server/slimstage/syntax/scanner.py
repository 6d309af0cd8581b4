"""Text -> chunks: which lines belong together, as BuildKit's parser.go reads them.

A chunk is a run of blank lines, a comment, a directive, or an instruction with its continuation
lines, the comments and blank lines inside it, and its heredoc bodies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from slimstage.syntax.grammar import DIRECTIVES, INSTRUCTIONS
from slimstage.syntax.tokens import BOM
from slimstage.syntax.variables import end_of_braced
from slimstage.syntax.words import ARGUMENT, BLANKS, json_strings, resolve, split_flags
from slimstage.text import lazy_pattern

_DIRECTIVE = lazy_pattern(r"#[ \t\n\f\r\v]*([a-zA-Z][a-zA-Z0-9]*)[ \t\n\f\r]*=[ \t\n\f\r]*([^\n]+?)[ \t\n\f\r]*\Z")
_HEREDOC = lazy_pattern(r"\d*<<(-?)[ \t\n\f\r]*([^<]*)\Z")
_HEREDOC_KEYWORDS = frozenset(spec.keyword for spec in INSTRUCTIONS.values() if spec.heredocs)
# Where an unterminated heredoc is cut off, so that the instructions after it keep their meaning.
_RECOVERY = lazy_pattern(r"^(?:" + "|".join(INSTRUCTIONS) + r")[ \t]+\S", re.MULTILINE)


class ChunkKind(Enum):
    """What a chunk is."""

    BLANK = 0
    COMMENT = 1
    DIRECTIVE = 2
    INSTRUCTION = 3


@dataclass(slots=True)
class RawHeredoc:
    """A heredoc; `marker` counts in the logical line, the others in the chunk."""

    delimiter: str
    marker: tuple[int, int]
    strip_tabs: bool
    expand: bool
    body: tuple[int, int] = (0, 0)
    end: tuple[int, int] = (0, 0)
    content: str = ""
    terminated: bool = False


@dataclass(slots=True)
class Chunk:
    """One item-to-be: text[start:end]. Everything else counts from `start`.

    `line` is an instruction's logical line; `segments` maps it to the chunk; `gaps` are the stretches
    between its pieces: continuations with the comments and blank lines behind them; `blanks` the
    runs of blank lines inside a continuation with their number of lines.
    """

    kind: ChunkKind
    start: int
    end: int
    line: str = ""
    segments: tuple[tuple[int, int], ...] = ((0, 0),)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    blanks: list[tuple[int, int, int]] = field(default_factory=list)
    heredocs: list[RawHeredoc] = field(default_factory=list)
    keyword: tuple[int, int] = (0, 0)
    directive: re.Match[str] | None = None


@dataclass(slots=True)
class State:
    """What earlier lines decide: the escape character, and which directives may still come.

    `seen` is None as soon as something else than a directive was read. `absent` remembers heredoc
    ends that occur nowhere below, so that a file full of open heredocs is not searched again and again.
    """

    escape: str = "\\"
    seen: frozenset[str] | None = frozenset()
    absent: set[tuple[str, bool]] = field(default_factory=set)


def scan(text: str, at: int, state: State) -> Chunk:
    """The chunk that starts at `at` (the start of a line); `state` is brought up to date."""
    end = _line_end(text, at)
    if "A" <= text[at] <= "Z":  # the usual instruction
        state.seen = None
        return _scan_instruction(text, at, end, 0, state)
    lead = 1 if at == 0 and text.startswith(BOM) else 0
    stripped = text[at + lead : end].strip(BLANKS)
    if not stripped:
        state.seen = None
        end = _blank_end(text, end)
        return Chunk(ChunkKind.BLANK, at, end)
    if stripped[0] == "#":
        if state.seen is not None:
            match = _DIRECTIVE.match(text[at + lead : end].rstrip("\r\n").lstrip(BLANKS))
            name = match[1].lower() if match else ""
            if match is not None and name in DIRECTIVES:
                if name == "escape" and name not in state.seen and match[2] in DIRECTIVES["escape"].choices:
                    state.escape = match[2]
                state.seen |= {name}
                return Chunk(ChunkKind.DIRECTIVE, at, end, directive=match)
            state.seen = None
        return Chunk(ChunkKind.COMMENT, at, end)
    state.seen = None
    return _scan_instruction(text, at, end, lead, state)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


_BLANK_LINES = lazy_pattern(rf"(?:[{BLANKS.replace(chr(10), '')}]*\n)*(?:[{BLANKS.replace(chr(10), '')}]+\Z)?")


def _blank_end(text: str, at: int) -> int:
    match = _BLANK_LINES.match(text, at)
    return match.end() if match else at


def _scan_instruction(text: str, start: int, end: int, lead: int, state: State) -> Chunk:
    escape = state.escape
    raw = text[start + lead : end]
    body = raw.rstrip("\r\n")
    shown = body.lstrip(BLANKS)
    lead += len(body) - len(shown)
    kept = shown.rstrip(" \t")
    chunk = Chunk(ChunkKind.INSTRUCTION, start, end)
    if kept[-1:] != escape or (len(kept) > 1 and kept[-2] == escape):
        line = shown.rstrip(BLANKS)
        chunk.line, chunk.segments = line, ((0, lead),)
        match = ARGUMENT.match(line)
        chunk.keyword = match.span() if match else (0, 0)
    else:
        _continue(text, chunk, lead, kept, escape)
        line = chunk.line
    if "<<" in line and line[slice(*chunk.keyword)].upper() in _HEREDOC_KEYWORDS:
        _read_heredocs(text, chunk, state)
    return chunk


def _continue(text: str, chunk: Chunk, lead: int, kept: str, escape: str) -> None:
    start, at, size = chunk.start, chunk.end, len(text)
    parts = [kept[:-1]]
    segments = [(0, lead)]
    length = len(kept) - 1
    gaps = chunk.gaps
    gap = lead + length
    more = True
    blank_from, blank_lines = -1, 0
    while at < size:
        begin, at = at, _line_end(text, at)
        raw = text[begin:at]
        content = raw.strip(BLANKS)
        if not content:
            if blank_lines == 0:
                blank_from = begin - start
            blank_lines += 1
            continue
        if blank_lines:
            chunk.blanks.append((blank_from, begin - start, blank_lines))
            blank_lines = 0
        if content[0] == "#":
            continue
        body = raw.rstrip("\r\n")
        kept = body.rstrip(" \t")
        more = kept[-1:] == escape and (len(kept) == 1 or kept[-2] != escape)
        piece = kept[:-1] if more else body
        if piece:
            parts.append(piece)
            segments.append((length, begin - start))
            length += len(piece)
            gaps.append((gap, begin - start))
            gap = begin - start + len(piece)
        if not more:
            break
    if more:
        gaps.append((gap, at - start))
    if blank_lines:
        chunk.blanks.append((blank_from, at - start, blank_lines))
    chunk.end = at
    line = "".join(parts)
    match = ARGUMENT.search(line, len(line) - len(line.lstrip(BLANKS)))
    chunk.line = line.rstrip(BLANKS)
    chunk.keyword = match.span() if match else (0, 0)
    if segments[0] == (0, lead) and len(segments) > 1 and segments[1][0] == 0:
        segments = segments[1:]
    size = len(chunk.line)
    chunk.segments = tuple(pair for index, pair in enumerate(segments) if pair[0] < size or index == 0)


def _read_heredocs(text: str, chunk: Chunk, state: State) -> None:
    line, escape = chunk.line, state.escape
    arguments = split_flags(line, chunk.keyword[1], escape)[1]
    if line[slice(*chunk.keyword)].upper() == "ONBUILD":
        match = ARGUMENT.match(line, arguments)
        if match is None or match[0].upper() not in _HEREDOC_KEYWORDS or match[0].upper() == "ONBUILD":
            return
        arguments = split_flags(line, match.end(), escape)[1]
    if json_strings(line, arguments, len(line)) is not None:
        return
    at = chunk.end
    chunk.heredocs = find_heredocs(line)
    complete = True
    for heredoc in chunk.heredocs:
        if complete:
            at = _read_body(text, chunk.start, at, heredoc, state.absent)
            complete = heredoc.terminated
        else:
            heredoc.body = heredoc.end = (at - chunk.start, at - chunk.start)
    chunk.end = at


def _read_body(text: str, start: int, at: int, heredoc: RawHeredoc, absent: set[tuple[str, bool]]) -> int:
    key = (heredoc.delimiter, heredoc.strip_tabs)
    tabs = "\t*" if heredoc.strip_tabs else ""
    # The delimiter at a line's end may carry any number of CR: trimNewline of parser.go.
    pattern = re.compile(rf"^{tabs}{re.escape(heredoc.delimiter)}\r*(?:\n|\Z)", re.MULTILINE)
    match = pattern.search(text, at) if text[at - 1] == "\n" and key not in absent else None
    if match is not None:
        heredoc.terminated = True
        heredoc.body, heredoc.end = (at - start, match.start() - start), (match.start() - start, match.end() - start)
    else:
        absent.add(key)
        cut = _RECOVERY.search(text, at)
        stop = cut.start() if cut else len(text)
        heredoc.body, heredoc.end = (at - start, stop - start), (stop - start, stop - start)
    content = text[start + heredoc.body[0] : start + heredoc.body[1]]
    heredoc.content = re.sub(r"(?m)^\t+", "", content) if heredoc.strip_tabs else content
    return start + heredoc.end[1]


_RUN_OF_LETTERS = lazy_pattern(rf"[^{BLANKS}\\'\"$<]+")
_AFTER_MARKER = lazy_pattern(r"[\t\r ]*")


def find_heredocs(line: str) -> list[RawHeredoc]:
    """The heredoc markers of a logical line.

    BuildKit splits the whole line with its own shell lexer (always with a backslash); where that
    fails, over an open quote or `${x[@]}`, the line has no heredoc at all.
    """
    found: list[RawHeredoc] = []
    at, size = 0, len(line)
    word = -1  # where the current word began

    def close(end: int) -> None:
        if word >= 0:
            heredoc = _heredoc(line, word, end)
            if heredoc is not None:
                found.append(heredoc)

    while at < size:
        match = _RUN_OF_LETTERS.match(line, at)
        character = line[at]
        if match is not None:
            word = at if word < 0 else word
            at = match.end()
        elif character in BLANKS:
            close(at)
            word = -1
            at += 1
        else:
            word = at if word < 0 else word
            after = _special(line, at, character)
            if after is None:
                return []
            at = after
    close(size)
    return found


def _special(line: str, at: int, character: str) -> int | None:
    """The offset after a quote, escape, variable or `<`; None when BuildKit's lexer gives up."""
    if character == "\\":
        return at + 2
    if character == "'":
        close = line.find("'", at + 1)
        return None if close < 0 else close + 1
    if character == "$":
        return end_of_braced(line, at) if line.startswith("${", at) else at + 1
    if character == "<":
        if not line.startswith("<<", at):
            return at + 1
        match = _AFTER_MARKER.match(line, at + 2)
        return match.end() if match else at + 2
    at += 1
    while at < len(line):
        if line[at] == '"':
            return at + 1
        if line[at] == "\\":
            at += 2 if line[at + 1 : at + 2] in ('"', "$", "\\") else 1
        elif line.startswith("${", at):
            after = end_of_braced(line, at)
            if after is None:
                return None
            at = after
        else:
            at += 1
    return None


def _heredoc(line: str, start: int, end: int) -> RawHeredoc | None:
    match = _HEREDOC.match(line[start:end])
    if match is None or not match[2]:
        return None
    delimiter, opened = resolve(match[2], "\\")
    if not delimiter or opened is not None:
        return None
    quoted = sum(match[2].count(q) for q in "'\"") != sum(delimiter.count(q) for q in "'\"")
    return RawHeredoc(delimiter, (start, end), match[1] == "-", not quoted)
