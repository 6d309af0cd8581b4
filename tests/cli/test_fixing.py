"""Fixes of a whole file: checked together, applied together, the same as one by one."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.features.fix_all import fix_all
from slimstage.features.verified import verified_fixes
from slimstage.knowledge import load
from slimstage.rules.base import Safety
from slimstage.text import SourceText

KNOWLEDGE = load()
UPDATE = "RUN apt-get update && apt-get install -y curl\n"
TEXTS = {
    "one": "FROM debian:bookworm-slim\n" + UPDATE,
    "many": "FROM debian:bookworm-slim\n" + UPDATE * 12,
    "mixed": f"FROM python:3.11-slim\n{UPDATE}RUN pip install flask\n{UPDATE}run pip install numpy\nWORKDIR a\n",
    "broken": "FROM debian:bookworm-slim\n" + UPDATE + 'CMD ["a"\n' + UPDATE + "RUN <<EOF\napt-get update\n",
    "none": "FROM scratch\n",
}


def analysis_of(text: str) -> Analysis:
    return Analysis(SourceText(text), KNOWLEDGE)


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_together_is_as_good_as_one_by_one(text: str) -> None:
    analysis = analysis_of(text)
    assert verified_fixes(analysis) == [(finding, analysis.verified_fixes(finding)) for finding in analysis.findings]


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_after_fixing_all_no_safe_fix_is_left(text: str) -> None:
    mended, applied = fix_all(analysis_of(text))
    assert not any(fixes for _, fixes in verified_fixes(mended, only=Safety.SAFE))
    assert (applied == 0) == (mended.source.text == text)
    assert fix_all(mended).applied == 0


def test_every_finding_of_many_is_fixed() -> None:
    mended, applied = fix_all(analysis_of(TEXTS["many"]))
    assert mended.source.text.count("rm -rf /var/lib/apt/lists/*") == 12
    assert applied >= 12


def test_a_rule_that_is_off_is_not_fixed() -> None:
    options = AnalysisOptions(severities={"apt-lists-left": "off"})
    mended, _ = fix_all(Analysis(SourceText(TEXTS["one"]), KNOWLEDGE, options=options))
    assert "rm -rf" not in mended.source.text
