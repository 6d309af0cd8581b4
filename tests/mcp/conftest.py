"""The server as a process, as clients start it, and in-process for what needs to look inside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters

from slimstage.cli.console import Console
from slimstage.cli.mcp import workspace
from slimstage.mcp.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"
CASES = ROOT / "tests" / "rewrites" / "cases"

LISTS = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n"


def environment(**changes: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    return {**kept, "PYTHONPATH": str(SERVER), "PYTHONUTF8": "1", **changes}


def make_workspace(root: Path, **options: Any) -> Workspace:
    given = {"root": str(root), "lang": "en", "allow_write": False, "online": False, **options}
    return workspace(Namespace(**given), console(given["lang"]))


@cache
def console(lang: str) -> Console:
    """Knowledge is loaded once for all tests of a process."""
    return Console(lang)


def command(root: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "slimstage", "mcp", "--root", str(root), *options]


def over_stdio(root: Path, *options: str) -> StdioServerParameters:
    program, *arguments = command(root, *options)
    return StdioServerParameters(command=program, args=arguments, env=environment())


@pytest.fixture
def start_http(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Starts servers over HTTP and gives their ports; all end with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(root: Path = tmp_path, *options: str, script: str | None = None) -> int:
        program = command(root, "--http", "127.0.0.1:0", *options)
        if script is not None:  # patches something, then runs the same command line
            program = [sys.executable, "-c", script + "\nfrom slimstage.cli.main import main\nmain()", *program[3:]]
        process = subprocess.Popen(program, env=environment(), stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        started.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://127.0.0.1:" in line, line
        port = int(line.rpartition(":")[2].partition("/")[0])
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        raise AssertionError("the server does not listen")

    yield start
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)
        assert process.stderr is not None
        rest = process.stderr.read()
        process.stderr.close()
        assert "Traceback" not in rest, rest
