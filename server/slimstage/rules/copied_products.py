"""What the rules about copied products share: which COPY brings what pip installed in another stage."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from slimstage.model import Model, Reference, Stage
from slimstage.model.python import PipInstall, pip_installs
from slimstage.syntax.nodes import Instruction, Word

# Options of venv, uv venv and virtualenv whose value is the next word.
_VALUED = frozenset({"--prompt", "--python", "-p", "--index-url", "-i", "--seeder", "--cache-dir"})


class StageCopy(NamedTuple):
    """One source of a `COPY --from=<stage>`; paths are absolute and normal, None when not known."""

    instruction: Instruction
    into: Stage
    source_stage: Stage
    word: Word
    source: str | None
    target: str | None
    target_is_folder: bool


def stage_copies(model: Model, stages: tuple[Stage, ...]) -> Iterator[StageCopy]:
    """Every source that the stages copy from an earlier stage, in file order."""
    wanted = {stage.index for stage in stages}
    for reference in model.references:
        if _is_copy(reference) and reference.stage.index in wanted and reference.target_stage is not None:
            known = reference.stage.facts.setdefault("copied products", {})
            copies = known.get(reference.instruction)
            if copies is None or (copies and copies[0].source_stage is not reference.target_stage):
                copies = tuple(_sources(reference.stage, reference.instruction, reference.target_stage))
                known[reference.instruction] = copies
            yield from copies


def _is_copy(reference: Reference) -> bool:
    return reference.kind == "copy" and reference.target == "stage" and not reference.onbuild


def _sources(stage: Stage, instruction: Instruction, source_stage: Stage) -> Iterator[StageCopy]:
    *sources, last = instruction.arguments or (None,)
    if last is None:
        return
    raw_target = stage.expand(last, instruction)
    workdir = stage.state_before(instruction).workdir
    target = None
    if raw_target is not None and (raw_target.startswith("/") or workdir is not None):
        target = posixpath.normpath(posixpath.join(workdir or "/", raw_target))
    folder = raw_target is not None and (raw_target.endswith("/") or raw_target in (".", "..") or len(sources) > 1)
    for word in sources:
        if word is None:
            continue
        # COPY --from= takes every source from the root of the other stage, relative ones too.
        value = stage.expand(word, instruction)
        source = None if value is None else posixpath.normpath("/" + value.lstrip("/"))
        yield StageCopy(instruction, stage, source_stage, word, source, target, folder)


def install_target(install: PipInstall) -> tuple[str, str] | None:
    """How and where an install puts its packages: ("prefix" | "target" | "user" | "system", path)."""
    options = install.operation.options
    for name in ("prefix", "target"):
        if options.get(name):
            return name, posixpath.normpath(options[name][-1])
    return ("user", "") if "user" in options else ("system", "/usr/local")


def carries_packages(copy: StageCopy) -> bool:
    """Whether a copied path holds Python packages: a prefix, a virtual environment, site-packages, ~/.local."""
    if copy.source is None:
        return False
    if "site-packages" in copy.source or "venv" in copy.source or copy.source.endswith("/.local"):
        return True
    if copy.source in ("/usr/local", "/usr/local/lib", "/usr"):
        return True
    return copy.source in virtual_environments(copy.source_stage) or any(
        path == copy.source for kind, path in _targets(copy.source_stage)
    )


def _targets(stage: Stage) -> list[tuple[str, str]]:
    found = []
    for run in stage.runs:
        for operation, _ in run.operations:
            for name in ("prefix", "target"):
                for value in operation.options.get(name, ()):
                    found.append((name, posixpath.normpath(value)))
    return found


def virtual_environments(stage: Stage) -> dict[str, Instruction]:
    """Where this stage's RUNs create virtual environments; paths absolute."""
    known: dict[str, Instruction] | None = stage.facts.get("virtual environments")
    if known is not None:
        return known
    found: dict[str, Instruction] = stage.facts.setdefault("virtual environments", {})
    for run in stage.runs:
        for command, _ in run.commands:
            words = [word.value for word in command.words]
            path: str | None = None
            if len(words) > 3 and words[1:3] == ["-m", "venv"]:
                path = _folder(words[3:])
            elif words[:2] == ["uv", "venv"] and "--relocatable" not in words:
                path = _folder(words[2:], ".venv")
            elif command.name == "virtualenv":
                path = _folder(words[1:])
            workdir = stage.state_before(run.instruction).workdir
            if path is not None and (path.startswith("/") or workdir is not None):
                found[posixpath.normpath(posixpath.join(workdir or "/", path))] = run.instruction
    return found


def _folder(words: list[str | None], default: str | None = None) -> str | None:
    """The folder among the arguments of a command that makes a virtual environment; None when it is a variable."""
    option: str | None = ""
    for word in words:
        if word is None or (not word.startswith("-") and option not in _VALUED):
            return word
        option = word
    return default


def builder_installs(model: Model, stage: Stage) -> list[PipInstall]:
    """The pip installs of a stage and of those it is built on."""
    return [install for one in reversed(stage.lineage) for install in pip_installs(one, model)]
