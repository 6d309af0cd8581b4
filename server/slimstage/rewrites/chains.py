"""A final stage that is built on another one (`FROM base`): the file as if both were one stage, for planning.

What is planned for the merged text holds for the original one: the places of its changes are the same instructions,
and the FROM between the stages goes.
"""

from __future__ import annotations

from typing import NamedTuple

from slimstage.model import Model, Stage
from slimstage.rewrites.conversion import Change
from slimstage.syntax import reparse
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span


class Merged(NamedTuple):
    """`model` is the file without `gone`, the FROM of the final stage."""

    model: Model
    original: Model
    gone: Instruction

    def place(self, place: Place) -> Place:
        """A place of the merged file in the original one."""
        at = self.model.dockerfile.index_of(place.item)
        items = self.original.dockerfile.items
        return Place(items[at if at < self.original.dockerfile.index_of(self.gone) else at + 1], place.span)

    def changes(self, changes: tuple[Change, ...], step: int) -> tuple[Change, ...]:
        """Changes of the merged file as changes of the original one."""
        moved = (Change(self.place(change.place), change.new, change.step) for change in changes)
        return (*moved, Change(Place(self.gone, Span(0, len(self.gone.text))), "", step))


def merged(model: Model, stage: Stage) -> Merged | None:
    """The file with the final stage merged into the one it is built on, when nothing else wants that one."""
    base, gone = stage.base_stage, stage.instruction
    if base is None or base.index != stage.index - 1 or stage is not model.stages[-1] or gone.flags:
        return None
    if any(reference.target_stage is base and reference.instruction is not gone for reference in model.references):
        return None
    # Setting ENTRYPOINT forgets the CMD of the stage below, but not that of its own stage.
    if stage.last("ENTRYPOINT") is not None and stage.last("CMD") is None and base.last("CMD") is not None:
        return None
    if any(item.keyword == "ONBUILD" for item in base.instructions):
        return None
    tree = model.dockerfile
    start = tree.start_of(gone)
    without = reparse(tree, Span(start, start + len(gone.text)), "")
    kept = [item.text for item in tree.items if item is not gone]
    if [item.text for item in without.items] != kept:
        return None
    whole = Model(
        without, model.knowledge, model.context, build_args=model.build_args, name=model.name, wishes=model.wishes
    )
    return Merged(whole, model, gone)
