"""prefix-copied-wrong."""

from tests.rules.marking import fires, fixed, silent

RULE = "prefix-copied-wrong"
BUILDER = "FROM python:3.12-slim AS b\nRUN pip install --prefix=/install flask\n"


def test_fires_and_copies_to_the_interpreters_prefix() -> None:
    text = BUILDER + "FROM python:3.12-slim\nCOPY --from=b /install <</usr>>\n"
    fires(RULE, text)
    assert "COPY --from=b /install /usr/local" in fixed(RULE, text.replace("<<", "").replace(">>", ""))


def test_silent() -> None:
    silent(RULE, BUILDER + "FROM python:3.12-slim\nCOPY --from=b /install /usr/local\n")
    silent(RULE, BUILDER + "FROM python:3.12-slim\nCOPY --from=b /install /usr/local/\n")
    silent(
        RULE,
        BUILDER + "FROM python:3.12-slim\nENV PYTHONPATH=/i/lib/python3.12/site-packages\nCOPY --from=b /install /i\n",
    )
    silent(RULE, BUILDER + "FROM debian:bookworm-slim\nCOPY --from=b /install /usr\n")
