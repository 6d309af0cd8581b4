"""Build tools stay in the image that ships."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.rules.base import Finding, Related, Rule
from slimstage.rules.conversions import conversion_fix
from slimstage.rules.toolchains import (
    compiles_at_run_time,
    kinds_from,
    shipped_toolchains,
    weight,
    wheels_suffice,
)

_CONSUMERS = {"pip", "other-manager", "compile", "program", "opaque"}


class BuildToolsInFinalStage(Rule):
    """Fires when compilers serve an install in a shipped stage; the fix moves the install to a builder."""

    id = "build-tools-in-final-stage"
    severity = "warning"
    aliases = ("prefer-multi-stage-build",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a stage, at the first build package."""
        for chain in shipped_toolchains(model):
            kinds = kinds_from(model, chain.stage)
            if not kinds & {"pip", "other-manager", "compile"} or compiles_at_run_time(model, chain.stage):
                continue
            if not kinds & (_CONSUMERS - {"pip"}) and wheels_suffice(model, chain.stage):
                continue  # drop-build-tools says it better
            size = weight(model, chain.stage, chain.packages)
            first, *rest = chain.packages
            yield Finding(
                self.id,
                first.place,
                "default" if size is None else "sized",
                {"packages": ", ".join(chain.names), "size": size},
                fixes=(conversion_fix(model),),
                related=tuple(Related(package.place, "also", {"package": package.name}) for package in rest),
            )
