"""What the rules that offer a whole conversion as their fix share."""

from __future__ import annotations

from slimstage.model import Model
from slimstage.rewrites import Conversion, plan
from slimstage.rules.base import Edit, LazyFix


def conversion_fix(model: Model, title: str = "convert") -> LazyFix:
    """The conversion of the file as a fix; without edits when there is none."""

    def compute() -> tuple[Edit, ...]:
        found = plan(model)
        return tuple(Edit(c.place, c.new) for c in found.changes) if isinstance(found, Conversion) else ()

    return LazyFix(title, compute)
