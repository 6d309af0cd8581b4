"""A file that can become a leaner multi-stage one, although it installs no build tools itself."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rewrites import Conversion, plan
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.toolchains import shipped_toolchains

_COMPILERS = ("golang", "rust", "gcc")


class MultiStageCandidate(Rule):
    """Speaks only where a verified conversion exists and `build-tools-in-final-stage` does not speak."""

    id = "multi-stage-candidate"
    severity = "info"
    plans = True

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, at FROM's image."""
        stage = model.final_stage
        if stage is None or next(shipped_toolchains(model), None) is not None:
            return
        # Of several stages, where the one that ships is built on another, or on a base that compilers come with.
        base = stage.base_image.repository if stage.base_image is not None else ""
        if len(model.stages) != 1 and stage.base_stage is None and base not in _COMPILERS:
            return
        found = plan(model)
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
