"""A text that is too long to be read again on every keystroke."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class FileTooLong(Rule):
    """Says why nothing else is found: of such a text no other rule is asked."""

    id = "file-too-long"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, at the beginning."""
        tree = model.dockerfile
        if model.longest is not None and len(tree.source) > model.longest:
            yield Finding(self.id, Place(tree.items[0], Span(0, 0)), args={"limit": f"{model.longest:,}"})
