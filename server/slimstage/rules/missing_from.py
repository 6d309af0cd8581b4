"""No stage to build."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.rules.syntax_faults import frontend
from slimstage.syntax.grammar import INSTRUCTIONS
from slimstage.syntax.nodes import Place


class MissingFrom(Rule):
    """Silent while there is nothing but ARGs and comments: the FROM is about to be typed."""

    id = "missing-from"
    severity = "error"
    aliases = ("NO_SOURCE_IMAGE", "tally/require-stages")

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, on the first instruction."""
        if model.stages or frontend(model.dockerfile) == "other":
            return
        for instruction in model.preamble:
            if instruction.keyword != "ARG" and instruction.keyword in INSTRUCTIONS:
                yield Finding(self.id, Place(instruction, instruction.keyword_span))
                return
