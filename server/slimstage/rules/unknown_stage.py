"""A stage that is not there, or not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimstage.model import Model, Reference, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.syntax.nodes import Comment, Place
from slimstage.syntax.spelling import closest_names
from slimstage.text import Span


class UnknownStage(Rule):
    """Silent for what may be an image or a build context of that name: with `/`, `:`, `@`, `.` or a variable."""

    id = "unknown-stage"
    severity = "warning"
    aliases = ("DL3022",)
    hides = True

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a reference."""
        for reference in model.references:
            if reference.onbuild or reference.text is None:
                continue
            args = {"name": reference.text}
            if reference.target == "index-out-of-range":
                args["last"] = str(len(model.stages) - 1)
                yield Finding(self.id, reference.place, "index", args, "error")
            elif reference.target == "forward" and reference.target_stage is not None:
                related = Related(reference.target_stage.place(), "later", {"name": reference.target_stage.label})
                fix = _moved_above(reference.stage, reference.target_stage, model)
                fixes = () if fix is None else (fix,)
                yield Finding(self.id, reference.place, "forward", args, "error", fixes=fixes, related=(related,))
            elif reference.target_stage is None and (reference.target == "unknown" or reference.kind == "base"):
                yield from self._bare_word(reference, model)

    def _bare_word(self, reference: Reference, model: Model) -> Iterator[Finding]:
        text = reference.text or ""
        near = misspelt_stages(reference.stage, text, model)
        if near:
            fixes = tuple(
                Fix("replace", (Edit(reference.place, stage.label),), args={"name": stage.label}, preferred=index == 0)
                for index, stage in enumerate(near[:2])
            )
            args = {"name": text, "candidate": near[0].label}
            related = (Related(near[0].place(), "meant", {"name": near[0].label}),)
            yield Finding(self.id, reference.place, "did-you-mean", args, fixes=fixes, related=related)
        elif reference.kind != "base" and text != "scratch" and text not in model.knowledge.official_repositories():
            yield Finding(self.id, reference.place, "image", {"name": text}, "hint")


def _moved_above(stage: Stage, later: Stage, model: Model) -> Fix | None:
    """Move the later stage with the comments right above it before the stage that takes from it.

    Not the last stage, which would no longer be what is built; nor one that itself needs a stage it would pass.
    """
    if later.index + 1 >= len(model.stages) or any(reference.by_index for reference in model.references):
        return None
    name = later.label.lower()
    if any(other is not later and other.label.lower() == name for other in model.stages):
        return None
    for reference in model.references:
        needed = reference.target_stage
        if reference.stage is later and needed is not None and needed.index >= stage.index:
            return None
    tree = model.dockerfile
    here = _start(stage, model)
    block = tree.items[_start(later, model) : _start(model.stages[later.index + 1], model)]
    moved = Edit(Place(tree.items[here], Span(0, 0)), "".join(item.text for item in block))
    deleted = (Edit(Place(item, Span(0, len(item.text))), "") for item in block)
    return Fix("move", (moved, *deleted), args={"name": later.label})


def _start(stage: Stage, model: Model) -> int:
    """The index of the item a stage begins with: its FROM, or the comments right above, but not those of the file."""
    items = model.dockerfile.items
    own = start = model.dockerfile.index_of(stage.instruction)
    while start and isinstance(items[start - 1], Comment):
        start -= 1
    return start or own


def misspelt_stages(stage: Stage, text: str, model: Model) -> list[Stage]:
    """The earlier stages that a bare word may mean, the closest first; none for an official image's name."""
    if stage.index == 0 or not text or any(mark in text for mark in "/:@.$") or text == "scratch":
        return []
    if text in model.knowledge.official_repositories():
        return []
    earlier = {other.name.lower(): other for other in model.stages[: stage.index] if other.name}
    return [earlier[name] for name in closest_names(text, earlier)]
