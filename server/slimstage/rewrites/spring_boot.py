"""Spring Boot's jar in layers: unpacked in the builder, copied as one layer a kind of content.

The image does not get smaller by it. A new version of the program changes its own layer only, so that hosts and
registries keep the one with the libraries.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from slimstage.context.boot_layers import writes_layers
from slimstage.rewrites.conversion import Step
from slimstage.rewrites.layout import Layout
from slimstage.text import Span, lazy_pattern

if TYPE_CHECKING:
    from slimstage.rewrites.java import Plan

_BUILT = lazy_pattern(r"((?:.*/)?)(build(?=/libs/[^/]+$)|target(?=/[^/]+$))/.*")
_PLAIN = lazy_pattern(r"[\w./*@+-]+")
_SYSTEM_FOLDERS = ("/", "/usr", "/usr/local")  # they have a `lib` of their own
FOLDER = "extracted"


def unpack_jar(plan: Plan, copied: Sequence[str]) -> str | None:
    """Replace the copy of the one jar that the container starts by copies of its layers; returns the jar's path.

    None, with the reason among the layout's steps, where it is not plain that the jar has the default layers.
    """
    reason = _stays_whole(plan, copied)
    if reason is not None:
        plan.layout.step(f"jar-stays-whole-{reason}")
        return None
    jar = plan.named[0]
    source, built = _source(plan, jar)
    found = _BUILT.fullmatch(built)
    assert found is not None
    folder = posixpath.join(found[1], found[2], FOLDER)
    command = f"java -Djarmode=tools -jar {posixpath.relpath(source, plan.workdir)} extract --layers"
    if posixpath.basename(jar) != posixpath.basename(source):
        command += f" --application-filename {posixpath.basename(jar)}"
    _run_last(plan, f"RUN {command} --destination {posixpath.relpath(folder, plan.workdir)}")
    for layer in plan.facts["boot-layers"]:
        plan.copy(f"{folder}/{layer}/", posixpath.dirname(jar) + "/", as_step=False)
    return jar


def _stays_whole(plan: Plan, copied: Sequence[str]) -> str | None:
    """Why the jar is copied as it is; None when it surely has the default layers and is started with `-jar`."""
    context = plan.context
    if len(plan.named) != 1 or "-jar" not in plan.java_words() or plan.named[0] not in copied or plan.extracted():
        return "start"
    jar = plan.named[0]
    source, built = _source(plan, jar)
    found = _BUILT.fullmatch(built)
    if found is None or context is None or not _PLAIN.fullmatch(source) or not jar.endswith(".jar"):
        return "build"
    folder = posixpath.dirname(jar)
    libraries = posixpath.join(folder, "lib")
    if folder in _SYSTEM_FOLDERS or any(f"{path}/".startswith(f"{libraries}/") for path in copied):
        return "beside"
    archives = plan.archives()
    below = posixpath.relpath(built, plan.home)
    matching = archives.matching(below)
    root = plan.root_in_context()
    kind = "boot" if found[2] == "build" else "jar"  # Maven's plugin packs the ordinary jar anew
    if not archives.complete or [item.kind for item in matching] != [kind] or root is None or _is_told(plan):
        return "build"
    module = posixpath.relpath(found[1] or ".", plan.home)
    module = root if module == "." else posixpath.join(root, module)
    if FOLDER in context.list(posixpath.join(module, found[2])):
        return "beside"
    return None if writes_layers(context, module, root if kind == "boot" else None, plan.facts) else "build"


def _is_told(plan: Plan) -> bool:
    """Whether a build step gives Spring Boot's plugin settings of its own."""
    return any("spring-boot." in plan.runs[key].instruction.text for key in plan.build_runs)


def _source(plan: Plan, jar: str) -> tuple[str, str]:
    """Where the jar lies when the build is done, and where the build tool wrote it."""
    moved = plan.moved().get(jar)
    if moved is not None:
        return moved[1], moved[1]
    for key in plan.build_runs:
        for target, source in plan.transfers(plan.runs[key].instruction):
            if target == jar:
                return jar, source
    return jar, jar


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
