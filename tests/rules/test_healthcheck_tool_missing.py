"""healthcheck-tool-missing."""

from tests.rules.marking import fires, silent

RULE = "healthcheck-tool-missing"


def test_fires_in_both_forms() -> None:
    fires(RULE, "FROM python:3.12-slim\nHEALTHCHECK CMD <<curl>> -f http://localhost/ || exit 1\n")
    fires(RULE, 'FROM python:3.12-slim\nHEALTHCHECK --interval=5s CMD [<<"wget">>, "-q", "http://localhost/"]\n')
    fires(RULE, "FROM alpine:3.20\nHEALTHCHECK CMD <<curl>> -f http://localhost/\n")


def test_silent() -> None:
    for text in (
        "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y curl\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM python:3.12\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM alpine:3.20\nHEALTHCHECK CMD wget -q localhost\n",
        "FROM example/image\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM python:3.12-slim\nRUN ./install-tools\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM python:3.12-slim\nCOPY curl /usr/bin/curl\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM python:3.12-slim\nCOPY rootfs/ /\nHEALTHCHECK CMD curl -f localhost\n",
        "FROM x AS t\nFROM python:3.12-slim\nCOPY --from=t /opt/bin /usr/bin\nHEALTHCHECK CMD curl localhost\n",
        "FROM python:3.12-slim\nHEALTHCHECK NONE\n",
        "FROM python:3.12-slim\nHEALTHCHECK CMD python check.py\n",
    ):
        silent(RULE, text)


def test_fires_when_what_is_copied_lies_elsewhere() -> None:
    fires(RULE, "FROM python:3.12-slim\nCOPY . /app\nHEALTHCHECK CMD <<curl>> -f http://localhost/\n")
    fires(RULE, "FROM python:3.12-slim\nRUN mkdir -p /opt/bin\nHEALTHCHECK CMD <<curl>> -f http://localhost/\n")
