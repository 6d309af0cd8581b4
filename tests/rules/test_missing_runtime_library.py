"""missing-runtime-library."""

from tests.rules.marking import fires, fixed, silent

RULE = "missing-runtime-library"
BUILDER = """
FROM python:3.11-slim AS builder
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev
COPY requirements.txt .
RUN pip install --prefix=/install -r requirements.txt
"""
FINAL = "FROM python:3.11-slim\nCOPY --from=builder <</install>> /usr/local\n"
PLAIN = FINAL.replace("<<", "").replace(">>", "")


def test_sure_when_the_requirement_is_compiled() -> None:
    (finding,) = fires(RULE, BUILDER + FINAL, {"requirements.txt": "psycopg2\n"})
    assert finding.severity is None and finding.args["libraries"] == "libpq5"
    assert "install -y --no-install-recommends libpq5" in fixed(
        RULE, BUILDER + PLAIN, {"requirements.txt": "psycopg2\n"}
    )


def test_advice_without_a_context() -> None:
    (finding,) = fires(RULE, BUILDER + FINAL)
    assert finding.severity == "info"


def test_silent() -> None:
    silent(RULE, BUILDER + PLAIN, {"requirements.txt": "psycopg2-binary\n"})
    installed = "FROM python:3.11-slim\nRUN apt-get install -y libpq5\nCOPY --from=builder /install /usr/local\n"
    silent(RULE, BUILDER + installed, {"requirements.txt": "psycopg2\n"})
    silent(RULE, BUILDER + PLAIN.replace("3.11-slim", "3.11"), {"requirements.txt": "psycopg2\n"})
    silent(RULE, BUILDER + "FROM python:3.11-slim\nCOPY --from=builder /app/x /x\n", {"requirements.txt": "psycopg2\n"})
    silent(RULE, BUILDER.replace(" libpq-dev", "") + PLAIN)
