"""missing-from and instruction-before-from."""

import pytest

from tests.rules.marking import analyse, findings, fires, silent

RULE = "missing-from"


def test_fires() -> None:
    fires(RULE, "ARG A\n<<RUN>> x\nCMD y\n")


@pytest.mark.parametrize("text", ["", "\n", "# later\n", "ARG A=1\n", "FROM a:1\n", "name: x\non: y\n"])
def test_silent(text: str) -> None:
    silent(RULE, text)


def test_silent_for_other_frontends() -> None:
    silent(RULE, "# syntax=example/other:1\nRUN x\n")


def test_one_finding_is_enough() -> None:
    assert not findings(analyse("RUN x\n"), "instruction-before-from")
