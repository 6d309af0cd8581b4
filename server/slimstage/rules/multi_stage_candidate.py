"""A single-stage file that can become a leaner multi-stage one, although it installs no build tools itself."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rewrites import Conversion, plan
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.toolchains import shipped_toolchains


class MultiStageCandidate(Rule):
    """Speaks only where a verified conversion exists and `build-tools-in-final-stage` does not speak."""

    id = "multi-stage-candidate"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, at FROM's image."""
        if len(model.stages) != 1 or next(shipped_toolchains(model), None) is not None:
            return
        found = plan(model)
        stage = model.stages[0]
        if not isinstance(found, Conversion):
            return
        if found.before is not None and found.after is not None and found.after.bytes >= found.before.bytes:
            return  # too little of either image is known to promise a gain
        edits = tuple(Edit(change.place, change.new) for change in found.changes)
        sized = found.before is not None and found.after is not None
        args = {"before": found.before, "after": found.after, "saving": found.saving}
        yield Finding(
            self.id, stage.place(), "sized" if sized else "default", args, fixes=(Fix("convert", edits, args=args),)
        )
