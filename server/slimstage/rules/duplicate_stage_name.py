"""Two stages with one name."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule, Safety


class DuplicateStageName(Rule):
    """BuildKit folds case here and warns; the classic builder fails."""

    id = "duplicate-stage-name"
    severity = "error"
    aliases = ("DuplicateStageName", "DL3024", "DUPLICATE_BUILD_STAGE_NAME")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding for the second stage of a name and each after it."""
        first: dict[str, Stage] = {}
        for stage in model.stages:
            if not stage.name:
                continue
            other = first.setdefault(stage.name.lower(), stage)
            if other is not stage:
                related = (Related(other.place(), "first", {"name": other.name or ""}),)
                fix = rename_fix(stage, _free_name(stage.name, model), model)
                fixes = () if fix is None else (fix,)
                yield Finding(self.id, stage.place(), args={"name": stage.name}, fixes=fixes, related=related)


def _free_name(name: str, model: Model) -> str:
    number = 2
    while f"{name}-{number}".lower() in model.stage_names:
        number += 1
    return f"{name}-{number}"


def rename_fix(stage: Stage, new: str, model: Model, safety: Safety = Safety.CONFIRM) -> Fix | None:
    """Rename a stage and what refers to it; None when a reference cannot be rewritten."""
    edits = [Edit(stage.place(), new)]
    for reference in model.references_to.get(stage.index, ()):
        if reference.by_index:
            continue
        written = reference.instruction.text[reference.span.start : reference.span.end]
        if reference.target != "stage" or reference.text is None or written.lower() != (stage.name or "").lower():
            return None
        edits.append(Edit(reference.place, new))
    return Fix("rename", tuple(edits), safety, {"name": stage.name or "", "new": new})
