"""Chunk -> node: one item of the tree with its words, flags, references and faults."""

from __future__ import annotations

from bisect import bisect_right

from slimstage.syntax import faults
from slimstage.syntax.grammar import HEALTHCHECK_TYPES, INSTRUCTIONS, ONBUILD_FORBIDDEN, InstructionSpec
from slimstage.syntax.nodes import (
    Blank,
    Comment,
    Directive,
    Flag,
    Form,
    Heredoc,
    Instruction,
    Item,
    LogicalText,
    MountOption,
    Pair,
    Problem,
    Token,
    TokenKind,
    VariableReference,
    Word,
)
from slimstage.syntax.scanner import Chunk, ChunkKind
from slimstage.syntax.spelling import closest_names
from slimstage.syntax.tokens import BOM, Layout, Lines
from slimstage.syntax.variables import Fault, find_references
from slimstage.syntax.words import (
    ARGUMENT,
    BLANKS,
    json_strings,
    json_value,
    resolve,
    special_pattern,
    split_flags,
    split_words,
    unquoted_flag,
)
from slimstage.text import Span

_make = tuple.__new__
_NO_VARIABLES: tuple[VariableReference, ...] = ()
_SHELL = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL"})
_LISTS = frozenset({"COPY", "ADD", "VOLUME"})
_PAIRS = frozenset({"ENV", "LABEL", "ARG"})
_WHOLE = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_WORDS = frozenset({"FROM", "EXPOSE"})
_BLANK, _BLANK_FIRST = Lines(False, TokenKind.TEXT), Lines(True, TokenKind.TEXT)
_COMMENT, _COMMENT_FIRST = Lines(False, TokenKind.COMMENT), Lines(True, TokenKind.COMMENT)
_UNKNOWN = InstructionSpec("", (Form.WORDS,), 0, None, expands=False)


def no_tokens(text: str) -> tuple[Token, ...]:
    """The layout of an inner instruction: the tokens are the outer one's."""
    return ()


def build_item(text: str, chunk: Chunk, escape: str) -> Item:
    """The node of a chunk of `text`."""
    own = text[chunk.start : chunk.end]
    if chunk.kind is ChunkKind.INSTRUCTION:
        return _InstructionParser(own, chunk, escape).item()
    first = chunk.start == 0
    if chunk.kind is ChunkKind.BLANK:
        return Blank(own, _BLANK_FIRST if first else _BLANK)
    if chunk.kind is ChunkKind.COMMENT:
        content = own.removeprefix(BOM) if first else own
        layout = _COMMENT_FIRST if first else _COMMENT
        return Comment(own, layout, content=content.strip(BLANKS)[1:].strip(BLANKS))
    match = chunk.directive
    if match is None:
        raise AssertionError("a directive's chunk holds its match")
    at = own.index("#")
    return Directive(
        own,
        Lines(first, TokenKind.DIRECTIVE),
        name=match[1].lower(),
        name_span=Span(*match.span(1)).shifted(at),
        value=match[2],
        value_span=Span(*match.span(2)).shifted(at),
    )


class _InstructionParser:
    """One instruction. Offsets called logical count in the chunk's line, all others in the item."""

    def __init__(self, own: str, chunk: Chunk, escape: str) -> None:
        self.own, self.chunk, self.escape = own, chunk, escape
        self.line, self.segments = chunk.line, chunk.segments
        # One segment is the usual case: mapping is an addition then.
        self.shift = self.segments[0][1] - self.segments[0][0] if len(self.segments) == 1 else None
        self.problems: list[Problem] = []
        self.marks: list[tuple[int, int, TokenKind]] = []
        self.special = special_pattern(escape).search
        self.has_dollar = "$" in self.line

    def span(self, start: int, end: int) -> Span:
        """Logical offsets -> the item's span."""
        if self.shift is not None:
            # The plain constructor of a NamedTuple costs twice as much, and this is the hottest call.
            return _make(Span, (start + self.shift, end + self.shift))
        first = self.place(start)
        return Span(first, self.place(end - 1) + 1 if end > start else first)

    def place(self, offset: int) -> int:
        if self.shift is not None:
            return offset + self.shift
        logical, physical = self.segments[max(bisect_right(self.segments, (offset, len(self.own) + 1)) - 1, 0)]
        return physical + offset - logical

    def text_of(self, start: int) -> LogicalText:
        """The line from a logical offset on, with its map."""
        line = self.line
        if self.shift is not None:
            return LogicalText(line[start:], ((0, start + self.shift),))
        index = max(bisect_right(self.segments, (start, len(self.own) + 1)) - 1, 0)
        first = (0, self.place(start))
        rest = tuple((logical - start, physical) for logical, physical in self.segments[index + 1 :])
        return LogicalText(line[start:], (first, *rest))

    def report(self, code: str, span: Span, **args: object) -> None:
        self.problems.append(Problem(code, span, args))

    # -- the item --------------------------------------------------------------------------------

    def item(self) -> Instruction:
        chunk = self.chunk
        for start, end, lines in chunk.blanks:
            self.report("empty-continuation", Span(start, end), lines=lines)
        instruction = self.instruction(*chunk.keyword, ())
        instruction.layout = Layout(
            chunk.start == 0,
            tuple(self.marks),
            self.segments,
            tuple(chunk.gaps),
            tuple((heredoc.body, heredoc.end) for heredoc in chunk.heredocs) if chunk.heredocs else (),
        )
        if self.problems:
            self.problems.sort(key=lambda problem: problem.span)
            instruction.problems = tuple(self.problems)
        return instruction

    def instruction(self, start: int, end: int, outer: tuple[str, ...]) -> Instruction:
        """The instruction whose keyword is at these logical offsets; `outer` names those around it."""
        line = self.line
        keyword = line[start:end].upper()
        keyword_span = self.span(start, end)
        self.marks.append((start, end, TokenKind.KEYWORD))
        result = Instruction(self.own, no_tokens, (), keyword, keyword_span)
        at = end
        while at < len(line) and line[at] in BLANKS:
            at += 1
        raw_flags: list[tuple[int, int]] = []
        if line.startswith("--", at):
            raw_flags, at = split_flags(line, at, self.escape)
        spec = INSTRUCTIONS.get(keyword)
        if spec is None:
            self.unknown(result, outer)
            spec = _UNKNOWN
        elif outer and keyword in ONBUILD_FORBIDDEN:
            self.report("invalid-onbuild", keyword_span, name=keyword, reason="forbidden", candidates=())
        result.body = self.text_of(at)
        found: list[VariableReference] = []
        if raw_flags:
            result.flags = tuple(self.flag(first, last, spec, found) for first, last in raw_flags)
        size = len(line)
        if at < size:
            if keyword in _SHELL:
                self.shell_or_json(result, at)
            elif keyword in _LISTS:
                self.list_or_json(result, at, found)
            elif keyword in _PAIRS:
                self.pairs(result, at, found)
            elif keyword in _WHOLE:
                word = self.word(at, size, spec.expands, result, found)
                result.form, result.arguments = Form.WORDS, (word,)
            elif keyword == "HEALTHCHECK":
                self.healthcheck(result, at)
            elif keyword == "ONBUILD":
                self.onbuild(result, at, outer, found)
            else:
                self.words(result, at, spec.expands, found)
        if self.chunk.heredocs and keyword in ("RUN", "COPY", "ADD"):
            result.heredocs = tuple(self.heredocs(keyword, found))
        result.variables = tuple(found) if found else _NO_VARIABLES
        faults.check(result, spec, self.report)
        return result

    def unknown(self, result: Instruction, outer: tuple[str, ...]) -> None:
        candidates = closest_names(result.keyword, INSTRUCTIONS)
        if outer:
            candidates = tuple(name for name in candidates if name not in ONBUILD_FORBIDDEN)
            self.report(
                "invalid-onbuild", result.keyword_span, name=result.keyword, reason="unknown", candidates=candidates
            )
        else:
            start, end = self.chunk.keyword
            self.report("unknown-instruction", result.keyword_span, name=self.line[start:end], candidates=candidates)

    # -- words -----------------------------------------------------------------------------------

    def references(
        self, start: int, end: int, instruction: Instruction | None, *, in_shell: bool = False
    ) -> tuple[VariableReference, ...]:
        if not self.has_dollar or self.line.find("$", start, end) < 0:
            return _NO_VARIABLES
        escape = "\\" if in_shell else self.escape
        found, rejected = find_references(self.line, start, end, escape, self.span, in_shell=in_shell)
        if instruction is not None:
            self.reject(rejected)
        return found

    def reject(self, rejected: list[Fault]) -> None:
        for fault in rejected:
            self.report(
                "unsupported-variable-modifier",
                self.span(fault.start, fault.end),
                name=fault.name,
                modifier=fault.modifier,
                reason=fault.reason,
            )

    def word(
        self, start: int, end: int, expands: bool, instruction: Instruction, found: list[VariableReference]
    ) -> Word:
        raw = self.line[start:end]
        if not expands or self.special(raw) is None:
            return Word(raw, self.span(start, end), raw)
        variables = self.references(start, end, instruction)
        found += variables
        value, opened = resolve(raw, self.escape)
        if opened is not None and not any(problem.code == "unterminated-quote" for problem in self.problems):
            span = self.span(start + opened, end)
            self.report("unterminated-quote", span, quote=raw[opened], instruction=instruction.keyword)
        return Word(raw, self.span(start, end), None if variables else value, variables)

    def words(self, result: Instruction, at: int, expands: bool, found: list[VariableReference]) -> None:
        size = len(self.line)
        result.form = Form.WORDS
        result.arguments = tuple(
            self.word(match.start(), match.end(), expands, result, found)
            for match in ARGUMENT.finditer(self.line, at, size)
        )

    def json(self, result: Instruction, at: int, found: list[VariableReference] | None) -> bool:
        spans = json_strings(self.line, at, len(self.line)) if self.line[at] == "[" else None
        if spans is None:
            return False
        words = []
        for start, end in spans:
            raw = self.line[start:end]
            value: str | None = json_value(raw)
            variables = _NO_VARIABLES
            if found is not None and "$" in raw:
                variables = self.references(start + 1, end - 1, result)
                found += variables
                value = None if variables else value
            words.append(Word(raw, self.span(start, end), value, variables))
        result.form, result.arguments = Form.JSON, tuple(words)
        return True

    def shell_or_json(self, result: Instruction, at: int) -> None:
        if self.json(result, at, None):
            return
        size = len(self.line)
        variables = self.references(at, size, None, in_shell=True)
        raw = self.line[at:]
        result.form = Form.SHELL
        result.arguments = (Word(raw, self.span(at, size), None if variables else raw, variables),)

    def list_or_json(self, result: Instruction, at: int, found: list[VariableReference]) -> None:
        if not self.json(result, at, found):
            self.words(result, at, True, found)

    def pairs(self, result: Instruction, at: int, found: list[VariableReference]) -> None:
        line, size = self.line, len(self.line)
        spans = split_words(line, at, size, self.escape)
        keyword = result.keyword
        if keyword != "ARG" and spans and "=" not in line[slice(*spans[0])]:
            self.legacy_pair(result, at, found)
            return
        result.form = Form.PAIRS
        words, pairs = [], []
        for start, end in spans:
            equals = line.find("=", start, end)
            if equals < 0:
                key = self.word(start, end, True, result, found)
                words.append(key)
                pairs.append(Pair(key, None, key.span))
                if keyword != "ARG":
                    self.report("invalid-key-value", key.span, instruction=keyword, name=key.raw, reason="no-equals")
                continue
            span = self.span(start, end)
            key = self.word(start, equals, True, result, found)
            value = self.word(equals + 1, end, True, result, found)
            variables = (*key.variables, *value.variables) if key.variables or value.variables else _NO_VARIABLES
            whole = None if key.value is None or value.value is None else f"{key.value}={value.value}"
            words.append(Word(line[start:end], span, whole, variables))
            pairs.append(Pair(key, value, span))
            if equals == start:
                self.report("invalid-key-value", span, instruction=keyword, name="", reason="no-name")
        result.arguments, result.pairs = tuple(words), tuple(pairs)

    def legacy_pair(self, result: Instruction, at: int, found: list[VariableReference]) -> None:
        size = len(self.line)
        match = ARGUMENT.match(self.line, at)
        end = match.end() if match else size
        key = self.word(at, end, True, result, found)
        rest = ARGUMENT.search(self.line, end)
        result.form = Form.LEGACY_PAIR
        if rest is None:
            self.report("invalid-key-value", key.span, instruction=result.keyword, name=key.raw, reason="no-value")
            result.arguments, result.pairs = (key,), (Pair(key, None, key.span),)
            return
        value = self.word(rest.start(), size, True, result, found)
        result.arguments, result.pairs = (key, value), (Pair(key, value, self.span(at, size)),)

    # -- instructions that hold another one -------------------------------------------------------

    def healthcheck(self, result: Instruction, at: int) -> None:
        line = self.line
        end = at
        while end < len(line) and line[end] not in BLANKS:
            end += 1
        kind = line[at:end].upper()
        span = self.span(at, end)
        result.form, result.arguments = Form.WORDS, (Word(line[at:end], span, line[at:end]),)
        rest = end
        while rest < len(line) and line[rest] in BLANKS:
            rest += 1
        if kind not in HEALTHCHECK_TYPES:
            candidates = closest_names(kind, HEALTHCHECK_TYPES)
            self.report("invalid-healthcheck", span, name=line[at:end], candidates=candidates)
            if rest < len(line):
                words = Word(line[rest:], self.span(rest, len(line)), line[rest:])
                result.arguments = (*result.arguments, words)
            return
        self.marks.append((at, end, TokenKind.KEYWORD))
        inner = Instruction(self.own, no_tokens, (), kind, span)
        inner.body = self.text_of(rest)
        if rest < len(line):
            self.shell_or_json(inner, rest)
        result.inner = inner

    def onbuild(self, result: Instruction, at: int, outer: tuple[str, ...], found: list[VariableReference]) -> None:
        match = ARGUMENT.match(self.line, at)
        if match is None:
            return
        span = self.span(*match.span())
        result.form, result.arguments = Form.WORDS, (Word(match[0], span, match[0]),)
        if outer:  # ONBUILD ONBUILD is a fault already; deeper nesting has no meaning
            return
        result.inner = self.instruction(*match.span(), ("ONBUILD",))
        result.heredocs = result.inner.heredocs
        found += result.inner.variables

    # -- flags and heredocs -----------------------------------------------------------------------

    def flag(self, start: int, end: int, spec: InstructionSpec, found: list[VariableReference]) -> Flag:
        raw = self.line[start:end]
        self.marks.append((start, end, TokenKind.FLAG))
        text, offsets = unquoted_flag(raw, self.escape)
        name, equals, value = text[2:].partition("=")
        name_span = self.span(start + 2, start + offsets[2 + len(name)] if equals else end)
        if not equals:
            return Flag(name, self.span(start, end), name_span)
        first = 3 + len(name)
        value_start = start + offsets[2 + len(name)] + 1
        variables = self.references(value_start, end, None)
        known = spec.flags.get(name)
        mount: tuple[MountOption, ...] = ()
        if known is not None and known.kind == "mount":
            mount = tuple(self.mount_options(value, start, offsets, first))
        if known is not None and known.expands and variables:
            found += variables
            self.reject(find_references(self.line, value_start, end, self.escape, self.span)[1])
        return Flag(name, self.span(start, end), name_span, value, self.span(value_start, end), variables, mount)

    def mount_options(self, value: str, start: int, offsets: list[int], first: int) -> list[MountOption]:
        options = []
        at = 0

        def span(low: int, high: int) -> Span:
            if high <= low:
                place = start + offsets[first + low]
                return self.span(place, place)
            return self.span(start + offsets[first + low], start + offsets[first + high - 1] + 1)

        for part in value.split(","):
            key, equals, text = part.partition("=")
            middle, end = at + len(key), at + len(part)
            if equals:
                options.append(MountOption(key, span(at, middle), text, span(middle + 1, end)))
            else:
                options.append(MountOption(key, span(at, middle)))
            at = end + 1
        return options

    def heredocs(self, keyword: str, found: list[VariableReference]) -> list[Heredoc]:
        result = []
        for raw in self.chunk.heredocs:
            start, end = raw.marker
            self.marks.append((start, end, TokenKind.HEREDOC_MARKER))
            marker_span = self.span(start, end)
            variables = _NO_VARIABLES
            if raw.expand:
                in_shell = keyword == "RUN"
                # BuildKit expands file bodies with a backslash, whatever the escape directive says.
                variables, rejected = find_references(self.own, *raw.body, "\\", Span, in_shell=in_shell, quotes=False)
                if not in_shell:
                    found += variables
                    for fault in rejected:
                        self.report(
                            "unsupported-variable-modifier",
                            Span(fault.start, fault.end),
                            name=fault.name,
                            modifier=fault.modifier,
                            reason=fault.reason,
                        )
            if not raw.terminated:
                self.report("unterminated-heredoc", marker_span, delimiter=raw.delimiter, instruction=keyword)
            result.append(
                Heredoc(
                    raw.delimiter,
                    marker_span,
                    Span(*raw.body),
                    Span(*raw.end),
                    raw.content,
                    raw.strip_tabs,
                    raw.expand,
                    raw.terminated,
                    variables,
                )
            )
        return result
