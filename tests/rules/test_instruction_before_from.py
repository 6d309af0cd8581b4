"""instruction-before-from."""

from tests.rules.marking import fires, fixed, silent

RULE = "instruction-before-from"


def test_fires() -> None:
    fires(RULE, "<<ENV>> A=1\nARG B\n<<RUN>> x\nFROM a:1\n")


def test_the_fix_moves_them_all_in_order() -> None:
    assert fixed(RULE, "ENV A=1\nARG B\nRUN x \\\n y\nFROM a:1 AS b\nRUN z\n") == (
        "ARG B\nFROM a:1 AS b\nENV A=1\nRUN x \\\n y\nRUN z\n"
    )
    assert fixed(RULE, "ENV A=1\r\nFROM a:1") == "FROM a:1\r\nENV A=1"


def test_silent() -> None:
    silent(RULE, "# syntax=docker/dockerfile:1\n# c\nARG A=1\nARG B\n\nFROM a:1\nRUN x\n")
    silent(RULE, "# syntax=example/other:1\nRUN x\nFROM a:1\n")
