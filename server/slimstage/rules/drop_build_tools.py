"""Build packages although everything that is installed has a wheel: they can simply go."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Fix, Related, Rule
from slimstage.rules.toolchains import (
    compiles_at_run_time,
    kinds_from,
    library_needs,
    shipped_toolchains,
    weight,
    wheels_suffice,
    without_packages,
)


class DropBuildTools(Rule):
    """A warning when the requirements are pinned to versions with wheels, else an advice one step lower."""

    id = "drop-build-tools"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage, at the first build package."""
        for chain in shipped_toolchains(model):
            kinds = kinds_from(model, chain.stage)
            if "pip" not in kinds or kinds & {"other-manager", "compile", "opaque"}:
                continue
            certainty = wheels_suffice(model, chain.stage)
            if certainty is None or compiles_at_run_time(model, chain.stage):
                continue
            first, *rest = chain.packages
            wanted = library_needs(model, chain.stage, first.manager)
            if wanted is None:
                continue
            needs = [name for name in wanted if name not in chain.names]
            edits = without_packages(chain.packages, needs)
            size = weight(model, chain.stage, chain.packages)
            args = {"packages": ", ".join(chain.names), "size": size, "needs": ", ".join(needs)}
            yield Finding(
                self.id,
                first.place,
                "default" if size is None else "sized",
                args,
                severity=None if certainty == "sure" else "info",
                fixes=(Fix("replace" if needs else "drop", edits, args=args),) if edits else (),
                related=tuple(Related(package.place, "also", {"package": package.name}) for package in rest),
                tags=("unnecessary",),
            )
