"""The vocabulary of the rule tests: a text with `<<` and `>>` around the places where a rule must fire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.knowledge import KnowledgeBase, load
from slimstage.rules.base import Finding
from slimstage.text import SourceText

# A heredoc marker `<<EOF` has a word character or a quote behind it and no `>>` on its line.
_MARK = re.compile(r"<<(?=[^\n]*?>>)|>>")


@cache
def knowledge() -> KnowledgeBase:
    """The shipped knowledge, loaded once."""
    return load()


def analyse(text: str, files: Mapping[str, str] | None = None, path: str = "") -> Analysis:
    """The analysis of a text, with these files as build context (None: no context at all)."""
    context = None if files is None else DictContext(files)
    return Analysis(SourceText(text), knowledge(), context, AnalysisOptions(path=path))


def findings(analysis: Analysis, rule: str) -> list[Finding]:
    """What one rule found, in file order."""
    return [finding for finding in analysis.findings if finding.rule == rule]


def fires(rule: str, marked: str, files: Mapping[str, str] | None = None) -> list[Finding]:
    """Assert that the rule fires exactly at the marked places; returns its findings."""
    marked = marked.lstrip("\n")
    expected: list[tuple[int, int]] = []
    plain, start = "", 0
    for piece in re.split(f"({_MARK.pattern})", marked):
        if piece == "<<":
            start = len(plain)
        elif piece == ">>":
            expected.append((start, len(plain)))
        else:
            plain += piece
    analysis = analyse(plain, files)
    found = findings(analysis, rule)
    spans = [tuple(analysis.span(finding.place)) for finding in found]
    assert [plain[a:b] for a, b in spans] == [plain[a:b] for a, b in expected], plain
    assert spans == expected
    for finding in found:
        for lang in ("en", "ko"):
            assert "{" not in analysis.message(finding, lang)
    return found


def silent(rule: str, text: str, files: Mapping[str, str] | None = None) -> None:
    """Assert that the rule finds nothing."""
    assert not findings(analyse(text.lstrip("\n"), files), rule), text


def fixed(rule: str, text: str, files: Mapping[str, str] | None = None) -> str:
    """The text after the first verified fix of the rule's first finding."""
    analysis = analyse(text.lstrip("\n"), files)
    finding = findings(analysis, rule)[0]
    fixes = analysis.verified_fixes(finding)
    assert fixes, f"{rule} offers no fix that holds"
    return analysis.rewritten(analysis.edits(fixes[0])).source.text
