"""undefined-base-arg."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "undefined-base-arg"


def test_fires() -> None:
    found = fires(
        RULE, "FROM python:${<<V>>}\nFROM $<<IMG>>\nFROM --platform=$<<PLAT>> alpine:3\nFROM alpine:3$<<MINOR>>\n"
    )
    assert [finding.severity for finding in found] == [None, None, None, "warning"]


def test_fixes() -> None:
    assert fixed(RULE, "ARG VERSION=3\nFROM python:${VERSOIN}\n") == "ARG VERSION=3\nFROM python:${VERSION}\n"
    assert fixed(RULE, "# c\r\nFROM python:${V}\r\n") == "# c\r\nARG V\r\nFROM python:${V}\r\n"
    # Declared in a stage: the declaration is wanted above.
    assert fixed(RULE, "from a:1\narg V=3\nfrom b:$V\n") == "arg V=3\nfrom a:1\narg V=3\nfrom b:$V\n"


@pytest.mark.parametrize(
    "text",
    [
        "ARG V\nFROM python:$V\n",
        "FROM python:${V:-3}\n",
        "FROM ${V:?no base}\n",
        "FROM ${V-alpine}\n",
        "FROM --platform=$BUILDPLATFORM go:1\nFROM img-${TARGETARCH}\n",
        "FROM a:1\nCOPY $V b\n",
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)


def test_an_arg_of_another_stage_does_not_count() -> None:
    assert findings(analyse("FROM a:1\nARG V=1\nFROM b:$V\n"), RULE)
