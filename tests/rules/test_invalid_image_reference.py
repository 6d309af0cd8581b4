"""invalid-image-reference."""

import pytest

from tests.rules.marking import fires, silent

RULE = "invalid-image-reference"


def test_fires() -> None:
    fires(
        RULE,
        "FROM <<Alpine>>\nFROM <<alpine:>>\nFROM <<alpine:3@x>>\nFROM <<https://x.org/a>>\nCOPY --from=<<a//b>> c d\n",
    )


@pytest.mark.parametrize(
    "text",
    [
        "FROM alpine\nFROM x.org:5000/a/b_c:T.1\nFROM Registry.example.org/a\nFROM scratch\n",
        "ARG V\nFROM Alpine:$V\n",
        "FROM a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
        "ARG D\nFROM alpine:3@$D\n",
        'FROM "alpine:3"\n',
        "FROM a:1 AS b\nCOPY --from=B c d\nCOPY --from=$X c d\nCOPY --from=9 c d\nCOPY --from=Ctx c d\n",
        "FROM a:1 AS builder\nFROM Builder\n",  # unknown-stage says it
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)
