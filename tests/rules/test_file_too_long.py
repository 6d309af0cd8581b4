"""file-too-long: an editor's limit, past which a text is not read."""

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.rewrites import Refusal
from slimstage.text import SourceText, Span
from tests.rules.marking import analyse, findings, knowledge

RULE = "file-too-long"
TEXT = "FROM alpine\nRUN apk add gcc\n"


def limited(text: str, longest: int) -> Analysis:
    """The analysis of a text that may have so many characters."""
    return Analysis(SourceText(text), knowledge(), options=AnalysisOptions(longest=longest))


@pytest.mark.parametrize("text", [TEXT, "\n" * 40, "RUNN x\nRUN <<EOF\n", "ARG A\n"])
def test_nothing_else_is_found(text: str) -> None:
    analysis = limited(text, len(text) - 1)
    (finding,) = analysis.findings
    assert finding.rule == RULE
    assert analysis.severity(finding) == "info"
    assert analysis.span(finding.place) == (0, 0)
    assert "".join(analysis.dockerfile.tokens()) == text
    assert analysis.sizes is None
    assert analysis.conversion == Refusal("too-long")
    assert knowledge().text("conversion.refusal.too-long", "ko")


def test_silent_up_to_the_limit_and_without_one() -> None:
    for analysis in (limited(TEXT, len(TEXT)), analyse(TEXT)):
        assert analysis.findings
        assert not findings(analysis, RULE)


def test_edits_cross_the_limit_both_ways() -> None:
    analysis = limited(TEXT, len(TEXT)).edited(Span(0, 0), "\n")
    assert [finding.rule for finding in analysis.findings] == [RULE]
    again = analysis.edited(Span(0, 1), "")
    assert again.source.text == TEXT
    assert [finding.rule for finding in again.findings] == [finding.rule for finding in analyse(TEXT).findings]


def test_can_be_switched_off() -> None:
    options = AnalysisOptions(longest=3, severities={RULE: "off"})
    assert not Analysis(SourceText(TEXT), knowledge(), options=options).findings
