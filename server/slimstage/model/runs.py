"""RUN bodies: the simple commands an instruction runs, with their places and package operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from slimstage.model.packages import PackageOperation, package_operations
from slimstage.shell import SimpleCommand, ShellWord, read_script
from slimstage.shell.dialect import dialect_of, heredoc_interpreter
from slimstage.syntax.nodes import Flag, Form, Heredoc, Instruction, LogicalText, Place
from slimstage.text import Span

_IDENTITY = LogicalText("", ((0, 0),))


class RunCommand(NamedTuple):
    """A simple command and the text its spans count in."""

    command: SimpleCommand
    text: LogicalText


class RunOperation(NamedTuple):
    """A package operation and the text its spans count in."""

    operation: PackageOperation
    text: LogicalText


@dataclass(eq=False)
class Run:
    """One RUN. `opaque` is True when its shell is not one we read (PowerShell, cmd, Python ...)."""

    instruction: Instruction
    commands: tuple[RunCommand, ...]
    opaque: bool = False

    @cached_property
    def operations(self) -> tuple[RunOperation, ...]:
        """The package operations, in order."""
        return tuple(
            RunOperation(operation, text)
            for command, text in self.commands
            for operation in package_operations(command)
        )

    def place(self, span: Span, text: LogicalText) -> Place:
        """The place in the file of a span of a command, a word or an operation."""
        return Place(self.instruction, text.span(span.start, span.end))

    def mounts(self, kind: str) -> tuple[Flag, ...]:
        """The --mount flags of that type (bind when no type is given)."""
        return tuple(flag for flag in self.instruction.flags if flag.name == "mount" and mount_type(flag) == kind)


def mount_type(flag: Flag) -> str:
    """The type of a --mount flag; BuildKit's default is bind."""
    option = flag.option("type")
    return (option.value or "").lower() if option else "bind"


def read_run(instruction: Instruction, shell: tuple[str, ...]) -> Run:
    """Read a RUN as the shell in force reads it; cached with the instruction."""
    key = ("run", shell)
    cached = instruction.facts.get(key)  # type: ignore[call-overload]
    if cached is None:
        cached = instruction.facts[key] = _read(instruction, shell)  # type: ignore[index]
    return cached  # type: ignore[no-any-return]


def _read(instruction: Instruction, shell: tuple[str, ...]) -> Run:
    if instruction.form is Form.JSON:
        return _read_exec(instruction)
    if dialect_of(shell) not in ("sh", "bash"):
        return Run(instruction, (), opaque=True)
    body = instruction.body
    if not instruction.heredocs:
        return Run(instruction, tuple(RunCommand(c, body) for c in read_script(body.text).commands))
    commands: list[RunCommand] = []
    bare = _is_bare_heredoc(body.text)
    if not bare:
        commands += (RunCommand(c, body) for c in read_script(body.text).commands)
    opaque = False
    for heredoc in instruction.heredocs:
        if heredoc_interpreter(body.text, heredoc.content) == "shell":
            text = heredoc_text(instruction, heredoc)
            commands += (RunCommand(c, text) for c in read_script(text.text).commands)
        elif bare:
            opaque = True
    return Run(instruction, tuple(commands), opaque)


def _is_bare_heredoc(line: str) -> bool:
    words = line.split()
    return len(words) == 1 and words[0].startswith("<<") and not words[0].startswith("<<<")


def _read_exec(instruction: Instruction) -> Run:
    words = tuple(ShellWord(word.raw, word.span, word.value, word.value or "") for word in instruction.arguments)
    argv = tuple(word.value or "" for word in words)
    if len(words) == 3 and dialect_of(argv[:2]) in ("sh", "bash") and argv[1].startswith("-") and "c" in argv[1]:
        script = words[2]
        if script.value is not None and "\\" not in script.raw:
            start = script.span.start + (1 if script.raw.startswith('"') else 0)
            text = LogicalText(script.value, ((0, start),))
            return Run(instruction, tuple(RunCommand(c, text) for c in read_script(script.value).commands))
        return Run(instruction, (), opaque=True)
    if not words:
        return Run(instruction, ())
    command = SimpleCommand(words, Span(words[0].span.start, words[-1].span.end))
    return Run(instruction, (RunCommand(command, _IDENTITY),))


def heredoc_text(instruction: Instruction, heredoc: Heredoc) -> LogicalText:
    """A heredoc's content with its map back to the item (tabs stripped for `<<-`, CRLF kept)."""
    start, end = heredoc.body_span
    body = instruction.text[start:end]
    if body == heredoc.content:
        return LogicalText(body, ((0, start),))
    segments: list[tuple[int, int]] = []
    parts: list[str] = []
    length, at = 0, start
    for line in body.splitlines(keepends=True):
        kept = line.lstrip("\t") if heredoc.strip_tabs else line
        segments.append((length, at + len(line) - len(kept)))
        parts.append(kept)
        length += len(kept)
        at += len(line)
    return LogicalText("".join(parts), tuple(segments) or ((0, start),))
