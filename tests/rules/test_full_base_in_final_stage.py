"""full-base-in-final-stage."""

from tests.rules.marking import analyse, findings, fires, fixed, silent

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


def test_packages_of_another_stage_are_looked_at_too() -> None:
    text = "FROM python:3.12-bookworm AS b\nRUN pip install --prefix=/install {}\n"
    text += "FROM <<python:3.12-bookworm>>\nCOPY --from=b /install /usr/local\nCMD python\n"
    plain = text.replace("<<", "").replace(">>", "")
    (finding,) = fires(RULE, text.format("flask"))
    assert finding.severity is None
    assert "RUN apt-get" not in fixed(RULE, plain.format("flask"))
    (finding,) = fires(RULE, text.format("psycopg2"))
    assert finding.severity == "info"  # it wants libpq5, which the slim base lacks
    after = fixed(RULE, plain.format("psycopg2"))
    assert "FROM python:3.12-slim-bookworm\n" in after and "libpq5" in after
    analysis = analyse(plain.format("who-knows"))
    assert not analysis.verified_fixes(findings(analysis, RULE)[0])


def test_silent_where_build_tools_are_added_to_compile_with() -> None:
    text = "FROM node:26.3.0\nRUN apt-get update && apt-get install -y cmake\nRUN yarn install\n"
    silent(RULE, text)
    fires(RULE, text.replace("node:26.3.0", "<<node:26.3.0>>").replace("cmake", "cowsay"))
