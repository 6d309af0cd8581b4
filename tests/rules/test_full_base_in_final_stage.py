"""full-base-in-final-stage."""

from tests.rules.marking import fires, fixed, silent

RULE = "full-base-in-final-stage"
APP = "WORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD python a.py\n"


def test_a_warning_with_a_fix_when_nothing_of_the_full_image_is_used() -> None:
    (finding,) = fires(RULE, "FROM <<python:3.12>>\n" + APP, {"requirements.txt": "flask\nnumpy\n"})
    assert finding.severity is None
    assert finding.args["before"].bytes > 5 * finding.args["after"].bytes
    assert fixed(RULE, "FROM python:3.12\n" + APP, {"requirements.txt": "flask\n"}) == "FROM python:3.12-slim\n" + APP


def test_advice_without_a_fix_when_something_may_be_needed() -> None:
    for files in (None, {"requirements.txt": "psycopg2\n"}, {"requirements.txt": "who-knows\n"}):
        (finding,) = fires(RULE, "FROM <<python:3.12>>\n" + APP, files)
        assert finding.severity == "info" and not finding.fixes
    (finding,) = fires(RULE, "FROM <<python:3.12>>\nRUN git clone https://example.org/x\n")
    assert finding.severity == "info" and not finding.fixes


def test_keeps_the_release_in_the_tag() -> None:
    assert fixed(RULE, "FROM python:3.12-bookworm\nCMD python\n") == "FROM python:3.12-slim-bookworm\nCMD python\n"


def test_silent() -> None:
    silent(RULE, "FROM python:3.12-slim\n")
    silent(RULE, "FROM python:3.12 AS b\nFROM python:3.12-slim\n")
    silent(RULE, "FROM python:3.12\nRUN make\n")
    silent(RULE, "FROM example/python:3.12\n")
    silent(RULE, "FROM python:3.12 AS dev\n")
