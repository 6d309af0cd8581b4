"""COPY --from takes a path that nothing in that stage writes."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.flow import flow_of
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.copied_products import StageCopy, stage_copies
from slimstage.syntax.nodes import Place
from slimstage.text import close_matches

# Folders that a base image may bring filled; nothing is concluded about what lies in them.
_OF_THE_BASE = frozenset(
    "bin boot dev etc go home lib lib32 lib64 libx32 media mnt nix opt proc root run sbin srv sys tmp usr var".split()
)


class CopiedPathNeverProduced(Rule):
    """An error: the build stops there. Silent as soon as one command of the stage is not understood."""

    id = "copied-path-never-produced"
    severity = "error"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a source."""
        for copy in stage_copies(model, model.stages):
            if copy.source is None or any(c in copy.source for c in "*?[") or copy.source == "/":
                continue
            top = copy.source.split("/")[1]
            if top in _OF_THE_BASE or not self._base_is_plain(model, copy):
                continue
            flow = flow_of(copy.source_stage)
            if flow.may_hold(copy.source):
                continue
            near = close_matches(copy.source, sorted({write.path for write in flow.writes}), 1, 0.75)
            fixes: tuple[Fix, ...] = ()
            if near and not copy.word.variables:
                edit = Edit(Place(copy.instruction, copy.word.span), near[0])
                fixes = (Fix("instead", (edit,), args={"path": near[0]}),)
            yield Finding(
                self.id,
                Place(copy.instruction, copy.word.span),
                args={"path": copy.source, "stage": copy.source_stage.label},
                fixes=fixes,
            )

    @staticmethod
    def _base_is_plain(model: Model, copy: StageCopy) -> bool:
        """Whether the stage's base is scratch or an official image, which hold nothing beyond the usual folders."""
        root = copy.source_stage.root
        if root.is_scratch:
            return True
        image = root.base_image
        return (
            image is not None and image.is_official and model.knowledge.image(image.repository, image.tag) is not None
        )
