"""expand-in-exec-form."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "expand-in-exec-form"


def test_fires() -> None:
    fires(RULE, 'FROM a:1\nRUN ["a", <<"$B/c">>]\nCMD ["a", "b", <<"-p=$PORT">>, "$X"]\n')


def test_braces() -> None:
    analysis = analyse('FROM a:1\nCMD ["a", "${B}"]\n')
    assert "`${B}`" in analysis.message(findings(analysis, RULE)[0], "en")


def test_the_fix_lets_a_shell_expand_it() -> None:
    assert fixed(RULE, 'FROM a:1\nCMD ["httpd", "-p", \\\n  "$PORT"]\n') == (
        'FROM a:1\nCMD ["sh", "-c", "exec httpd -p \\"$PORT\\""]\n'
    )
    assert findings(analyse('FROM a:1\nCMD ["a b", "$PORT"]\n'), RULE)[0].fixes == ()


@pytest.mark.parametrize(
    "line",
    [
        'CMD ["sh", "-c", "echo $A"]',
        'ENTRYPOINT ["/bin/bash", "-ec", "echo $A"]',
        'RUN ["powershell", "echo $A"]',
        'CMD ["tini", "--", "bash", "x", "$A"]',
        'CMD ["nginx", "-g", "daemon off;"]',
        'CMD ["a", "^b$"]',
        'CMD ["a", "$(A)"]',
        "CMD a $A",
        'ENTRYPOINT ["/entry.sh"]\nCMD ["a", "$A"]',
        'COPY ["$A", "b"]',
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM a:1\n{line}\n")
