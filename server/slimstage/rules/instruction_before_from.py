"""Something other than ARG before the first FROM."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.syntax_faults import frontend
from slimstage.syntax.grammar import INSTRUCTIONS
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span


class InstructionBeforeFrom(Rule):
    """The build stops there: no stage is open."""

    id = "instruction-before-from"
    severity = "error"
    aliases = ("DL3061",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding an instruction; the fix moves all of them."""
        if not model.stages or frontend(model.dockerfile) == "other":
            return
        strangers = [item for item in model.preamble if item.keyword != "ARG" and item.keyword in INSTRUCTIONS]
        if not strangers:
            return
        fix = _move(strangers, model.stages[0].instruction)
        for instruction in strangers:
            place = Place(instruction, instruction.keyword_span)
            yield Finding(self.id, place, args={"instruction": instruction.keyword}, fixes=(fix,))


def _move(strangers: list[Instruction], first: Instruction) -> Fix:
    end = len(first.text)
    moved = "".join(item.text for item in strangers)
    if not first.text.endswith("\n"):
        line_end = "\r\n" if strangers[0].text.endswith("\r\n") else "\n"
        moved = line_end + moved.removesuffix(line_end)
    edits = [Edit(Place(item, Span(0, len(item.text))), "") for item in strangers]
    return Fix("move", (*edits, Edit(Place(first, Span(end, end)), moved)))
