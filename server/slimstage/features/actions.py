"""Code actions: quick-fixes of findings, all safe fixes at once, comments that silence, and the conversion."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from slimstage.analysis import Analysis
from slimstage.features.conversion import step_texts
from slimstage.features.fix_all import fix_all
from slimstage.features.report import with_line_ends
from slimstage.rewrites import Conversion
from slimstage.rules.base import Finding, Fix, LazyFix, NewLines, Safety
from slimstage.syntax.nodes import Instruction
from slimstage.text import Span

Kind = Literal["quickfix", "source.fixAll", "refactor.rewrite", "source.slim"]
Edits = tuple[tuple[Span, str], ...]


class Pending(NamedTuple):
    """What to compute when an action is chosen: one fix of one finding of this version, or all safe fixes."""

    what: Literal["fix", "all"]
    finding: int = 0
    fix: int = 0


class Reasons(NamedTuple):
    """Why each edit of an action is made: `of_edits` numbers, for each edit, an entry of `texts` (what, why)."""

    texts: tuple[tuple[str, str], ...]
    of_edits: tuple[int, ...]


class Action(NamedTuple):
    """One thing to offer; `edits` replace spans of the text as it is and do not overlap.

    `pending` is set instead of `edits` where these wait until the user chooses: what `resolve` takes. `beside` is set
    instead when the action changes another file of the build context. `reasons` go with the edits of a conversion.
    """

    title: str
    kind: Kind
    edits: Edits = ()
    finding: Finding | None = None
    preferred: bool = False
    pending: Pending | None = None
    beside: NewLines | None = None
    reasons: Reasons | None = None


def quick_fixes(
    analysis: Analysis, span: Span, lang: str, *, also: Collection[tuple[str, Span]] = (), lazy: bool = False
) -> Iterator[Action]:
    """The verified fixes of the findings that touch `span`, then a comment to silence each.

    `also` names further findings by rule and span: editors show those of the whole line, wherever the cursor is.
    With `lazy` the costly fixes are offered before they are computed.
    """
    touched = [
        (number, finding)
        for number, finding in enumerate(analysis.findings)
        if _touches(at := analysis.span(finding.place), span) or (finding.rule, at) in also
    ]
    for number, finding in touched:
        for index, fix in enumerate(finding.fixes):
            title = analysis.knowledge.fix_title(finding.rule, fix.title, lang, fix.args)
            preferred = index == 0 and fix.preferred and fix.safety is Safety.SAFE
            if lazy and isinstance(fix, LazyFix):
                yield Action(title, "quickfix", (), finding, preferred, Pending("fix", number, index))
                continue
            if fix.beside is not None:
                if analysis.verified_fixes(finding._replace(fixes=(fix,))):
                    yield Action(title, "quickfix", (), finding, beside=fix.beside)
                continue
            edits = _verified(analysis, finding, fix)
            if edits:
                yield Action(title, "quickfix", edits, finding, preferred)
    seen: set[str] = set()
    for _, finding in touched:
        if finding.rule not in seen:
            seen.add(finding.rule)
            ignore = _ignore(analysis, finding, lang)
            if ignore is not None:
                yield ignore


def _verified(analysis: Analysis, finding: Finding, fix: Fix) -> Edits:
    if not analysis.verified_fixes(finding._replace(fixes=(fix,))):
        return ()
    return tuple((at, with_line_ends(analysis, new)) for at, new in analysis.edits(fix))


def resolve(analysis: Analysis, pending: Pending) -> Edits:
    """The edits of an action that was offered without; none when it turns out not to hold."""
    if pending.what == "all":
        found = fix_everything(analysis, "en")
        return found.edits if found is not None else ()
    if not 0 <= pending.finding < len(analysis.findings):
        return ()
    finding = analysis.findings[pending.finding]
    if not 0 <= pending.fix < len(finding.fixes):
        return ()
    return _verified(analysis, finding, finding.fixes[pending.fix])


def fix_everything(analysis: Analysis, lang: str, *, lazy: bool = False) -> Action | None:
    """All safe fixes of the file as one edit, or None when there is none; with `lazy` the edit waits."""
    safe = sum(any(fix.safety is Safety.SAFE for fix in finding.fixes) for finding in analysis.findings)
    if not safe:
        return None
    if lazy:
        title = analysis.knowledge.text("actions.fix_all_safe", lang)
        return Action(title, "source.fixAll", pending=Pending("all"))
    fixed = fix_all(analysis)
    if not fixed.applied:
        return None
    title = analysis.knowledge.text("actions.fix_all", lang, count=fixed.applied)
    return Action(title, "source.fixAll", _difference(analysis.source.text, fixed.analysis.source.text))


def conversion(
    analysis: Analysis, lang: str, kind: Kind = "refactor.rewrite", *, reasons: bool = False
) -> Action | None:
    """The rewrite into a lean multi-stage build, or None when the planner refuses.

    It is one edit, or with `reasons` one for each place, and why each is made.
    """
    planned = analysis.conversion
    if not isinstance(planned, Conversion):
        return None
    text = with_line_ends(analysis, planned.text)
    title = analysis.knowledge.text("actions.convert", lang)
    edits, numbers = _steps(analysis, planned) if reasons else ((), ())
    if not edits or analysis.source.edited(edits).text != text:
        return Action(title, kind, _difference(analysis.source.text, text))
    texts = tuple(step_texts(analysis.knowledge, step, lang) for step in planned.steps)
    return Action(title, kind, edits, reasons=Reasons(texts, numbers))


def _steps(analysis: Analysis, planned: Conversion) -> tuple[Edits, tuple[int, ...]]:
    """The edits of a conversion with the number of each one's step; what goes to one place is one edit."""
    edits: list[tuple[Span, str]] = []
    numbers: list[int] = []
    spans = [(analysis.dockerfile.span_of(change.place), change) for change in planned.changes]
    for span, change in sorted(spans, key=lambda each: each[0].start):
        new = with_line_ends(analysis, change.new)
        if edits and edits[-1][0] == Span(span.start, span.start):
            edits[-1] = span, edits[-1][1] + new
        else:
            edits.append((span, new))
            numbers.append(change.step)
    return tuple(edits), tuple(numbers)


def _ignore(analysis: Analysis, finding: Finding, lang: str) -> Action | None:
    item = finding.place.item
    if not isinstance(item, Instruction):
        return None
    at = analysis.dockerfile.start_of(item) + item.keyword_span.start
    line_start = analysis.source.line_starts[analysis.source.line_of(at)]
    indent = analysis.source.text[line_start:at]
    comment = with_line_ends(analysis, f"{indent}# slimstage ignore={finding.rule}\n")
    title = analysis.knowledge.text("actions.ignore", lang, rule=finding.rule)
    return Action(title, "quickfix", ((Span(line_start, line_start), comment),), finding)


def _difference(old: str, new: str) -> Edits:
    """One edit that turns `old` into `new`: what they share at both ends stays."""
    start = 0
    shortest = min(len(old), len(new))
    while start < shortest and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < shortest - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return ((Span(start, len(old) - tail), new[start : len(new) - tail]),)


def _touches(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
