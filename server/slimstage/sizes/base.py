"""What FROM brings: the base image's own bytes, and what of its content later instructions build on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slimstage.model.python import UNKNOWN_BASE, BaseFacts, base_facts
from slimstage.sizes import Size
from slimstage.sizes.apk import World
from slimstage.sizes.apt import closure
from slimstage.sizes.images import ImageSize, of_claim, plain, size_of_image
from slimstage.sizes.records import InstructionEstimate, Part, StageEstimate, between, estimate_of, scaled
from slimstage.sizes.state import Files, Surroundings

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase
    from slimstage.model import Stage
    from slimstage.model.images import ImageReference

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
        part = Part("base", {"image": image.raw}, *base_size(knowledge, image, around.machine), "/")
    repository = image.repository if image is not None else ""
    inside = (part, *contents(knowledge, repository, facts.python))
    files = Files(
        facts, inside, base_packages(knowledge, image, facts), alpine_world(knowledge, image, facts), facts.python
    )
    return estimate_of(stage.instruction, (part,)), files


def contents(knowledge: KnowledgeBase, repository: str, python: str | None) -> tuple[Part, ...]:
    """What is known to lie inside an image, for those who copy a part of it. Not to be added to the image itself."""
    found: list[Part] = []
    for path, value, low, high in _FOLDERS.get(plain(repository), ()):
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


def alpine_world(knowledge: KnowledgeBase, image: ImageReference | None, facts: BaseFacts) -> World | None:
    """What apk holds in an image with apk; None for others."""
    table = knowledge.alpine if facts.manager == "apk" else None
    if table is None:
        return None
    more = knowledge.alpine_image(plain(image.repository)) if image is not None else None
    base = table.closure([*table.base, *(more or ())])
    return World(base, sure=more is not None)


def base_size(knowledge: KnowledgeBase, image: ImageReference, machine: str) -> ImageSize:
    """The size of an image; a full Debian nobody measured is the slim one and what that leaves out."""
    size = size_of_image(knowledge, image, machine)
    if size.disk is not None or plain(image.repository) != "debian":
        return size
    match = knowledge.image("debian", image.tag)
    release = match.image.release if match is not None else None
    slim = knowledge.image("debian", f"{release}-slim")
    disk = of_claim(slim.image.disk) if slim is not None and slim.image.disk is not None else None
    return ImageSize(None, None) if disk is None else ImageSize(disk + _DEBIAN_EXTRAS, None)
