"""The words rule tests are written in: `fires`, `silent`, `fixed`.

A Dockerfile in a test is a string; one leading newline is dropped so that a triple-quoted text may start
on its own line. `⟦` and `⟧` mark where the rule must fire, exactly; `⟦⟧` is an empty span.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import BuildContext, DictContext
from slimstage.knowledge.base import KnowledgeBase, load
from slimstage.rules import ALL_RULES
from slimstage.rules.base import Finding, Fix, Safety, Severity
from slimstage.text import SourceText, Span

_HANGUL = re.compile("[가-힣]")
_LEFT_OVER = re.compile(r"\{[a-z_]+\}")


@lru_cache(maxsize=1)
def knowledge() -> KnowledgeBase:
    """The shipped knowledge, loaded once."""
    return load()


def analyse(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    options: AnalysisOptions | None = None,
) -> Analysis:
    """The analysis of a text without markers; `files` is the build context (None: there is no context)."""
    context: BuildContext | None = None if files is None else DictContext(files)
    return Analysis(SourceText(text), knowledge(), context, options)


def unmarked(marked: str) -> tuple[str, list[Span]]:
    """The text without its markers, and the marked spans in order; markers may nest."""
    marked = marked.removeprefix("\n")
    out: list[str] = []
    length = 0
    open_at: list[int] = []
    spans: list[Span] = []
    for part in re.split("([⟦⟧])", marked):
        if part == "⟦":
            open_at.append(length)
        elif part == "⟧":
            spans.append(Span(open_at.pop(), length))
        else:
            out.append(part)
            length += len(part)
    assert not open_at, "a ⟦ without its ⟧"
    return "".join(out), sorted(spans)


def found(
    rule: str, text: str, *, files: Mapping[str, str] | None = None, target: str | None = None
) -> tuple[Analysis, list[Finding]]:
    """What one rule finds; a rule that is off by default is turned on."""
    [known] = [known for known in ALL_RULES if known.id == rule]
    severities: dict[str, Severity] = {rule: "info"} if known.severity == "off" else {}
    options = AnalysisOptions(target=target, severities=severities)
    analysis = analyse(text, files=files, options=options)
    return analysis, [finding for finding in analysis.findings if finding.rule == rule]


def fires(
    rule: str,
    marked: str,
    *,
    message: str | None = None,
    says: str | None = None,
    severity: Severity | None = None,
    alias: str | None = None,
    files: Mapping[str, str] | None = None,
    target: str | None = None,
) -> list[Finding]:
    """The rule fires at the marked places and nowhere else, and what it says is whole in both languages.

    `message` is the key of every finding's message; `says` is part of the first one's English text;
    `severity` and `alias` hold for every finding.
    """
    text, spans = unmarked(marked)
    assert spans, "fires() needs a marked text; use silent()"
    analysis, findings = found(rule, text, files=files, target=target)
    places = sorted(analysis.span(finding.place) for finding in findings)
    assert places == spans, _shown(text, places) + "\nexpected:\n" + _shown(text, spans)
    for finding in findings:
        _reads_well(analysis, finding)
        assert message is None or finding.message == message
        assert severity is None or analysis.severity(finding) == severity
        assert alias is None or alias in analysis.aliases(finding), analysis.aliases(finding)
    assert says is None or says in analysis.message(findings[0], "en"), analysis.message(findings[0], "en")
    return findings


def silent(
    rule: str, text: str, *, files: Mapping[str, str] | None = None, target: str | None = None
) -> None:
    """The rule has nothing to say about this text."""
    text, spans = unmarked(text)
    assert not spans, "silent() takes no markers"
    analysis, findings = found(rule, text, files=files, target=target)
    assert not findings, _shown(text, [analysis.span(finding.place) for finding in findings])


def fixed(
    rule: str,
    before: str,
    after: str,
    *,
    fix: str | None = None,
    safety: Safety | None = None,
    files: Mapping[str, str] | None = None,
    target: str | None = None,
) -> None:
    """The first finding's fix (the one titled `fix`, else its first) is offered, gives `after`, and helps.

    Every other character stays; the finding is gone afterwards; the title reads in both languages.
    """
    text, spans = unmarked(before)
    expected, _ = unmarked(after)
    analysis, findings = found(rule, text, files=files, target=target)
    if spans:
        findings = [finding for finding in findings if analysis.span(finding.place) == spans[0]]
    assert findings, f"{rule} found nothing to fix"
    finding = findings[0]
    chosen = _fix(finding.fixes, fix)
    edits = analysis.edits(chosen)
    result = analysis.source.edited(edits).text
    assert result == expected, f"got:\n{result}\nexpected:\n{expected}"
    assert safety is None or chosen.safety is safety
    for lang in ("en", "ko"):
        title = analysis.knowledge.fix_title(rule, chosen.title, lang, chosen.args)
        assert title and not _LEFT_OVER.search(title) and bool(_HANGUL.search(title)) == (lang == "ko"), title
    _, left = found(rule, result, files=files, target=target)
    assert len(left) < len(found(rule, text, files=files, target=target)[1]), "the finding is still there"
    assert chosen in analysis.verified_fixes(finding), "the fix is not offered: it does not hold"


def no_fix(rule: str, text: str, *, files: Mapping[str, str] | None = None, target: str | None = None) -> None:
    """The rule fires and offers nothing that holds."""
    analysis, findings = found(rule, unmarked(text)[0], files=files, target=target)
    assert findings, f"{rule} found nothing"
    assert [fix for finding in findings for fix in analysis.verified_fixes(finding)] == []


def _fix(fixes: tuple[Fix, ...], title: str | None) -> Fix:
    for fix in fixes:
        if title is None or fix.title == title:
            return fix
    raise AssertionError(f"no fix {title or ''} among {[fix.title for fix in fixes]}")


def _reads_well(analysis: Analysis, finding: Finding) -> None:
    english, korean = analysis.message(finding, "en"), analysis.message(finding, "ko")
    assert english and not _LEFT_OVER.search(english), english
    assert _HANGUL.search(korean) and not _LEFT_OVER.search(korean), korean
    labels = [
        analysis.knowledge.related_label(finding.rule, related.label, lang, related.args)
        for related in finding.related
        for lang in ("en", "ko")
    ]
    assert all(label and not _LEFT_OVER.search(label) for label in labels), labels


def _shown(text: str, spans: list[Span]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + "⟦" + text[start:end] + "⟧" + text[end:]
    return text
