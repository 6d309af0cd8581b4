"""RUN bodies: the simple commands an instruction runs, with their places and package operations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from slimstage.model.packages import PackageOperation, package_operations
from slimstage.shell import ShellWord, SimpleCommand, read_script
from slimstage.shell.dialect import dialect_of, heredoc_interpreter, program_name
from slimstage.syntax.nodes import Flag, Form, Heredoc, Instruction, LogicalText, Place, Word
from slimstage.text import Span, lazy_pattern

_IDENTITY = LogicalText("", ((0, 0),))
_SHELLS = ("sh", "bash")
_JSON_ESCAPE = lazy_pattern(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_MAX_NESTING = 4  # sh -c "sh -c '...'"


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
    """One RUN (or CMD, ENTRYPOINT). `opaque` is True when some of it is not read: PowerShell, Python ..."""

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
    """Read a RUN, CMD or ENTRYPOINT as the shell in force reads it; cached with the instruction."""
    cached: dict[tuple[str, ...], Run] = instruction.facts.setdefault("runs", {})
    run = cached.get(shell)
    if run is None:
        run = cached[shell] = _read(instruction, instruction, shell)
    return run


def read_command(item: Instruction, inner: Instruction, shell: tuple[str, ...]) -> Run:
    """Read the command inside another instruction (HEALTHCHECK CMD, ONBUILD RUN); places count in `item`."""
    return _read(item, inner, shell)


def _read(item: Instruction, instruction: Instruction, shell: tuple[str, ...]) -> Run:
    if instruction.form is Form.JSON:
        return _read_exec(item, instruction)
    if dialect_of(shell) not in _SHELLS:
        return Run(item, (), opaque=True)
    body = instruction.body
    if not instruction.heredocs:
        return Run(item, tuple(_commands(body)))
    commands: list[RunCommand] = []
    bare = len(instruction.heredocs) == 1 and _is_bare_heredoc(body.text)
    if not bare:
        commands += _commands(body)
    opaque = False
    for index, heredoc in enumerate(instruction.heredocs):
        if heredoc_interpreter(body.text, heredoc.content, index) == "shell":
            commands += _commands(heredoc_text(item, heredoc))
        elif bare:
            opaque = True
    return Run(item, tuple(commands), opaque)


def _commands(text: LogicalText, depth: int = 0) -> Iterator[RunCommand]:
    """The commands of a script; `sh -c 'script'` is followed by the commands of its script."""
    for command in read_script(text.text).commands:
        yield RunCommand(command, text)
        if depth < _MAX_NESTING:
            inner = _script_argument(command, text)
            if inner is not None:
                yield from _commands(inner, depth + 1)


def _script_argument(command: SimpleCommand, text: LogicalText) -> LogicalText | None:
    words = command.words
    if len(words) < 3 or command.name is None or dialect_of((command.name,)) not in _SHELLS:
        return None
    at = next((i for i, word in enumerate(words[1:-1], 1) if _is_c_option(word)), None)
    if at is None or any(not (word.value or "").startswith("-") for word in words[1:at]):
        return None
    word = words[at + 1]
    quote = word.raw[:1]
    if word.value is None or quote not in ("'", '"') or word.raw != quote + word.value + quote:
        return None  # what is escaped inside would move the spans
    start = word.span.start + 1
    return part_of(text, start, start + len(word.value))


def _is_c_option(word: ShellWord) -> bool:
    return word.value is not None and re.fullmatch(r"-[a-z]*c", word.value) is not None


def part_of(text: LogicalText, start: int, end: int) -> LogicalText:
    """A stretch of a logical text as a text of its own, mapping to the same places."""
    segments = [(0, text.to_item(start))]
    segments += ((logical - start, physical) for logical, physical in text.segments if start < logical < end)
    return LogicalText(text.text[start:end], tuple(segments))


def _is_bare_heredoc(line: str) -> bool:
    commands = read_script(line).commands
    return (
        len(commands) == 1 and not commands[0].words and not commands[0].assignments and len(commands[0].redirects) == 1
    )


def _read_exec(item: Instruction, instruction: Instruction) -> Run:
    words = tuple(ShellWord(word.raw, word.span, word.value, word.value or "") for word in instruction.arguments)
    if not words:
        return Run(item, ())
    command = SimpleCommand(words, Span(words[0].span.start, words[-1].span.end))
    argv = tuple(word.value or "" for word in words)
    if len(words) >= 3 and dialect_of((program_name(argv[0]),)) in _SHELLS:
        at = next((i for i, word in enumerate(words[1:-1], 1) if _is_c_option(word)), None)
        if at is not None:
            script = json_text(item, instruction.arguments[at + 1])
            return Run(item, (), opaque=True) if script is None else Run(item, tuple(_commands(script)))
    return Run(item, (RunCommand(command, _IDENTITY),))


def json_text(item: Instruction, word: Word) -> LogicalText | None:
    """What a JSON string of an exec form says, mapped to its place; None when a continuation runs through it."""
    start, end = word.span
    raw = item.text[start:end]
    if word.value is None or raw[:1] != '"' or raw != word.raw:
        return None
    inside = raw[1:-1]
    segments = [(0, start + 1)]
    parts: list[str] = []
    length = at = 0
    for match in _JSON_ESCAPE.finditer(inside):
        parts.append(inside[at : match.start()])
        length += match.start() - at + 1
        parts.append("?")  # one character, whatever it is
        at = match.end()
        segments.append((length, start + 1 + at))
    parts.append(inside[at:])
    if len("".join(parts)) != len(word.value):
        return None  # a surrogate pair
    return LogicalText(word.value, tuple(segments))


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
