"""All rules, in the order in which their findings are listed at one place."""

from __future__ import annotations

from slimstage.rules.apt_lists_left import AptListsLeft
from slimstage.rules.base import Rule
from slimstage.rules.build_tools_in_final_stage import BuildToolsInFinalStage
from slimstage.rules.dev_package_in_final_stage import DevPackageInFinalStage
from slimstage.rules.drop_build_tools import DropBuildTools

ALL_RULES: tuple[Rule, ...] = (
    DropBuildTools(),
    BuildToolsInFinalStage(),
    DevPackageInFinalStage(),
    AptListsLeft(),
)
