"""The line that declares a variable, written as the file writes its lines."""

from __future__ import annotations

from slimstage.rules.base import Edit
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span


def line_end(instruction: Instruction) -> str:
    """The line end that the instruction's own lines have."""
    return "\r\n" if "\r\n" in instruction.text else "\n"


def keyword_like(instruction: Instruction, keyword: str) -> str:
    """The keyword in the case of an instruction's own."""
    written = instruction.text[instruction.keyword_span.start : instruction.keyword_span.end]
    return keyword.lower() if written.islower() else keyword


def declared_below(instruction: Instruction, name: str) -> Edit:
    """`ARG name` on a line of its own behind an instruction."""
    end = len(instruction.text)
    ends = instruction.text.endswith("\n")
    line = f"{keyword_like(instruction, 'ARG')} {name}"
    new = line + line_end(instruction) if ends else line_end(instruction) + line
    return Edit(Place(instruction, Span(end, end)), new)


def declared_above(instruction: Instruction, declaration: str) -> Edit:
    """`ARG declaration` on a line of its own before an instruction."""
    line = f"{keyword_like(instruction, 'ARG')} {declaration}{line_end(instruction)}"
    return Edit(Place(instruction, Span(0, 0)), line)
