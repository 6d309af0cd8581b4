"""COPY --from: what of another stage's files lies below the copied path."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from slimstage.model.flow import is_below
from slimstage.sizes import NOTHING, Size, exactly
from slimstage.sizes.base import base_size, contents
from slimstage.sizes.files import SOURCE, absolute, compressed, matching
from slimstage.sizes.records import Part, StageEstimate, between
from slimstage.sizes.state import lies_in

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.model.images import ImageReference
    from slimstage.sizes.state import Surroundings
    from slimstage.syntax.nodes import Instruction


class Elsewhere(NamedTuple):
    """A source that is no stage of this file: an image, a named context, or something a variable hides."""

    name: str
    image: ImageReference | None


# Next.js puts all modules that the server needs into it, itself among them (assumed).
_STANDALONE = between(45_000_000, 15_000_000, 250_000_000)
NOWHERE = Elsewhere("", None)


def source_of(
    stage: Stage, instruction: Instruction, around: Surroundings, before: list[StageEstimate]
) -> StageEstimate | Elsewhere | None:
    """Where a COPY takes its files from; None for the build context."""
    if instruction.keyword not in ("COPY", "ADD"):
        return None
    flag = instruction.flag("from")
    if flag is None:
        return None
    for reference in around.model.references:
        if reference.instruction is instruction and reference.kind == "copy":
            other = reference.target_stage
            if other is not None and other.index < len(before):
                return before[other.index]
            kept = instruction.facts.get("elsewhere")
            if kept is None or kept.image != reference.image:
                kept = instruction.facts["elsewhere"] = Elsewhere(reference.text or flag.value or "", reference.image)
            return kept
    return NOWHERE


def copied(
    stage: Stage, instruction: Instruction, source: StageEstimate | Elsewhere, around: Surroundings
) -> list[Part]:
    """The parts that a COPY --from brings along."""
    words = instruction.arguments
    if len(words) < 2:
        return []
    target = absolute(stage.expand(words[-1], instruction), stage.state_before(instruction).workdir)
    into = words[-1].raw.endswith("/") or words[-1].raw in (".", "..") or len(words) > 2
    parts: list[Part] = []
    for word in words[:-1]:
        path = stage.expand(word, instruction)
        if isinstance(source, Elsewhere):
            parts += _from_image(source, path or word.raw, target, around)
        elif path is None:
            parts.append(Part("from-stage", {"path": word.raw, "stage": source.stage.label}, path=target))
        else:
            parts += _from_stage(source, "/" + posixpath.normpath(path).lstrip("/"), target, into, around)
    return parts


def _from_image(source: Elsewhere, path: str, target: str | None, around: Surroundings) -> list[Part]:
    image = source.image
    args = {"path": path, "image": source.name}
    if image is None:
        return [Part("from-image", args, path=target)]
    knowledge = around.model.knowledge
    if path.strip("/") in ("", "."):
        return [Part("from-image", args, *base_size(knowledge, image, around.machine), target)]
    place = "/" + posixpath.normpath(path).lstrip("/")
    known = [part for part in contents(knowledge, image.repository, None) if lies_in(part.path, place)]
    return [part._replace(path=target) for part in known] or [Part("from-image", args, path=target)]


def _from_stage(source: StageEstimate, path: str, target: str | None, into: bool, around: Surroundings) -> list[Part]:
    glob = any(character in path for character in "*?[")
    fixed = posixpath.dirname(re.split(r"[*?\[]", path, maxsplit=1)[0] + "x") if glob else path
    found: list[Part] = []
    vague: list[Part] = []
    for part in source.end.parts:
        if part.path is None:
            continue
        inside = _matches(part.path, path, fixed) if glob else lies_in(part.path, path)
        if inside:
            found.append(_moved(part, path if not glob else fixed, target, into))
        elif is_below(fixed, part.path) or part.path == fixed:
            piece = _piece(part, path, target, into, around)
            if piece is not None:
                (vague if piece.what == "from-stage" else found).append(piece)
    if found:
        return _beside_the_known(found)
    if vague:
        return vague[-1:]
    return [Part("from-stage", {"path": path, "stage": source.stage.label}, path=target)]


def _beside_the_known(found: list[Part]) -> list[Part]:
    """Of a path that the context holds, too, a build's product is most likely elsewhere: counted with nothing."""
    if not any(part.what == "copy" for part in found):
        return found
    return [
        part._replace(disk=_from_nothing(part.disk), download=_from_nothing(part.download))
        if part.what == "built-assumed" and part.disk is not None and part.origin is None
        else part
        for part in found
    ]


def _from_nothing(size: Size | None) -> Size | None:
    return None if size is None else Size(0, 0, size.high, size.basis, size.sources)


def _matches(name: str, pattern: str, fixed: str) -> bool:
    import fnmatch

    return lies_in(name, fixed) and fnmatch.fnmatchcase(name, pattern)


def _moved(part: Part, path: str, target: str | None, into: bool) -> Part:
    """The part at its new place."""
    if target is None or part.path is None:
        return Part(part.what, part.args, part.disk, part.download, target, part.origin)
    rest = posixpath.relpath(part.path, path) if path != "/" else part.path.lstrip("/")
    is_file = rest == "." and posixpath.splitext(part.path)[1] != "" and into
    place = posixpath.join(target, posixpath.basename(part.path)) if is_file else posixpath.join(target, rest)
    return part._replace(path="/" + posixpath.normpath(place).lstrip("/"))


def _piece(part: Part, path: str, target: str | None, into: bool, around: Surroundings) -> Part | None:
    """What of a part lies at a path inside it; None when it surely holds no such thing or nobody can tell."""
    if part.origin is not None and part.path is not None and around.context is not None:
        inside = posixpath.normpath(posixpath.join(part.origin, posixpath.relpath(path, part.path)))
        names = matching(inside, around.context)
        trees = [tree for name in names if (tree := around.context.tree(name)) is not None]
        if not trees:
            return None
        size = exactly(sum(tree.bytes for tree in trees), "measured", SOURCE)
        args = {"source": inside, "files": sum(tree.files for tree in trees)}
        return Part("copy", args, size, compressed(size), target, inside)
    if part.what in ("base", "stage", "base-inside"):
        return None
    if part.what.startswith(("apt", "apk")) and lies_in(path, "/usr/local"):
        return None  # a distribution's packages leave that to others
    if part.what == "built-assumed" and path.endswith("/.next/standalone"):
        return part._replace(disk=_STANDALONE, download=compressed(_STANDALONE), path=target)
    if part.disk is None or part.what == "built-assumed":
        return part._replace(path=target)  # the product is what one copies
    # Some of it, and nobody knows how much.
    disk = Size(part.disk.bytes // 2, 0, part.disk.high, "assumed", part.disk.sources)
    download = part.download or NOTHING
    return Part(
        "from-stage",
        {"path": path, "stage": ""},
        disk,
        Size(download.bytes // 2, 0, download.high, "assumed", download.sources),
        target,
    )
