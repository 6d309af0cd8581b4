"""No stage to build."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Rule
from slimstage.rules.syntax_faults import frontend
from slimstage.syntax.grammar import INSTRUCTIONS
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class MissingFrom(Rule):
    """BuildKit refuses such a file. While somebody writes it, nothing but ARGs and comments is no fault yet: the FROM
    is about to be typed. A file of unknown words only is no Dockerfile, and those words are told of.
    """

    id = "missing-from"
    severity = "error"
    aliases = ("NO_SOURCE_IMAGE", "tally/require-stages")

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding: on the first instruction, or at the beginning of a file without any."""
        tree = model.dockerfile
        if model.stages or frontend(tree) == "other":
            return
        begun = next((each for each in model.preamble if each.keyword != "ARG" and each.keyword in INSTRUCTIONS), None)
        if begun is not None:
            yield Finding(self.id, Place(begun, begun.keyword_span))
        elif model.unfinished:
            return
        elif not model.preamble:
            yield Finding(self.id, Place(tree.items[0] if tree.items else tree.nothing, Span(0, 0)), "empty")
        elif all(each.keyword == "ARG" for each in model.preamble):
            yield Finding(self.id, Place(model.preamble[0], model.preamble[0].keyword_span))
