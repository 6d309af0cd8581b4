"""An ENV that uses a variable it sets itself: the pairs of one ENV see what stood before it."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.declare import keyword_like, line_end
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class EnvSelfReference(Rule):
    """Silent for a variable that appends to itself, and for one defined before."""

    id = "env-self-reference"
    severity = "warning"
    aliases = ("DL3044",)

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a use."""
        for instruction in stage.instructions:
            pairs = instruction.pairs
            if instruction.keyword != "ENV" or len(pairs) < 2 or not instruction.variables:
                continue
            setters = {pair.key.raw: index for index, pair in enumerate(pairs)}
            for index, pair in enumerate(pairs):
                for reference in pair.value.variables if pair.value is not None else ():
                    other = setters.get(reference.name)
                    if other is None or other == index or reference.name == pair.key.raw:
                        continue
                    if stage.scope_at(instruction).lookup(reference.name) is not None:
                        continue
                    fixes: tuple[Fix, ...] = ()
                    gap = Span(pairs[index - 1].span.end, pair.span.start)
                    if 0 <= other < index and "#" not in instruction.text[gap.start : gap.end]:
                        new = f"{line_end(instruction)}{keyword_like(instruction, 'ENV')} "
                        fixes = (Fix("split", (Edit(Place(instruction, gap), new),), args={"name": pair.key.raw}),)
                    yield Finding(
                        self.id,
                        Place(instruction, reference.name_span),
                        args={"name": reference.name},
                        fixes=fixes,
                        related=(Related(Place(instruction, pairs[other].span), "set", {"name": reference.name}),),
                    )
