"""A keyword written in another case than the others of the file."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.grammar import INSTRUCTIONS
from slimstage.syntax.nodes import Instruction, Place


class InstructionCasing(Rule):
    """The file's majority decides, upper case at a tie."""

    id = "instruction-casing"
    severity = "hint"
    aliases = ("ConsistentInstructionCasing", "CASING_INSTRUCTION")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a keyword."""
        lower: list[Instruction] = []
        upper: list[Instruction] = []
        mixed: list[Instruction] = []
        for instruction in model.dockerfile.instructions:
            if instruction.text.startswith(instruction.keyword):
                upper.append(instruction)  # the usual case, without a copy of the text
                continue
            if instruction.keyword not in INSTRUCTIONS:
                continue
            written = _written(instruction)
            (upper if written.isupper() else lower if written.islower() else mixed).append(instruction)
        if not mixed and not (lower and upper):
            return
        wants_lower = len(lower) > len(upper)
        strangers = [*mixed, *(upper if wants_lower else lower)]
        for instruction in strangers:
            if instruction.keyword not in INSTRUCTIONS:
                continue
            place = Place(instruction, instruction.keyword_span)
            new = instruction.keyword.lower() if wants_lower else instruction.keyword
            fix = Fix("recase", (Edit(place, new),), Safety.SAFE, {"new": new})
            yield Finding(self.id, place, args={"written": _written(instruction), "new": new}, fixes=(fix,))


def _written(instruction: Instruction) -> str:
    return instruction.text[instruction.keyword_span.start : instruction.keyword_span.end]
