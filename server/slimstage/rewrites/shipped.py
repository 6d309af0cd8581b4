"""A final stage that takes what another one built, but on a base with compilers, or with the sources, or as a whole.

What is built is read from the stage that builds it; the final stage gets the base that the product needs, and takes the
product instead of the folder or the file system it lies in.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import NamedTuple

from slimstage.model import Model, Stage
from slimstage.model.python import base_facts
from slimstage.rewrites import go, native, node_server, python_pip, wishes
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import Layout
from slimstage.rewrites.needs import start_words
from slimstage.rewrites.packages import install_line, run_time_twins
from slimstage.rewrites.python_plan import slim_tag
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span

PATTERN = "copy-from-stage"
Compiled = go.Plan | native.Plan
_COMPILED: dict[str, type[Compiled]] = {"golang": go.Plan, "rust": native.Plan, "gcc": native.Plan}
_QUIET = frozenset({"system", "plain", "neutral", "clean"})
_IN_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/go/bin")


class Taken(NamedTuple):
    """One source of a `COPY --from=builder source target`; paths absolute, None where not known."""

    instruction: Instruction
    builder: Stage
    source: str | None
    target: str | None
    alone: bool

    def origin(self, path: str) -> str | None:
        """Where in the builder a path of the final stage comes from; None when this COPY does not bring it."""
        if self.source is None or self.target is None:
            return None
        if path == self.target:
            return self.source
        if path == posixpath.join(self.target, posixpath.basename(self.source)):
            return self.source
        below = self.target.rstrip("/") + "/"
        return posixpath.join(self.source, path[len(below) :]) if path.startswith(below) else None


def taken(model: Model, stage: Stage) -> tuple[Taken, ...]:
    """What the stage takes from other stages, in order."""
    found: list[Taken] = []
    for reference in model.references:
        if reference.kind != "copy" or reference.stage is not stage or reference.onbuild:
            continue
        item, builder = reference.instruction, reference.target_stage
        if builder is None or len(item.arguments) < 2:
            continue
        words = [stage.expand(word, item) for word in item.arguments]
        folder = stage.state_before(item).workdir or "/"
        target = None if words[-1] is None else posixpath.normpath(posixpath.join(folder, words[-1]))
        for word in words[:-1]:
            source = None if word is None else posixpath.normpath("/" + word.lstrip("/"))
            found.append(Taken(item, builder, source, target, len(words) == 2))
    return tuple(found)


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage builds nothing and takes something from one that can be read here."""
    image = stage.base_image
    if stage.base_stage is not None or image is None or any(run.opaque for run in stage.runs):
        return False
    if not {command.kind for run in stage.runs for command in sorted_commands(run)} <= _QUIET:
        return False
    builders = {_repository(one.builder) for one in taken(model, stage)}
    if image.repository in ("python", "node"):
        return image.repository in builders and base_facts(stage, model.knowledge).kind == "full"
    return bool(builders & set(_COMPILED))


def _is_wide(take: Taken) -> bool:
    """Whether it takes the folder that the builder works in, or one above it, to the same place."""
    home = take.builder.final_state.workdir or "/"
    return (
        take.source is not None and take.source == take.target and f"{home}/".startswith(take.source.rstrip("/") + "/")
    )


def _repository(stage: Stage) -> str:
    return stage.base_image.repository if stage.base_image is not None else ""


class _NodeBuilder(node_server.Plan):
    """The stage that builds, for a container that another stage starts."""

    final: Stage

    def start(self) -> list[str] | None:
        """The words that start the final stage."""
        return start_words(self.final)


class Plan:
    """One conversion in the making: no new stage, but another base and other products for the last one."""

    new_command = ""

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model, self.stage, self.options = model, stage, options
        self.layout = Layout(model, stage, options)
        self.layout.steps.clear()
        self.known = True
        self.takes = taken(model, stage)

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        repository = _repository(self.stage)
        if repository in ("python", "node"):
            found = self.on_slim_python() if repository == "python" else self.on_slim_node()
        else:
            found = self.compiled()
        if not found:
            raise Refused("only-copies", self.stage.place())
        user = wishes.as_own_user(self.layout) if self.options.non_root else None
        if user is None:
            return found
        self.layout.new_user = True
        at = wishes.last_root_unit(self.layout.units, 0)
        item = self.layout.units[at].instruction if at >= 0 else self.stage.instruction
        return (*found, self.layout.behind(item, user))

    # Python: the slim variant of the same version.

    def on_slim_python(self) -> tuple[Change, ...]:
        """The edits for packages that another stage installed."""
        shipper = python_pip.Plan(self.model, self.stage, self.options)
        tag = self.stage.base_image.tag if self.stage.base_image is not None else None
        word = self.stage.image_word
        if tag is None or word is None or word.variables or shipper.base.python is None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        shipper.check_script()
        shipper.full_base = True
        needs: list[str] = []
        for stage in dict.fromkeys(one.builder for one in self.takes if _repository(one.builder) == "python"):
            builder = python_pip.Plan(self.model, stage, self.options)
            if stage.base_stage is not None:
                raise Refused("built-on-stage", stage.place(), stage=stage.base_stage.label)
            if not builder.products or not builder.known or builder.base.python != shipper.base.python:
                raise Refused("requirements-unknown", self.stage.place())
            builder.full_base = True
            wanted = tuple(builder.requirements())
            shipper.check_compilers(wanted)
            needs += shipper.library_needs(wanted, builder.base.release)
        shipper.tools_of_full(shipper.final_contents())
        image = word.raw.replace(":" + tag, ":" + slim_tag(tag))
        return self.other_base(image, shipper, [*needs, *(name for name in shipper.extra if name != "python3")])

    # Node: the slim variant, with what the installed modules want of the system.

    def on_slim_node(self) -> tuple[Change, ...]:
        """The edits for a project that another stage installed and built."""
        shipper = node_server.Plan(self.model, self.stage, self.options)
        image = shipper.slim_image()
        shipper.check_script()
        needs: list[str] = []
        for stage in dict.fromkeys(one.builder for one in self.takes if _repository(one.builder) == "node"):
            builder = _NodeBuilder(self.model, stage, self.options)
            builder.final = self.stage
            if stage.base_stage is not None:
                raise Refused("built-on-stage", stage.place(), stage=stage.base_stage.label)
            if builder.base.libc is None or builder.base.libc != shipper.base.libc:
                raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
            builder.base = shipper.base
            builder.read_builds()
            builder.read_project()
            builder.check_modules()
            if not builder.known:
                raise Refused("manifest-needed", self.stage.place(), file="package-lock.json")
            needs += builder.extra
        shipper.tools_of_full(shipper.final_contents())
        return self.other_base(image, shipper, [*needs, *shipper.extra])

    # What a compiler made.

    def compiled(self) -> tuple[Change, ...]:
        """The edits for a program that a Go, Rust or C stage built."""
        if _repository(self.stage) not in _COMPILED and not any(map(_is_wide, self.takes)):
            raise Refused("only-copies", self.stage.place())
        builder, made, take = self.product()
        shipper = type(builder)(self.model, self.stage, self.options)
        tools = sorted({"go", *shipper.facts["tools"]} & shipper.programs)
        if tools:
            raise Refused("builds-at-start", self.stage.place(), command=tools[0])
        shipper.check_script()
        found: tuple[Change, ...] = ()
        if _repository(self.stage) in _COMPILED:
            found = self.small_base(builder, shipper)
        if made != take.source and _is_wide(take) and take.alone:
            found = (*found, self.narrowed(builder, made, take))
        return found

    def product(self) -> tuple[Compiled, str, Taken]:
        """The plan of the stage that builds what the container starts, where it is there, and what takes it."""
        words = go.Plan(self.model, self.stage, self.options).start()
        started = (words[1] if words[0] == "exec" and len(words) > 1 else words[0]) if words else "$"
        if "$" in started:
            raise Refused("start-unknown", self.stage.place())
        folders = (self.stage.final_state.workdir or "/",) if "/" in started else _IN_PATH
        for take in reversed(self.takes):
            kind = _COMPILED.get(_repository(take.builder))
            if kind is None or take.builder.base_stage is not None:
                continue
            for folder in folders:
                path = take.origin(posixpath.normpath(posixpath.join(folder, started)))
                if path is None:
                    continue
                builder = kind(self.model, take.builder, self.options)
                builder.read_builds()
                if path in builder.made_paths():
                    return builder, path, take
        raise Refused("product-unknown", self.stage.place(), product=started)

    def small_base(self, builder: Compiled, shipper: Compiled) -> tuple[Change, ...]:
        """The base that the product needs in place of one with a compiler."""
        if isinstance(shipper, go.Plan) and isinstance(builder, go.Plan):
            shipper.static = builder.is_static()
            shipper.choose_image()
            image, needs = shipper.layout.final_image or "", list(shipper.extra)
            if not shipper.static and builder.base.release != shipper.base.release:
                raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        elif isinstance(shipper, native.Plan) and isinstance(builder, native.Plan):
            image = shipper.run_time_image()
            if builder.run_time_image() != image:
                raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
            builder.check_libraries()
            shipper.tools_of_full(frozenset())
            needs = ["ca-certificates", *shipper.extra]
        else:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        for package in builder.installed:
            twins = run_time_twins(self.model.knowledge, package, builder.base.release) if package.is_build else ()
            if twins is None:
                raise Refused("unknown-twin", package.place, package=package.name)
            needs += twins
        return self.other_base(image, shipper, needs)

    def other_base(self, image: str, shipper: SplitPlan, needs: Sequence[str]) -> tuple[Change, ...]:
        """The FROM with another image, and behind it the packages that only the old one held."""
        word, instruction = self.stage.image_word, self.stage.instruction
        left = [package.name for package in shipper.installed if package.is_build]
        if word is None or left:
            raise Refused("tools-unused", self.stage.place(), packages=", ".join(dict.fromkeys(left)))
        self.layout.final_image = image
        step = self.layout.step("other-base", image=image)
        found = [Change(Place(instruction, word.span), image, step)]
        has = {package.name for package in shipper.installed}
        names = tuple(dict.fromkeys(name for name in needs if name not in has))
        if names:
            line = install_line(
                shipper.base.manager or "apt", names, self.layout.newline, self.stage.escape, recommends=False
            )
            step = self.layout.step("runtime-packages", packages=", ".join(names))
            end = len(instruction.text)
            found.append(Change(Place(instruction, Span(end, end)), self.layout.line(line), step))
        return tuple(found)

    def runs_without_the_rest(self, builder: Compiled) -> bool:
        """Whether the product finds its libraries when the builder's file system is not laid over the final stage:
        it has none, or both stand on the same release and no other library was installed. A new base has them all.
        """
        if self.layout.final_image is not None or (isinstance(builder, go.Plan) and builder.is_static()):
            return True
        base = base_facts(self.stage, self.model.knowledge)
        twins = [run_time_twins(self.model.knowledge, p, base.release) for p in builder.installed if p.is_build]
        same = base.libc == builder.base.libc and base.release is not None and base.release == builder.base.release
        return same and not any(found is None or found for found in twins)

    def narrowed(self, builder: Compiled, made: str, take: Taken) -> Change:
        """The COPY that takes the product, and the files it may read, in place of the folder they lie in."""
        item = take.instruction
        known = all(
            id(run.instruction) in builder.build_runs
            or {command.kind for command in builder.kinds[id(run.instruction)]} <= {"system", "clean", "neutral"}
            for run in take.builder.runs
        )
        kept = [package for package in builder.installed if not package.is_build]
        brought = any(unit.instruction.flag("from") is not None for unit in builder.layout.units)
        if take.source == "/":
            known = known and not kept and self.stage.final_state.user is None and self.runs_without_the_rest(builder)
        if not known or brought:
            raise Refused("only-copies", self.stage.place())
        below = (take.source or "/").rstrip("/") + "/"
        paths = [made, *(path for path in builder.data_entries() if path != made and path.startswith(below))]
        flags = "".join(" " + item.text[flag.span.start : flag.span.end] for flag in item.flags)
        lines = [f"{item.keyword}{flags} {path} {path}" for path in paths]
        step = self.layout.step("narrowed-from", path=take.source, products=", ".join(paths))
        end = len(item.text)
        return Change(Place(item, Span(0, end)), self.layout.line("\n".join(lines)), step)
