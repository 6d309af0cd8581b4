"""The shipped knowledge with what registries said on top, and a note of what an estimate asked for in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slimstage.knowledge.base import KnowledgeBase
from slimstage.knowledge.records import EMPTY, BaseImage, Claim, ImageMatch, MeasuredWheel, Source, Text


@dataclass(slots=True)
class Figures:
    """What registries said: claims on images by (repository, tag), wheels and npm packages by (name, version)."""

    images: dict[tuple[str, str], tuple[Claim, Claim]] = field(default_factory=dict)  # disk, download
    wheels: dict[tuple[str, str | None], MeasuredWheel] = field(default_factory=dict)
    npm: dict[tuple[str, str], int] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)

    def named(self, host: str, date: str) -> str:
        """The id of a source: a registry, asked on that day."""
        key = f"online-{host}"
        self.sources[key] = Source(key, Text(host, host), None, date)
        return key


class OnlineKnowledge(KnowledgeBase):
    """Everything the shipped knowledge has, its records shared; `missed_*` fill while an estimate is made."""

    def __init__(self, shipped: KnowledgeBase, figures: Figures) -> None:
        self.__dict__.update(shipped.__dict__)
        self.figures = figures
        self.missed_wheels: dict[tuple[str, str | None], None] = {}
        self.missed_npm: dict[tuple[str, str], None] = {}
        self._shipped = shipped
        self.renew()

    def renew(self) -> None:
        """Start a new round: nothing missed yet, the sources as they are now."""
        self.missed_wheels.clear()
        self.missed_npm.clear()
        self.__dict__["sources"] = {**self._shipped.sources, **self.figures.sources}

    def image(self, repository: str, tag: str | None) -> ImageMatch | None:
        """As in the shipped knowledge, with the registry's figures; a relative then carries the asked tag."""
        match = super().image(repository, tag)
        found = self.figures.images.get((repository, tag or "latest"))
        if found is None:
            return match
        disk, download = found
        if match is None:
            return ImageMatch(BaseImage(repository, tag or "latest", EMPTY, disk, download), False)
        image = match.image._replace(disk=disk, download=download)
        return ImageMatch(image if match.exact else image._replace(tag=tag or "latest"), match.exact)

    def wheels_of(self, name: str, version: str | None) -> tuple[MeasuredWheel, ...]:
        """The registry's wheel before the measured ones."""
        rows = super().wheels_of(name, version)
        row = self.figures.wheels.get((name, version))
        if row is not None:
            return (row, *(other for other in rows if other.version != row.version))
        if not any(other.version == version for other in rows):
            self.missed_wheels.setdefault((name, version))
        return rows

    def node_sizes(self, name: str, version: str) -> Mapping[str, int]:
        """The registry's size beside the measured ones."""
        sizes = super().node_sizes(name, version)
        if version in sizes or not version:
            return sizes
        size = self.figures.npm.get((name, version))
        if size is None:
            self.missed_npm.setdefault((name, version))
            return sizes
        return {**sizes, version: size}
