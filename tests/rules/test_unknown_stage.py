"""unknown-stage."""

import pytest

from tests.rules.marking import fires, fixed, silent

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
