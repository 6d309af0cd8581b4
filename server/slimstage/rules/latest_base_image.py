"""A base image with the tag `latest`."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.untagged_base_image import current_tag
from slimstage.syntax.nodes import Place
from slimstage.text import Span

_ONLY_LATEST = ("cgr.dev/chainguard/",)


class LatestBaseImage(Rule):
    """Silent with a digest, and for a registry that gives away nothing but `latest`."""

    id = "latest-base-image"
    severity = "info"
    aliases = ("DL3007",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a FROM; the fix writes what `latest` means today."""
        for stage in model.stages:
            word, image = stage.image_word, stage.image
            if word is None or image is None or image.tag != "latest" or image.digest or word.variables:
                continue
            if image.repository.startswith(_ONLY_LATEST):
                continue
            tag = current_tag(model.knowledge, image.repository)
            fixes: tuple[Fix, ...] = ()
            if tag is not None and word.raw == image.raw:
                at = Place(stage.instruction, Span(word.span.end - len("latest"), word.span.end))
                fixes = (Fix("pin", (Edit(at, tag),), args={"tag": tag}),)
            yield Finding(self.id, Place(stage.instruction, word.span), args={"image": image.raw}, fixes=fixes)
