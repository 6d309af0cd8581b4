"""What a stage's own RUNs leave installed from the distribution's packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimstage.model.packages import PackageName, PackageOperation
from slimstage.model.runs import Run
from slimstage.syntax.nodes import LogicalText, Place

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase, SystemPackage
    from slimstage.model.stages import Stage

SYSTEM_MANAGERS = ("apt", "apk", "dnf", "zypper")
# Tools that compile when a package manager of a language asks for it; "language" packages are judged by name.
BUILD_ROLES = ("build", "dev")


@dataclass(slots=True, frozen=True, eq=False)
class InstalledPackage:
    """One package a RUN installs and does not remove again. `record` is None when nobody knows the package."""

    name: str
    manager: str
    record: SystemPackage | None
    word: PackageName
    operation: PackageOperation
    run: Run
    text: LogicalText

    @property
    def is_build(self) -> bool:
        """Whether it is a compiler, a build tool or a development package."""
        return self.record is not None and self.record.role in BUILD_ROLES

    @property
    def place(self) -> Place:
        """Where the name is written."""
        return self.run.place(self.word.span, self.text)


def installed_packages(stage: Stage, knowledge: KnowledgeBase) -> tuple[InstalledPackage, ...]:
    """The packages this stage's RUNs add, in order, without what the same RUN removes; cached with the stage."""
    found: tuple[InstalledPackage, ...] | None = stage.facts.get("installed")
    if found is None:
        found = stage.facts["installed"] = tuple(package for run in stage.runs for package in _left_by(run, knowledge))
    return found


def _left_by(run: Run, knowledge: KnowledgeBase) -> list[InstalledPackage]:
    left: list[InstalledPackage] = []
    marked = any(
        command.name == "apt-mark" and any(word.value == "auto" for word in command.words)
        for command, _ in run.commands
    )
    for operation, text in run.operations:
        if operation.manager not in SYSTEM_MANAGERS:
            continue
        if operation.action == "install":
            for word in operation.packages:
                if word.name is not None and word.kind == "package":
                    record = knowledge.system_package(operation.manager, word.name)
                    left.append(InstalledPackage(word.name, operation.manager, record, word, operation, run, text))
        elif operation.action == "remove":
            removed = {word.name if word.name is not None else word.raw for word in operation.packages}
            unsure = any(word.name is None for word in operation.packages)
            left = [
                package
                for package in left
                if package.name not in removed
                and not (set(package.operation.options.get("virtual", ())) & (removed | _raws(operation)))
                # `apt-get purge $BUILD_DEPS`: what a variable holds may be any of them.
                and not (unsure and package.is_build)
            ]
            if marked and (operation.verb == "autoremove" or operation.has("auto-remove", "autoremove")):
                # `apt-mark auto '.*'` first: then whatever was not there before goes, as in the official images.
                left = [package for package in left if not package.is_build]
    return left


def _raws(operation: PackageOperation) -> set[str]:
    return {word.raw for word in operation.packages}
