"""The shell reader: one pass over a script, error-tolerant, in time linear in the text.

Grammar after POSIX.1-2017 Shell Command Language and the bash manual. Compound commands are kept on a
list, so their depth costs no Python stack; only substitutions recurse, at most `_MAX_DEPTH` deep (what
is nested deeper is skipped over).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from slimstage.shell.nodes import Redirect, Script, ShellProblem, ShellWord, SimpleCommand
from slimstage.text import Span

_MAX_DEPTH = 24
_MAX_CONTEXT = 64  # beyond this the context tuple stops growing, to keep deep nesting linear

_GAP = re.compile(r"[ \t\r]*(?:\\\r?\n[ \t\r]*)*(?:#[^\n]*)?")
_LINES = re.compile(r"(?:[ \t\r\n]+|\\\r?\n|#[^\n]*)*")
_BLANK = re.compile(r"[ \t\r]*(?:\\\r?\n[ \t\r]*)*")
_PLAIN = re.compile(r"[^ \t\r\n'\"\\$`*?\[{|&;<>()]*")
_DOUBLE = re.compile(r'[^"\\$`]*')
_INSIDE_BRACES = re.compile(r"[^}'\"\\$`]*")
_EXPANSION = re.compile(r"[\\$`]")
_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[;&|]")
_REDIRECT = re.compile(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|>>|>&|>\||<(?!\()|>(?!\()|&>>|&>)")
_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|coproc|time|[{}!])(?=[ \t\r\n;&|()<>]|$)"
    r"|\[\[(?=[ \t\r\n])"
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]\s]*\])?\+?=")
_DECLARED_ARRAY = re.compile(r"[A-Za-z_]\w*\+?=")
_BRACE_EXPANSION = re.compile(r"\{[^ \t\r\n{}]*?(?:,|\.\.)")
_BRACKET_GLOB = re.compile(r"\[[^ \t\r\n;|&<>()\[\]]*\]")
_PARAMETER = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BACKTICKS = re.compile(r"`(?:[^`\\]|\\.)*`", re.DOTALL)
_FUNCTION_PARENS = re.compile(r"\([ \t]*\)")
_FUNCTION_NAME = re.compile(r"[ \t]+[^ \t\r\n;&|()<>]+[ \t]*(?:\([ \t]*\))?")
_FOR_NAME = re.compile(r"[ \t]+[A-Za-z_]\w*(?:[ \t\r\n]|\\\r?\n)*")
_IN = re.compile(r"in(?=[ \t\r\n;]|\\\r?\n|$)")
_COMPOUND_AHEAD = re.compile(r"[ \t]+(?:-p[ \t]+)?(?=[({!]|(?:if|for|while|until|case|\[\[)[ \t\n])")
_TEST_OPERATOR = re.compile(r"&&|\|\||[()<>]")
_ANSI = re.compile(r"\\(.)", re.DOTALL)
_ANSI_VALUES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_ENDS_WORD = frozenset(" \t\r\n|&;<>()")
_NEEDS_MORE = ("&&", "||", "|")

_CLOSES = {"fi": "if", "done": "loop", "esac": "case", "}": "group"}


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

    # Lists and compound commands

    def read_list(self, at: int, context: tuple[str, ...], closer: str) -> int:
        """Read commands up to `closer` (")" of a substitution, or "" for all of it); returns the offset after."""
        text, end, opened = self.text, self.end, at
        stack = _Stack()
        guard, separator = "", Span(at, at)
        pipeline = self.next_pipeline()
        ended = negated = pattern = False  # `ended`: a command stands before the cursor
        while True:
            if pattern:
                at, pattern = self.case_pattern(at, context)
                if not pattern:  # esac
                    frame = stack.close()
                    context, pipeline, ended = frame.context, frame.pipeline, True
                    at += 4
                    continue
                pattern, ended, guard, separator, pipeline = False, False, "", Span(at, at), self.next_pipeline()
                if at >= end:
                    break
            at = _after(_GAP, text, at, end)
            if at >= end:
                break
            character = text[at]
            if character == "\n":
                at += 1
                if ended:
                    guard, separator, pipeline, ended, negated = (
                        ";",
                        Span(at - 1, at),
                        self.next_pipeline(),
                        False,
                        False,
                    )
                if self.heredocs:
                    at = self.heredoc_bodies(at, context)
                continue
            if character in ";&|" and not text.startswith("&>", at):
                operator = _OPERATOR.match(text, at, end)[0]  # type: ignore[index]
                if operator in (";;", ";&", ";;&"):
                    while stack and stack[-1].kind != "case":
                        frame = stack.close()
                        self.problem("unterminated-construct", *frame.opened)
                        context = frame.context
                    if stack:
                        context = _inside(stack[-1].context, "case")
                        pattern = True
                    else:
                        self.problem("unexpected-token", at, at + len(operator))
                    at += len(operator)
                    continue
                if not ended:
                    self.problem("unexpected-token", at, at + len(operator))
                guard, separator, ended = (
                    operator[0] if operator == "|&" else operator,
                    Span(at, at + len(operator)),
                    False,
                )
                at += len(operator)
                if guard != "|":
                    pipeline, negated = self.next_pipeline(), False
                continue
            if character == ")":
                if not stack.open["subshell"]:
                    if closer:
                        self.unfinished(stack, guard, separator, ended)
                        return at + 1
                    self.problem("unexpected-token", at, at + 1)
                    at += 1
                    continue
                self.unfinished((), guard, separator, ended)
                while (frame := stack.close()).kind != "subshell":
                    self.problem("unterminated-construct", *frame.opened)
                frame = _without_function(stack, frame)
                context, pipeline, ended, guard = frame.context, frame.pipeline, True, ""
                at += 1
                continue
            if character == "(":
                if ended:
                    self.problem("unexpected-token", at, at + 1)
                if (close := self.arithmetic_end(at)) >= 0:
                    self.context = context
                    self.expansions(at + 2, close - 1)
                    at, ended = close + 1, True
                    if stack and stack[-1].kind == "function":
                        frame = stack.close()
                        context, pipeline = frame.context, frame.pipeline
                    continue
                stack.push(_Frame("subshell", Span(at, at + 1), context, pipeline))
                context, guard, separator = _inside(context, "subshell"), "", Span(at + 1, at + 1)
                pipeline, ended, negated = self.next_pipeline(), False, False
                at += 1
                continue
            reserved = _RESERVED.match(text, at, end)
            word = reserved[0] if reserved else ""
            if word == "time":
                ahead = _COMPOUND_AHEAD.match(text, at + 4, end)
                if ahead:
                    at = ahead.end()
                    continue
                word = ""
            if word == "!":
                negated, at = not negated, at + 1
                continue
            if word == "coproc":
                at += len(word)
                continue
            if word in _CLOSES:
                kind = _CLOSES[word]
                if not stack.open[kind]:
                    self.problem("unexpected-token", at, at + len(word))
                    at += len(word)
                    continue
                self.unfinished((), guard, separator, ended)
                while (frame := stack.close()).kind != kind:
                    self.problem("unterminated-construct", *frame.opened)
                frame = _without_function(stack, frame)
                context, pipeline, ended, guard = frame.context, frame.pipeline, True, ""
                at += len(word)
                continue
            if word in ("then", "elif", "else", "do"):
                kind = "loop" if word == "do" else "if"
                self.unfinished((), guard, separator, ended)
                if not stack.open[kind]:
                    self.problem("unexpected-token", at, at + len(word))
                else:
                    while stack[-1].kind != kind:
                        self.problem("unterminated-construct", *stack.close().opened)
                    context = _next_part(stack[-1].context, context, word)
                at += len(word)
                guard, separator, pipeline, ended, negated = "", Span(at, at), self.next_pipeline(), False, False
                continue
            if word == "{" or word in ("if", "while", "until", "for", "select", "case", "function"):
                if ended:
                    self.problem("unexpected-token", at, at + len(word))
                opener = Span(at, at + len(word))
                self.context = context
                at = opener.end
                if word == "function":
                    match = _FUNCTION_NAME.match(text, at, end)
                    at = match.end() if match else at
                    stack.push(_Frame("function", opener, context, pipeline))
                    context = _inside(context, "function")
                elif word == "{":
                    stack.push(_Frame("group", opener, context, pipeline))
                    context = _inside(context, "group")
                elif word == "if":
                    stack.push(_Frame("if", opener, context, pipeline))
                    context = _inside(context, "if-condition")
                elif word in ("while", "until"):
                    stack.push(_Frame("loop", opener, context, pipeline))
                    context = _inside(context, "while-condition")
                elif word in ("for", "select"):
                    stack.push(_Frame("loop", opener, context, pipeline))
                    at = self.for_header(at)
                    context = _inside(context, "for")
                else:
                    stack.push(_Frame("case", opener, context, pipeline))
                    at = self.case_header(at)
                    context = _inside(context, "case")
                    pattern = True
                guard, separator, pipeline, ended, negated = "", Span(at, at), self.next_pipeline(), False, False
                continue
            if ended and not _REDIRECT.match(text, at, end):
                self.problem("unexpected-token", at, at + 1)
            is_function, after = self.simple(at, "" if ended else guard, separator, context, pipeline, negated)
            if is_function:
                stack.push(_Frame("function", Span(at, after), context, pipeline))
                context, guard, ended, pipeline = _inside(context, "function"), "", False, self.next_pipeline()
            else:
                ended = True
                if stack and stack[-1].kind == "function":
                    frame = stack.close()
                    context, pipeline = frame.context, frame.pipeline
            at = max(after, at + 1)
        self.unfinished(stack, guard, separator, ended)
        if closer:
            self.problem("unterminated-substitution", max(opened - 2, 0), opened)
        if self.heredocs and not self.depth:
            self.heredocs.clear()
        return end

    def unfinished(self, stack: _Stack | tuple[()], guard: str, separator: Span, ended: bool) -> None:
        """Report an operator with nothing after it, and compound commands still open."""
        if guard in _NEEDS_MORE and not ended:
            self.problem("missing-command", *separator)
        for frame in stack:
            self.problem("unterminated-construct", *frame.opened)

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
            match = _FOR_NAME.match(text, at - 1, end)
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

    def word(self, at: int, *, in_test: bool = False, regex: bool = False) -> tuple[ShellWord, int]:
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
            if "\\" in match[0]:
                del self.problems[known:]  # the shell removes a layer of backslashes first; we do not
        return match.end()

    def arithmetic_end(self, at: int) -> int:
        """For `((` at `at`: the offset of the last parenthesis of its `))`; -1 when it is no arithmetic."""
        if not self.text.startswith("((", at):
            return -1
        outer, inner = self.closing_parenthesis(at), self.closing_parenthesis(at + 1)
        return outer if outer == inner + 1 and 0 < outer < self.end else -1

    def expansions(self, at: int, end: int) -> None:
        """Read the substitutions in text that is otherwise literal: arithmetic, a heredoc's body."""
        outer, self.end = self.end, end
        while match := _EXPANSION.search(self.text, at, end):
            at = match.start()
            if match[0] == "\\":
                at += 2
            elif match[0] == "$":
                _, at = self.dollar(at, quoted=True)
            else:
                at = self.backticks(at)
        self.end = outer

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


def _without_function(stack: _Stack, closed: _Frame) -> _Frame:
    """What to go back to after a compound command that may be a function's body."""
    return stack.close() if stack and stack[-1].kind == "function" else closed
