"""A glob copies several jars into one file name: the build stops there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import stage_copies
from slimstage.syntax.nodes import Place
from slimstage.text import Span

_GRADLE = ("gradle", "gradlew")
_BUILD_FILES = ("build.gradle", "build.gradle.kts")


class JarGlobAmbiguous(Rule):
    """For Spring Boot with Gradle: `build` and `assemble` also write `*-plain.jar` (since 2.5); `bootJar` does not."""

    id = "jar-glob-ambiguous"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY; advice when the build file cannot be read."""
        certain = _writes_plain_jar(model)
        if certain is False:
            return
        for copy in stage_copies(model, model.stages):
            pattern = copy.source or ""
            if not pattern.endswith("/build/libs/*.jar") or copy.target is None or not copy.target.endswith(".jar"):
                continue
            task = _task(copy.source_stage)
            if task is None:
                continue
            place, word = task
            fixes: tuple[Fix, ...] = ()
            if certain:
                fixes = (Fix("boot-jar", (Edit(place, "bootJar"),), args={"task": word}),)
            yield Finding(
                self.id,
                Place(copy.instruction, copy.word.span),
                args={"task": word, "file": posixpath.basename(copy.target)},
                severity=None if certain else "info",
                fixes=fixes,
                related=(Related(place, "task", {"task": word}),),
            )


def _writes_plain_jar(model: Model) -> bool | None:
    """Whether the project is a Spring Boot one that keeps its plain jar; None when its build file is not there."""
    context = model.context
    for name in _BUILD_FILES:
        text = context.read_text(name) if context is not None else None
        if text is not None:
            boot = "org.springframework.boot" in text
            off = "enabled = false" in text or "enabled=false" in text or "enabled.set(false)" in text
            return boot and not off
    return None


def _task(stage: Stage) -> tuple[Place, str] | None:
    """The `build` or `assemble` task of the stage's Gradle call, unless bootJar alone is run."""
    found: tuple[Place, str] | None = None
    for run in stage.runs:
        for command, text in run.commands:
            if command.name not in _GRADLE:
                continue
            if any(word.value == "-x" for word in command.words) and "jar" in {word.value for word in command.words}:
                continue
            for word in command.words[1:]:
                if word.value in ("build", "assemble", ":build", ":assemble"):
                    place = run.place(Span(word.span.start, word.span.end), text)
                    found = (place, word.value.lstrip(":"))
    return found
