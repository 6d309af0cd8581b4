"""copy-whole-stage."""

from tests.rules.marking import fires, silent

RULE = "copy-whole-stage"


def test_fires_at_the_source() -> None:
    fires(RULE, "FROM golang AS b\nRUN go version\nFROM debian\nCOPY --from=b <</>> /\n")


def test_silent() -> None:
    silent(RULE, "FROM tonistiigi/xx AS b\nFROM debian\nCOPY --from=b / /\n")
    silent(RULE, "FROM golang AS b\nRUN true\nFROM scratch\nCOPY --from=b / /\n")
    silent(RULE, "FROM golang AS b\nFROM debian\nCOPY --from=b /app /\n")
    silent(RULE, "FROM golang AS b\nRUN true\nFROM debian AS c\nCOPY --from=b / /\nFROM debian\n")
