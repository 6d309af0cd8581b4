"""env-self-reference."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "env-self-reference"


def test_fires() -> None:
    fires(RULE, "FROM a:1\nENV A=1 B=$<<A>>/x C=${<<B>>}\nENV X=$<<Y>> Y=1\n")


def test_the_fix_splits() -> None:
    text = "FROM a:1\r\nENV A=1 \\\r\n    B=$A/x \\\r\n    C=2\r\n"
    assert fixed(RULE, text) == "FROM a:1\r\nENV A=1\r\nENV B=$A/x \\\r\n    C=2\r\n"
    for line in ("ENV X=$Y Y=1", "ENV A=1 \\\n# why\n B=$A"):
        assert findings(analyse(f"FROM a:1\n{line}\n"), RULE)[0].fixes == ()


def test_one_rule_speaks() -> None:
    assert not findings(analyse("FROM python:3.13\nENV NOWHERE=1 B=$NOWHERE\n"), "undefined-variable")


@pytest.mark.parametrize(
    "lines",
    [
        "ENV PATH=/x:$PATH A=1",
        "ENV A=0\nENV A=1 B=$A",
        "ARG A\nENV A=$A B=1",
        "ENV A=1\nENV B=$A C=2",
        "ENV A=1 B=\\$A",
        "ENV A=1 B='$A'",
        "ARG A=1 B=$A",
    ],
)
def test_silent(lines: str) -> None:
    silent(RULE, f"FROM a:1\n{lines}\n")
