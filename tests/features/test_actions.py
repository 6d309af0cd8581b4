"""Code actions: what is offered for a range, and what it makes of the text."""

from __future__ import annotations

from slimstage.analysis import Analysis
from slimstage.features import actions
from slimstage.features.actions import Action
from slimstage.features.report import with_line_ends
from slimstage.rewrites import Conversion
from slimstage.text import SourceText, Span
from tests.features.cursor import KB

PYTHON = """\
FROM python:3.11-slim
WORKDIR /app
RUN apt-get update && apt-get install -y gcc
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "main.py"]
"""
CASING = "FROM alpine\nrun true\nrun false\nMAINTAINER me\nWORKDIR /x\nUSER a\n"


def analysis(text: str) -> Analysis:
    return Analysis(SourceText(text), KB)


def offered(of: Analysis, needle: str, lang: str = "en", *, lazy: bool = False) -> list[Action]:
    at = of.source.text.index(needle)
    return list(actions.quick_fixes(of, Span(at, at), lang, lazy=lazy))


def text_after(of: Analysis, action: Action) -> str:
    return of.source.edited(action.edits).text


def test_a_quick_fix_mends_its_finding() -> None:
    before = analysis(CASING)
    action = next(each for each in offered(before, "run true") if "RUN" in each.title)
    assert action.preferred
    assert text_after(before, action) == CASING.replace("run true", "RUN true")


def test_offers_nothing_away_from_findings() -> None:
    assert offered(analysis(CASING), "WORKDIR") == []


def test_offers_what_the_editor_shows_for_the_line() -> None:
    before = analysis(PYTHON)
    finding = next(each for each in before.findings if each.rule == "language-cache-left")
    at = before.source.text.index("RUN pip")
    shown = {(finding.rule, before.span(finding.place))}
    assert list(actions.quick_fixes(before, Span(at, at), "en")) == []
    found = list(actions.quick_fixes(before, Span(at, at), "en", also=shown))
    assert "--no-cache-dir" in text_after(before, found[0])


def test_an_ignore_comment_silences_the_finding_and_nothing_else() -> None:
    before = analysis("FROM alpine\nRUN true\nUSER a\n  run false\n")
    action = next(each for each in offered(before, "run false") if "ignore" in each.title.lower())
    after = analysis(text_after(before, action))
    assert "  # slimstage ignore=instruction-casing\n  run false" in after.source.text
    assert {f.rule for f in before.findings} - {f.rule for f in after.findings} == {"instruction-casing"}


def test_all_safe_fixes_come_as_one_edit() -> None:
    before = analysis(CASING)
    action = actions.fix_everything(before, "en")
    assert action is not None
    after = text_after(before, action)
    assert "RUN true" in after
    assert "RUN false" in after
    assert actions.fix_everything(analysis("FROM alpine:3.20\nRUN true\n"), "en") is None


def test_keeps_the_files_line_ends() -> None:
    before = analysis(CASING.replace("\n", "\r\n"))
    action = next(each for each in offered(before, "run true") if "gnore" in each.title)
    assert "\n" not in text_after(before, action).replace("\r\n", "")


def test_the_conversion_waits_until_it_is_chosen() -> None:
    before = analysis(PYTHON)
    needle = "gcc"
    eager = next(each for each in offered(before, needle) if "multi-stage" in each.title)
    lazy = next(each for each in offered(before, needle, lazy=True) if "multi-stage" in each.title)
    assert lazy.edits == ()
    assert lazy.pending is not None
    assert lazy.title == eager.title
    assert actions.resolve(before, lazy.pending) == eager.edits
    converted = text_after(before, eager)
    assert converted.count("FROM ") == 2
    assert " AS builder" in converted
    assert "gcc" not in converted[converted.rindex("FROM ") :]


def test_resolving_something_that_is_not_there_gives_nothing() -> None:
    before = analysis(CASING)
    for pending in (actions.Pending("fix", 999, 0), actions.Pending("fix", 0, 99), actions.Pending("fix", -1, 0)):
        assert actions.resolve(before, pending) == ()


def test_edits_of_a_conversion_tell_their_reasons() -> None:
    for text in (PYTHON, PYTHON.replace("\n", "\r\n"), "FROM scratch AS 가\n" + PYTHON):
        before = analysis(text)
        whole = actions.conversion(before, "ko")
        told = actions.conversion(before, "ko", reasons=True)
        assert whole is not None
        assert told is not None
        assert text_after(before, told) == text_after(before, whole)
        assert told.reasons is not None
        assert len(told.edits) == len(told.reasons.of_edits) > 2
        starts = [span.start for span, _ in told.edits]
        assert starts == sorted(set(starts))
        assert isinstance(before.conversion, Conversion)
        steps = {with_line_ends(before, change.new): change.step for change in before.conversion.changes}
        known = [
            (number, new) for number, (_, new) in zip(told.reasons.of_edits, told.edits, strict=True) if new in steps
        ]
        assert len({number for number, _ in known}) > 2
        assert all(steps[new] == number for number, new in known)
        for number in told.reasons.of_edits:
            what, why = told.reasons.texts[number]
            assert any("가" <= letter <= "힣" for letter in what + why)


def test_offers_the_conversion_of_the_whole_file() -> None:
    action = actions.conversion(analysis(PYTHON), "ko")
    assert action is not None
    assert action.title == "가벼운 멀티 스테이지 빌드로 변환"
    assert actions.conversion(analysis("FROM alpine:3.20\nCMD true\n"), "en") is None


def test_titles_are_translated() -> None:
    english = [each.title for each in offered(analysis(CASING), "run true", "en")]
    korean = [each.title for each in offered(analysis(CASING), "run true", "ko")]
    assert len(english) == len(korean) > 0
    assert not set(english) & set(korean)
