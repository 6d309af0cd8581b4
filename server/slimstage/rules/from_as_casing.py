"""`as` in another case than its FROM."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.nodes import Place


class FromAsCasing(Rule):
    """Silent when FROM itself is in mixed case: then instruction-casing speaks."""

    id = "from-as-casing"
    severity = "hint"
    aliases = ("FromAsCasing",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a FROM."""
        for stage in model.stages:
            instruction = stage.instruction
            if stage.name_word is None:
                continue
            start, end = instruction.keyword_span
            keyword = instruction.text[start:end]
            word = instruction.arguments[1]
            new = "AS" if keyword.isupper() else "as" if keyword.islower() else word.raw
            if word.raw != new:
                place = Place(instruction, word.span)
                fix = Fix("recase", (Edit(place, new),), Safety.SAFE, {"new": new})
                yield Finding(self.id, place, args={"written": word.raw, "keyword": keyword}, fixes=(fix,))
