"""A stage that nothing needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model import Model, Reference, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.syntax.nodes import Comment, Item, Place
from slimstage.text import Span

# Names of stages that people build with --target.
_TARGETS = frozenset(
    "dev devel develop development devcontainer debug debugger test tests testing unittest e2e lint linter check ci "
    "docs doc export exporter artifact artifacts binary binaries out output release prod production runtime final "
    "vendor update validate local staging base bench benchmark coverage cover fmt format shell tools".split()
)


class UnusedStage(Rule):
    """Silent for stages that look like targets: by their name, or with a command of their own."""

    id = "unused-stage"
    severity = "hint"
    aliases = ("tally/no-unreachable-stages",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage."""
        if len(model.stages) < 2 or len(model.needed_stages) in (0, len(model.stages)):
            return
        if chosen_by_variable(model):
            return
        used = set(model.needed_stages)
        needs: dict[int, set[int]] = {}
        for reference in model.references:
            if reference.target_stage is not None:
                needs.setdefault(reference.stage.index, set()).add(reference.target_stage.index)
        waiting = [stage.index for stage in model.stages if stage.index not in used and _may_be_target(stage)]
        while waiting:
            index = waiting.pop()
            if index not in used:
                used.add(index)
                waiting += needs.get(index, ())
        taken = {other for index, others in needs.items() for other in others if other != index}
        for stage in model.stages:
            if stage.index not in used:
                fix = _deletion(stage, model)
                fixes = () if fix is None else (fix,)
                message = "by-skipped" if stage.index in taken else "default"
                args = {"stage": stage.label}
                yield Finding(self.id, stage.place(), message, args, fixes=fixes, tags=("unnecessary",))


def chosen_by_variable(model: Model) -> bool:
    """Whether a variable may name the stage that another one builds on or takes from: any may be needed then."""
    return any(_varies(reference) for reference in model.references)


def _varies(reference: Reference) -> bool:
    """Whether a variable may choose the stage to build on: `FROM app-${TARGETOS}`, but not `FROM python:${VERSION}`."""
    word = reference.stage.image_word
    if reference.kind != "base" or word is None:
        return reference.text is None
    if not word.variables:
        return False
    text = reference.stage.instruction.text
    uses = [use.span for use in word.variables]
    literal = [at for at in range(*word.span) if not any(use.start <= at < use.end for use in uses)]
    return not any(text[at] in ":/@" for at in literal)


def _may_be_target(stage: Stage) -> bool:
    if not stage.name:
        return False
    words = re.split(r"[-_.]", stage.name.lower())
    return not _TARGETS.isdisjoint(words) or any(item.keyword in ("CMD", "ENTRYPOINT") for item in stage.instructions)


def _deletion(stage: Stage, model: Model) -> Fix | None:
    """Delete the stage with the comments right above it; what stands above the next FROM stays."""
    if stage.index + 1 >= len(model.stages) or any(reference.by_index for reference in model.references):
        return None
    if any(reference.target_stage is stage for reference in model.references):
        return None
    tree = model.dockerfile
    start = tree.index_of(stage.instruction)
    end = tree.index_of(model.stages[stage.index + 1].instruction)
    while stage.index and isinstance(tree.items[start - 1], Comment):
        start -= 1
    while isinstance(tree.items[end - 1], Comment):
        end -= 1
    edits = tuple(Edit(_whole(item), "") for item in tree.items[start:end])
    return Fix("delete", edits, args={"stage": stage.label})


def _whole(item: Item) -> Place:
    return Place(item, Span(0, len(item.text)))
