"""Which fixes of a whole file hold, checked many at a time: a file with a thousand findings must not take minutes."""

from __future__ import annotations

from collections.abc import Sequence

from slimstage.analysis import Analysis
from slimstage.rules.base import Finding, Fix, LazyFix, Safety
from slimstage.text import Span

Offer = tuple[int, int]  # indices of a finding and of one of its fixes


def verified_fixes(analysis: Analysis, only: Safety | None = None) -> list[tuple[Finding, tuple[Fix, ...]]]:
    """Every finding with those of its fixes that hold (of one safety only), in the order of `analysis.findings`.

    Fixes of one kind are applied together and checked as `Analysis.verified_fixes` checks one; when
    the check fails, each half is checked, down to single fixes.
    """
    findings = analysis.findings
    kinds: dict[tuple[str, str], list[Offer]] = {}
    for at, finding in enumerate(findings):
        for number, fix in enumerate(finding.fixes):
            if only is not None and fix.safety is not only:
                continue
            key = f"{at}/{number}" if isinstance(fix, LazyFix) or fix.beside else fix.title
            kinds.setdefault((finding.rule, key), []).append((at, number))
    holding: set[Offer] = set()
    for offers in kinds.values():
        holding.update(_holding(analysis, offers))
    return [
        (finding, tuple(fix for number, fix in enumerate(finding.fixes) if (at, number) in holding))
        for at, finding in enumerate(findings)
    ]


def touch(one: Span, other: Span) -> bool:
    """Whether two edits are too near to be applied at once."""
    return one.start <= other.end and other.start <= one.end


def _holding(analysis: Analysis, offers: Sequence[Offer]) -> list[Offer]:
    if len(offers) == 1:
        at, number = offers[0]
        finding = analysis.findings[at]
        alone = finding._replace(fixes=(finding.fixes[number],))
        return list(offers) if analysis.verified_fixes(alone) else []
    together, apart = _disjoint(analysis, offers)
    if len(together) < 2 or not _hold_together(analysis, together):
        middle = max(1, len(together) // 2)
        found = [*_holding(analysis, together[:middle])]
        if together[middle:]:
            found += _holding(analysis, together[middle:])
    else:
        found = list(together)
    return found + (_holding(analysis, apart) if apart else [])


def _disjoint(analysis: Analysis, offers: Sequence[Offer]) -> tuple[list[Offer], list[Offer]]:
    """The offers whose edits keep apart from those before them, and the others."""
    together: list[Offer] = []
    apart: list[Offer] = []
    end = -1
    for at, number in offers:  # in file order, so one look back is enough
        spans = [span for span, _ in analysis.edits(analysis.findings[at].fixes[number])]
        if spans and min(span.start for span in spans) > end:
            together.append((at, number))
            end = max(span.end for span in spans)
        else:
            apart.append((at, number))
    return together, apart


def _hold_together(analysis: Analysis, offers: Sequence[Offer]) -> bool:
    findings = analysis.findings
    after = analysis.rewritten([edit for at, number in offers for edit in analysis.edits(findings[at].fixes[number])])
    rule = findings[offers[0][0]].rule
    return analysis.is_mended_by(after, rule, len(offers))
