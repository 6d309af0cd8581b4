"""secret-in-arg-env."""

import pytest

from tests.rules.marking import fires, silent

RULE = "secret-in-arg-env"


def test_fires() -> None:
    found = fires(RULE, "FROM a:1\nARG <<NPM_TOKEN>>\nENV <<DB_PASSWORD>>=x A=b\nENV <<AWS_SECRET_ACCESS_KEY>>=$X\n")
    assert [finding.message for finding in found] == ["arg", "env", "env"]


def test_a_stage_that_does_not_ship() -> None:
    found = fires(RULE, "FROM a:1 AS b\nARG <<TOKEN>>\nFROM a:1\nCOPY --from=b /x /x\nARG <<TOKEN>>\n")
    assert [finding.severity for finding in found] == ["hint", None]
    assert [finding.message for finding in found] == ["builder", "arg"]


@pytest.mark.parametrize(
    "name",
    [
        "TOKENIZERS_PARALLELISM=false",
        "PRIVATE_REGISTRY=x",
        "JENKINS_USERNAME=x",
        "SSH_AUTH_SOCK=x",
        "KMS_KEY_ALIAS=x",
        "GPG_KEY=0123",
        "GPG_PRIVATE_KEY=0123",
        "PASSWORD_FILE=x",
        "PASSWORD=/run/secrets/p",
        "TOKEN_URL=x",
        "TOKEN=https://example.org/t",
        "SECRET_NAME=x",
        "PASSWORD=",
        "USE_TOKEN=1",
        "ALLOW_EMPTY_PASSWORD=yes",
        "PUBLIC_ACCESS_KEY=x",
        "KEY=x",
        "VITE_AMPLITUDE_API_KEY=x",
        "REACT_APP_MAP_API_KEY=x",
    ],
)
def test_silent(name: str) -> None:
    silent(RULE, f"FROM a:1\nENV {name}\nARG {name}\n")
