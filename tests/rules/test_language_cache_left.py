"""language-cache-left: pip, npm and yarn."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "language-cache-left"


def test_pip() -> None:
    (finding,) = fires(RULE, "FROM python:3.12-slim\nRUN <<pip install flask>>\n")
    assert finding.aliases == ("DL3042",)
    assert fixed(RULE, "FROM python:3.12-slim\nRUN pip install flask\n").endswith(
        "RUN pip install --no-cache-dir flask\n"
    )


def test_npm_clears_after_the_install() -> None:
    assert fixed(RULE, "FROM node:20-slim\nRUN npm ci\n").endswith("RUN npm ci && npm cache clean --force\n")


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.12-slim\nRUN pip install --no-cache-dir flask\n",
        "FROM python:3.12-slim\nENV PIP_NO_CACHE_DIR=off\nRUN pip install flask\n",
        "FROM python:3.12-slim\nRUN PIP_NO_CACHE_DIR=1 pip install flask\n",
        "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache pip install flask\n",
        "FROM python:3.12-slim\nRUN pip install flask && rm -rf ~/.cache\n",
        "FROM python:3.12-slim\nRUN pip install flask && pip cache purge\n",
        "FROM python:3.12-slim AS b\nRUN pip install flask\nFROM scratch\n",
        "FROM node:20-slim\nRUN npm ci && npm cache clean --force\n",
        "FROM node:20-slim\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)


def test_the_beginning_of_the_option_counts() -> None:
    silent(RULE, "FROM python:3.12-slim\nRUN pip install --no-cache flask\n")
