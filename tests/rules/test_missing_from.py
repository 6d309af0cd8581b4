"""missing-from and instruction-before-from."""

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.text import SourceText, Span
from tests.rules.marking import analyse, findings, fires, knowledge, silent

RULE = "missing-from"
BEGUN = ("", "\n", "\ufeff", "  \n\n", "# later\n", "# syntax=docker/dockerfile:1\n", "ARG A=1\n", "# a\nARG A\nARG B")


def unfinished(text: str) -> Analysis:
    """The analysis of a text that somebody is writing."""
    return Analysis(SourceText(text), knowledge(), options=AnalysisOptions(unfinished=True))


def test_fires() -> None:
    fires(RULE, "ARG A\n<<RUN>> x\nCMD y\n")


def test_fires_on_the_first_arg_of_a_file_of_args() -> None:
    fires(RULE, "# a\n<<ARG>> A=1\n\nARG B\n")


@pytest.mark.parametrize("text", BEGUN[:6])
def test_fires_at_the_beginning_of_a_file_without_instructions(text: str) -> None:
    analysis = analyse(text)
    (finding,) = findings(analysis, RULE)
    assert finding.message == "empty"
    assert analysis.span(finding.place) == (0, 0)
    assert not analysis.verified_fixes(finding)


@pytest.mark.parametrize("text", BEGUN)
def test_silent_while_it_is_being_written(text: str) -> None:
    assert not unfinished(text).findings


def test_fires_while_it_is_being_written_once_there_is_something_to_run() -> None:
    assert findings(unfinished("RUN x\n"), RULE)


@pytest.mark.parametrize("text", ["FROM a:1\n", "name: x\non: y\n", "ARG A\nname: x\n"])
def test_silent(text: str) -> None:
    silent(RULE, text)


@pytest.mark.parametrize("text", ["# syntax=example/other:1\nRUN x\n", "# syntax=example/other:1\n"])
def test_silent_for_other_frontends(text: str) -> None:
    silent(RULE, text)


def test_silenced_as_any_other() -> None:
    silent(RULE, "# slimstage global ignore=missing-from\n")
    silent(RULE, "# check=skip=all\n# slimstage global ignore=missing-from\nARG A\n")


def test_an_edit_says_whether_the_text_is_being_written() -> None:
    everything = Span(0, len("FROM a:1\n"))
    whole = analyse("FROM a:1\n")
    assert findings(whole.edited(everything, ""), RULE)
    typing = whole.edited(everything, "", unfinished=True)
    assert not typing.findings
    assert not typing.edited(Span(0, 0), "# x\n").findings


def test_one_finding_is_enough() -> None:
    assert not findings(analyse("RUN x\n"), "instruction-before-from")
