"""Comments that silence findings: ours, and those of the linters a file may come from."""

from __future__ import annotations

from slimstage.rules.base import Finding
from slimstage.syntax.nodes import Dockerfile


class Suppressions:
    """What the comments of one file silence."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self.dockerfile = dockerfile

    def silences(self, finding: Finding) -> bool:
        """Whether a comment asks not to report this finding."""
        return False
