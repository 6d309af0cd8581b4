"""An image name that Docker cannot read."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.images import parse_image
from slimstage.rules.base import Finding, Rule
from slimstage.rules.unknown_stage import misspelt_stages


class InvalidImageReference(Rule):
    """Silent where a variable decides, and for what is likely a misspelt stage."""

    id = "invalid-image-reference"
    severity = "error"
    aliases = ("INVALID_REFERENCE_FORMAT",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a reference."""
        for reference in model.references:
            text = reference.text
            if not text or reference.target_stage is not None or reference.by_index:
                continue
            if reference.kind == "base":
                word = reference.stage.image_word
                if word is None or word.variables or misspelt_stages(reference.stage, text, model):
                    continue
            elif text != text.lower():
                continue  # perhaps a build context; those are found in any case
            if parse_image(text) is None:
                yield Finding(self.id, reference.place, args={"image": text})
