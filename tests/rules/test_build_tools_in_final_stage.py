"""build-tools-in-final-stage: when it fires, when it does not, and its conversion."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "build-tools-in-final-stage"
SEED = """
FROM python:3.11-slim
WORKDIR /app

RUN apt-get update && apt-get install -y <<gcc>> build-essential libpq-dev
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .

CMD ["python", "main.py"]
"""
UNMARKED = SEED.replace("<<", "").replace(">>", "")


def test_fires_on_the_seed_without_and_with_a_context() -> None:
    (finding,) = fires(RULE, SEED)
    assert finding.args["packages"] == "gcc, build-essential, libpq-dev"
    assert finding.args["size"].low > 290_000_000
    fires(RULE, SEED, {"requirements.txt": "psycopg2\nnumpy\n"})


def test_the_fix_is_the_seeds_multi_stage_file_with_the_library_it_forgot() -> None:
    assert fixed(RULE, UNMARKED, {"requirements.txt": "psycopg2\n"}) == (
        """FROM python:3.11-slim AS builder
WORKDIR /app

RUN apt-get update && apt-get install -y gcc build-essential libpq-dev
COPY requirements.txt .
RUN pip install --prefix=/install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
RUN apt-get update \\
    && apt-get install -y --no-install-recommends libpq5 \\
    && rm -rf /var/lib/apt/lists/*
COPY --from=builder /install /usr/local
COPY . .

CMD ["python", "main.py"]
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        # Not shipped.
        "FROM python:3.11-slim AS b\nRUN apt-get install -y gcc && pip install psycopg2\nFROM python:3.11-slim\n",
        # Removed in the same RUN.
        "FROM python:3.11-slim\nRUN apt-get install -y gcc && pip install psycopg2 && apt-get purge -y gcc\n",
        # Removed as the official images do it.
        (
            "FROM python:3.11-slim\nRUN apt-get install -y gcc; pip install psycopg2; apt-mark auto '.*' > /dev/null; "
            "apt-mark manual $saved; apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false\n"
        ),
        # A development image.
        "FROM python:3.11-slim AS dev\nRUN apt-get install -y gcc && pip install psycopg2\n",
        # Wanted at run time.
        'FROM python:3.11-slim\nRUN apt-get install -y make && pip install psycopg2\nCMD ["make", "run"]\n',
        # Nothing is built: whoever installs gcc only wants gcc.
        "FROM debian:bookworm-slim\nRUN apt-get install -y gcc\n",
        # No compiler.
        "FROM python:3.11-slim\nRUN apt-get install -y libpq5 && pip install psycopg2\n",
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)


def test_silent_when_an_entry_script_calls_the_tool() -> None:
    text = (
        "FROM python:3.11-slim\nRUN apt-get install -y gcc && pip install psycopg2\n"
        'COPY run.sh /run.sh\nCMD ["/run.sh"]\n'
    )
    silent(RULE, text, {"run.sh": "#!/bin/sh\ngcc x.c\n"})
    fires(RULE, text.replace("gcc", "<<gcc>>", 1), {"run.sh": "#!/bin/sh\n# no gcc here\nexec python\n"})


def test_leaves_the_floor_to_drop_build_tools() -> None:
    silent(RULE, UNMARKED, {"requirements.txt": "flask\norjson\n"})


def test_silent_on_images_made_to_compile_in() -> None:
    silent(RULE, SEED.replace("<<", "").replace(">>", "").replace("python:3.11-slim", "buildpack-deps:bookworm"))
    silent(RULE, "FROM gcc:14 AS base\nFROM base\nRUN apt-get update && apt-get install -y cmake libpq-dev\nCMD app\n")


def test_silent_for_installers_alone() -> None:
    silent(RULE, "FROM ubuntu:22.04\nRUN apt-get install -y python3-pip python3-setuptools && pip3 install x && make\n")


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("ruby:3.4-slim", "/repo/.devcontainer/Dockerfile"),
        ("ruby:3.4-slim", "/repo/.github/.devcontainer/ruby/Dockerfile"),
        ("ruby:3.4-slim", "/repo/Dockerfile.dev"),
        ("ruby:3.4-slim", "/repo/dev.Dockerfile"),
        ("mcr.microsoft.com/devcontainers/base:bookworm", "/repo/Dockerfile"),
        ("gitpod/workspace-full:latest", "/repo/Dockerfile"),
    ],
)
def test_silent_in_images_to_develop_in(base: str, path: str) -> None:
    text = f"FROM {base}\nRUN apt-get update && apt-get install -y build-essential\nRUN gem install bundler && make\n"
    assert findings(analyse(text, path=path), RULE) == []
    assert "build-tools" in " ".join(
        finding.rule for finding in analyse(text.replace(base, "ruby:3.4-slim"), path="/dev/app/Dockerfile").findings
    )
