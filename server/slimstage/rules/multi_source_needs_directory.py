"""COPY or ADD of several sources to something that is not written as a directory."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class MultiSourceNeedsDirectory(Rule):
    """Silent for `.`, for a directory named by WORKDIR, and for a destination that holds a variable.

    The classic builder fails; BuildKit copies each source over the one before unless the directory is there.
    """

    id = "multi-source-needs-directory"
    severity = "warning"
    aliases = ("DL3021", "INVALID_DESTINATION")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction."""
        for item in stage.instructions:
            instruction = item.inner or item
            if instruction.keyword not in ("COPY", "ADD") or len(instruction.arguments) < 3:
                continue
            word = instruction.arguments[-1]
            value = word.value
            if value is None or word.variables or value.rpartition("/")[2] in ("", ".", "..") or value.endswith("\\"):
                continue
            if instruction is item and stage.state_before(item).workdir == value:
                continue
            end = word.span.end
            if item.text[end - 1] in "\"'":
                end -= 1
            fix = Fix("slash", (Edit(Place(item, Span(end, end)), "/"),), Safety.SAFE, {"path": f"{value}/"})
            args = {"instruction": instruction.keyword, "path": value}
            yield Finding(self.id, Place(item, word.span), args=args, fixes=(fix,))
