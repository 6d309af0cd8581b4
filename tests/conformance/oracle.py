"""Our tree and BuildKit's own parser (the `dockerfile` package binds it), brought to one form."""

from __future__ import annotations

import json
from typing import NamedTuple

import dockerfile

from slimstage.syntax import parse
from slimstage.syntax.grammar import INSTRUCTIONS
from slimstage.syntax.nodes import Form, Instruction


class Reading(NamedTuple):
    """What both sides say about one instruction; lines count from one."""

    keyword: str
    trigger: str | None
    first_line: int
    last_line: int
    flags: tuple[str, ...]
    is_json: bool
    arguments: tuple[str, ...]
    heredocs: tuple[tuple[str, str], ...]


def buildkit(text: str) -> list[Reading] | str:
    """BuildKit's reading, or its error message.

    It hands on no arguments of unknown instructions, so those are left out on both sides.
    """
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        return str(error)
    return [
        Reading(
            command.cmd.upper(),
            command.sub_cmd.upper() if command.sub_cmd else None,
            command.start_line,
            command.end_line,
            tuple(command.flags),
            command.json,
            tuple(command.value) if _is_known(command.cmd, command.sub_cmd) else (),
            () if command.sub_cmd else tuple((heredoc.name, heredoc.content) for heredoc in command.heredocs),
        )
        for command in commands
    ]


def slimstage(text: str) -> list[Reading]:
    """Our reading."""
    tree = parse(text)
    readings = []
    for item in tree.instructions:
        start = tree.start_of(item)
        inner = item.inner if item.keyword == "ONBUILD" else None
        read = inner or item
        body_of = read.inner if read.keyword == "HEALTHCHECK" else None
        bodies = (item.text[heredoc.body_span.start : heredoc.body_span.end] for heredoc in item.heredocs)
        readings.append(
            Reading(
                item.keyword,
                inner.keyword if inner else None,
                text.count("\n", 0, start) + 1,
                text.count("\n", 0, start + len(item.text.removesuffix("\n"))) + 1,
                tuple(
                    f"--{f.name}" if f.value is None else f"--{f.name}={f.value}" for f in item.flags
                ),  # the binding hands on no trigger's flags
                (body_of or read).form is Form.JSON,
                _arguments(read) if read.keyword in INSTRUCTIONS else (),
                # the binding hands on no trigger's heredocs
                () if inner else tuple(zip((heredoc.delimiter for heredoc in item.heredocs), bodies, strict=True)),
            )
        )
    return readings


def problems(text: str) -> set[str]:
    """The codes of all faults we see."""
    return {problem.code for item in parse(text).items for problem in item.problems}


def _is_known(keyword: str, trigger: str | None) -> bool:
    return (trigger or keyword).upper() in INSTRUCTIONS


def _arguments(instruction: Instruction) -> tuple[str, ...]:
    if instruction.pairs and instruction.keyword != "ARG":
        return tuple(part.raw for pair in instruction.pairs for part in (pair.key, pair.value) if part is not None)
    if instruction.keyword == "HEALTHCHECK":
        words = tuple(word.raw for word in instruction.arguments)
        return words + (_arguments(instruction.inner) if instruction.inner else ())
    if instruction.form is Form.JSON:
        return tuple(str(json.loads(word.raw)) for word in instruction.arguments)
    return tuple(word.raw for word in instruction.arguments)
