"""MAINTAINER, which a label replaced."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.rules.declare import keyword_like
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class DeprecatedMaintainer(Rule):
    """The label is the one that the image specification of the OCI names for authors."""

    id = "deprecated-maintainer"
    severity = "hint"
    aliases = ("MaintainerDeprecated", "DL4000", "DEPRECATED_MAINTAINER")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction."""
        for instruction in stage.instructions:
            if instruction.keyword != "MAINTAINER":
                continue
            fixes: tuple[Fix, ...] = ()
            if instruction.arguments:
                word = instruction.arguments[0]
                author = word.raw
                if len(author) > 1 and author[0] == author[-1] and author[0] in "'\"":
                    author = author[1:-1]
                special = (stage.escape, '"', "$")
                author = "".join(stage.escape + letter if letter in special else letter for letter in author)
                new = f'{keyword_like(instruction, "LABEL")} org.opencontainers.image.authors="{author}"'
                span = Span(instruction.keyword_span.start, word.span.end)
                fixes = (Fix("label", (Edit(Place(instruction, span), new),), Safety.SAFE),)
            place = Place(instruction, instruction.keyword_span)
            yield Finding(self.id, place, fixes=fixes, tags=("deprecated",))
