"""What speaks against another family of base than the stage was written for, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model.needs import runtime_needs
from slimstage.rewrites.conversion import Refused
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Place


def check_what_it_runs(plan: SplitPlan, base: str) -> None:
    """Refuse commands and packages of the final stage, and scripts, which are written for the other system."""
    for unit in plan.layout.units:
        if unit.instruction.keyword in ("RUN", "SHELL") and unit.fate in ("final", "both"):
            place = Place(unit.instruction, unit.instruction.keyword_span)
            raise Refused("base-runs-commands", place, base=base)
    if plan.layout.packages is not None:
        line = plan.layout.packages.replace("\n", " ")
        packages = ", ".join(dict.fromkeys(plan.extra)) or line
        raise Refused("base-lacks-program", plan.stage.place(), base=base, program=packages)
    if any(need.script is not None for need in runtime_needs(plan.stage, plan.model.context).needs):
        raise Refused("base-runs-script", plan.stage.place(), base=base)
    if plan.owner is not None and not re.fullmatch(r"[\d:]+", plan.owner):
        raise Refused("base-runs-commands", plan.stage.place(), base=base)
    if "bash" in plan.words:
        raise Refused("base-lacks-program", plan.stage.place(), base=base, program="bash")


def check_libraries(plan: SplitPlan, names: Iterable[str], loads: re.Pattern[str]) -> None:
    """Refuse for Alpine what is told by name, and sources of which `loads` finds that they load machine code."""
    loading = (name for name, text in plan.sources if loads.search(text))
    for name in (*names, *loading):
        raise Refused("base-other-libc", plan.stage.place(), package=name)


def check_without_shell(plan: SplitPlan, base: str) -> None:
    """Refuse what wants a shell or other programs than the one that is started."""
    check = plan.stage.last("HEALTHCHECK")
    if plan.starts_in_shell:
        missing = "sh"
    elif check is not None and check.inner is not None:
        missing = "HEALTHCHECK"
    elif plan.called_words:
        missing = plan.called_words[0]
    else:
        return
    raise Refused("base-lacks-program", plan.stage.place(), base=base, program=missing)
