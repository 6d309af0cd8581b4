"""invalid-stage-name."""

from tests.rules.marking import fires, silent

RULE = "invalid-stage-name"


def test_fires() -> None:
    fires(RULE, "FROM a:1 AS <<1st>>\nFROM a:1 AS <<a/b>>\nFROM a:1 AS <<-x>>\nFROM a:1 AS <<$X>>\n")


def test_silent() -> None:
    silent(RULE, "FROM a:1 AS b\nFROM a:1 AS B-c_d.9\nFROM a:1\n")
