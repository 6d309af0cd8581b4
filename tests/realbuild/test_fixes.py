"""Quick-fixes that change what ships: the mended file builds, behaves as before and makes a smaller image."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimstage.analysis import Analysis
from slimstage.context.folder import FolderContext
from slimstage.knowledge import KnowledgeBase
from slimstage.text import SourceText
from tests.realbuild.docker import Docker, Unavailable
from tests.realbuild.harness import build, observe, prepared, read_case

pytestmark = pytest.mark.realbuild

BUILT = """\
FROM node:20 AS build
WORKDIR /usr/src/app
COPY package.json tsconfig.json ./
RUN npm install
COPY . .
RUN npm run build

FROM node:20-slim
ENV PORT=3000
WORKDIR /srv
COPY --from=build /usr/src/app .
CMD ["npm", "start"]
"""
PLAIN = """\
FROM node:20-slim
WORKDIR /srv
COPY package.json package-lock.json ./
RUN npm ci
COPY lib lib
STOPSIGNAL SIGINT
CMD ["node", "lib/main.js"]
"""


@pytest.mark.parametrize(
    ("name", "text", "title"), [("express-typescript", BUILT, "prune"), ("node-lock", PLAIN, "omit")]
)
def test_development_dependencies(
    name: str, text: str, title: str, docker: Docker, knowledge: KnowledgeBase, cache: Path
) -> None:
    case = read_case(name)
    context = prepared(case, cache / "contexts")
    analysis = Analysis(SourceText(text), knowledge, FolderContext(context))
    (finding,) = (found for found in analysis.findings if found.rule == "dev-dependencies-in-final-stage")
    (fix,) = analysis.verified_fixes(finding)
    assert fix.title == title
    mended = analysis.rewritten(analysis.edits(fix)).source.text
    try:
        before = build(docker, case, context, f"{title}-before", text, cache)
        after = build(docker, case, context, f"{title}-after", mended, cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    old = observe(docker, case, before)
    assert old.answers and old.answers[0][1] == 200, old.output
    assert observe(docker, case, after) == old
    assert docker.size(after) < docker.size(before)
