"""shell-form-entrypoint."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "shell-form-entrypoint"


def test_fires() -> None:
    found = fires(RULE, "FROM a:1\n<<ENTRYPOINT>> python app.py\n<<CMD>> a && b\n")
    assert [finding.message for finding in found] == ["default", "exec"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CMD python app.py", 'CMD ["python", "app.py"]'),
        ("CMD python \\\n  app.py", 'CMD ["python", "app.py"]'),
        ("CMD echoes \"a 'b'\" c", 'CMD ["echoes", "a \'b\'", "c"]'),
        ("entrypoint /x --a=b:c,d", 'entrypoint ["/x", "--a=b:c,d"]'),
    ],
)
def test_fix(before: str, after: str) -> None:
    assert fixed(RULE, f"FROM a:1\n{before}\nUSER x\n") == f"FROM a:1\n{after}\nUSER x\n"
    crlf = f"FROM a:1\n{before}\nUSER x\n".replace("\n", "\r\n")
    assert fixed(RULE, crlf) == f"FROM a:1\n{after}\nUSER x\n".replace("\n", "\r\n")


@pytest.mark.parametrize(
    "text", ["a $X", "a | b", "a; b", "a > b", "a *.py", "a `b`", "a ~/x", "A=1 b", "cd x", ". x", "a \\\n# why\n b"]
)
def test_no_fix_where_a_shell_is_needed(text: str) -> None:
    assert findings(analyse(f"FROM a:1\nCMD {text}\n"), RULE)[0].fixes == ()


@pytest.mark.parametrize(
    "line",
    [
        'CMD ["a", "b"]',
        "CMD exec a $OPTS",
        "HEALTHCHECK CMD curl -f localhost || exit 1",
        'SHELL ["/bin/bash", "-c"]\nCMD a b',
        "CMD ['a', 'b']",  # invalid-json-form says it
        "CMD",
        "RUN a b",
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM a:1\n{line}\n")
