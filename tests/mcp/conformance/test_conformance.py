"""The conformance suite's server scenarios of both eras, and the inspector's command line, against the real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.mcp.conformance import tools

pytestmark = [pytest.mark.mcp_conformance, pytest.mark.xdist_group("mcp_conformance")]

ROOT = tools.ROOT
CASE = ROOT / "tests" / "rewrites" / "cases" / "python-seed"
REVISIONS = ("2025-11-25", "2026-07-28")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "server"), str(ROOT))), "LC_ALL": "C.UTF-8"}


def baseline(revision: str) -> set[tuple[str, str]]:
    entries = yaml.safe_load((tools.HERE / "baseline.yaml").read_text(encoding="utf-8"))
    assert all(entry["reason"] for entry in entries)
    return {(e["scenario"], check) for e in entries if revision in e["revisions"] for check in e["checks"]}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    tools.installed()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp.conformance.server", "0", str(CASE)],
        cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield f"http://127.0.0.1:{int(process.stdout.readline())}/mcp"
    process.terminate()
    process.wait(20)


@pytest.mark.parametrize("revision", REVISIONS)
def test_only_what_the_baseline_names_fails(url: str, revision: str, tmp_path: Path) -> None:
    suite = tools.module("@modelcontextprotocol", "conformance", "dist", "index.js")
    options = ["--url", url, "--suite", "all", "--spec-version", revision, "-o", str(tmp_path)]
    subprocess.run([tools.node(), suite, "server", *options], capture_output=True, check=False, timeout=400)
    failed: set[tuple[str, str]] = set()
    passed = 0
    for file in tmp_path.glob("server-*/checks.json"):
        name = re.fullmatch(r"server-(.+?)-\d{4}-\d\d-\d\dT.*", file.parent.name)
        assert name is not None
        for check in json.loads(file.read_text(encoding="utf-8")):
            passed += check["status"] == "SUCCESS"
            if check["status"] == "FAILURE":
                failed.add((name[1], check["id"]))
    assert passed >= 60, "the suite did not run"
    assert failed - baseline(revision) == set(), "new failures"
    assert baseline(revision) - failed == set(), "these pass now: take them out of the baseline"


def inspect(*arguments: str) -> dict[str, Any]:
    """What the inspector's command line prints for one request to `slimstage mcp` over standard streams."""
    done = subprocess.run(
        [tools.node(), tools.module("@modelcontextprotocol", "inspector", "cli", "build", "index.js"),
         sys.executable, "-m", "slimstage", "mcp", "--root", str(CASE), *arguments],
        cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


CALLS = {
    "check_dockerfile": ["path=Dockerfile"],
    "estimate_size": ["path=Dockerfile"],
    "convert_to_multi_stage": ["path=Dockerfile", "detail=full"],
    "apply_fixes": ["path=Dockerfile"],
    "explain": ["topic=multi-stage-build", "lang=ko"],
    "compare_base_images": ['images=["python:3.11"]'],
    "lookup_package": ["name=libpq-dev", "manager=apt"],
    "search_knowledge": ["query=cache"],
}


def test_the_inspector_lists_and_calls_every_tool() -> None:
    listed = inspect("--method", "tools/list")["tools"]
    assert {tool["name"] for tool in listed} == set(CALLS)
    for name, arguments in CALLS.items():
        given = [part for argument in arguments for part in ("--tool-arg", argument)]
        answer = inspect("--method", "tools/call", "--tool-name", name, *given)
        assert not answer.get("isError"), answer
        assert answer["structuredContent"]


def test_the_inspector_lists_and_reads_resources_and_prompts() -> None:
    assert len(inspect("--method", "resources/list")["resources"]) > 50
    assert len(inspect("--method", "resources/templates/list")["resourceTemplates"]) == 2
    page = inspect("--method", "resources/read", "--uri", "slimstage://rules/apt-lists-left")
    assert page["contents"][0]["text"].startswith("### apt-lists-left")
    prompts = [prompt["name"] for prompt in inspect("--method", "prompts/list")["prompts"]]
    assert len(prompts) == 3
    for name in prompts:
        made = inspect("--method", "prompts/get", "--prompt-name", name, "--prompt-args", "path=Dockerfile")
        assert "FROM python:3.11-slim" in made["messages"][0]["content"]["text"]
