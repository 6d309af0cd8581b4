"""Java, when layers are asked for: a lean stage takes the layers of a Spring Boot jar instead of the jar."""

from __future__ import annotations

from slimstage.model import Model, Stage
from slimstage.rewrites import java
from slimstage.rewrites.conversion import Change
from slimstage.rewrites.spring_boot import layers_of_shipped, taken_jar

PATTERN = java.PATTERN


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage takes one jar of another stage."""
    return taken_jar(model, stage) is not None


class Plan(java.Plan):
    """One conversion in the making."""

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        self.layout.steps.clear()
        return layers_of_shipped(self)
