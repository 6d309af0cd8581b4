"""Short words for syntax tests: parse one instruction, and see what its spans cover."""

from __future__ import annotations

from slimstage.syntax import parse
from slimstage.syntax.nodes import Instruction, VariableReference
from slimstage.text import Span


def one(text: str, position: int = 0) -> Instruction:
    """The instruction of that position in a text."""
    return parse(text).instructions[position]


def cut(instruction: Instruction, span: Span | None) -> str | None:
    """What a span covers."""
    return None if span is None else instruction.text[span.start : span.end]


def codes(text: str) -> list[str]:
    """The codes of all problems of a text, in order."""
    return [problem.code for item in parse(text).items for problem in item.problems]


def shown(reference: VariableReference) -> tuple[str, str, str | None]:
    """A reference as name, modifier, word."""
    return reference.name, reference.modifier, reference.word


def faults(text: str) -> list[tuple[str, str, dict[str, object]]]:
    """Every problem as code, covered text, arguments."""
    return [
        (problem.code, item.text[problem.span.start : problem.span.end], dict(problem.args))
        for item in parse(text).items
        for problem in item.problems
    ]
