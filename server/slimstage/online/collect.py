"""Asks the registries for what one Dockerfile needs, and makes its analysis again with the answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from slimstage.analysis import Analysis
from slimstage.knowledge.records import Claim, ClaimBasis
from slimstage.model.python import base_facts
from slimstage.online.cache import Cache, user_folder
from slimstage.online.clients import node_index, python_index
from slimstage.online.http import Client, Unavailable
from slimstage.online.knowledge import Figures, OnlineKnowledge
from slimstage.online.npm import Npm
from slimstage.online.registry import ImageFigures, Registry, read_name
from slimstage.online.wheels import Target, Wheels

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase
    from slimstage.model import Model
    from slimstage.model.images import ImageReference

_THREADS = 8
_ROUNDS = 8  # how deep requirements of requirements are followed
_MOST = 600  # packages asked for in all
_HOSTS_SHOWN = 3
# An archive holds a header and padding for each file: files of Debian folders take 0.945 to 0.997 of theirs.
_ARCHIVED, _ARCHIVED_LOW, _ARCHIVED_HIGH = 0.965, 0.93, 1.0
# Without a layer's word: the usual ratio of a whole image to its compressed layers.
_RATIO, _RATIO_LOW, _RATIO_HIGH = 2.7, 2.08, 3.57

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Collected:
    """`knowledge` is the shipped one with the figures on top; `reasons` say by host why some could not be had."""

    knowledge: OnlineKnowledge
    reasons: dict[str, Unavailable] = field(default_factory=dict)
    missed: int = 0

    def told(self, lang: str) -> list[str]:
        """Why figures are missing, in words: a line a host, those of the first few."""
        text = self.knowledge.text
        return [
            f"{error.host}: {text(f'online.reason.{error.reason}', lang, status=error.status)}"
            for error in list(self.reasons.values())[:_HOSTS_SHOWN]
        ]


def collect(
    analysis: Analysis,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = 10.0,
    cache: Path | None = None,
) -> Collected:
    """The knowledge for an estimate of this file, with what its registries say; `cache` is the user's by default.

    `progress` gets how many figures are settled and how many are asked for so far. Raises `Cancelled` when
    `cancelled` says so; nothing else is raised for what cannot be had.
    """
    return _Collector(analysis, progress, Client(timeout, cancelled), Cache(cache or user_folder())).run()


def with_figures(analysis: Analysis, collected: Collected) -> Analysis:
    """The same file with the collected knowledge."""
    return Analysis(analysis.source, collected.knowledge, analysis.context, analysis.options)


class _Collector:
    def __init__(self, analysis: Analysis, progress: Progress | None, client: Client, cache: Cache) -> None:
        self.analysis = analysis
        self.progress = progress
        self.client = client
        self.cache = cache
        self.today = dt.datetime.now(dt.timezone.utc).date().isoformat()
        self.machine = "aarch64" if "arm64" in (analysis.options.platform or "") else "x86_64"
        self.figures = Figures()
        self.knowledge = OnlineKnowledge(analysis.knowledge, self.figures)
        self.reasons: dict[str, Unavailable] = {}
        self.asked = 0
        self.settled = 0
        self.missed = 0

    def run(self) -> Collected:
        model = self.analysis.model
        registry = Registry(self.client, self.cache, "arm64" if self.machine == "aarch64" else "amd64")
        self.ask(partial(self.image, registry, image) for image in _images(model))
        npm: Npm | None = None
        wheels: Wheels | None = None
        settled: set[object] = set()
        for _ in range(_ROUNDS):
            knowledge = self.knowledge
            knowledge.renew()
            _ = Analysis(self.analysis.source, knowledge, self.analysis.context, self.analysis.options).sizes
            python = [key for key in knowledge.missed_wheels if ("python", key) not in settled]
            node = [key for key in knowledge.missed_npm if ("npm", key) not in settled]
            jobs: list[Callable[[], None]] = []
            if python and wheels is None:
                wheels = self.wheels(model)
            if node and npm is None:  # only now, since finding npm's settings may start npm
                npm = self.npm()
            if wheels is not None:
                jobs += [partial(self.wheel, wheels, *key) for key in python]
            if npm is not None:
                jobs += [partial(self.package, npm, *pair) for pair in node]
            jobs = jobs[: max(0, _MOST - self.asked)]
            if not jobs:
                break
            settled |= {("python", key) for key in python} | {("npm", pair) for pair in node}
            self.ask(jobs)
        self.knowledge.renew()
        return Collected(self.knowledge, self.reasons, self.missed)

    def wheels(self, model: Model) -> Wheels | None:
        index = python_index()
        if index is None:
            self.lost(Unavailable("pip", "no-index"))
            return None
        return Wheels(self.client, self.cache, index, _target(model, self.machine), self.today)

    def npm(self) -> Npm | None:
        index = node_index()
        if index is None:
            self.lost(Unavailable("npm", "no-index"))
            return None
        return Npm(self.client, self.cache, index)

    def ask(self, jobs: Iterable[Callable[[], None]]) -> None:
        """Run the jobs, some at a time; the first one that raises (`Cancelled`) ends the others."""
        jobs = list(jobs)
        self.asked += len(jobs)
        if not jobs:
            return
        self.client.check()
        pool = ThreadPoolExecutor(min(_THREADS, len(jobs)), thread_name_prefix="slimstage-online")
        try:
            for done in as_completed([pool.submit(job) for job in jobs]):
                error = done.exception()
                if isinstance(error, Unavailable):
                    self.lost(error)
                elif error is not None:
                    raise error
                self.settled += 1
                if self.progress is not None:
                    self.progress(self.settled, self.asked)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def lost(self, error: Unavailable) -> None:
        self.missed += 1
        self.reasons.setdefault(error.host, error)

    def image(self, registry: Registry, image: ImageReference) -> None:
        found = registry.image(image.raw)
        source = self.figures.named(read_name(image.raw).host, self.today)
        download = _claim(image.raw, "download", (found.download,) * 3, "measured", source, self.today)
        disk = _disk(self.analysis.knowledge, image, found, source, self.today)
        self.figures.images[image.repository, image.tag or "latest"] = (disk, download)

    def wheel(self, wheels: Wheels, name: str, version: str | None) -> None:
        self.figures.wheels[name, version] = wheels.wheel(name, version)

    def package(self, npm: Npm, name: str, version: str) -> None:
        self.figures.npm[name, version] = npm.unpacked(name, version)


def _images(model: Model) -> list[ImageReference]:
    """The base images that count, one a name; none for a name that stands for two digests in one file."""
    found: dict[tuple[str, str], ImageReference] = {}
    doubtful: set[tuple[str, str]] = set()
    for stage in model.stages:
        image = stage.base_image
        if image is None or stage.is_scratch or stage.platform is not None:
            continue
        key = (image.repository, image.tag or "latest")
        other = found.setdefault(key, image)
        if other.digest != image.digest:
            doubtful.add(key)
    return [image for key, image in found.items() if key not in doubtful]


def _target(model: Model, machine: str) -> Target:
    """The Python of the first stage whose base tells one."""
    for stage in model.stages:
        facts = base_facts(stage, model.knowledge)
        if facts.python is not None:
            return Target(facts.python, facts.libc or "glibc", machine)
    return Target("3.12", "glibc", machine)


def _disk(knowledge: KnowledgeBase, image: ImageReference, found: ImageFigures, source: str, date: str) -> Claim:
    """Bytes on disk: a manifest does not say them, so they follow from what it and its layers do say."""
    known = knowledge.image(image.repository, image.tag)
    if known is not None and known.image.disk is not None and known.image.download is not None:
        claims = known.image.disk, known.image.download
        if known.exact and all(claim.unit == "bytes" for claim in claims):
            ratio = claims[0].value / max(claims[1].value, 1)
            if abs(claims[1].value - found.download) <= found.download * 0.001:  # the very image that was measured
                return claims[0]
            count = found.download * ratio
            return _claim(image.raw, "disk", (count, count * 0.95, count * 1.05), "computed", source, date)
    if found.archives is not None:
        count = found.archives
        shares = (count * _ARCHIVED, count * _ARCHIVED_LOW, count * _ARCHIVED_HIGH)
        return _claim(image.raw, "disk", shares, "computed", source, date)
    count = found.download
    return _claim(image.raw, "disk", (count * _RATIO, count * _RATIO_LOW, count * _RATIO_HIGH), "assumed", source, date)


def _claim(
    subject: str, quantity: str, value: tuple[float, float, float], basis: ClaimBasis, source: str, date: str
) -> Claim:
    return Claim(subject, quantity, "bytes", round(value[0]), round(value[1]), round(value[2]), basis, source, date)
