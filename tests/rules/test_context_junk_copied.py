"""context-junk-copied."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from jsonschema import validate

from slimstage.analysis import Analysis
from slimstage.context import DictContext
from slimstage.features.fix_all import fix_all
from slimstage.features.report import report
from slimstage.knowledge import load
from slimstage.mcp import schemas
from slimstage.text import SourceText, Span
from tests.rules.marking import analyse, findings, fires, silent

RULE = "context-junk-copied"
NODE = """
FROM node:20
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY <<.>> .
RUN npm run build
"""
FIRST = """
FROM node:20
WORKDIR /app
COPY <<.>> .
RUN npm ci && npm run build
"""
PYTHON = """
FROM python:3.12
WORKDIR /app
COPY <<.>> .
RUN pip install -r requirements.txt
"""
MODULES = {"package.json": "{}", "node_modules/express/index.js": ""}
GIT = {"package.json": "{}", ".git/HEAD": "ref: refs/heads/main\n"}
OUTPUT = {"package.json": "{}", "dist/main.js": "", ".gitignore": "# output\n/dist/\n"}


def plain(text: str) -> str:
    return text.replace("<<", "").replace(">>", "").lstrip("\n")


@pytest.mark.parametrize(
    ("text", "files", "lines"),
    [
        (NODE, {**MODULES, **GIT, **OUTPUT}, ("node_modules", "dist", ".git")),
        (FIRST, MODULES, ("node_modules",)),
        (FIRST, {**OUTPUT, "build/x.js": ""}, ("dist",)),
        (PYTHON, {".venv/pyvenv.cfg": "", "requirements.txt": ""}, (".venv",)),
        (PYTHON, {"venv/bin/x": "", "venv/pyvenv.cfg": "", ".git/HEAD": ""}, ("venv", ".git")),
        (NODE.replace("<<.>> .", "<<web>> ."), {"web/node_modules/x.js": ""}, ("web/node_modules",)),
    ],
)
def test_fires(text: str, files: dict[str, str], lines: tuple[str, ...]) -> None:
    (found,) = fires(RULE, text, files)
    (fix,) = found.fixes
    assert fix.beside is not None
    assert (fix.beside.path, fix.beside.lines) == (".dockerignore", lines)
    analysis = analyse(plain(text), files)
    assert analysis.verified_fixes(findings(analysis, RULE)[0])


def test_modules_over_installed_ones_are_a_warning() -> None:
    for text, message in ((NODE, "overwrites"), (FIRST, "default")):
        analysis = analyse(plain(text), MODULES)
        (found,) = findings(analysis, RULE)
        assert found.message == message
        assert analysis.severity(found) == ("warning" if message == "overwrites" else "info")
    copied = FIRST.replace("COPY <<", "COPY --from=deps /app/node_modules ./node_modules\nCOPY <<")
    (found,) = findings(analyse("FROM node:20 AS deps\n" + plain(copied), MODULES), RULE)
    assert found.message == "overwrites"


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (NODE, {"package.json": "{}", "src/main.ts": ""}),
        (NODE, {**MODULES, ".dockerignore": "node_modules\n"}),
        (NODE, {**MODULES, ".dockerignore": "*\n!src\n"}),
        (NODE, {**MODULES, ".dockerignore": "!node_modules\n"}),
        (NODE, {**MODULES, "Dockerfile.dockerignore": "**/node_modules\n"}),
        (NODE.replace("RUN npm ci\n", "RUN npm install -g serve\n").replace("RUN npm run build\n", ""), MODULES),
        (NODE + "COPY node_modules/express lib\n", MODULES),
        (NODE.replace("RUN npm ci", "RUN --mount=type=bind,target=. npm ci"), MODULES),
        (NODE, {**OUTPUT, ".gitignore": "!dist\n"}),
        (NODE.replace("RUN npm run build\n", ""), OUTPUT),
        (NODE + "COPY dist /srv\n", OUTPUT),
        (PYTHON, {"venv/__init__.py": ""}),
        (NODE + "RUN git describe > version\n", GIT),
        (NODE, {**GIT, "package.json": '{"scripts": {"build": "V=$(git rev-parse HEAD) vite build"}}'}),
        (NODE, {**GIT, "vite.config.ts": 'execSync("git rev-parse HEAD")'}),
        (PYTHON, {".git/HEAD": "", "pyproject.toml": '[build-system]\nrequires = ["setuptools_scm"]\n'}),
        (NODE.replace("npm run build", "make"), GIT),
        (NODE.replace("npm run build", "./build.sh"), GIT),
        ("FROM golang:1.23\nCOPY . .\nRUN go build ./...\n", {".git/HEAD": ""}),
    ],
)
def test_silent(text: str, files: dict[str, str]) -> None:
    silent(RULE, plain(text), files)


def test_silent_without_a_context() -> None:
    silent(RULE, plain(NODE))


def test_the_file_in_force_gets_the_lines() -> None:
    for name in ("Dockerfile.dockerignore", ".dockerignore"):
        (found,) = findings(analyse(plain(NODE), {**MODULES, name: "docs"}), RULE)
        assert found.fixes[0].beside is not None and found.fixes[0].beside.path == name


def test_fix_all_writes_no_other_file() -> None:
    analysis = analyse(plain(NODE), MODULES)
    (found,) = findings(fix_all(analysis).analysis, RULE)
    assert found.fixes[0].safety.value == "confirm"


def test_two_copies_are_verified_each() -> None:
    text = plain(NODE) + "COPY . /twice\n"
    analysis = analyse(text, MODULES)
    assert [len(analysis.verified_fixes(found)) for found in findings(analysis, RULE)] == [1, 1]


def test_reports_name_the_file_and_its_lines() -> None:
    (item,) = [item for item in report(analyse(plain(NODE), MODULES), "Dockerfile", "en") if item["rule"] == RULE]
    (fix,) = item["fixes"]
    assert (fix["safe"], fix["edits"]) == (False, [])
    assert fix["file"] == {"path": ".dockerignore", "lines": ["node_modules"]}
    full = schemas.FINDINGS["properties"]["findings"]["items"]["anyOf"][1]
    validate(item, full)


class _Counting(DictContext):
    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.listed: list[str] = []

    def list(self, path: str = "") -> Sequence[str]:
        self.listed.append(path)
        return super().list(path)


def test_an_edit_elsewhere_does_not_look_at_the_disk_again() -> None:
    context = _Counting({"src/a.txt": "", "docs/b.txt": ""})
    text = "FROM a AS one\nCOPY src /src\nFROM b\nCOPY docs /docs\nCMD true\n"
    before = Analysis(SourceText(text), load(), context)
    assert [finding.rule for finding in before.findings if finding.rule == "context-junk-copied"] == []
    assert context.listed.count("src") == 1
    at = text.index("CMD")
    after = before.edited(Span(at, at), "RUN x\n")
    assert after.findings is not None
    assert context.listed.count("src") == 1
    assert context.listed.count("docs") == 2
