"""unknown-stage."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "unknown-stage"


def test_a_misspelt_stage() -> None:
    marked = "FROM go:1 AS builder\nFROM scratch\nCOPY --from=<<bulder>> /a /a\nRUN --mount=from=<<Bulider>> x\n"
    found = fires(RULE, marked)
    assert [finding.message for finding in found] == ["did-you-mean"] * 2
    text = "FROM go:1 AS builder\r\nFROM scratch\r\nCOPY --chown=1 --from=bulder \\\r\n /a /a\r\n"
    assert fixed(RULE, text) == text.replace("bulder", "builder")


def test_a_misspelt_base_stage() -> None:
    fires(RULE, "FROM go:1 AS builder\nFROM <<bulder>> AS b\nFROM <<Builder>>\n")


def test_what_stops_the_build_is_an_error() -> None:
    marked = "FROM go:1 AS a\nCOPY --from=<<7>> /a /a\nCOPY --from=<<later>> /a /a\nFROM go:1 AS later\n"
    found = fires(RULE, marked)
    assert [(finding.message, finding.severity) for finding in found] == [("index", "error"), ("forward", "error")]
    assert found[1].related[0].label == "later"


def test_a_later_stage_can_be_moved_above() -> None:
    moved = "# tools\nFROM go:1 AS tools\nRUN <<E\nx\nE\n\n"
    text = f"ARG A\n# web\nFROM a:1 AS web\nCOPY --from=tools /t /t\n\n{moved}# image\nFROM web\nRUN x\n"
    wanted = f"ARG A\n{moved}# web\nFROM a:1 AS web\nCOPY --from=tools /t /t\n\n# image\nFROM web\nRUN x\n"
    assert fixed(RULE, text) == wanted
    text = f"# licence\nFROM a:1 AS web\nCOPY --from=tools /t /t\n{moved}FROM web\nRUN x\n"
    assert fixed(RULE, text) == f"# licence\n{moved}FROM a:1 AS web\nCOPY --from=tools /t /t\nFROM web\nRUN x\n"
    text = f"FROM a:1 AS a\nRUN y\n# web\nFROM a AS web\nCOPY --from=tools /t /t\n{moved}FROM web\nRUN x\n"
    assert fixed(RULE, text) == (
        f"FROM a:1 AS a\nRUN y\n{moved}# web\nFROM a AS web\nCOPY --from=tools /t /t\nFROM web\nRUN x\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "FROM a:1 AS web\nCOPY --from=t /t /t\nFROM go:1 AS t\nRUN x\n",  # the last stage is the image
        "FROM a:1 AS web\nCOPY --from=t /t /t\nFROM web AS t\nRUN x\nFROM web\nRUN x\n",  # needs what it would pass
        "FROM a:1 AS web\nCOPY --from=t /t /t\nFROM go:1 AS t\nRUN x\nFROM web\nCOPY --from=0 /a /a\n",  # numbers
        "FROM a:1 AS web\nCOPY --from=t /t /t\nFROM go:1 AS t\nRUN x\nFROM b:1 AS T\nRUN x\nFROM web\nRUN x\n",
    ],
)
def test_a_later_stage_stays_where_moving_changes_more(text: str) -> None:
    analysis = analyse(text)
    found = next(finding for finding in findings(analysis, RULE) if finding.message == "forward")
    assert found.fixes == ()


def test_any_other_bare_word_is_advice() -> None:
    found = fires(RULE, "FROM a:1\nCOPY --from=<<somectx>> /a /a\n")
    assert (found[0].message, found[0].severity) == ("image", "hint")


@pytest.mark.parametrize(
    "source",
    [
        "builder",  # a stage
        "BUILDER",  # BuildKit folds case here
        "0",
        "hello-world",  # an official image
        "nginx:1.29",
        "ghcr.io/a/b",
        "img@sha256:0123",
        "$IMG",
        "${IMG}",
        "scratch",
    ],
)
def test_silent(source: str) -> None:
    silent(RULE, f"FROM go:1 AS builder\nFROM scratch\nARG IMG\nCOPY --from={source} /a /a\n")


def test_silent_for_images_and_triggers() -> None:
    silent(RULE, "FROM go:1 AS nod\nFROM node\nFROM alpine AS alpin\n")
    silent(RULE, "FROM go:1 AS a\nONBUILD COPY --from=later /a /a\nFROM go:1 AS later\n")
    silent(RULE, "FROM go:1 AS builder\nFROM build.er\nFROM bulder:1\n")
