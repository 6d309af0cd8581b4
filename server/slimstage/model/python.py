"""What pip installs in a stage, and whether any of it must be compiled."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from slimstage.model.packages import PackageOperation
from slimstage.model.runs import Run
from slimstage.syntax.nodes import Instruction, LogicalText
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.context.manifests import Requirement, Requirements
    from slimstage.knowledge import KnowledgeBase
    from slimstage.model import Model
    from slimstage.model.stages import Stage

Wheel = Literal["wheel", "likely", "compiles", "unknown"]
_RELEASES = ("buster", "bullseye", "bookworm", "trixie", "forky", "jammy", "noble", "focal", "bionic")


_RELEASE_IN_TAG = {
    "debian": lazy_pattern("|".join(_RELEASES)),
    "alpine": lazy_pattern(r"(?<=alpine)\d+\.\d+"),
}


class BaseFacts(NamedTuple):
    """What is known of a stage's base image; None where it is not. `python` is the minor version of an official
    python image ("3.11"); `exact` says whether the image itself is known, or only a relative of it.
    """

    python: str | None
    libc: str | None
    manager: str | None
    release: str | None
    kind: str | None
    contents: frozenset[str]
    exact: bool


UNKNOWN_BASE = BaseFacts(None, None, None, None, None, frozenset(), False)


def base_facts(stage: Stage, knowledge: KnowledgeBase) -> BaseFacts:
    """Facts about the image below the stage's whole lineage."""
    image = stage.base_image
    if image is None:
        return UNKNOWN_BASE
    match = knowledge.image(image.repository, image.tag)
    if match is None:
        return UNKNOWN_BASE
    known, exact = match
    tag = image.tag or ""
    python = None
    if image.repository == "python":
        version = re.match(r"(\d+\.\d+)", tag)
        python = version[1] if version else known.language_version if exact else None
    release = next((name for name in _RELEASES if name in tag), None)
    if release is None and (exact or known.distro not in ("debian", "alpine")):
        release = known.release
    if release is None and known.distro == "alpine":  # one that is too old or too new for a record
        named = re.match(r"\d+\.\d+", tag) if image.repository == "alpine" else re.search(r"(?<=alpine)\d+\.\d+", tag)
        release = named[0] if named else None
    if release is None and known.distro in _RELEASE_IN_TAG:
        # Docker's own list of tags: another name of the same image bears the release.
        groups = (group for group in knowledge.official_tags(image.repository) if (tag or "latest") in group)
        found = (_RELEASE_IN_TAG[known.distro].search(other) for group in groups for other in group)
        release = next((named[0] for named in found if named is not None), None)
    if release is None:
        retired = knowledge.retired(image.repository, tag)
        release = retired.release if retired is not None else None
    return BaseFacts(python, known.libc, known.package_manager, release, known.kind, known.contents, exact)


@dataclass(slots=True, frozen=True, eq=False)
class PipInstall:
    """One `pip install`. `requirements` come from the command line and from the files it names.

    `known` is False when a name is a variable or a file could not be read; `read` are the requirement files.
    """

    run: Run
    operation: PackageOperation
    text: LogicalText
    requirements: tuple[Requirement, ...]
    read: tuple[Requirements, ...]
    known: bool
    editable: bool

    @property
    def is_self_update(self) -> bool:
        """Whether it only updates pip and the tools beside it, or installs uv: no product of the build."""
        names = {requirement.name for requirement in self.requirements}
        return self.known and bool(names) and not self.read and names <= {"pip", "setuptools", "wheel", "uv"}


def pip_installs(stage: Stage, model: Model) -> tuple[PipInstall, ...]:
    """The installs of this stage by pip, and by `uv pip`, in order; kept with the stage, since many ask."""
    known: tuple[BuildContext | None, tuple[PipInstall, ...]] | None = stage.facts.get("pip-installs")
    if known is None or known[0] is not model.context:
        found = tuple(
            read_install(stage, model, run, operation, text)
            for run in stage.runs
            for operation, text in run.operations
            if operation.action == "install" and (operation.manager == "pip" or is_uv_pip(operation))
        )
        known = stage.facts["pip-installs"] = model.context, found
    return known[1]


def is_uv_pip(operation: PackageOperation) -> bool:
    """Whether uv does here what pip does (`uv pip install`), into the environment that it finds."""
    words = operation.command.words
    return operation.manager == "uv" and len(words) > 1 and words[1].value == "pip"


def read_install(stage: Stage, model: Model, run: Run, operation: PackageOperation, text: LogicalText) -> PipInstall:
    """One install by pip, or by a manager with the same options (`uv pip install`), with the files it names."""
    from slimstage.context.manifests import Requirement, parse_requirement, read_requirements  # few files install

    wanted: list[Requirement] = []
    read: list[Requirements] = []
    known = True
    for word in operation.packages:
        if word.name is None and word.kind == "package":
            known = False
        elif word.kind == "package":
            wanted.append(parse_requirement(word.raw.strip("'\"")))
        elif word.kind == "path":
            wanted.append(Requirement(word.raw.strip("'\""), "path", None))
        else:
            asked = parse_requirement(word.raw.strip("'\""))
            wanted.append(asked if asked.kind in ("vcs", "url") else Requirement(word.raw, "url", None))
    editable = operation.has("editable")
    moves = any(command.name == "cd" for command, _ in run.commands)
    for name in operation.requirements:
        found = None
        if name is not None and not moves and model.context is not None:
            path = context_path(stage, model, run.instruction, name)
            found = read_requirements(model.context, path) if path is not None else None
        if found is None:
            known = False
        else:
            known = known and found.complete
            read.append(found)
            wanted += found.items
    return PipInstall(run, operation, text, tuple(wanted), tuple(read), known, editable)


def context_path(stage: Stage, model: Model, at: Instruction, path: str) -> str | None:
    """The context's file that `path` (seen by `at`) was copied from, or None when no COPY of the stage tells."""
    context = model.context
    if context is None:
        return None
    wanted = posixpath.normpath(posixpath.join(stage.state_before(at).workdir or "/", path))
    for flag in at.flags:
        if flag.name == "mount":
            bound, mounted = flag.option("source", "src"), flag.option("target", "dst", "destination")
            if bound and mounted and bound.value and mounted.value and not flag.option("from"):
                place = posixpath.normpath(posixpath.join(stage.state_before(at).workdir or "/", mounted.value))
                if place == wanted and context.exists(bound.value):
                    return bound.value
    position = stage.position(at)
    for instruction in reversed(stage.instructions[: max(position, 0)]):
        if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None:
            continue
        words = [stage.expand(word, instruction) for word in instruction.arguments]
        if len(words) < 2 or words[-1] is None:
            continue
        raw_target = words[-1]
        target = posixpath.normpath(posixpath.join(stage.state_before(instruction).workdir or "/", raw_target))
        for source in words[:-1]:
            if source is not None:
                found = _source_of(model, source, target, raw_target, len(words) > 2, wanted)
                if found is not None:
                    return found
    return None


def _source_of(model: Model, source: str, target: str, raw_target: str, several: bool, wanted: str) -> str | None:
    context = model.context
    if context is None:
        return None
    into = raw_target.endswith("/") or raw_target in (".", "..") or several
    plain = source.strip("/")
    candidates = [plain]
    if any(character in plain for character in "*?["):
        folder, pattern = posixpath.split(plain)
        candidates = [posixpath.join(folder, n) for n in context.list(folder) if fnmatch.fnmatchcase(n, pattern)]
    for candidate in candidates:
        normal = posixpath.normpath(candidate) if candidate else "."
        if normal != "." and context.read_text(normal) is not None:
            name = posixpath.basename(normal)
            if posixpath.join(target, name) == wanted or (not into and target == wanted):
                return normal
        elif wanted.startswith(target.rstrip("/") + "/"):
            inside = posixpath.normpath(posixpath.join(normal, wanted[len(target.rstrip("/")) + 1 :]))
            if context.read_text(inside) is not None:
                return inside
    return None


def wheel_verdict(
    knowledge: KnowledgeBase,
    requirement: Requirement,
    python: str,
    libc: str,
    no_binary: frozenset[str] = frozenset(),
) -> Wheel:
    """Whether pip takes a wheel for the requirement or compiles it.

    "wheel" and "compiles" are sure; "likely" is a wheel by one inference (a pinned version that is not the one
    we know, or a Python that the newest version has left behind); "unknown" says nothing.
    """
    if requirement.kind != "package" or requirement.name is None:
        return "unknown"
    if requirement.name in no_binary or ":all:" in no_binary:
        return "compiles"
    package = knowledge.python_package(requirement.name)
    if package is None:
        return "unknown"
    pinned = requirement.pinned
    same = pinned is None or pinned == package.version
    if package.pure:
        return "wheel" if same else "likely"
    if not package.wheels:
        return "compiles" if package.sdist is not None else "unknown"
    if package.wheel_for(python, libc) is not None:
        if same:
            return "wheel"
        return "likely" if pinned and _minor(pinned) == _minor(package.version) else "unknown"
    flavour = "musllinux" if libc == "musl" else "manylinux"
    supported = not package.requires_python or _allows(package.requires_python, python)
    if pinned is None and not supported and any(wheel.platform.startswith(flavour) for wheel in package.wheels):
        return "likely"
    return "unknown"


def _minor(version: str) -> tuple[str, ...]:
    return tuple(version.split(".")[:2])


def _allows(specifier: str, python: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(python + ".99")
    except InvalidSpecifier:
        return True
