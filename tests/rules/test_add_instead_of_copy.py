"""add-instead-of-copy."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "add-instead-of-copy"


def test_fires() -> None:
    fires(RULE, "FROM a:1\n<<ADD>> . /app\n<<add>> --chown=1 a.conf *.py b/\nONBUILD <<ADD>> a b\n")
    text = "FROM a:1\r\nADD --chown=1 \\\r\n a b\r\nonbuild add a b\r\n"
    assert fixed(RULE, text) == text.replace("ADD", "COPY")


@pytest.mark.parametrize(
    "line",
    [
        "ADD https://example.org/x /x",
        "ADD git@github.com:a/b.git /b",
        "ADD https://github.com/a/b.git#main /b",
        "ADD rootfs.tar.xz /",
        "ADD app.tgz /",
        "ADD app-* /",
        "ADD a.py b.tar.gz /",
        "ARG SRC\nADD $SRC /x",
        "ADD --checksum=sha256:0 a /x",
        "ADD --unpack=true a /x",
        "ADD --keep-git-dir=true a /x",
        "COPY a b",
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM a:1\n{line}\n")
