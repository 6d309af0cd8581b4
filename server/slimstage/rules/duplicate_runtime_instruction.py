"""Several CMD, ENTRYPOINT or HEALTHCHECK in a stage: only the last counts."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule, Safety
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span

_ALIASES = {"CMD": "DL4003", "ENTRYPOINT": "DL4004", "HEALTHCHECK": "DL3012"}


class DuplicateRuntimeInstruction(Rule):
    """One stage at a time: to replace what a base stage or image set is the usual thing."""

    id = "duplicate-runtime-instruction"
    severity = "warning"
    aliases = ("MultipleInstructionsDisallowed", "DL4003", "DL4004", "DL3012", "MULTIPLE_INSTRUCTIONS")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding for each that does not count."""
        last: dict[str, Instruction] = {}
        for instruction in stage.instructions:
            if instruction.keyword in _ALIASES:
                last[instruction.keyword] = instruction
        if not last:
            return
        for instruction in stage.instructions:
            counts = last.get(instruction.keyword)
            if counts is None or counts is instruction:
                continue
            keyword = instruction.keyword
            whole = Place(instruction, Span(0, len(instruction.text)))
            yield Finding(
                self.id,
                Place(instruction, instruction.keyword_span),
                args={"instruction": keyword},
                aliases=("MultipleInstructionsDisallowed", _ALIASES[keyword], "MULTIPLE_INSTRUCTIONS"),
                fixes=(Fix("delete", (Edit(whole, ""),), Safety.SAFE, {"instruction": keyword}),),
                related=(Related(Place(counts, counts.keyword_span), "counts", {"instruction": keyword}),),
                tags=("unnecessary",),
            )
