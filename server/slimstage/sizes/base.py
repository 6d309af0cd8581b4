"""What FROM brings: the base image's own bytes, and what of its content later instructions build on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slimstage.knowledge.nearest import read_tag
from slimstage.model.python import UNKNOWN_BASE, BaseFacts, base_facts
from slimstage.sizes import Size
from slimstage.sizes.apt import closure
from slimstage.sizes.records import InstructionEstimate, Part, StageEstimate, between, estimate_of, scaled
from slimstage.sizes.state import Files, Surroundings

if TYPE_CHECKING:
    from slimstage.knowledge import Claim, ImageMatch, KnowledgeBase
    from slimstage.model import Stage
    from slimstage.model.images import ImageReference

_UNITS = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}
# gzip of a whole image: 0.36 to 0.39 for Debian, Python and Node images in docker-library's own records.
_COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH = 0.37, 0.28, 0.48
# What python images hold in site-packages: pip, and before 3.12 setuptools and wheel (stand-in image, measured).
_SITE_PACKAGES = {"3.8": 11_600_000, "3.9": 11_600_000, "3.10": 11_600_000, "3.11": 11_600_000}
_PIP_ALONE = 7_600_000
# Folders that are copied out of official images: bytes, with what other versions may have (Node 20, Go 1.23 measured).
_FOLDERS: dict[str, tuple[tuple[str, int, int, int], ...]] = {
    "node": (
        ("/usr/local/bin/node", 98_900_000, 80_000_000, 130_000_000),
        ("/usr/local/lib/node_modules", 11_700_000, 9_000_000, 22_000_000),
        ("/usr/local/include", 4_900_000, 3_000_000, 60_000_000),
    ),
    "golang": (("/usr/local/go", 221_000_000, 190_000_000, 330_000_000),),
}
_UV = ("ghcr.io/astral-sh/uv", "astral/uv")
# Documentation, manuals and translations, which the slim variant of Debian leaves out (measured on minimal roots).
_DEBIAN_EXTRAS = Size(43_500_000, 40_000_000, 48_000_000, "assumed", ("debian-installs-bookworm",))


def start(stage: Stage, around: Surroundings, below: StageEstimate | None) -> tuple[InstructionEstimate, Files]:
    """The estimate of a FROM line, and the files a stage starts with."""
    key = (below.end if below is not None else None, stage.globals, around.model.knowledge, around.machine)
    facts = stage.instruction.facts
    kept = facts.get("start")
    if kept is not None and all(one is other for one, other in zip(kept[0], key, strict=True)):
        return kept[1], kept[2]
    made, files = _start(stage, around, below)
    facts["start"] = (key, made, files)
    return made, files


def _start(stage: Stage, around: Surroundings, below: StageEstimate | None) -> tuple[InstructionEstimate, Files]:
    if below is not None and stage.base_stage is not None:
        part = Part("stage", {"stage": stage.base_stage.label}, below.disk, below.download, "/")
        made = InstructionEstimate(stage.instruction, (part, *below.unknown), below.disk, below.download, below.unknown)
        return made, below.end
    if stage.is_scratch:
        return estimate_of(stage.instruction, ()), Files(UNKNOWN_BASE, packages=frozenset())
    knowledge = around.model.knowledge
    facts = base_facts(stage, knowledge)
    image = stage.base_image
    if image is None:
        text = stage.image_text or (stage.image_word.raw if stage.image_word is not None else "")
        part = Part("base", {"image": text}, None, None, "/")
    else:
        disk = image_disk(knowledge, image)
        if disk is not None and around.machine != "x86_64":
            disk = _widened(disk, 0.1)  # the figures are those of amd64
        part = Part("base", {"image": image.raw}, disk, image_download(knowledge, image, disk), "/")
    repository = image.repository if image is not None else ""
    inside = (part, *contents(knowledge, repository, facts.python))
    files = Files(facts, inside, base_packages(knowledge, image, facts), facts.python)
    return estimate_of(stage.instruction, (part,)), files


def contents(knowledge: KnowledgeBase, repository: str, python: str | None) -> tuple[Part, ...]:
    """What is known to lie inside an image, for those who copy a part of it. Not to be added to the image itself."""
    found: list[Part] = []
    for path, value, low, high in _FOLDERS.get(_plain(repository), ()):
        found.append(_inside(path, repository, between(value, low, high, "realbuild")))
    if python is not None:
        count = _SITE_PACKAGES.get(python, _PIP_ALONE)
        folder = f"/usr/local/lib/python{python}/site-packages"
        found.append(_inside(folder, repository, between(count, count * 0.8, count * 1.3, "realbuild")))
        found.append(_inside("/usr/local/bin", repository, between(60_000, 10_000, 300_000, "realbuild")))
    rows = knowledge.measured_wheels.get("uv") if repository in _UV else None
    if rows:  # the wheel holds the same two programs
        count = rows[0].unpacked
        found.append(_inside("/uv", repository, between(count, count * 0.7, count * 1.2, "package-index")))
        found.append(_inside("/uvx", repository, between(350_000, 200_000, 600_000, "package-index")))
    return tuple(found)


def _inside(path: str, repository: str, size: Size) -> Part:
    return Part("base-inside", {"path": path, "image": repository}, size, scaled(size, 0.35, 0.2, 0.5), path)


def base_packages(knowledge: KnowledgeBase, image: ImageReference | None, facts: BaseFacts) -> frozenset[str] | None:
    """The Debian packages of an official image, by its own Dockerfile; None for any other."""
    release = knowledge.debian(facts.release)
    if image is None or release is None:
        return None
    layers = knowledge.debian_layers(image.repository, facts.kind)
    if layers is None:
        return None
    wanted = [name for name in layers if release.table.package(name) is not None]
    added = closure(release.table, wanted, release.slim, recommends=False).added
    return release.slim | frozenset(added)


def image_disk(knowledge: KnowledgeBase, image: ImageReference) -> Size | None:
    """Bytes on disk of an image, from the nearest image somebody measured; wider the farther that is."""
    repository = _plain(image.repository)
    match = knowledge.image(repository, image.tag)
    if match is not None and match.image.disk is not None:
        size = of_claim(match.image.disk)
        if size is not None:
            return _widened(size, _drift(match.image.disk) if _is_it(match, image) else 0.08)
    found = _relative(knowledge, repository, image.tag)
    if found is not None or repository != "debian":
        return found
    release = match.image.release if match is not None else None
    slim = knowledge.image("debian", f"{release}-slim")
    size = of_claim(slim.image.disk) if slim is not None and slim.image.disk is not None else None
    return None if size is None else size + _DEBIAN_EXTRAS


def image_download(knowledge: KnowledgeBase, image: ImageReference, disk: Size | None) -> Size | None:
    """Compressed bytes of an image in a registry; by the usual ratio when only the size on disk is known."""
    match = knowledge.image(_plain(image.repository), image.tag)
    if match is not None and match.image.download is not None:
        size = of_claim(match.image.download)
        if size is not None:
            return _widened(size, _drift(match.image.download) if _is_it(match, image) else 0.08)
    if disk is None:
        return None
    return scaled(disk, _COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH)


def of_claim(claim: Claim) -> Size | None:
    """A claim as a size in bytes; None for a unit that is none of bytes."""
    factor = _UNITS.get(claim.unit)
    if factor is None:
        return None
    sources = (claim.source,)
    return Size(
        round(claim.value * factor), round(claim.low * factor), round(claim.high * factor), claim.basis, sources
    )


def _is_it(match: ImageMatch, image: ImageReference) -> bool:
    """Whether the figures are those of this image: a relative carries its own tag, unless a registry was asked."""
    return match.exact or match.image.tag == (image.tag or "latest")


def _drift(claim: Claim) -> float:
    """Rebuilds of a tag move it by a few percent over the months; a figure given as exact is taken at its word."""
    return 0.0 if claim.low == claim.high else 0.03


def _plain(repository: str) -> str:
    """The official image that a repository of one architecture belongs to: `amd64/debian`, `arm64v8/python`."""
    return re.sub(r"^(amd64|arm64v8|arm32v[567]|i386)/", "", repository)


def _relative(knowledge: KnowledgeBase, repository: str, tag: str | None) -> Size | None:
    """The size of another version of the same variant: versions of one variant differ by some ten percent."""
    wanted = read_tag(tag or "latest")
    best: tuple[tuple[bool, int, tuple[int, ...]], Claim, bool] | None = None
    for other in knowledge.tags(repository):
        parts = read_tag(other)
        if parts.variant != wanted.variant:
            continue
        match = knowledge.image(repository, other)
        claim = match.image.disk if match is not None and match.exact else None
        if claim is None:
            continue
        same = parts.version[:2] == wanted.version[:2]
        rank = (same, -abs(_number(parts.version) - _number(wanted.version)), parts.version)
        if best is None or rank > best[0]:
            best = (rank, claim, same)
    if best is None:
        return None
    size = of_claim(best[1])
    return None if size is None else _widened(size, 0.1 if best[2] else 0.18, "assumed")


def _number(version: tuple[int, ...]) -> int:
    return (version[0] if version else 0) * 100 + (version[1] if len(version) > 1 else 0)


def _widened(size: Size, share: float, basis: str | None = None) -> Size:
    margin = round(size.bytes * share)
    return Size(
        size.bytes,
        min(size.low, size.bytes - margin),
        max(size.high, size.bytes + margin),
        "assumed" if basis == "assumed" else size.basis,
        size.sources,
    )
