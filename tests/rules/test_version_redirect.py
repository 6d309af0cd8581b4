"""version-redirect."""

import pytest

from tests.rules.marking import analyse, findings, fixed, silent

RULE = "version-redirect"


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("a>=1", "pip install a>=1"),
        ("a>=1.2,<2", "pip install -U a>=1.2,<2 b"),
        ("a[x]>1.2", "pip install a[x]>1.2"),
        ("a<2", "apk add --no-cache a<2"),
        ("a>=1,!=1.5", "pip install a>=1,!=1.5"),
        ("a@>=1", "npm install a@>=1"),
    ],
)
def test_fires(word: str, command: str) -> None:
    text = f"FROM a:1\nRUN x && \\\n  {command}\n"
    analysis = analyse(text)
    found = findings(analysis, RULE)
    assert [text[slice(*analysis.span(finding.place))] for finding in found] == [word]
    assert f"`{word}`" in analysis.message(found[0], "en")
    assert fixed(RULE, text) == text.replace(word, f"'{word}'")


@pytest.mark.parametrize(
    "command",
    [
        "pip install 'a>=1' \"b<2\"",
        "pip install a > log",
        "pip install a>log.txt",
        "pip install a 2>1",
        "pip install a>&2",
        "pip install a >1",
        "pip install -r a<requirements.txt",
        "echo a>=1",
        "pip freeze a>=1",
        "apk add a\\>1",
    ],
)
def test_silent(command: str) -> None:
    silent(RULE, f"FROM a:1\nRUN {command}\n")
