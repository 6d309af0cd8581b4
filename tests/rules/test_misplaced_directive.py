"""misplaced-directive."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "misplaced-directive"
SYNTAX = "# syntax=docker/dockerfile:1"


def test_fires_and_moves_to_the_top() -> None:
    fires(RULE, f"# c\n<<{SYNTAX}>>\nFROM a:1\n")
    fires(RULE, f"FROM a:1\n  <<{SYNTAX}>>\n{SYNTAX}\n")
    assert fixed(RULE, f"# c\r\n  {SYNTAX}\r\nFROM a:1\r\n") == f"{SYNTAX}\r\n# c\r\nFROM a:1\r\n"
    assert fixed(RULE, f"# check=error=true\n\nFROM a:1\n{SYNTAX}") == f"# check=error=true\n{SYNTAX}\n\nFROM a:1\n"
    assert analyse(fixed(RULE, f"# c\n{SYNTAX}\nFROM a:1\n")).dockerfile.directive("syntax") is not None


def test_escape() -> None:
    assert len(findings(analyse("# c\n# escape=`\nFROM a:1\n"), RULE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{SYNTAX}\nFROM a:1\n",
        f"# check=skip=all\n{SYNTAX}\n# escape=`\nFROM a:1\n",
        f"{SYNTAX}\n\n{SYNTAX}\nFROM a:1\n",
        "FROM a:1\n# check=skip=UndefinedVar\nRUN x\n",
        "# c\n# syntax=foo is how it began\n# escape= the cold\nFROM a:1\n",
        f"FROM a:1\nRUN <<E\n{SYNTAX}\nE\n",
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)
