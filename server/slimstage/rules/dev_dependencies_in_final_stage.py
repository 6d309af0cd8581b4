"""node_modules ships with development dependencies that nothing uses at run time."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from slimstage.context import BuildContext
from slimstage.context.ignore import visible_context
from slimstage.context.node_locks import read_package_lock
from slimstage.context.node_project import read_node_project
from slimstage.model import Model, Stage
from slimstage.model.packages import PackageOperation
from slimstage.model.python import context_path
from slimstage.model.runs import Run, RunOperation
from slimstage.rewrites import ships_for_development
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.needs import start_words
from slimstage.rewrites.node_program import MANAGERS, NodeProgram
from slimstage.rewrites.node_server import node_words, prune_command
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import StageCopy, stage_copies
from slimstage.sizes import Size
from slimstage.sizes.node import modules
from slimstage.sizes.node_install import is_production
from slimstage.syntax.nodes import Place
from slimstage.text import Span, lazy_pattern

_QUIET = ("system", "plain", "neutral", "clean")
_FLAGS = {"npm": " --omit=dev", "yarn": " --production", "pnpm": " --prod", "bun": " --production"}
# In .npmrc, for npm and pnpm.
_LEAVES_OUT = lazy_pattern(r"^\s*(omit(\[\])?\s*=\s*dev|production\s*=\s*true|only\s*=\s*prod)", re.MULTILINE)
_NAMES_SHOWN = 3
_OLDEST_OMIT = 15  # npm 7 came with Node 15; npm 6 does not know --omit


class Shipped(NamedTuple):
    """An install of a project's modules whose node_modules ships, in `root` of `stage`.

    `copy` brings it into the final stage, None when that installs itself; `target` is the folder it ships in.
    """

    stage: Stage
    run: Run
    install: RunOperation
    root: str
    target: str
    copy: StageCopy | None = None


class DevDependenciesInFinalStage(Rule):
    """Silent unless manifest and sources are there and show that start and sources use none of them."""

    id = "dev-dependencies-in-final-stage"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a project, at the COPY that brings node_modules, or at the install."""
        final, context = model.final_stage, visible_context(model.context)
        if final is None or context is None or ships_for_development(model) or final is not model.stages[-1]:
            return
        words = start_words(final)
        image = final.base_image
        if not words or image is None or image.repository != "node":
            return
        for shipped in _shipped(model, final):
            program = _program(model, shipped, final, context, words)
            if program is None or not program.has_development_dependencies:
                continue
            started = program.development_server() or program.development_package()
            if started is not None or program.imports_development():
                continue
            yield self._finding(model, shipped, program, context)

    def _finding(self, model: Model, shipped: Shipped, program: NodeProgram, context: BuildContext) -> Finding:
        names = sorted({name for p in program.project.packages for name in p.manifest.dev_dependencies})
        size = _weight(model, program, context)
        install = shipped.run.place(shipped.install.operation.command.span, shipped.install.text)
        more = len(names) - _NAMES_SHOWN
        args = {
            "packages": ", ".join(names[:_NAMES_SHOWN]) + (" ..." if more > 0 else ""),
            "count": len(names),
            "size": size,
        }
        copy = shipped.copy
        fix = _fix(model, shipped, program)
        return Finding(
            self.id,
            install if copy is None else Place(copy.instruction, copy.word.span),
            "default" if size is None else "sized",
            args,
            fixes=(fix,) if fix is not None else (),
            related=() if copy is None else (Related(install, "install"),),
        )


def _shipped(model: Model, final: Stage) -> Iterator[Shipped]:
    """The installs whose modules ship, with development dependencies."""
    own = _install(final)
    if own is not None and final.base_stage is None and _is_last_word(final, own[0]):
        yield Shipped(final, *own, own[2])
    for copy in stage_copies(model, (final,)):
        source = copy.source_stage
        made = _install(source)
        if made is None or copy.source is None or copy.target is None or source.base_stage is not None:
            continue
        root = made[2]
        if copy.source == posixpath.join(root, "node_modules"):
            named = not copy.target_is_folder or posixpath.basename(copy.target) == "node_modules"
            yield Shipped(source, *made, posixpath.dirname(copy.target) if named else copy.target, copy)
        elif copy.source == root:
            yield Shipped(source, *made, copy.target, copy)


def _install(stage: Stage) -> tuple[Run, RunOperation, str] | None:
    """The only install of a project with its development dependencies in a stage, and the folder it runs in."""
    found: list[tuple[Run, RunOperation]] = []
    for run in stage.runs:
        for one in run.operations:
            operation = one.operation
            if operation.manager not in MANAGERS or operation.has("global"):
                continue
            if operation.verb in ("prune", "deploy") or is_production(stage, run, operation):
                return None
            if operation.action in ("install", "sync") and not operation.packages:
                found.append((run, one))
        if any(_removes_modules(run, at) for at in range(len(run.commands))):
            return None
    if len(found) != 1:
        return None
    run, one = found[0]
    root = stage.state_before(run.instruction).workdir
    moved = any(command.command.name == "cd" for command in run.commands) or one.operation.has("prefix", "dir", "cwd")
    return None if root in (None, "/") or moved else (run, one, root or "/")


def _removes_modules(run: Run, at: int) -> bool:
    words = [word.value or word.raw for word in run.commands[at].command.words]
    return (words[:1] == ["rm"] and any("node_modules" in word for word in words)) or words[:2] == ["pnpm", "deploy"]


def _is_last_word(stage: Stage, run: Run) -> bool:
    """Whether nothing in a stage builds behind its install, or in the same RUN."""
    behind = stage.position(run.instruction)
    for other in stage.runs:
        if stage.position(other.instruction) < behind:
            continue
        for command in sorted_commands(other):
            operations = command.operations
            manages = operations and all(
                o.action == "clean" or o.has("global") or (not o.packages and o.action in ("install", "sync"))
                for o in operations
            )
            if command.kind not in _QUIET and not manages:
                return False
    return True


def _program(
    model: Model, shipped: Shipped, final: Stage, context: BuildContext, words: list[str]
) -> NodeProgram | None:
    """What the container starts, of the project that is installed; None when its manifest is not in the context."""
    stage = shipped.stage
    manifest = context_path(stage, model, shipped.run.instruction, posixpath.join(shipped.root, "package.json"))
    project = read_node_project(context, posixpath.dirname(manifest)) if manifest is not None else None
    if project is None or not project.complete:
        return None
    if _LEAVES_OUT.search(context.read_text(posixpath.join(project.root.folder, ".npmrc")) or ""):
        return None
    start, more = node_words(final, model, words, shipped.target)
    inside = posixpath.relpath(final.final_state.workdir or "/", shipped.target)
    folder = project.root.folder if inside.startswith("..") else posixpath.join(project.root.folder, inside)
    folder = posixpath.normpath(folder) if folder else ""
    facts = model.knowledge.conversions["node"]
    return NodeProgram(context, project, facts, start, more, "" if folder == "." else folder)


def _weight(model: Model, program: NodeProgram, context: BuildContext) -> Size | None:
    """What the development dependencies take on disk, by npm's lock file; None without one that tells them apart."""
    lock = read_package_lock(context, posixpath.join(program.project.root.folder, "package-lock.json"))
    packages = [package for package in lock.packages if package.groups == {"dev"}] if lock is not None else []
    if not packages:
        return None
    return modules(model.knowledge, packages, context, posixpath.join(program.project.root.folder, "node_modules")).disk


def _fix(model: Model, shipped: Shipped, program: NodeProgram) -> Fix | None:
    """Leave them out of the install, or remove them at the end of the stage that builds."""
    stage, operation = shipped.stage, shipped.install.operation
    others = [r for r in model.references_to.get(stage.index, ()) if r.stage is not model.final_stage]
    if others or any(other.base_stage is stage for other in model.stages):
        return None  # a stage that tests or builds may use them
    if _is_last_word(stage, shipped.run):
        return None if program.has_lifecycle else _omit(stage, shipped, program)
    if shipped.copy is None:
        return None
    command = prune_command(program, [operation])
    if command is None or not stage.instructions:
        return None
    folder = stage.final_state.workdir
    line = command if folder == shipped.root else f"cd {shipped.root} && {command}"
    last = stage.instructions[-1]
    end = len(last.text)
    lead = "" if last.text.endswith(("\n", "\r")) else "\n"
    edit = Edit(Place(last, Span(end, end)), f"{lead}RUN {line}\n")
    return Fix("prune", (edit,), args={"command": command})


def _omit(stage: Stage, shipped: Shipped, program: NodeProgram) -> Fix | None:
    operation = shipped.install.operation
    if operation.manager == "yarn" and program.project.yarn != 1:
        return None
    flag = _FLAGS[operation.manager]
    if operation.manager == "npm" and _is_old(stage):
        flag = " --only=production"
    place = shipped.run.place(_end_of_verb(operation), shipped.install.text)
    edit = Edit(Place(place.item, Span(place.span.end, place.span.end)), flag)
    return Fix("omit", (edit,), args={"flag": flag.strip()})


def _end_of_verb(operation: PackageOperation) -> Span:
    """The verb, or the program's name where the verb is left out (`yarn`)."""
    return operation.verb_span if operation.verb else operation.command.words[0].span


def _is_old(stage: Stage) -> bool:
    """Whether the image's npm is too old for --omit."""
    image = stage.base_image
    major = (image.tag or "").partition("-")[0].partition(".")[0] if image is not None else ""
    return major.isdecimal() and int(major) < _OLDEST_OMIT
