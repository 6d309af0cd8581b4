"""Code compiled in a builder arrives in an image that lacks the library it was linked with."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.installed import installed_packages
from slimstage.model.python import base_facts, wheel_verdict
from slimstage.rewrites.packages import install_line, run_time_twins
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import StageCopy, builder_installs, carries_packages, stage_copies
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class MissingRuntimeLibrary(Rule):
    """Sure when a requirement is known to be compiled; advice when only its -dev package tells."""

    id = "missing-runtime-library"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY."""
        seen: set[int] = set()
        for copy in stage_copies(model, model.shipped_stages):
            if id(copy.instruction) in seen or not carries_packages(copy):
                continue
            seen.add(id(copy.instruction))
            yield from self._check_copy(model, copy)

    def _check_copy(self, model: Model, copy: StageCopy) -> Iterable[Finding]:
        base = base_facts(copy.into, model.knowledge)
        if base.manager is None or (not base.exact and base.kind not in ("slim", "alpine")):
            return
        if base.kind == "full":
            return
        present = {p.name for stage in copy.into.lineage for p in installed_packages(stage, model.knowledge)}
        present |= base.contents
        needed, certain = _needed(model, copy.source_stage, base.manager, base.release)
        missing = {name: why for name, why in needed.items() if name not in present and not _has_dev(present, name)}
        if not missing:
            return
        line = install_line(base.manager, tuple(missing), "\n", copy.into.escape, recommends=False)
        at = Edit(Place(copy.instruction, Span(0, 0)), line + "\n")
        user = copy.into.state_before(copy.instruction).user
        fixes = (Fix("install", (at,), args={"libraries": ", ".join(missing)}),) if user in (None, "root", "0") else ()
        yield Finding(
            self.id,
            Place(copy.instruction, copy.word.span),
            "default" if certain else "likely",
            {"libraries": ", ".join(missing), "packages": ", ".join(dict.fromkeys(missing.values()))},
            severity=None if certain else "info",
            fixes=fixes,
            related=(Related(copy.source_stage.place(), "built", {"stage": copy.source_stage.label}),),
        )


def _needed(model: Model, builder: Stage, manager: str, release: str | None) -> tuple[dict[str, str], bool]:
    """Run-time packages by their names in `release`, each with what needs it; whether that is sure."""
    base = base_facts(builder, model.knowledge)
    needed: dict[str, str] = {}
    unknown = False
    for install in builder_installs(model, builder):
        unknown = unknown or not install.known
        for requirement in install.requirements:
            package = model.knowledge.python_package(requirement.name) if requirement.name else None
            if package is None or base.python is None or base.libc is None:
                unknown = unknown or (package is None and requirement.name not in ("pip", "setuptools", "wheel"))
                continue
            verdict = wheel_verdict(model.knowledge, requirement, base.python, base.libc)
            compiled = verdict == "compiles"
            # With a wheel a need remains only when the wheel does not bundle the library.
            if compiled or (verdict in ("wheel", "likely") and requirement.applies(base.python)):
                libraries = model.knowledge.runtime_libraries(package, manager, release, base.release)
                unknown = unknown or libraries is None
                needed.update(dict.fromkeys(libraries or (), package.name))
    if needed or not unknown:
        return needed, True
    known = {
        name
        for package in model.knowledge.python_packages.values()
        for name in model.knowledge.runtime_libraries(package, manager, base.release) or ()
    }
    for stage in builder.lineage:
        for installed in installed_packages(stage, model.knowledge):
            if installed.record is not None and installed.record.role == "dev" and installed.manager == manager:
                twins = run_time_twins(model.knowledge, installed, base.release) or ()
                needed.update((name, installed.name) for name in twins if name in known)
    return needed, False


def _has_dev(present: set[str], library: str) -> bool:
    """Whether a package that brings the library stands in for it (`libpq-dev` or a client for `libpq5`)."""
    stem = library.rstrip("0123456789.t-")
    return any(name.startswith(stem) and name.endswith("-dev") for name in present) or (
        library == "libpq5" and any(name.startswith("postgresql-client") for name in present)
    )
