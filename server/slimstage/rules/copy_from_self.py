"""A stage copies from itself."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule


class CopyFromSelf(Rule):
    """BuildKit refuses it: a stage is built before others may take from it."""

    id = "copy-from-self"
    severity = "error"
    aliases = ("DL3023",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a reference."""
        for reference in model.references:
            if reference.target == "self" and not reference.onbuild:
                yield Finding(self.id, reference.place, args={"stage": reference.stage.label})
