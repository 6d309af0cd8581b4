"""missing-runtime-library."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

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


def _stages(image: str, final: str) -> str:
    builder = (
        f"FROM {image} AS builder\nCOPY requirements.txt .\nRUN pip install --prefix=/install -r requirements.txt\n"
    )
    return f"{builder}FROM {final}\nCOPY --from=builder /install /usr/local\n"


@pytest.mark.parametrize(
    ("release", "libraries"),
    [("bookworm", "libmagic1, libldap-2.5-0, libsasl2-2"), ("trixie", "libmagic1t64, libldap2, libsasl2-2")],
)
def test_names_the_library_of_the_release(release: str, libraries: str) -> None:
    text = _stages(f"python:3.13-{release}", f"python:3.13-slim-{release}")
    (finding,) = findings(analyse(text, {"requirements.txt": "python-magic\npython-ldap\n"}), RULE)
    assert finding.args["libraries"] == libraries


def test_says_nothing_of_a_library_whose_name_it_does_not_know() -> None:
    requirements = {"requirements.txt": "python-ldap\n"}
    silent(RULE, _stages("python:3.9-buster", "python:3.9-slim-buster"), requirements)
    silent(RULE, _stages("python:3.13-bookworm", "python:3.13-slim-trixie"), requirements)
