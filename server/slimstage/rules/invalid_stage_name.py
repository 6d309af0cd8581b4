"""A stage name that BuildKit refuses."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.text import lazy_pattern

# instructions/parse.go of BuildKit; the name is lower-cased first.
_VALID = lazy_pattern(r"[a-z][a-z0-9_.-]*")


class InvalidStageName(Rule):
    """A name begins with a letter and holds letters, digits, `-`, `_` and `.`."""

    id = "invalid-stage-name"
    severity = "error"
    aliases = ("INVALID_BUILD_STAGE_NAME",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage."""
        for stage in model.stages:
            if stage.name and _VALID.fullmatch(stage.name.lower()) is None:
                yield Finding(self.id, stage.place(), args={"name": stage.name})
