"""Comments that silence findings."""

import pytest

from slimstage.text import Span
from tests.rules.marking import analyse, findings


def left(text: str) -> list[str]:
    """The rules that still report something, but for what nobody asked about."""
    watched = ("untagged-base-image", "legacy-key-value", "relative-workdir", "deprecated-maintainer")
    return [finding.rule for finding in analyse(text).findings if finding.rule in watched]


FILE = "FROM alpine\nENV A b\nWORKDIR x\nFROM alpine\nENV A b\n"
ALL = ["untagged-base-image", "legacy-key-value", "relative-workdir", "untagged-base-image", "legacy-key-value"]


def test_without_comments() -> None:
    assert left(FILE) == ALL
    assert left(FILE.replace("ENV A b\n", "# ignore this\nENV A b\n")) == ALL


@pytest.mark.parametrize(
    "comment",
    [
        "# hadolint ignore=DL3006",
        "#hadolint ignore=DL3006",
        "# hadolint ignore=DL3059,DL3006 # because",
        "# hadolint ignore=DL3059, DL3006",
        "# tally ignore=hadolint/DL3006;reason=because",
        "# slimstage ignore=untagged-base-image",
        "# slimstage ignore=DL3006 # because",
        "# slimstage ignore=all",
        "# dockerfile-utils: ignore",
        "# hadolint ignore=DL3006\n# another comment\n\n",
        "# hadolint ignore=DL3006\n# hadolint ignore=DL3059",
    ],
)
def test_the_next_instruction(comment: str) -> None:
    assert left(f"{comment}\n{FILE}") == ALL[1:]


@pytest.mark.parametrize(
    "comment",
    [
        "# hadolint ignore=DL3007",
        "# hadolint ignore=all",  # not a word of hadolint's
        "# hadolint DL3006",
        "# see hadolint ignore=DL3006",
        "# dockerfile-utils: ignored",
        "# slimstage ignore=",
    ],
)
def test_what_silences_nothing(comment: str) -> None:
    assert left(f"{comment}\n{FILE}") == ALL


def test_checks_of_buildkit() -> None:
    assert left(f"# check=skip=LegacyKeyValueFormat,WorkdirRelativePath;error=true\n{FILE}") == [ALL[0], ALL[3]]
    assert left(f"# check=error=true;skip=all\n{FILE}") == [ALL[0], ALL[3]]
    assert left(f"# check=error=true\n{FILE}") == ALL
    one = FILE.replace("ENV A b\nWORKDIR", "# check=skip=LegacyKeyValueFormat // old\nENV A b\nWORKDIR")
    assert left(one) == [ALL[0], *ALL[2:]]


def test_a_stage() -> None:
    assert left(f"# slimstage stage ignore=legacy-key-value\n{FILE}") == [ALL[0], *ALL[2:]]
    assert left(f"# hadolint stage ignore=DL3006,DL3000\n{FILE}") == [ALL[1], *ALL[3:]]


@pytest.mark.parametrize(
    "comment", ["# hadolint global ignore=DL3006", "# tally global ignore=DL3006", "# slimstage global ignore=DL3006"]
)
def test_the_whole_file_wherever_it_stands(comment: str) -> None:
    assert left(f"{FILE}{comment}\n") == [ALL[1], ALL[2], ALL[4]]


def test_a_comment_that_is_taken_away_reports_again() -> None:
    analysis = analyse(f"# hadolint ignore=DL3006\n{FILE}")
    assert len(findings(analysis, "untagged-base-image")) == 1
    again = analysis.edited(Span(0, len("# hadolint ignore=DL3006\n")), "")
    assert len(findings(again, "untagged-base-image")) == 2
