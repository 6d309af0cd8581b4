"""cd-without-effect."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "cd-without-effect"


def test_fires() -> None:
    fires(
        RULE,
        "FROM a:1\nRUN <<cd>> /app\nRUN <<export>> A=1 && export B=2\nRUN <<.>> v/activate\nRUN <<alias>> l=ls\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN cd /app", "WORKDIR /app"),
        ("run cd \\\n /app", "workdir /app"),
        ("RUN export A=1 B=/x", "ENV A=1 B=/x"),
    ],
)
def test_fix(before: str, after: str) -> None:
    assert fixed(RULE, f"FROM a:1\n{before}\nRUN make\n") == f"FROM a:1\n{after}\nRUN make\n"


@pytest.mark.parametrize("text", ["cd $A", "cd app", "export A", "export A='b c'", "source x", "cd /a && cd b"])
def test_no_fix_that_may_mean_something_else(text: str) -> None:
    assert findings(analyse(f"FROM a:1\nRUN {text}\n"), RULE)[0].fixes == ()


@pytest.mark.parametrize(
    "line",
    [
        "RUN cd /app && make",
        "RUN (cd /app && make)",
        "RUN export A=1 && make",
        "RUN export > /env",
        "RUN A=1",
        "RUN",
        'RUN ["cd", "/app"]',
        "RUN make",
        "RUN if cd /app; then export A=1; fi",
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM a:1\n{line}\n")
