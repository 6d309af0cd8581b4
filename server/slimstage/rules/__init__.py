"""All rules, in the order in which their findings are listed at one place."""

from __future__ import annotations

from slimstage.rules.base import Rule

ALL_RULES: tuple[Rule, ...] = ()
