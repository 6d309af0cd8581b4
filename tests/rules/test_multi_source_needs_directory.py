"""multi-source-needs-directory."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "multi-source-needs-directory"


def test_fires() -> None:
    fires(RULE, 'FROM a:1\nCOPY a b <</c>>\nADD ["a", "b", <<"/c d">>]\nONBUILD COPY a b <<c>>\n')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("COPY a \\\n b /c", "COPY a \\\n b /c/"),
        ('COPY ["a", "b", "/c d"]', 'COPY ["a", "b", "/c d/"]'),
        ('COPY a b "/c"', 'COPY a b "/c/"'),
        ("COPY <<A b /c\nx\nA", "COPY <<A b /c/\nx\nA"),
    ],
)
def test_fix(before: str, after: str) -> None:
    assert fixed(RULE, f"FROM a:1\n{before}\n") == f"FROM a:1\n{after}\n"


@pytest.mark.parametrize(
    "line",
    [
        "COPY a /b",
        "COPY a* /b",
        "COPY a b /c/",
        "COPY a b .",
        "COPY a b ..",
        "COPY a b ./",
        "COPY a b /x/.",
        "COPY a b $DIR",
        "COPY a b /x/$DIR",
        "WORKDIR /app\nCOPY a b /app",
        "COPY a b C:\\\\x\\\\",
        "COPY --from=x --chown=1 a /b",
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM a:1\n{line}\n")
