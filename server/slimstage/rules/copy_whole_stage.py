"""COPY --from takes the whole file system of a stage."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.rules.conversions import conversion_fix
from slimstage.rules.copied_products import stage_copies
from slimstage.syntax.nodes import Place


class CopyWholeStage(Rule):
    """Silent for a final `FROM scratch`: copying all of a stage into nothing flattens its layers on purpose."""

    id = "copy-whole-stage"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a source."""
        for copy in stage_copies(model, model.shipped_stages):
            # An image made to be laid over another one (tonistiigi/xx) is taken whole on purpose.
            built = any(stage.runs for stage in copy.source_stage.lineage)
            if copy.source == "/" and built and not copy.into.root.is_scratch:
                place, args = Place(copy.instruction, copy.word.span), {"stage": copy.source_stage.label}
                yield Finding(self.id, place, args=args, fixes=(conversion_fix(model, "narrow"),))
