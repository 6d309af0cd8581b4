"""A stage name with capitals: BuildKit keeps names in lower case, and FROM asks for it so."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule, Safety
from slimstage.rules.duplicate_stage_name import rename_fix


class StageNameCasing(Rule):
    """The fix renames what refers to the stage too."""

    id = "stage-name-casing"
    severity = "hint"
    aliases = ("StageNameCasing",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage."""
        for stage in model.stages:
            name = stage.name
            if name and name != name.lower():
                fix = rename_fix(stage, name.lower(), model, Safety.SAFE)
                fixes = () if fix is None else (fix,)
                yield Finding(self.id, stage.place(), args={"name": name, "new": name.lower()}, fixes=fixes)
