"""An agent's estimate with what registries say; only a server that was started with `--online` imports this."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from slimstage.analysis import Analysis
from slimstage.online.collect import collect, with_figures
from slimstage.online.http import Cancelled

TIMEOUT = 5.0  # of one answer
SECONDS = 40.0  # of all of them: a call has a minute


@dataclass(slots=True, frozen=True)
class Asked:
    """The analysis with the figures there are; how many are missing, and why, in words."""

    analysis: Analysis
    missed: int
    reasons: tuple[str, ...]


def asked(analysis: Analysis, lang: str, progress: Callable[[int, int], None]) -> Asked:
    """Ask the registries. `progress` may raise, which gives up; when they take too long, the estimate stays offline."""
    end = time.monotonic() + SECONDS
    try:
        found = collect(analysis, progress=progress, cancelled=lambda: time.monotonic() > end, timeout=TIMEOUT)
    except Cancelled:
        return Asked(analysis, 1, (analysis.knowledge.text("online.slow", lang, seconds=round(SECONDS)),))
    return Asked(with_figures(analysis, found), found.missed, tuple(found.told(lang)))
