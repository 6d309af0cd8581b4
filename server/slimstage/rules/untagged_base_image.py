"""A base image without tag or digest."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.knowledge import KnowledgeBase
from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.unknown_stage import misspelt_stages
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class UntaggedBaseImage(Rule):
    """Silent for stages, scratch, variables, and what is likely a misspelt stage."""

    id = "untagged-base-image"
    severity = "warning"
    aliases = ("DL3006",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a FROM; the fix writes what `latest` means today."""
        for stage in model.stages:
            word, image = stage.image_word, stage.image
            if word is None or image is None or image.tag or image.digest or image.is_scratch or word.variables:
                continue
            if misspelt_stages(stage, word.raw, model):
                continue
            tag = current_tag(model.knowledge, image.repository)
            fixes: tuple[Fix, ...] = ()
            if tag is not None and word.raw == image.raw:
                at = Place(stage.instruction, Span(word.span.end, word.span.end))
                fixes = (Fix("pin", (Edit(at, f":{tag}"),), args={"tag": tag}),)
            place = Place(stage.instruction, word.span)
            yield Finding(self.id, place, args={"image": image.raw}, fixes=fixes)


def current_tag(knowledge: KnowledgeBase, repository: str) -> str | None:
    """The version that `latest` of an official image names today (`3.14`), two numbers if it has such a tag."""
    for tags in knowledge.official_tags(repository):
        if "latest" in tags:
            numbered = [tag for tag in tags if tag.replace(".", "").isdecimal()]
            return min(numbered, key=lambda tag: (abs(tag.count(".") - 1), tag.count(".")), default=None)
    return None
