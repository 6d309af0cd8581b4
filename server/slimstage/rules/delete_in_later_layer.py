"""A RUN deletes what an earlier layer holds: the image does not get smaller."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.installed import InstalledPackage, installed_packages
from slimstage.model.runs import Run
from slimstage.rules.base import Finding, Related, Rule
from slimstage.rules.leftovers import shipped_runs
from slimstage.rules.toolchains import weight


class DeleteInLaterLayer(Rule):
    """For packages, where what is deleted is known by name. Lists and caches have rules of their own."""

    id = "delete-in-later-layer"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a removing command."""
        for stage, run in shipped_runs(model):
            for operation, text in run.operations:
                if operation.action != "remove" or operation.manager not in ("apt", "apk", "dnf"):
                    continue
                names = {word.name if word.name is not None else word.raw for word in operation.packages}
                gone = [package for package in _before(model, stage, run) if _named(package, names)]
                gone = [package for package in gone if package.manager == operation.manager]
                if not gone:
                    continue
                size = weight(model, stage, gone)
                yield Finding(
                    self.id,
                    run.place(operation.command.span, text),
                    "default" if size is None else "sized",
                    {"packages": ", ".join(dict.fromkeys(package.name for package in gone)), "size": size},
                    related=tuple(Related(package.place, "installed", {"package": package.name}) for package in gone),
                )


def _named(package: InstalledPackage, names: set[str]) -> bool:
    return package.name in names or bool(set(package.operation.options.get("virtual", ())) & names)


def _before(model: Model, stage: Stage, run: Run) -> Iterable[InstalledPackage]:
    """What earlier RUNs of the stage, and the stages below it, installed."""
    for below in stage.lineage:
        for package in installed_packages(below, model.knowledge):
            if below is not stage or stage.position(package.run.instruction) < stage.position(run.instruction):
                yield package
