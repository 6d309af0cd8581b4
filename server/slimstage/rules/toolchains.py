"""What the rules about compilers share: who ships build packages, who uses them, and what they weigh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from slimstage.model import Model, Stage
from slimstage.model.installed import InstalledPackage, installed_packages
from slimstage.model.python import base_facts, pip_installs, wheel_verdict
from slimstage.rewrites import ships_for_development
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.needs import is_wanted, run_time_words
from slimstage.rules.base import Edit
from slimstage.sizes import Size
from slimstage.sizes.packages import added_by_apt
from slimstage.syntax.nodes import Place
from slimstage.text import Span

# jlink and dpkg want binutils' strip and objcopy; the others install, and leave a program that is asked for.
_COMPILES_NOTHING = frozenset(
    "binutils python3-pip python3-venv python3-setuptools python3-wheel py3-pip py3-setuptools py3-wheel npm".split()
)
# Images made to compile in: whoever ships one ships a place to build, and asked for it.
_FOR_BUILDING = frozenset({"buildpack-deps", "gcc", "sdk"})


class Toolchain(NamedTuple):
    """The build packages one shipped stage leaves in the image."""

    stage: Stage
    packages: tuple[InstalledPackage, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The packages' names, each once."""
        return tuple(dict.fromkeys(package.name for package in self.packages))


def shipped_toolchains(model: Model) -> Iterator[Toolchain]:
    """Build packages in the image that ships, unless it is for development or starts one of them."""
    final = model.final_stage
    if final is None or ships_for_development(model):
        return
    base = final.lineage[-1].image
    if base is not None and base.repository.rpartition("/")[2] in _FOR_BUILDING:
        return
    words = run_time_words(final, model)
    for stage in model.shipped_stages:
        packages = tuple(p for p in installed_packages(stage, model.knowledge) if p.is_build)
        if {package.name for package in packages} <= _COMPILES_NOTHING:
            continue
        if packages and not any(is_wanted(package.name, words) for package in packages):
            yield Toolchain(stage, packages)


def kinds_from(model: Model, stage: Stage) -> set[str]:
    """What the RUNs of this stage and of the shipped stages built on it do (see `rewrites.commands`)."""
    found: set[str] = set()
    for shipped in model.shipped_stages:
        if shipped.index >= stage.index:
            for run in shipped.runs:
                found |= {command.kind for command in sorted_commands(run)}
                if run.opaque:
                    found.add("opaque")
    return found


def compiles_at_run_time(model: Model, stage: Stage) -> bool:
    """Whether something that pip installs here is known to call a compiler when it runs."""
    for install in pip_installs(stage, model):
        for requirement in install.requirements:
            package = model.knowledge.python_package(requirement.name) if requirement.name else None
            if package is not None and package.compiles_at_run_time:
                return True
    return False


def weight(model: Model, stage: Stage, packages: Iterable[InstalledPackage]) -> Size | None:
    """Bytes that the packages add to the image, or None. Only for apt, on a release that is known."""
    known = tuple(packages)
    if any(package.manager != "apt" for package in known):
        return None
    release = base_facts(stage, model.knowledge).release
    recommends = any(not package.operation.has("no-install-recommends") for package in known)
    return added_by_apt(model.knowledge, release, (package.name for package in known), recommends=recommends)


def wheels_suffice(model: Model, stage: Stage) -> str | None:
    """Whether every pip requirement of the stage has a wheel: "sure", "likely", or None when not or not known."""
    base = base_facts(stage, model.knowledge)
    installs = [install for install in pip_installs(stage, model) if not install.is_self_update]
    if not installs or base.python is None or base.libc is None:
        return None
    variables = stage.definitions
    if "PIP_NO_BINARY" in variables or "PIP_INDEX_URL" in variables or "PIP_EXTRA_INDEX_URL" in variables:
        return None
    sure = True
    for install in installs:
        if not install.known or install.editable:
            return None
        if install.operation.has("no-binary", "index-url", "extra-index-url", "find-links", "no-index"):
            return None
        no_binary = frozenset(name for read in install.read for name in read.no_binary)
        if any(read.other_index for read in install.read):
            return None
        for requirement in install.requirements:
            if not requirement.applies(base.python):
                continue
            verdict = wheel_verdict(model.knowledge, requirement, base.python, base.libc, no_binary)
            if verdict not in ("wheel", "likely"):
                return None
            sure = sure and verdict == "wheel" and requirement.pinned is not None
    return "sure" if sure else "likely"


def library_needs(model: Model, stage: Stage, manager: str) -> tuple[str, ...] | None:
    """The distribution packages that the stage's pip requirements want at run time; None when their names in its
    release are not known.
    """
    names: list[str] = []
    release = base_facts(stage, model.knowledge).release
    for install in pip_installs(stage, model):
        for requirement in install.requirements:
            package = model.knowledge.python_package(requirement.name) if requirement.name else None
            found = model.knowledge.runtime_libraries(package, manager, release) if package is not None else ()
            if found is None:
                return None
            names += found
    return tuple(dict.fromkeys(names))


def without_packages(packages: Sequence[InstalledPackage], instead: Sequence[str] = ()) -> tuple[Edit, ...] | None:
    """Edits that take packages out of their command lines, with `instead` written in place of the first one.

    A RUN that then installs nothing is deleted when it did nothing else; None when that cannot be done cleanly.
    """
    edits: list[Edit] = []
    by_operation: dict[int, list[InstalledPackage]] = {}
    for package in packages:
        by_operation.setdefault(id(package.operation), []).append(package)
    rest = list(instead)
    for group in by_operation.values():
        first = group[0]
        left = len(first.operation.packages) - len(group)
        if left or rest:
            edits += _word_edits(group, rest)
            rest = []
        else:
            commands = sorted_commands(first.run)
            if any(command.kind not in ("system", "clean", "neutral") for command in commands):
                return None
            others = [op for op, _ in first.run.operations if op.action == "install" and op is not first.operation]
            if any(id(op) not in by_operation for op in others):
                return None
            item = first.run.instruction
            whole = Edit(Place(item, Span(0, len(item.text))), "")
            if whole not in edits:
                edits.append(whole)
    return tuple(edits)


def _word_edits(group: Sequence[InstalledPackage], instead: Sequence[str]) -> list[Edit]:
    edits: list[Edit] = []
    text = group[0].run.instruction.text
    words = group[0].operation.command.words
    for at, package in enumerate(group):
        place = package.place
        if at == 0 and instead:
            edits.append(Edit(place, " ".join(instead)))
            continue
        before = [word for word in words if word.span.end <= package.word.span.start]
        start = place.span.start
        if before:
            end = package.run.place(before[-1].span, package.text).span.end
            if "#" not in text[end:start]:
                start = end
        edits.append(Edit(Place(place.item, Span(start, place.span.end)), ""))
    return edits
