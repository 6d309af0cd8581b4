"""What speaks for and against another family of base than the stage was written for, whatever its language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from slimstage.knowledge import KnowledgeBase
from slimstage.model.needs import runtime_needs
from slimstage.rewrites.conversion import Refused
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Place


def refused(plan: SplitPlan, because: str, place: Place | None = None, **args: Any) -> Refused:
    """The refusal of the asked base; `because` names the text `conversion.because.<because>`."""
    place = place or plan.stage.place()
    return Refused("base-not-possible", place, base=plan.options.base, because=because, **args)


def alpine_tag(knowledge: KnowledgeBase, repository: str, version: str) -> str | None:
    """The tag of an official image's version on Alpine; None when nobody knows that there is one."""
    tag = f"{version}-alpine"
    match = knowledge.image(repository, tag)
    listed = any(tag in group for group in knowledge.official_tags(repository))
    return tag if listed or (match is not None and match.exact) else None


def check_what_it_runs(plan: SplitPlan) -> None:
    """Refuse commands and packages of the final stage, and scripts, which are written for the other system."""
    for unit in plan.layout.units:
        if unit.instruction.keyword in ("RUN", "SHELL") and unit.fate in ("final", "both"):
            raise refused(plan, "commands", Place(unit.instruction, unit.instruction.keyword_span))
    if plan.extra:
        raise refused(plan, "packages", packages=", ".join(dict.fromkeys(plan.extra)))
    if plan.layout.packages is not None:
        raise refused(plan, "packages", packages=plan.layout.packages.rpartition("install")[2].strip())
    if any(need.script is not None for need in runtime_needs(plan.stage, plan.model.context).needs):
        raise refused(plan, "script")
    if plan.owner is not None and not re.fullmatch(r"[\d:]+", plan.owner):
        raise refused(plan, "user", user=plan.owner)
    if "bash" in plan.words:
        raise refused(plan, "program", program="bash")


def check_libraries(plan: SplitPlan, names: Iterable[str], loads: re.Pattern[str]) -> None:
    """Refuse for Alpine what is told by name, and sources of which `loads` finds that they load machine code."""
    loading = (name for name, text in plan.sources if loads.search(text))
    for name in (*names, *loading):
        raise refused(plan, "machine-code", package=name)


def check_without_shell(plan: SplitPlan) -> None:
    """Refuse what wants a shell or other programs than the one that is started."""
    check = plan.stage.last("HEALTHCHECK")
    if check is not None and check.inner is not None:
        raise refused(plan, "check", Place(check, check.keyword_span))
    if plan.starts_in_shell:
        raise refused(plan, "program", program="sh")
    if plan.called_words:
        raise refused(plan, "program", program=plan.called_words[0])
