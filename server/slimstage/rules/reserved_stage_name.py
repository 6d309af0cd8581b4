"""A stage called like something that has a meaning already."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.rules.duplicate_stage_name import rename_fix


class ReservedStageName(Rule):
    """`scratch` is the empty image, `context` the build context."""

    id = "reserved-stage-name"
    severity = "warning"
    aliases = ("ReservedStageName", "DL3063")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage."""
        for stage in model.stages:
            if stage.name and stage.name.lower() in ("scratch", "context"):
                new = f"{stage.name}-stage"
                fix = None if new.lower() in model.stage_names else rename_fix(stage, new, model)
                fixes = () if fix is None else (fix,)
                yield Finding(self.id, stage.place(), args={"name": stage.name}, fixes=fixes)
