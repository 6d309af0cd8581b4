"""When a changed text counts as mended: the check behind every fix that is offered, one alone or many at once."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.knowledge import load
from slimstage.rewrites import Conversion, ConversionOptions, plan
from slimstage.rules import ALL_RULES
from slimstage.rules.base import Edit, Fix
from slimstage.syntax.nodes import Place
from slimstage.text import SourceText, Span

BASE = "FROM alpine:3.20\n"
RULE = "deprecated-maintainer"


def analysis(text: str) -> Analysis:
    return Analysis(SourceText(text), load())


@pytest.mark.parametrize(
    ("before", "after", "count", "mended"),
    [
        ("MAINTAINER x\n", 'LABEL org.opencontainers.image.authors="x"\n', 1, True),
        ("MAINTAINER x\nMAINTAINER y\n", "LABEL a=x\n", 2, True),
        # no finding fewer, or not as many as fixes were applied
        ("MAINTAINER x\n", "MAINTAINER y\n", 1, False),
        ("MAINTAINER x\nMAINTAINER y\n", "MAINTAINER y\n", 2, False),
        # an error that was not there: no stage has this number
        ("MAINTAINER x\n", "COPY --from=9 /a /b\n", 1, False),
        # a fault of the parser that was not there, though its rule is only a warning here
        ("MAINTAINER x\n", "RUN a \\\n\n  b\n", 1, False),
        # an error that was there already is nobody's fault
        ("MAINTAINER x\nCOPY --from=9 /a /b\n", "LABEL a=x\nCOPY --from=9 /a /b\n", 1, True),
    ],
)
def test_mended(before: str, after: str, count: int, mended: bool) -> None:
    assert analysis(BASE + before).is_mended_by(analysis(BASE + after), RULE, count) is mended


MISSPELT = "FROM golang:1.22-bookworm AS build\nRUN touch /out/app\nFROM debian:bookworm-slim\nCOPY {} /ot/app /app\n"


@pytest.mark.parametrize(
    ("text", "rule", "new"),
    [
        # The path that the stage never writes can only be seen once the flag or the stage is known.
        (MISSPELT.format("--frm=build"), "unknown-flag", "from"),
        (MISSPELT.format("--from=biuld"), "unknown-stage", "build"),
        # Without its FROM nothing of a stage is looked at.
        ("FORM alpine:3.20\nEXPOSE 99999\n", "unknown-instruction", "FROM"),
    ],
)
def test_a_fix_holds_that_uncovers_what_the_fault_hid(text: str, rule: str, new: str) -> None:
    before = analysis(text)
    finding = next(finding for finding in before.findings if finding.rule == rule)
    fixes = before.verified_fixes(finding)
    assert [edit.new for fix in fixes for edit in fix.edits] == [new]
    after = before.rewritten(before.edits(fixes[0]))
    assert after.error_counts - before.error_counts  # that much the test is about
    assert not before.is_mended_by(after, rule)  # as long as nobody says that it was hidden


def test_an_error_in_another_instruction_is_not_taken_for_uncovered() -> None:
    before = analysis(MISSPELT.format("--frm=build"))
    finding = next(finding for finding in before.findings if finding.rule == "unknown-flag")
    (edit,) = finding.fixes[0].edits
    item = edit.place.item
    for more, held in (("", True), ("COPY --from=9 /a /b\n", False)):
        text = item.text.replace("frm", "from") + more
        fix = Fix("replace", (Edit(Place(item, Span(0, len(item.text))), text),))
        assert bool(before.verified_fixes(finding._replace(fixes=(fix,)))) is held


def test_whether_a_fix_holds_is_told_without_planning_a_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    from slimstage.rules.multi_stage_candidate import MultiStageCandidate

    before, asked = analysis(BASE + "MAINTAINER x\n"), []
    monkeypatch.setattr(MultiStageCandidate, "check", lambda self, model: asked.append(model) or ())
    (finding,) = (finding for finding in before.findings if finding.rule == RULE)
    assert asked == [before.model]
    assert before.verified_fixes(finding)
    assert asked == [before.model]
    # unless the user makes an error of what such a rule finds
    strict = Analysis(before.source, load(), None, AnalysisOptions(severities={"multi-stage-candidate": "error"}))
    (finding,) = (finding for finding in strict.findings if finding.rule == RULE)
    assert strict.verified_fixes(finding)
    assert len(asked) == 3
    assert not [rule.id for rule in ALL_RULES if rule.plans and rule.severity == "error"]


def test_a_conversion_is_planned_once() -> None:
    text = 'FROM golang:1.22-bookworm\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nCMD ["/app"]\n'
    files = DictContext({"go.mod": "module example.com/app\n", "main.go": "package main\n"})
    one = Analysis(SourceText(text), load(), files)
    assert isinstance(one.conversion, Conversion)
    assert plan(one.model) is plan(one.model) is one.conversion
    keep = plan(one.model, ConversionOptions(base="keep"))
    assert not isinstance(keep, Conversion) or keep.text != one.conversion.text
    changed = one.edited(Span(len(text), len(text)), "EXPOSE 80\n")
    assert isinstance(changed.conversion, Conversion)
    assert "EXPOSE 80" in changed.conversion.text
