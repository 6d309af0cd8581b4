"""A base image whose language or distribution release gets no more fixes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from slimstage.knowledge import KnowledgeBase
from slimstage.knowledge.records import BaseImage
from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.syntax.nodes import Place

_RELEASES = ("buster", "bullseye", "bookworm", "trixie")


class EolBaseImage(Rule):
    """By the day of the newest source of the knowledge, since rules read no clock: never too early."""

    id = "eol-base-image"
    severity = "info"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """At the image of its FROM."""
        word, image = stage.image_word, stage.image
        if word is None or image is None or image.is_scratch:
            return
        match = model.knowledge.image(image.repository, image.tag)
        if match is None or not match.exact or match.image.end_of_life is None:
            return
        if match.image.end_of_life > _known_until(model.knowledge):
            return
        fixes: tuple[Fix, ...] = ()
        newer = _on_a_newer_release(model.knowledge, image.repository, image.tag)
        other = _supported(model.knowledge, image.repository, image.tag) if newer is None else None
        tag = newer or (None if other is None else other.tag)
        if tag is not None and word.raw == image.raw and image.tag and not image.digest:
            new = image.raw.rpartition(":")[0] + ":" + tag
            fixes = (Fix("replace", (Edit(Place(stage.instruction, word.span), new),), args={"new": new}),)
        args = {"image": image.raw, "date": match.image.end_of_life, "release": match.image.release}
        message = "default" if newer is None else "distribution"
        yield Finding(self.id, Place(stage.instruction, word.span), message, args, fixes=fixes)


@cache
def _known_until(knowledge: KnowledgeBase) -> str:
    return max((source.date for source in knowledge.sources.values()), default="")


@cache
def _supported(knowledge: KnowledgeBase, repository: str, tag: str | None) -> BaseImage | None:
    """The next release of the same variant as a known image that still gets fixes."""
    start = knowledge.image(repository, tag)
    if start is None:
        return None
    image, today = start.image, _known_until(knowledge)
    version = _numbers(image.language_version)
    found: list[tuple[tuple[int, ...], int, BaseImage]] = []
    for name in knowledge.tags(repository):
        match = knowledge.image(repository, name)
        if match is None or not match.exact or match.image.tag != name:
            continue
        other = match.image
        same = (other.kind, other.distro, other.language) == (image.kind, image.distro, image.language)
        newer = version is not None and (_numbers(other.language_version) or ()) > version
        if same and newer and other.end_of_life is not None and other.end_of_life > today:
            found.append((_numbers(other.language_version) or (), len(name), other))
    return min(found, key=lambda entry: entry[:2])[2] if found else None


@cache
def _on_a_newer_release(knowledge: KnowledgeBase, repository: str, tag: str | None) -> str | None:
    """The same version and variant on the next release of its distribution, when only that release is past its end."""
    start = knowledge.image(repository, tag)
    if start is None or tag is None or start.image.release not in _RELEASES or start.image.language_version is None:
        return None
    image = start.image
    words = tag.split("-")
    if image.release not in words:
        return None
    for release in _RELEASES[_RELEASES.index(image.release) + 1 :]:
        name = "-".join(release if word == image.release else word for word in words)
        match = knowledge.image(repository, name)
        if match is None or not match.exact or match.image.end_of_life is None:
            continue
        same = (match.image.kind, match.image.language_version) == (image.kind, image.language_version)
        if same and match.image.end_of_life > _known_until(knowledge):
            return name
    return None


def _numbers(version: str | None) -> tuple[int, ...] | None:
    parts = (version or "").split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else None
