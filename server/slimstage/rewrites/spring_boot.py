"""Spring Boot's jar in layers: unpacked in the builder, copied as one layer a kind of content.

The image does not get smaller by it. A new version of the program changes its own layer only, so that hosts and
registries keep the one with the libraries. `unpack_jar` is for a stage that is split, `layers_of_shipped` for one that
takes the jar of another stage.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from slimstage.context.boot_layers import writes_layers
from slimstage.rewrites.conversion import Change, Refused, Step
from slimstage.rewrites.layout import Layout
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import Span, lazy_pattern

if TYPE_CHECKING:
    from slimstage.model import Model, Stage
    from slimstage.rewrites.java import Plan

_BUILT = lazy_pattern(r"((?:.*/)?)(build(?=/libs/[^/]+$)|target(?=/[^/]+$))/.*")
_PLAIN = lazy_pattern(r"[\w./*@+-]+")
_SYSTEM_FOLDERS = ("/", "/usr", "/usr/local")  # they have a `lib` of their own
FOLDER = "extracted"


class Jar(NamedTuple):
    """Where a jar lies when the build is done, where the build tool wrote it, and where the container finds it."""

    source: str
    built: str
    target: str


def unpack_jar(plan: Plan, copied: Sequence[str]) -> str | None:
    """Replace the copy of the one jar that the container starts by copies of its layers; returns the jar's path.

    None, with the reason among the layout's steps, where it is not plain that the jar has the default layers.
    """
    reason: str | None = "start"
    if len(plan.named) == 1 and "-jar" in plan.java_words() and plan.named[0] in copied:
        jar = _jar(plan, plan.named[0])
        reason = _stays_whole(plan, jar, copied)
    if reason is not None:
        plan.layout.step(f"jar-stays-whole-{reason}")
        return None
    folder = _folder(jar)
    _run_last(plan, _line(plan, jar))
    for layer in plan.facts["boot-layers"]:
        plan.copy(f"{folder}/{layer}/", posixpath.dirname(jar.target) + "/", as_step=False)
    return jar.target


def _stays_whole(plan: Plan, jar: Jar, beside: Sequence[str]) -> str | None:
    """Why the jar is copied as it is; None when it surely has the default layers. `beside` is what is copied, too."""
    context, found = plan.context, _BUILT.fullmatch(jar.built)
    if plan.extracted():
        return "start"
    if found is None or context is None or not _PLAIN.fullmatch(jar.source) or not jar.target.endswith(".jar"):
        return "build"
    folder = posixpath.dirname(jar.target)
    libraries = posixpath.join(folder, "lib")
    if folder in _SYSTEM_FOLDERS or any(f"{path}/".startswith(f"{libraries}/") for path in beside):
        return "beside"
    archives = plan.archives()
    matching = archives.matching(posixpath.relpath(jar.built, plan.home))
    root = plan.root_in_context()
    kind = "boot" if found[2] == "build" else "jar"  # Maven's plugin packs the ordinary jar anew
    if not archives.complete or [item.kind for item in matching] != [kind] or root is None or _is_told(plan):
        return "build"
    module = posixpath.relpath(found[1] or ".", plan.home)
    module = root if module == "." else posixpath.join(root, module)
    if FOLDER in context.list(posixpath.join(module, found[2])):
        return "beside"
    return None if writes_layers(context, module, root if kind == "boot" else None, plan.facts) else "build"


def _folder(jar: Jar) -> str:
    """Where the layers are unpacked: in the build tool's own folder."""
    found = _BUILT.fullmatch(jar.built)
    return posixpath.join(found[1], found[2], FOLDER) if found is not None else FOLDER


def _line(plan: Plan, jar: Jar) -> str:
    """The RUN that unpacks the jar."""
    command = f"java -Djarmode=tools -jar {posixpath.relpath(jar.source, plan.workdir)} extract --layers"
    if posixpath.basename(jar.target) != posixpath.basename(jar.source):
        command += f" --application-filename {posixpath.basename(jar.target)}"
    return f"RUN {command} --destination {posixpath.relpath(_folder(jar), plan.workdir)}"


def _is_told(plan: Plan) -> bool:
    """Whether a build step gives Spring Boot's plugin settings of its own."""
    return any("spring-boot." in plan.runs[key].instruction.text for key in plan.build_runs)


def _jar(plan: Plan, path: str) -> Jar:
    moved = plan.moved().get(path)
    if moved is not None:
        return Jar(moved[1], moved[1], path)
    return Jar(path, _written_as(plan, path), path)


def _written_as(plan: Plan, path: str) -> str:
    """The place a build step moves a file from, its own when none does."""
    moves = (move for key in plan.build_runs for move in plan.transfers(plan.runs[key].instruction))
    return next((source for target, source in moves if target == path), path)


def _run_last(plan: Plan, line: str) -> None:
    """Put a RUN behind the last build step, or in the place of one that only moves the jar."""
    layout: Layout = plan.layout
    unit = layout.units[plan.last]
    if unit.fate == "drop":
        unit.fate, unit.builder_text = "builder", line
        layout.steps[unit.step] = Step("jar-layers")
        return
    step = layout.step("jar-layers")
    end = len(unit.instruction.text)
    ends = unit.instruction.text.endswith(("\n", "\r"))
    unit.edits.append((Span(end, end), layout.line(line) if ends else layout.newline + line, step))


# A stage that takes the jar of another one.


class Taken(NamedTuple):
    """The one COPY of a stage that takes a jar: from which stage, which path there, and where it goes."""

    item: Instruction
    stage: Stage
    source: str
    target: str


def taken_jar(model: Model, stage: Stage) -> Taken | None:
    """The COPY by which a stage takes a jar that another stage built; None unless there is exactly one plain one."""
    copies = [item for item in stage.instructions if item.keyword == "COPY" and item.flag("from") is not None]
    found = [item for item in copies if any((word.value or "").endswith(".jar") for word in item.arguments[:-1])]
    if len(found) != 1 or found[0].form is not Form.WORDS or len(found[0].arguments) != 2:
        return None
    item = found[0]
    source, target = (stage.expand(word, item) for word in item.arguments)
    other = next((one.target_stage for one in model.references if one.instruction is item), None)
    plain = {flag.name for flag in item.flags} <= {"from", "chown", "link"} and "\n" not in item.text.rstrip("\r\n")
    if other is None or source is None or target is None or not plain:
        return None
    path = posixpath.join(stage.state_before(item).workdir or "/", target)
    if target.endswith(("/", ".")):
        path = posixpath.join(path, posixpath.basename(source))
    return Taken(item, other, posixpath.normpath("/" + source.lstrip("/")), posixpath.normpath(path))


def layers_of_shipped(plan: Plan) -> tuple[Change, ...]:
    """Unpack, in the stage that builds it, the jar that a stage takes, and take its layers; raises `Refused`."""
    taken = taken_jar(plan.model, plan.stage)
    words = plan.java_words()
    folder = plan.stage.final_state.workdir or "/"
    started = [posixpath.normpath(posixpath.join(folder, path)) for path in plan.class_path(words)]
    if taken is None or "-jar" not in words or started != [taken.target]:
        raise Refused("jar-whole-start", plan.stage.place())
    place = Place(taken.item, taken.item.keyword_span)
    builder = type(plan)(plan.model, taken.stage, plan.options)
    builder.named = (taken.source,)
    try:
        builder.read_builds()
        jar = Jar(taken.source, _written_as(builder, taken.source), taken.target)
        reason = _stays_whole(builder, jar, _targets(plan.stage))
        line = _line(builder, jar)
    except Refused:
        reason, line = "build", ""
    if reason is not None:
        raise Refused(f"jar-whole-{reason}", place)
    step = plan.layout.step("jar-layers")
    last = builder.layout.units[builder.last].instruction
    end = len(last.text)
    text = taken.item.text
    head = text[: taken.item.arguments[0].span.start]
    into = posixpath.dirname(taken.target) + "/"
    copies = [f"{head}{_folder(jar)}/{layer}/ {into}" for layer in plan.facts["boot-layers"]]
    lines = plan.layout.newline.join(copies)
    whole = Span(0, len(text.rstrip("\r\n")))
    return (
        Change(Place(last, Span(end, end)), plan.layout.line(line), step),
        Change(Place(taken.item, whole), lines, step),
    )


def _targets(stage: Stage) -> list[str]:
    """Absolute paths that the COPYs of a stage write."""
    found = []
    for item in stage.instructions:
        if item.keyword in ("COPY", "ADD") and item.arguments:
            target = stage.expand(item.arguments[-1], item) or ""
            found.append(posixpath.normpath(posixpath.join(stage.state_before(item).workdir or "/", target)))
    return found
