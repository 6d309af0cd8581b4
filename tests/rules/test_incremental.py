"""Findings of an edited document equal those of the same text read anew: nothing kept is kept too long."""

from __future__ import annotations

import random

import pytest

from slimstage.analysis import Analysis
from slimstage.knowledge import load
from slimstage.text import SourceText, Span

TEXT = """# syntax=docker/dockerfile:1
ARG TAG=3.11
FROM python:${TAG}-slim AS build
ARG VERSION=1
WORKDIR /app
RUN apt-get update && apt-get install -y gcc libpq-dev
RUN uv venv /venv && pip install --prefix=/install psycopg2
FROM build AS test
RUN pytest $VERSION
FROM python:3.8-slim
workdir srv
ENV KEY value
COPY --from=build /install /usr/local
COPY --from=biuld /venv /opt/venv
COPY --from=build /nowhere /x
HEALTHCHECK CMD curl -f localhost
CMD ["flask", "run", "$VERSION"]
"""
PIECES = (
    "", "x", "\n", " ", "build", "FROM scratch AS build\n", "ARG VERSION\n", "/venv", "\\\n", "# slimstage ignore\n",
    "--from=0 ", "RUN rm -rf /install\n", "3.12", "AS ", "$TAG", '"', "한글 😀",
)  # fmt: skip


def seen(analysis: Analysis) -> list[tuple[object, ...]]:
    return [
        (f.rule, analysis.span(f.place), f.message, dict(f.args), [analysis.edits(fix) for fix in f.fixes],
         [analysis.span(other.place) for other in f.related])
        for f in analysis.findings
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_edits_leave_nothing_stale(seed: int) -> None:
    chance = random.Random(seed)
    knowledge = load()
    analysis = Analysis(SourceText(TEXT), knowledge)
    for _ in range(25):
        text = analysis.source.text
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 0, 0, 1, 5, 40)))
        analysis = analysis.edited(Span(start, end), chance.choice(PIECES))
        assert seen(analysis) == seen(Analysis(SourceText(analysis.source.text), knowledge)), analysis.source.text
