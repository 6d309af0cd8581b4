"""A development package in a stage that compiles nothing afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.installed import InstalledPackage
from slimstage.model.python import base_facts
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.packages import run_time_twins
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.toolchains import shipped_toolchains, weight

WARN_FROM = 20_000_000  # bytes
_QUIET = {"system", "clean", "neutral", "plain"}


class DevPackageInFinalStage(Rule):
    """Advice; a warning when the package alone weighs 20 MB or more."""

    id = "dev-package-in-final-stage"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a package."""
        for chain in shipped_toolchains(model):
            if any(package.record is None or package.record.role != "dev" for package in chain.packages):
                continue
            for package in chain.packages:
                twins = run_time_twins(model.knowledge, package, base_facts(chain.stage, model.knowledge).release)
                if twins is not None and not _compiles_from(model, chain.stage, package):
                    yield self._finding(model, chain.stage, package, twins)

    def _finding(self, model: Model, stage: Stage, package: InstalledPackage, twins: tuple[str, ...]) -> Finding:
        size = weight(model, stage, [package])
        args = {"package": package.name, "twins": " ".join(twins), "size": size}
        fixes = (Fix("twin", (Edit(package.place, " ".join(twins)),), args=args),) if twins else ()
        message = "default" if not twins else "twin" if size is None else "sized"
        heavy = size is not None and size.low >= WARN_FROM
        return Finding(self.id, package.place, message, args, "warning" if heavy else None, fixes=fixes)


def _compiles_from(model: Model, stage: Stage, package: InstalledPackage) -> bool:
    """Whether the package's RUN or anything shipped after it may compile."""
    after = stage.position(package.run.instruction)
    for shipped in model.shipped_stages:
        for run in shipped.runs:
            if shipped.index < stage.index or (shipped is stage and shipped.position(run.instruction) < after):
                continue
            if run.opaque or any(command.kind not in _QUIET for command in sorted_commands(run)):
                return True
    return False
