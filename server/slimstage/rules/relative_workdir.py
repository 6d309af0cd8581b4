"""A relative WORKDIR on a base whose working directory the file does not say."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.syntax.nodes import Place
from slimstage.text import lazy_pattern

_ABSOLUTE = lazy_pattern(r"[/\\]|[A-Za-z]:")


class RelativeWorkdir(Rule):
    """The stage's first WORKDIR only: later ones are relative to it. Silent when a variable decides."""

    id = "relative-workdir"
    severity = "warning"
    aliases = ("WorkdirRelativePath", "DL3000", "WORKDIR_IS_NOT_ABSOLUTE")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """At most one finding a stage."""
        if any(base.last("WORKDIR") is not None for base in stage.lineage[1:]):
            return
        first = next((item for item in stage.instructions if item.keyword == "WORKDIR" and item.arguments), None)
        if first is None:
            return
        word = first.arguments[0]
        path = stage.expand(word, first)
        if not path or _ABSOLUTE.match(path):
            return
        args = {"path": path}
        place = Place(first, word.span)
        image = stage.base_image
        known = None if image is None or stage.is_scratch else model.knowledge.image(image.repository, image.tag)
        start = "/" if stage.root.is_scratch else known.image.workdir if known is not None else None
        fixes: tuple[Fix, ...] = ()
        if start is not None and word.value == word.raw:
            new = posixpath.normpath(posixpath.join(start, path))
            fixes = (Fix("absolute", (Edit(place, new),), args={"path": new}),)
        yield Finding(self.id, place, args=args, fixes=fixes)
