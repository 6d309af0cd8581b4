"""What a RUN body says: simple commands with spans, and how they hang together."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.text import Span


class ShellWord(NamedTuple):
    """One word. `raw` is as written; `value` has quotes and escapes resolved.

    `value` is None when the word depends on an expansion ($x, $(...), backticks) or holds an
    unquoted glob or brace expansion; `static_prefix` is the resolved text before the first one.
    """

    raw: str
    span: Span
    value: str | None
    static_prefix: str = ""


class Redirect(NamedTuple):
    """`2>file`, `<<EOF`, `&>log`: operator, file descriptor or None, and the target word."""

    operator: str
    fd: str | None
    target: ShellWord | None
    span: Span


class SimpleCommand(NamedTuple):
    """One command with its words.

    `guard` is the operator that joins it to what ran before in its list: "" (first), "&&", "||",
    ";" (or a newline), "&" or "|". `context` names the enclosing constructs from the outside in:
    "subshell", "group", "if-condition", "if", "else", "while-condition", "while", "for", "case",
    "function", "substitution". `pipeline` numbers the pipeline it belongs to; `separator` is the
    span of the operator before it (empty without one), for edits that delete the command.

    The redirections of a compound command (`{ a; } > out`) and assignments on their own are a command
    without words. A command that opens a compound one starts a list of its own: its guard is "".
    """

    words: tuple[ShellWord, ...]
    span: Span
    assignments: tuple[tuple[str, ShellWord], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    guard: str = ""
    separator: Span = Span(0, 0)
    context: tuple[str, ...] = ()
    pipeline: int = 0
    negated: bool = False

    @property
    def name(self) -> str | None:
        """The command's name without its directory, or None when it is not literal."""
        if not self.words or self.words[0].value is None:
            return None
        return self.words[0].value.rsplit("/", 1)[-1]


class ShellProblem(NamedTuple):
    """A fault in the script: `code` such as "unterminated-quote", and where."""

    code: str
    span: Span


class Script(NamedTuple):
    """All simple commands of a script in source order (substitutions included)."""

    commands: tuple[SimpleCommand, ...]
    problems: tuple[ShellProblem, ...] = ()
