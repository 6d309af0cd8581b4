"""apt-update-alone."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "apt-update-alone"


def test_fires() -> None:
    found = fires(RULE, "FROM a:1\nRUN apt-get -qq <<update>>\nCOPY a b\nRUN apt-get install -y c\n")
    assert found[0].fixes == ()  # something stands between
    assert found[0].related[0].label == "install"


def test_the_fix_merges_the_two() -> None:
    text = "FROM a:1\r\nRUN apt-get update\r\n# tools\r\nRUN apt-get install -y \\\r\n   curl\r\n"
    assert fixed(RULE, text) == "FROM a:1\r\n# tools\r\nRUN apt-get update && apt-get install -y \\\r\n   curl\r\n"


def test_no_fix_that_loses_something() -> None:
    for first in ("RUN apt-get update && x", "RUN --mount=type=tmpfs,target=/x apt-get update"):
        found = findings(analyse(f"FROM a:1\n{first}\nRUN apt-get install -y a\n"), RULE)
        assert found and found[0].fixes == ()


@pytest.mark.parametrize(
    "lines",
    [
        "RUN apt-get update && apt-get install -y a",
        "RUN apt-get update\nRUN apt-get update && apt-get install -y a",
        "RUN apt-get update",
        "RUN apt-get update && apt-get upgrade -y\nRUN apt-get install -y a",
        "RUN apt-get update\nFROM b:1\nRUN apt-get install -y a",
        "RUN --mount=type=cache,target=/var/lib/apt apt-get update\nRUN apt-get install -y a",
        "RUN apk update\nRUN apk add a",
    ],
)
def test_silent(lines: str) -> None:
    silent(RULE, f"FROM a:1\n{lines}\n")
