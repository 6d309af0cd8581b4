"""The shell reader: one pass over a script, error-tolerant, in time linear in the text.

Grammar after POSIX.1-2017 Shell Command Language and the bash manual. Compound commands are kept on a
list, so their depth costs no Python stack; only substitutions recurse, at most `_MAX_DEPTH` deep (what
is nested deeper is skipped over).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from slimstage.shell.nodes import Redirect, Script, ShellProblem, ShellWord, SimpleCommand
from slimstage.text import Span, lazy_pattern

_MAX_DEPTH = 24
_MAX_CONTEXT = 64  # beyond this the context tuple stops growing, to keep deep nesting linear

_GAP = lazy_pattern(r"[ \t\r]*(?:\\\r?\n[ \t\r]*)*(?:#[^\n]*)?")
_LINES = lazy_pattern(r"(?:[ \t\r\n]+|\\\r?\n|#[^\n]*)*")
_BLANK = lazy_pattern(r"[ \t\r]*(?:\\\r?\n[ \t\r]*)*")
_PLAIN = lazy_pattern(r"[^ \t\r\n'\"\\$`*?\[{|&;<>()]*")
_DOUBLE = lazy_pattern(r'[^"\\$`]*')
_INSIDE_BRACES = lazy_pattern(r"[^}'\"\\$`]*")
_EXPANSION = lazy_pattern(r"[\\$`]")
_OPERATOR = lazy_pattern(r"&&|\|\||;;&|;;|;&|\|&|[;&|]")
_REDIRECT = lazy_pattern(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|>>|>&|>\||<(?!\()|>(?!\()|&>>|&>)")
_RESERVED = lazy_pattern(
    r"(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|coproc|time|[{}!])"
    r"(?=[ \t\r\n;&|()<>]|$)"
    r"|\[\[(?=[ \t\r\n])"
)
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_]\w*)(?:\[[^\]\s]*\])?\+?=")
_DECLARED_ARRAY = lazy_pattern(r"[A-Za-z_]\w*\+?=")
_BRACE_EXPANSION = lazy_pattern(r"\{[^ \t\r\n{}]*?(?:,|\.\.)")
_BRACKET_GLOB = lazy_pattern(r"\[[^ \t\r\n;|&<>()\[\]]*\]")
_PARAMETER = lazy_pattern(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BACKTICKS = lazy_pattern(r"`(?:[^`\\]|\\.)*`", re.DOTALL)
_FUNCTION_PARENS = lazy_pattern(r"\([ \t]*\)")
_FUNCTION_NAME = lazy_pattern(r"[ \t]+[^ \t\r\n;&|()<>]+[ \t]*(?:\([ \t]*\))?")
_FOR_NAME = lazy_pattern(r"[A-Za-z_]\w*(?:[ \t\r\n]|\\\r?\n)*")
_IN = lazy_pattern(r"in(?=[ \t\r\n;]|\\\r?\n|$)")
_COMPOUND_AHEAD = lazy_pattern(r"[ \t]+(?:-p[ \t]+)?(?=[({!]|(?:if|for|while|until|case|\[\[)[ \t\n])")
_TEST_OPERATOR = lazy_pattern(r"&&|\|\||[()<>]")
_ANSI = lazy_pattern(r"\\(.)", re.DOTALL)
_ANSI_VALUES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_ENDS_WORD = frozenset(" \t\r\n|&;<>()")
_NEEDS_MORE = ("&&", "||", "|")

_CLOSES = {"fi": "if", "done": "loop", "esac": "case", "}": "group"}
# The kind of the frame a reserved word opens, and the context of the commands that follow it.
_OPENS = {
    "{": ("group", "group"),
    "if": ("if", "if-condition"),
    "while": ("loop", "while-condition"),
    "until": ("loop", "while-condition"),
    "for": ("loop", "for"),
    "select": ("loop", "for"),
    "case": ("case", "case"),
    "function": ("function", "function"),
}


class _Frame(NamedTuple):
    """An open compound command, and what to go back to when it closes."""

    kind: str  # "if", "loop", "case", "group", "subshell", "function"
    opened: Span
    context: tuple[str, ...]
    pipeline: int


class _Stack(list[_Frame]):
    """The open compound commands, with a count by kind so that asking for one takes no search."""

    def __init__(self) -> None:
        self.open = dict.fromkeys(("if", "loop", "case", "group", "subshell", "function"), 0)

    def push(self, frame: _Frame) -> None:
        self.open[frame.kind] += 1
        self.append(frame)

    def close(self) -> _Frame:
        frame = self.pop()
        self.open[frame.kind] -= 1
        return frame


class _Heredoc(NamedTuple):
    delimiter: str
    strip_tabs: bool
    expand: bool


def read_script(text: str) -> Script:
    """All simple commands of a script, substitutions included, in source order; never raises."""
    reader = _Reader(text)
    reader.read_list(0, (), "")
    return Script(tuple(command for command in reader.commands if command is not None), tuple(reader.problems))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)
        self.commands: list[SimpleCommand | None] = []
        self.problems: list[ShellProblem] = []
        self.heredocs: list[_Heredoc] = []
        self.context: tuple[str, ...] = ()
        self.depth = 0
        self.pipelines = 0
        self._parentheses: dict[int, int] | None = None

    def problem(self, code: str, start: int, end: int) -> None:
        self.problems.append(ShellProblem(code, Span(start, end)))

    def next_pipeline(self) -> int:
        self.pipelines += 1
        return self.pipelines - 1

    def closing_parenthesis(self, at: int) -> int:
        """The offset of the parenthesis that matches the one at `at`, quotes ignored; -1 without one."""
        if self._parentheses is None:
            self._parentheses = {}
            waiting: list[int] = []
            for match in re.finditer(r"[()]", self.text):
                if match[0] == "(":
                    waiting.append(match.start())
                elif waiting:
                    self._parentheses[waiting.pop()] = match.start()
        return self._parentheses.get(at, -1)

    def read_list(self, at: int, context: tuple[str, ...], closer: str) -> int:
        """Read commands up to `closer` (")" of a substitution, or "" for all of it); returns the offset after."""
        return _List(self, at, context, closer).read()

    # What compound commands have before their commands

    def for_header(self, at: int) -> int:
        """Skip `name in words` or `((...))` of a loop, reading the substitutions in it."""
        text, end = self.text, self.end
        at = _after(_BLANK, text, at, end)
        if text.startswith("((", at):
            close = self.arithmetic_end(at)
            if close >= 0:
                self.expansions(at + 2, close - 1)
                at = close + 1
        else:
            match = _FOR_NAME.match(text, at, end)
            if match is None:
                return at
            at = match.end()
            inside = _IN.match(text, at, end)
            if inside:
                at = self.words_until_line(inside.end())
        at = _after(_LINES, text, at, end)
        if at < end and text[at] == ";":
            at += 1
        return at

    def words_until_line(self, at: int) -> int:
        while True:
            at = _after(_GAP, self.text, at, self.end)
            if at >= self.end or self.text[at] in "\n;&|()":
                return at
            _, after = self.word(at)
            at = max(after, at + 1)

    def case_header(self, at: int) -> int:
        text, end = self.text, self.end
        at = _after(_GAP, text, at, end)
        if at < end and text[at] not in "\n;&|()":
            _, at = self.word(at)
        at = _after(_LINES, text, at, end)
        match = _IN.match(text, at, end)
        return match.end() if match else at

    def case_pattern(self, at: int, context: tuple[str, ...]) -> tuple[int, bool]:
        """Read `(a | b)` before a branch; False at `esac`, the cursor before it."""
        text, end = self.text, self.end
        self.context = context
        at = _after(_LINES, text, at, end)
        reserved = _RESERVED.match(text, at, end)
        if reserved and reserved[0] == "esac":
            return at, False
        if at < end and text[at] == "(":
            at += 1
        while at < end:
            at = _after(_LINES, text, at, end)
            if at >= end:
                break
            if text[at] == ")":
                return at + 1, True
            if text[at] in "|&;<>(":
                at += 1
                continue
            _, after = self.word(at)
            at = max(after, at + 1)
        return end, True

    # Simple commands

    def simple(
        self, at: int, guard: str, separator: Span, context: tuple[str, ...], pipeline: int, negated: bool
    ) -> tuple[bool, int]:
        """Read one simple command; True when it turned out to be `name()` of a function."""
        text, end = self.text, self.end
        slot, problems = len(self.commands), len(self.problems)
        self.commands.append(None)
        self.context = context
        words: list[ShellWord] = []
        assignments: list[tuple[str, ShellWord]] = []
        redirects: list[Redirect] = []
        start = last = at
        while True:
            at = _after(_GAP, text, at, end)
            if at >= end:
                break
            character = text[at]
            if character in "<>&" or character.isdecimal() or character == "{":
                match = _REDIRECT.match(text, at, end)
                if match:
                    redirect, last = self.redirect(at, match)
                    redirects.append(redirect)
                    at = last
                    continue
            if character in "\n;|&)":
                break
            if character == "(":
                match = _FUNCTION_PARENS.match(text, at, end)
                if match and len(words) == 1 and not assignments and not redirects:
                    del self.commands[slot:], self.problems[problems:]
                    return True, match.end()
                break
            if not words:
                match = _ASSIGNMENT.match(text, at, end)
                if match:
                    value, last = self.assigned(match.end())
                    assignments.append((match[1], value))
                    at = last
                    continue
                if character == "[" and text.startswith("[[", at) and _RESERVED.match(text, at, end):
                    last = at = self.test(at, words)
                    continue
            word, last = self.word(at)
            words.append(word)
            at = last
        self.commands[slot] = SimpleCommand(
            tuple(words),
            Span(start, last),
            tuple(assignments),
            tuple(redirects),
            guard,
            separator,
            context,
            pipeline,
            negated,
        )
        return False, at

    def redirect(self, at: int, match: re.Match[str]) -> tuple[Redirect, int]:
        text, end = self.text, self.end
        operator = match[2]
        after = _BLANK.match(text, match.end(), end).end()  # type: ignore[union-attr]
        target: ShellWord | None = None
        if after < end and (text[after] not in "\n;|&<>()" or text.startswith(("<(", ">("), after)):
            target, last = self.word(after)
        else:
            last = match.end()
            self.problem("missing-redirect-target", at, last)
        if target is not None and operator in ("<<", "<<-"):
            quoted = any(character in target.raw for character in "'\"\\")
            delimiter = target.value if target.value is not None else target.raw
            self.heredocs.append(_Heredoc(delimiter, operator == "<<-", not quoted))
        return Redirect(operator, match[1], target, Span(at, last)), last

    def assigned(self, at: int) -> tuple[ShellWord, int]:
        """The value of an assignment: a word, an array, or nothing."""
        if at < self.end and self.text[at] == "(":
            after = self.array(at)
            return ShellWord(self.text[at:after], Span(at, after), None), after
        return self.word(at)

    def array(self, at: int) -> int:
        opened = at
        at += 1
        self.depth += 1
        while True:
            at = _after(_LINES, self.text, at, self.end)
            if at >= self.end or self.text[at] == ")":
                break
            _, after = self.word(at)
            at = max(after, at + 1)
        self.depth -= 1
        if at >= self.end:
            self.problem("unterminated-construct", opened, opened + 1)
            return self.end
        return at + 1

    def test(self, at: int, words: list[ShellWord]) -> int:
        """Read `[[ ... ]]` into `words`; operators inside are words, not redirections or lists."""
        text, end, opened = self.text, self.end, at
        words.append(ShellWord("[[", Span(at, at + 2), "[[", "[["))
        at += 2
        while True:
            at = _after(_LINES, text, at, end)
            if at >= end:
                self.problem("unterminated-construct", opened, opened + 2)
                return end
            regex = words[-1].raw == "=~"
            match = None if regex else _TEST_OPERATOR.match(text, at, end)
            if match:
                words.append(ShellWord(match[0], Span(*match.span()), match[0], match[0]))
                at = match.end()
                continue
            word, after = self.word(at, in_test=True, regex=regex)
            if after <= at:
                after = at + 1
                word = ShellWord(text[at], Span(at, after), text[at], text[at])
            words.append(word)
            at = after
            if word.raw == "]]":
                return at

    # Words

    def word(  # noqa: C901 - one branch for each character that means something
        self, at: int, *, in_test: bool = False, regex: bool = False
    ) -> tuple[ShellWord, int]:
        """Read one word; an empty one when no word starts here."""
        text, end, start = self.text, self.end, at
        at = _after(_PLAIN, text, at, end)
        if at >= end or (text[at] in _ENDS_WORD and not in_test and text[at] not in "(<>"):
            raw = text[start:at]
            return ShellWord(raw, Span(start, at), raw, raw), at
        parts = [text[start:at]]
        prefix: str | None = None  # set at the first expansion
        nesting = 0
        while at < end:
            character = text[at]
            literal: str | None
            if character in " \t\r\n":
                if not (regex and nesting):
                    break
                literal, at = character, at + 1
            elif character == "'":
                close = text.find("'", at + 1, end)
                if close < 0:
                    self.problem("unterminated-quote", at, at + 1)
                    close = end
                literal, at = text[at + 1 : close], min(close + 1, end)
            elif character == '"':
                literal, static, at = self.double_quoted(at)
                if literal is None:
                    parts.append(static)
            elif character == "\\":
                following = text[at + 1 : at + 2] if at + 1 < end else ""
                if text.startswith("\r\n", at + 1):
                    literal, at = "", min(at + 3, end)
                else:
                    literal, at = "" if following == "\n" else following or "\\", min(at + 2, end)
            elif character == "$":
                literal, at = self.dollar(at, quoted=False)
            elif character == "`":
                literal, at = None, self.backticks(at)
            elif character in "*?":
                literal, at = None, at + 1
                if in_test and at < end and text[at] == "(":
                    nesting, at = nesting + 1, at + 1
            elif character == "[":
                alone = start == at and (at + 1 >= end or text[at + 1] in _ENDS_WORD)
                is_glob = not alone and _BRACKET_GLOB.match(text, at, end)
                literal, at = None if is_glob else "[", at + 1
            elif character == "{":
                literal = None if _BRACE_EXPANSION.match(text, at, end) else "{"
                at += 1
            elif character in "<>" and text.startswith("(", at + 1) and not in_test:
                literal, at = None, self.substitution(at, 2)
            elif character == "(":
                if in_test and (regex or at > start):
                    nesting, literal, at = nesting + 1, "(", at + 1
                elif _DECLARED_ARRAY.fullmatch(text, start, at) and self.depth < _MAX_DEPTH:
                    literal, at = None, self.array(at)
                else:
                    break
            elif in_test and nesting and character == ")":
                nesting, literal, at = nesting - 1, ")", at + 1
            elif in_test and (nesting or (regex and character not in ")&" and not text.startswith("||", at))):
                literal, at = character, at + 1
            elif character in "|&;<>)":
                break
            else:
                after = _after(_PLAIN, text, at, end)
                literal, at = text[at:after], after
            if literal is None:
                if prefix is None:
                    prefix = "".join(parts)
            else:
                parts.append(literal)
        raw = text[start:at]
        if prefix is not None:
            return ShellWord(raw, Span(start, at), None, prefix), at
        value = "".join(parts)
        return ShellWord(raw, Span(start, at), value, value), at

    def double_quoted(self, at: int) -> tuple[str | None, str, int]:
        """Read `"..."`: its value or None, its text before the first expansion, and the offset after it."""
        text, end, opened = self.text, self.end, at
        parts: list[str] = []
        prefix: str | None = None
        at += 1
        while True:
            after = _after(_DOUBLE, text, at, end)
            literal: str | None = text[at:after]
            if literal:
                parts.append(literal)
            at = after
            if at >= end:
                self.problem("unterminated-quote", opened, opened + 1)
                break
            character = text[at]
            if character == '"':
                at += 1
                break
            if character == "\\":
                following = text[at + 1 : at + 2]
                literal = (
                    following if following in ('"', "\\", "$", "`") else "" if following == "\n" else "\\" + following
                )
                at = min(at + 2, end)
            elif character == "$":
                literal, at = self.dollar(at, quoted=True)
            else:
                literal, at = None, self.backticks(at)
            if literal is None:
                if prefix is None:
                    prefix = "".join(parts)
            else:
                parts.append(literal)
        if prefix is not None:
            return None, prefix, at
        return "".join(parts), "", at

    def dollar(self, at: int, *, quoted: bool) -> tuple[str | None, int]:
        """Read what follows a `$`: the literal text it stands for or None, and the offset after it."""
        text, end = self.text, self.end
        following = text[at + 1] if at + 1 < end else ""
        if following == "(":
            close = self.arithmetic_end(at + 1)
            if close >= 0 and close < end:
                self.expansions(at + 3, close - 1)
                return None, close + 1
            return None, self.substitution(at, 2)
        if following == "{":
            return None, self.parameter(at, quoted=quoted)
        if following == "[":
            close = text.find("]", at, end)
            return (None, close + 1) if close >= 0 else ("$", at + 1)
        if not quoted and following == "'":
            return self.ansi_quoted(at)
        if not quoted and following == '"':
            return "", at + 1  # $"...": a translated string; the quote is read next
        match = _PARAMETER.match(text, at + 1, end)
        return (None, match.end()) if match else ("$", at + 1)

    def ansi_quoted(self, at: int) -> tuple[str | None, int]:
        text, end, opened = self.text, self.end, at
        at += 2
        start = at
        while at < end and text[at] != "'":
            at += 2 if text[at] == "\\" else 1
        if at >= end:
            self.problem("unterminated-quote", opened, opened + 2)
            at = end
        inside = text[start:at]
        if re.search(r"\\[0-7xuUc]", inside):
            return None, min(at + 1, end)
        return _ANSI.sub(lambda match: _ANSI_VALUES.get(match[1], match[1]), inside), min(at + 1, end)

    def parameter(self, at: int, *, quoted: bool) -> int:
        """Read `${...}` with what is nested in it; returns the offset after it."""
        text, end, opened = self.text, self.end, at
        at += 2
        if self.depth >= _MAX_DEPTH:
            return at
        self.depth += 1
        while True:
            at = _after(_INSIDE_BRACES, text, at, end)
            if at >= end:
                self.problem("unterminated-substitution", opened, opened + 2)
                at = end
                break
            character = text[at]
            if character == "}":
                at += 1
                break
            if character == "\\":
                at = min(at + 2, end)
            elif character == "'":
                close = -1 if quoted else text.find("'", at + 1, end)
                at = close + 1 if close >= 0 else at + 1
            elif character == '"':
                _, _, at = self.double_quoted(at)
            elif character == "$":
                _, at = self.dollar(at, quoted=quoted)
            else:
                at = self.backticks(at)
        self.depth -= 1
        return at

    def substitution(self, at: int, opener: int) -> int:
        """Read `$(...)`, `<(...)` or `>(...)`; returns the offset after it."""
        if self.depth >= _MAX_DEPTH:
            close = self.closing_parenthesis(at + opener - 1)
            return close + 1 if 0 <= close < self.end else self.end
        context, self.depth = self.context, self.depth + 1
        after = self.read_list(at + opener, _inside(context, "substitution"), ")")
        self.context, self.depth = context, self.depth - 1
        return after

    def backticks(self, at: int) -> int:
        match = _BACKTICKS.match(self.text, at, self.end)
        if match is None:
            self.problem("unterminated-substitution", at, at + 1)
            return self.end
        if self.depth < _MAX_DEPTH:
            context, end, known = self.context, self.end, len(self.problems)
            self.depth += 1
            self.end = match.end() - 1
            self.read_list(at + 1, _inside(context, "substitution"), "")
            self.context, self.end, self.depth = context, end, self.depth - 1
            # The shell reads the inside only when it runs it, after it took a layer of backslashes away.
            del self.problems[known:]
        return match.end()

    def arithmetic_end(self, at: int) -> int:
        """For `((` at `at`: the offset of the last parenthesis of its `))`; -1 when it is no arithmetic."""
        if not self.text.startswith("((", at):
            return -1
        outer, inner = self.closing_parenthesis(at), self.closing_parenthesis(at + 1)
        return outer if outer == inner + 1 and 0 < outer < self.end else -1

    def expansions(self, at: int, end: int) -> None:
        """Read the substitutions in text that is otherwise literal: arithmetic, a heredoc's body."""
        if self.depth >= _MAX_DEPTH:
            return
        outer, self.end, self.depth = self.end, end, self.depth + 1
        while match := _EXPANSION.search(self.text, at, end):
            at = match.start()
            if match[0] == "\\":
                at += 2
            elif match[0] == "$":
                _, at = self.dollar(at, quoted=True)
            else:
                at = self.backticks(at)
        self.end, self.depth = outer, self.depth - 1

    def heredoc_bodies(self, at: int, context: tuple[str, ...]) -> int:
        """Skip the bodies of the heredocs announced on the line before `at`; returns the offset after them."""
        waiting, self.heredocs = self.heredocs, []
        for heredoc in waiting:
            start = at
            body_end = self.end
            while at < self.end:
                line_end = self.text.find("\n", at, self.end)
                after = self.end if line_end < 0 else line_end + 1
                line = self.text[at:after].rstrip("\r\n")
                if (line.lstrip("\t") if heredoc.strip_tabs else line) == heredoc.delimiter:
                    body_end, at = at, after
                    break
                at = after
            if heredoc.expand:
                self.context = context
                known = len(self.problems)
                self.expansions(start, body_end)
                del self.problems[known:]  # a lone quote or brace in a here-document is only text
        return at


class _List:
    """One list of commands: of the whole script, or of a substitution. Holds where the reader stands in it."""

    def __init__(self, reader: _Reader, at: int, context: tuple[str, ...], closer: str) -> None:
        self.reader = reader
        self.at = self.opened = at
        self.context = context
        self.closer = closer
        self.stack = _Stack()
        self.in_pattern = False  # a case branch's pattern comes next
        self.negated = self.closed = False
        self.start_list()

    def start_list(self, guard: str = "", separator: Span | None = None) -> None:
        """Begin a list, or what follows `guard` in it; no command stands before the cursor now."""
        self.guard = guard
        self.separator = Span(self.at, self.at) if separator is None else separator
        self.ended = False
        if guard != "|":
            self.negated = False
            self.pipeline = self.reader.next_pipeline()

    def read(self) -> int:
        """Read to the closer or the end; returns the offset after it."""
        reader, text, end = self.reader, self.reader.text, self.reader.end
        while not self.closed:
            if self.in_pattern:
                self.case_branch()
            self.at = at = _after(_GAP, text, self.at, end)
            if at >= end:
                break
            character = text[at]
            if character == "\n":
                self.newline()
            elif character in ";&|" and not text.startswith("&>", at):
                self.operator()
            elif character == "(":
                self.open_parenthesis()
            elif character == ")":
                self.close_parenthesis()
            else:
                match = _RESERVED.match(text, at, end)
                if match is None or not self.reserved(match[0]):
                    self.simple()
        if self.closed:
            return self.at
        self.unfinished()
        self.report_open()
        if self.closer:
            reader.problem("unterminated-substitution", max(self.opened - 2, 0), self.opened)
        if not reader.depth:
            reader.heredocs.clear()
        return end

    def unfinished(self) -> None:
        """Report an operator with nothing after it."""
        if self.guard in _NEEDS_MORE and not self.ended:
            self.reader.problem("missing-command", *self.separator)

    def report_open(self) -> None:
        """Report the compound commands still open."""
        for frame in self.stack:
            self.reader.problem("unterminated-construct", *frame.opened)

    def unexpected(self, length: int) -> None:
        """Report a token that cannot stand here."""
        self.reader.problem("unexpected-token", self.at, self.at + length)

    def newline(self) -> None:
        self.at += 1
        if self.ended:
            self.start_list(";", Span(self.at - 1, self.at))
        if self.reader.heredocs:
            self.at = self.reader.heredoc_bodies(self.at, self.context)

    def operator(self) -> None:
        match = _OPERATOR.match(self.reader.text, self.at, self.reader.end)
        operator = match[0] if match else ";"
        length = len(operator)
        if operator in (";;", ";&", ";;&"):
            self.unwind("case")
            if self.stack:
                self.context = _inside(self.stack[-1].context, "case")
                self.in_pattern = True
            else:
                self.unexpected(length)
            self.at += length
            return
        if not self.ended:
            self.unexpected(length)
        separator = Span(self.at, self.at + length)
        self.at += length
        self.start_list("|" if operator == "|&" else operator, separator)

    def unwind(self, kind: str) -> None:
        """Close what was left open inside the innermost construct of a kind."""
        while self.stack and self.stack[-1].kind != kind:
            frame = self.stack.close()
            self.reader.problem("unterminated-construct", *frame.opened)
            self.context = frame.context

    def case_branch(self) -> None:
        self.at, more = self.reader.case_pattern(self.at, self.context)
        self.in_pattern = False
        if more:
            self.start_list()
        else:
            self.at += len("esac")
            self.go_back(self.stack.close())

    def go_back(self, frame: _Frame) -> None:
        """A compound command ended: what follows belongs to what was around it, a function's body included."""
        if self.stack and self.stack[-1].kind == "function":
            frame = self.stack.close()
        self.context, self.pipeline, self.ended, self.guard = frame.context, frame.pipeline, True, ""

    def open(self, kind: str, context: str, opened: Span) -> None:
        """A compound command begins; the cursor stands after its opening word."""
        self.stack.push(_Frame(kind, opened, self.context, self.pipeline))
        self.context = _inside(self.context, context)
        self.start_list()

    def open_parenthesis(self) -> None:
        at, reader = self.at, self.reader
        if self.ended:
            self.unexpected(1)
        close = reader.arithmetic_end(at)
        if close < 0:
            self.at = at + 1
            self.open("subshell", "subshell", Span(at, at + 1))
            return
        reader.context = self.context
        reader.expansions(at + 2, close - 1)
        self.at = close + 1
        self.go_back(_Frame("arithmetic", Span(at, at + 2), self.context, self.pipeline))

    def close_parenthesis(self) -> None:
        if not self.stack.open["subshell"]:
            if self.closer:
                self.unfinished()
                self.report_open()
                self.closed = True
            else:
                self.unexpected(1)
            self.at += 1
            return
        self.close("subshell", 1)

    def close(self, kind: str, length: int) -> None:
        if not self.stack.open[kind]:
            self.unexpected(length)
            self.at += length
            return
        self.unfinished()
        self.unwind(kind)
        self.at += length
        self.go_back(self.stack.close())

    def reserved(self, word: str) -> bool:
        """Act on a reserved word; False when a simple command starts with it after all (`time make`, `[[`)."""
        text, at = self.reader.text, self.at
        if word in _CLOSES:
            self.close(_CLOSES[word], len(word))
        elif word in ("then", "elif", "else", "do"):
            self.next_part(word)
        elif word == "!":
            self.negated, self.at = not self.negated, at + 1
        elif word == "coproc":
            self.at += len(word)
        elif word == "time":
            ahead = _COMPOUND_AHEAD.match(text, at + len(word), self.reader.end)
            if ahead is None:
                return False
            self.at = ahead.end()
        elif word == "[[":
            return False
        else:
            self.open_compound(word)
        return True

    def next_part(self, word: str) -> None:
        kind = "loop" if word == "do" else "if"
        self.unfinished()
        if self.stack.open[kind]:
            self.unwind(kind)
            self.context = _next_part(self.stack[-1].context, self.context, word)
        else:
            self.unexpected(len(word))
        self.at += len(word)
        self.start_list()

    def open_compound(self, word: str) -> None:
        reader, opened = self.reader, Span(self.at, self.at + len(word))
        if self.ended:
            self.unexpected(len(word))
        self.at = opened.end
        reader.context = self.context
        if word in ("for", "select"):
            self.at = reader.for_header(self.at)
        elif word == "case":
            self.at = reader.case_header(self.at)
            self.in_pattern = True
        elif word == "function":
            self.at = _after(_FUNCTION_NAME, reader.text, self.at, reader.end)
        self.open(*_OPENS[word], opened)

    def simple(self) -> None:
        at, reader = self.at, self.reader
        if self.ended and not _REDIRECT.match(reader.text, at, reader.end):
            self.unexpected(1)
        guard = "" if self.ended else self.guard  # the redirections of a compound command
        is_function, after = reader.simple(at, guard, self.separator, self.context, self.pipeline, self.negated)
        self.at = max(after, at + 1)
        if is_function:
            self.open("function", "function", Span(at, after))
        else:
            self.ended = True
            if self.stack and self.stack[-1].kind == "function":
                self.go_back(self.stack[-1])


def _after(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    match = pattern.match(text, at, end)
    return match.end() if match else at


def _inside(context: tuple[str, ...], construct: str) -> tuple[str, ...]:
    return (*context, construct) if len(context) < _MAX_CONTEXT else context


def _next_part(outer: tuple[str, ...], context: tuple[str, ...], word: str) -> tuple[str, ...]:
    """The context after then, elif, else or do: an elif is an if inside the else of the one before."""
    if word == "do":
        return _inside(outer, "for" if context[len(outer) : len(outer) + 1] == ("for",) else "while")
    nested = context[len(outer) : len(outer) + 1] == ("else",)
    base = _inside(outer, "else") if nested or word == "elif" else outer
    if word == "else":
        return _inside(outer, "else")
    return _inside(base, "if" if word == "then" else "if-condition")
