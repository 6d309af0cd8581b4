"""unused-stage."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "unused-stage"


def test_fires() -> None:
    found = fires(RULE, "FROM go:1 AS <<builder>>\nRUN x\nFROM <<node:1>>\nRUN y\nFROM scratch\nCOPY a /\n")
    assert found[0].tags == ("unnecessary",)


def test_the_fix_leaves_what_belongs_to_the_next_stage() -> None:
    text = "ARG A\n\n# unused\nFROM go:1 AS x\n# c\nRUN <<E\na\nE\n\n# the image\nFROM scratch\nCOPY a /\n"
    assert fixed(RULE, text) == "ARG A\n\n# unused\n# the image\nFROM scratch\nCOPY a /\n"
    text = "FROM a:1 AS a\nRUN x\n\n# unused\nFROM go:1 AS x\nRUN y\n\nFROM a\nCOPY a /\n"
    assert fixed(RULE, text) == "FROM a:1 AS a\nRUN x\n\nFROM a\nCOPY a /\n"


def test_no_fix_that_would_move_indices_or_break_others() -> None:
    text = "FROM a:1 AS x\nFROM b:1 AS y\nFROM scratch\nCOPY --from=1 a b\n"
    assert findings(analyse(text), RULE)[0].fixes == ()
    text = "FROM a:1 AS x\nFROM x AS y\nFROM scratch\n"
    assert [len(finding.fixes) for finding in findings(analyse(text), RULE)] == [0, 1]


@pytest.mark.parametrize("name", ["test", "dev", "lint-go", "unit-tests", "docs", "export"])
def test_silent_for_targets_and_what_they_need(name: str) -> None:
    silent(RULE, f"FROM go:1 AS helper\nRUN z\nFROM go:1 AS {name}\nCOPY --from=helper a b\nFROM scratch\nCOPY a /\n")


def test_a_variable_in_a_tag_names_no_stage() -> None:
    fires(RULE, "ARG V\nFROM go:1 AS <<x>>\nRUN y\nFROM python:${V:-3.12}-slim\nRUN z\n")
    fires(RULE, "ARG V\nFROM go:1 AS <<x>>\nRUN y\nFROM ghcr.io/$V\nRUN z\n")
    silent(RULE, "ARG V\nFROM go:1 AS x\nRUN y\nFROM ${V:-ghcr.io/a:1}\nRUN z\n")


def test_silent() -> None:
    silent(RULE, "FROM go:1 AS web\nCMD x\nFROM scratch\n")  # a target by its command
    silent(RULE, "FROM go:1 AS a\nFROM scratch\nRUN --mount=from=a,target=/a x\n")
    silent(RULE, "FROM go:1 AS a-amd64\nFROM go:1 AS a-arm64\nFROM a-$TARGETARCH\n")
    silent(RULE, "ARG BASE=a\nFROM go:1 AS a\nFROM go:1 AS b\nFROM ${BASE}\n")
    silent(RULE, "FROM go:1 AS a\nFROM scratch\nARG S\nCOPY --from=$S a b\n")
    silent(RULE, "FROM go:1\n")


def test_says_that_only_a_skipped_stage_takes_from_one() -> None:
    analysis = analyse("FROM a:1 AS x\nFROM b:1 AS y\nCOPY --from=x a b\nFROM scratch\nCOPY a /\n")
    assert [finding.message for finding in findings(analysis, RULE)] == ["by-skipped", "default"]
    assert "Only stages that BuildKit skips" in analysis.message(findings(analysis, RULE)[0], "en")
