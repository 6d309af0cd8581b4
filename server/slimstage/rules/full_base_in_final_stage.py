"""The image that ships stands on a full base although a slim variant of the same version exists."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.python import base_facts, pip_installs, wheel_verdict
from slimstage.rewrites import ships_for_development
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.needs import run_time_words
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.conversions import conversion_fix
from slimstage.rules.copied_products import builder_installs, stage_copies
from slimstage.rules.toolchains import shipped_toolchains
from slimstage.sizes.packages import image_size
from slimstage.syntax.nodes import Place
from slimstage.text import Span

# What full images bring and slim ones lack (buildpack-deps), as programs a RUN or the start may call.
_ONLY_IN_FULL = frozenset(
    """autoconf automake bzr curl file g++ gcc git gpg hg imagemagick convert make patch ssh svn unzip wget xz
    mysql_config pg_config pkg-config""".split()
)
_LANGUAGES = ("python", "node", "ruby", "perl", "php", "openjdk")


class FullBaseInFinalStage(Rule):
    """A warning when it is sure that nothing of the full image is used, else advice."""

    id = "full-base-in-final-stage"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, at the image name."""
        final = model.final_stage
        if final is None or ships_for_development(model):
            return
        root = final.root
        image, word = root.base_image, root.image_word
        if image is None or word is None or image.tag is None or image.digest is not None:
            return
        match = model.knowledge.image(image.repository, image.tag)
        if match is None or match.image.kind != "full" or image.repository not in _LANGUAGES:
            return
        slim = _slim_tag(image.tag)
        if slim is None or _compiles(model) or any(shipped_toolchains(model)):
            return  # build-tools-in-final-stage says it better
        before = image_size(model.knowledge, image.repository, image.tag)
        after = image_size(model.knowledge, image.repository, slim)
        sized = before is not None and after is not None
        certain = _nothing_needed(model, root, final)
        args = {"image": str(image), "slim": f"{image.repository}:{slim}", "before": before, "after": after}
        fixes: tuple[Fix, ...] = ()
        if certain and not word.variables:
            at = word.raw.rfind(":" + image.tag)
            start = word.span.start + at + 1
            if at >= 0:
                edit = Edit(Place(root.instruction, Span(start, start + len(image.tag))), slim)
                fixes = (Fix("slim", (edit,), args=args),)
        elif len(model.stages) > 1:
            fixes = (conversion_fix(model),)
        yield Finding(
            self.id,
            Place(root.instruction, word.span),
            "sized" if sized else "default",
            args,
            severity=None if certain else "info",
            fixes=fixes,
        )


def _slim_tag(tag: str) -> str | None:
    version, _, release = tag.partition("-")
    if not version[:1].isdigit() or release not in ("", "bookworm", "trixie", "bullseye"):
        return None
    return f"{version}-slim-{release}" if release else f"{version}-slim"


def _compiles(model: Model) -> bool:
    """Whether a shipped RUN compiles: then the conversion carries the change of the base."""
    return any(
        command.kind == "compile"
        for stage in model.shipped_stages
        for run in stage.runs
        for command in sorted_commands(run)
    )


def _nothing_needed(model: Model, root: Stage, final: Stage) -> bool:
    """Whether all that runs, at build and at start, is known to do without what only the full image has."""
    if run_time_words(final, model) & _ONLY_IN_FULL or root is not final:
        return False
    base = base_facts(root, model.knowledge)
    if base.python is None or base.libc is None:
        return False
    for run in final.runs:
        for command in sorted_commands(run):
            name = command.item.command.name
            if command.kind not in ("pip", "system", "clean", "neutral", "plain", "program") or name in _ONLY_IN_FULL:
                return False
        if run.opaque:
            return False
    taken = tuple({copy.source_stage.index: copy.source_stage for copy in stage_copies(model, (final,))}.values())
    if not all(_only_installs(one) for stage in taken for one in stage.lineage):
        return False
    brought = [install for stage in taken for install in builder_installs(model, stage)]
    for install in (*pip_installs(final, model), *brought):
        if not install.known or install.editable:
            return False
        for requirement in install.requirements:
            if requirement.name in ("pip", "setuptools", "wheel"):
                continue
            package = model.knowledge.python_package(requirement.name) if requirement.name else None
            if package is None or model.knowledge.runtime_libraries(package, "apt", base.release) != ():
                return False
            if wheel_verdict(model.knowledge, requirement, base.python, base.libc) not in ("wheel", "likely"):
                return False
    return True


def _only_installs(stage: Stage) -> bool:
    """Whether everything that the stage's RUNs do is read: pip, packages, plain commands."""
    kinds = {command.kind for run in stage.runs for command in sorted_commands(run)}
    return not any(run.opaque for run in stage.runs) and kinds <= {"pip", "system", "clean", "neutral", "plain"}
