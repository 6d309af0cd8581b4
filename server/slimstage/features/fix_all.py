"""All safe fixes of a file at once, until none is left."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.features.report import with_line_ends
from slimstage.features.verified import touch, verified_fixes
from slimstage.rules.base import Safety
from slimstage.text import Span

MAX_ROUNDS = 100

Edits = list[tuple[Span, str]]


class Fixed(NamedTuple):
    """The analysis of the mended text, and how many fixes were applied; 0 leaves the text as it was."""

    analysis: Analysis
    applied: int


def fix_all(analysis: Analysis) -> Fixed:
    """Apply every safe fix that holds, and those that become possible by it.

    Fixes that touch the same text wait for the next round. A text seen before ends the work, so two
    rules that undo each other cannot run for ever.
    """
    count = 0
    seen = {analysis.source.text}
    for _ in range(MAX_ROUNDS):
        chosen = _compatible_fixes(analysis)
        while chosen:
            after = analysis.rewritten([edit for edits in chosen for edit in edits])
            if after.source.text not in seen and _no_worse(after, analysis, len(chosen)):
                break
            # Each fix holds on its own; together they may not: keep the first half, down to one.
            chosen = chosen[: len(chosen) // 2]
        if not chosen:
            break
        analysis, count = after, count + len(chosen)
        seen.add(analysis.source.text)
    return Fixed(analysis, count)


def _compatible_fixes(analysis: Analysis) -> list[Edits]:
    chosen: list[Edits] = []
    taken: list[Span] = []
    for _, fixes in verified_fixes(analysis, only=Safety.SAFE):
        if not fixes:
            continue
        edits = [(span, with_line_ends(analysis, new)) for span, new in analysis.edits(fixes[0])]
        if not any(touch(span, other) for span, _ in edits for other in taken):
            chosen.append(edits)
            taken += [span for span, _ in edits]
    return chosen


def _no_worse(after: Analysis, before: Analysis, fixes: int) -> bool:
    if fixes == 1:
        return True
    more_errors = sum(after.error_counts.values()) > sum(before.error_counts.values())
    return not more_errors and len(after.findings) < len(before.findings)
