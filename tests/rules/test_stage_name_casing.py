"""stage-name-casing."""

from tests.rules.marking import fires, fixed, silent

RULE = "stage-name-casing"


def test_fires() -> None:
    fires(RULE, "FROM a:1 AS <<Builder>>\nFROM a:1 AS <<WEB>>\n")


def test_the_fix_renames_references_too() -> None:
    text = "FROM a:1 AS Bld\nFROM bld AS c\nCOPY --from=Bld a b\nRUN --mount=from=BLD,target=/b x\nCOPY --from=0 a c\n"
    assert fixed(RULE, text) == text.replace("Bld", "bld").replace("BLD", "bld")


def test_silent() -> None:
    silent(RULE, "FROM a:1 AS builder\nFROM B:1\nFROM a:1\n")
