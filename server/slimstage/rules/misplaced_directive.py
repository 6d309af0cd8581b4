"""A parser directive that is a plain comment, because something stands above it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.syntax.nodes import Comment, Place
from slimstage.text import Span, lazy_pattern

# A `check` comment above an instruction has a meaning of its own.
_DIRECTIVE = lazy_pattern(r"(syntax)\s*=\s*\S*docker/dockerfile\S*|(escape)\s*=\s*[\\`]", re.IGNORECASE)


class MisplacedDirective(Rule):
    """Only what surely was meant as a directive, and only when there is none of its name in force."""

    id = "misplaced-directive"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding a name."""
        tree = model.dockerfile
        taken = {directive.name for directive in tree.directives}
        for item in tree.items:
            if not isinstance(item, Comment) or "=" not in item.content:
                continue
            match = _DIRECTIVE.fullmatch(item.content)
            if match is None:
                continue
            name = (match[1] or match[2]).lower()
            if name in taken:
                continue
            taken.add(name)
            first = tree.items[len(tree.directives)]
            at = 1 if first.text.startswith("\ufeff") else 0
            line = item.text if item.text.endswith("\n") else item.text + "\n"
            edits = (
                Edit(Place(first, Span(at, at)), line.lstrip()),
                Edit(Place(item, Span(0, len(item.text))), ""),
            )
            start = item.text.index("#")
            place = Place(item, Span(start, len(item.text.rstrip())))
            yield Finding(self.id, place, args={"name": name}, fixes=(Fix("move", edits, args={"name": name}),))
