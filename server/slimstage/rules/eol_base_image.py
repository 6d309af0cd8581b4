"""A base image whose language or distribution release gets no more fixes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from slimstage.knowledge import KnowledgeBase
from slimstage.knowledge.records import BaseImage
from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.syntax.nodes import Place


class EolBaseImage(Rule):
    """By the day of the newest source of the knowledge, since rules read no clock: never too early."""

    id = "eol-base-image"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a FROM."""
        for stage in model.stages:
            word, image = stage.image_word, stage.image
            if word is None or image is None or image.is_scratch:
                continue
            match = model.knowledge.image(image.repository, image.tag)
            if match is None or not match.exact or match.image.end_of_life is None:
                continue
            known = match.image
            end = known.end_of_life or ""
            today = _known_until(model.knowledge)
            if end > today:
                continue
            fixes: tuple[Fix, ...] = ()
            other = _supported(known, today, model.knowledge)
            if other is not None and word.raw == image.raw and image.tag and not image.digest:
                new = image.raw.rpartition(":")[0] + ":" + other.tag
                fixes = (Fix("replace", (Edit(Place(stage.instruction, word.span), new),), args={"new": new}),)
            args = {"image": image.raw, "date": end}
            yield Finding(self.id, Place(stage.instruction, word.span), args=args, fixes=fixes)


@cache
def _known_until(knowledge: KnowledgeBase) -> str:
    return max((source.date for source in knowledge.sources.values()), default="")


def _supported(image: BaseImage, today: str, knowledge: KnowledgeBase) -> BaseImage | None:
    """The next release of the same variant that still gets fixes."""
    version = _numbers(image.language_version)
    found: list[tuple[tuple[int, ...], int, BaseImage]] = []
    for tag in knowledge.tags(image.repository):
        match = knowledge.image(image.repository, tag)
        if match is None or not match.exact or match.image.tag != tag:
            continue
        other = match.image
        same = (other.kind, other.distro, other.language) == (image.kind, image.distro, image.language)
        newer = version is not None and (_numbers(other.language_version) or ()) > version
        if same and newer and other.end_of_life is not None and other.end_of_life > today:
            found.append((_numbers(other.language_version) or (), len(tag), other))
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _numbers(version: str | None) -> tuple[int, ...] | None:
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else None
