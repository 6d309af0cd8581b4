"""Compiled code crosses from glibc to musl, or back."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.installed import installed_packages
from slimstage.model.python import base_facts
from slimstage.rules.base import Finding, Related, Rule
from slimstage.rules.copied_products import StageCopy, builder_installs, carries_packages, stage_copies
from slimstage.rules.dynamic_binary_in_scratch import dynamic_go_build
from slimstage.syntax.nodes import Place

_COMPATIBILITY = {"gcompat", "libc6-compat"}


class LibcMismatch(Rule):
    """Sure for Python packages known to hold compiled code; a warning for Go binaries built with cgo on."""

    id = "libc-mismatch"
    severity = "error"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY."""
        seen: set[int] = set()
        for copy in stage_copies(model, model.shipped_stages):
            here, there = (base_facts(stage, model.knowledge).libc for stage in (copy.into, copy.source_stage))
            if {here, there} != {"glibc", "musl"} or id(copy.instruction) in seen:
                continue
            names = {p.name for stage in copy.into.lineage for p in installed_packages(stage, model.knowledge)}
            if names & _COMPATIBILITY:
                continue
            args = {"here": here, "there": there, "stage": copy.source_stage.label}
            related = (Related(copy.source_stage.place(), "built", {"stage": copy.source_stage.label, "libc": there}),)
            compiled = _compiled_packages(model, copy) if carries_packages(copy) else []
            place = Place(copy.instruction, copy.word.span)
            if compiled:
                seen.add(id(copy.instruction))
                args["packages"] = ", ".join(compiled)
                yield Finding(self.id, place, "default", args, related=related)
            elif here == "musl" and dynamic_go_build(copy) is not None:
                seen.add(id(copy.instruction))
                yield Finding(self.id, place, "go", args, "warning", related=related)


def _compiled_packages(model: Model, copy: StageCopy) -> list[str]:
    """Requirements of the other stage that are known to hold compiled code."""
    found: dict[str, None] = {}
    for install in builder_installs(model, copy.source_stage):
        for requirement in install.requirements:
            package = model.knowledge.python_package(requirement.name) if requirement.name else None
            if package is None or package.pure:
                continue
            if not any(wheel.platform == "any" for wheel in package.wheels):
                found[package.name] = None
    return list(found)
