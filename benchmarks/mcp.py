"""Measure how soon an agent has its first answer: `slimstage mcp` from start to each step, and what it keeps in memory.

    python benchmarks/mcp.py             measure, write mcp.md
    python benchmarks/mcp.py --print     print only

Runs in the environment that has the extra: `.venv/bin/python benchmarks/mcp.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "mcp.md"
EXAMPLE = ROOT / "tests" / "fixtures" / "seed" / "python-single-stage"
RUNS = 15
CALLS = {
    "check_dockerfile": {"path": "Dockerfile"},
    "estimate_size": {"path": "Dockerfile"},
    "convert_to_multi_stage": {"path": "Dockerfile"},
    "explain": {"topic": "multi-stage-build"},
    "compare_base_images": {"images": ["python:3.11"]},
    "lookup_package": {"name": "libpq-dev"},
    "search_knowledge": {"query": "cache"},
}


class Server:
    """One server process; `ask` gives the seconds an answer took."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "slimstage", "mcp", "--root", str(EXAMPLE)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "server")}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.number = 0

    def send(self, method: str, params: dict[str, Any], *, request: bool = True) -> None:
        """Write one message."""
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if request:
            self.number += 1
            message["id"] = self.number
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any]) -> float:
        """Seconds until the answer; stops the run on an error."""
        begin = time.perf_counter()
        self.send(method, params)
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer or answer["result"].get("isError"):
            raise SystemExit(f"{method}: {answer}")
        return time.perf_counter() - begin

    def call(self, tool: str, arguments: dict[str, Any]) -> float:
        """Seconds of one tool call."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def memory(self) -> float:
        """Megabytes in memory now; not a number where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return float("nan")
        return int(status.split("VmRSS:")[1].split()[0]) / 1000

    def end(self) -> None:
        """Close its input and wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)


def measure() -> dict[str, list[float]]:
    """Seconds (and megabytes) of every row, one figure a run."""
    found: dict[str, list[float]] = {}
    for _ in range(RUNS):
        server = Server()
        client = {"name": "benchmark", "version": "1"}
        server.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client})
        found.setdefault("start to `initialize` answered", []).append(time.perf_counter() - server.started)
        server.send("notifications/initialized", {}, request=False)
        found.setdefault("`tools/list`", []).append(server.ask("tools/list", {}))
        first = server.call("check_dockerfile", CALLS["check_dockerfile"])
        found.setdefault("start to first findings", []).append(time.perf_counter() - server.started)
        found.setdefault("first `check_dockerfile`", []).append(first)
        for tool, arguments in CALLS.items():
            if tool != "check_dockerfile":
                server.call(tool, arguments)
            found.setdefault(f"`{tool}` again", []).append(server.call(tool, arguments))
        found.setdefault("memory", []).append(server.memory())
        server.end()
    return found


def table(found: dict[str, list[float]]) -> str:
    """The page."""
    today = dt.datetime.now(dt.timezone.utc).date().isoformat()
    system = f"{platform.system()}, Python {platform.python_version()}"
    lines = [
        "# From start to the first answer of `slimstage mcp`",
        "",
        f"Written by `python benchmarks/mcp.py`; medians of {RUNS} starts over standard streams, the best in brackets.",
        f"Measured {today} on {os.cpu_count()} cores, {system}; load average at the end {os.getloadavg()[0]:.1f}.",
        "",
        "| | |",
        "|---|---|",
    ]
    for name, values in found.items():
        if name == "memory":
            lines.append(f"| {name} after all calls | {statistics.median(values):.0f} MB |")
        else:
            lines.append(f"| {name} | {statistics.median(values) * 1000:.1f} ms ({min(values) * 1000:.1f}) |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure and write."""
    page = table(measure())
    print(page)
    if "--print" not in sys.argv:
        TABLE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
