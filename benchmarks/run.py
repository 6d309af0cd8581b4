"""Measure slimstage beside docker-langserver and tally, interleaved in one run, and write the table.

    python benchmarks/run.py                 install the rivals into a cache folder, measure, write README.md
    python benchmarks/run.py --quick         a few repeats and 200 lines only; print, write nothing
    python benchmarks/run.py --no-install    take rivals only from the cache folder or PATH

The rivals come from the package indexes through the ordinary clients (npm, pip). A rival that is not to be had is
left out of the table. Every phase goes round the servers (A, B, C, A, B, C, ...), so all meet the same load.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from client import Client, ServerGone
from documents import COPY_HERE, TYPE_HERE, document

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "benchmarks" / "README.md"
RIVALS = {"docker-langserver": ("npm", "dockerfile-language-server-nodejs"), "tally": ("pip", "tally-cli")}
OURS = "slimstage"
BUDGET = 15.0  # seconds for one server in one phase
PHASES = {
    "start": "start to `initialize` answered",
    "first": "start to first diagnostics",
    "keystroke": "keystroke to diagnostics",
    "completion": "completion after `COPY --from=`",
    "hover": "hover",
}
CLI_CASES = ("one line", "200 lines", "2,000 lines")


def cache_folder() -> Path:
    """Where the rivals are installed."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "slimstage" / "rivals"


def rival_program(name: str, install: bool) -> str | None:
    """The program of a rival: from the cache folder, else PATH, else installed now; None when it is not to be had."""
    kind, package = RIVALS[name]
    folder = cache_folder() / kind
    program = folder / ("node_modules/.bin" if kind == "npm" else "bin") / name
    if not program.exists() and install:
        folder.mkdir(parents=True, exist_ok=True)
        commands = (
            [["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]]
            if kind == "npm"
            else [
                [sys.executable, "-m", "venv", str(folder)],
                [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", package],
            ]
        )
        for command in commands:
            try:
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"benchmarks: {name} cannot be installed: {error}", file=sys.stderr)
                break
    return str(program) if program.exists() else shutil.which(name)


def rival_version(name: str) -> str:
    """The installed version of a rival, for the table."""
    kind, package = RIVALS[name]
    folder = cache_folder() / kind
    try:
        if kind == "npm":
            return str(json.loads((folder / "node_modules" / package / "package.json").read_text())["version"])
        shown = subprocess.run([folder / "bin/python", "-m", "pip", "show", package], capture_output=True, text=True,
                               check=True).stdout  # fmt: skip
        return next(line.split()[1] for line in shown.splitlines() if line.startswith("Version:"))
    except (OSError, subprocess.CalledProcessError, StopIteration):
        return "?"


@dataclass
class Subject:
    """One server on one document, with the seconds of each phase."""

    name: str
    command: list[str]
    folder: Path
    text: str
    seconds: dict[str, list[float]] = field(default_factory=lambda: {phase: [] for phase in PHASES})
    memory: int | None = None
    fault: str = ""
    client: Client | None = None

    def start(self, keep: bool) -> None:
        """A cold start up to the first diagnostics."""
        client = Client(self.command, self.folder)
        self.client = client
        self.seconds["start"].append(client.initialize())
        client.open(self.text)
        since_open = client.diagnostics()
        self.seconds["first"].append(client.sent_at + since_open - client.spawned_at)
        if not keep:
            client.stop()
            self.client = None

    def type(self, line: int, column: int) -> None:
        """One keystroke, up to its diagnostics."""
        assert self.client is not None
        self.client.replace(line, column, column, "x")
        self.seconds["keystroke"].append(self.client.diagnostics())

    def complete(self, line: int) -> None:
        """`COPY --from=` typed, and completion asked for at once, as editors do."""
        client, typed = self.client, "COPY --from="
        assert client is not None
        if "completionProvider" not in client.capabilities:
            return
        client.replace(line, 0, len(COPY_HERE), typed[:-1])
        client.diagnostics()
        client.replace(line, len(typed) - 1, len(typed) - 1, "=")
        trigger = {"triggerKind": 2, "triggerCharacter": "="}
        self.seconds["completion"].append(client.timed("textDocument/completion", line, len(typed), context=trigger))
        client.diagnostics()
        client.replace(line, 0, len(typed), COPY_HERE)
        client.diagnostics()

    def hover(self, line: int) -> None:
        """Hover on an instruction, the server idle."""
        assert self.client is not None
        if "hoverProvider" in self.client.capabilities:
            self.seconds["hover"].append(self.client.timed("textDocument/hover", line, 1))

    def finish(self) -> None:
        """Note the memory and stop."""
        if self.client is not None:
            self.memory = self.client.peak_memory()
            self.client.stop()


def round_robin(subjects: list[Subject], repeats: int, step: Callable[[Subject, int], None]) -> None:
    """Call `step` on each subject in turn; one that fails or has used up its time is out, the others go on."""
    spent = dict.fromkeys((subject.name for subject in subjects), 0.0)
    for number in range(repeats):
        for subject in subjects:
            if subject.fault or spent[subject.name] > BUDGET:
                continue
            began = time.perf_counter()
            try:
                step(subject, number)
            except ServerGone as error:
                subject.fault = str(error)
            spent[subject.name] += time.perf_counter() - began


def measure(commands: dict[str, list[str]], lines: int, starts: int, repeats: int) -> list[Subject]:
    """All phases on a document of `lines` lines."""
    text = document(lines)
    rows = text.split("\n")
    typing, copying = rows.index(TYPE_HERE), rows.index(COPY_HERE)
    froms = [number for number, row in enumerate(rows) if row.startswith(("FROM", "WORKDIR"))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Dockerfile").write_text(text)
        subjects = [Subject(name, command, folder, text) for name, command in commands.items()]
        round_robin(subjects, starts, lambda subject, _: subject.start(keep=False))
        round_robin(subjects, 1, lambda subject, _: subject.start(keep=True))
        round_robin(subjects, repeats, lambda subject, n: subject.type(typing, len(TYPE_HERE) + n))
        round_robin(subjects, max(3, repeats // 4), lambda subject, _: subject.complete(copying))
        round_robin(subjects, repeats, lambda subject, n: subject.hover(froms[n % len(froms)]))
        for subject in subjects:
            try:
                subject.finish()
            except ServerGone as error:
                subject.fault = subject.fault or str(error)
    return subjects


def measure_command_lines(commands: dict[str, list[str]], repeats: int) -> dict[str, dict[str, float]]:
    """Median seconds of a linter's whole run by case and tool."""
    texts = {"one line": "FROM scratch\n", "200 lines": document(200), "2,000 lines": document(2000)}
    medians: dict[str, dict[str, float]] = {}
    for case in CLI_CASES:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "Dockerfile").write_text(texts[case])
            taken: dict[str, list[float]] = {name: [] for name in commands}
            for _ in range(repeats):
                for name, command in commands.items():
                    began = time.perf_counter()
                    subprocess.run([*command, "Dockerfile"], cwd=folder, check=False, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)  # fmt: skip
                    taken[name].append(time.perf_counter() - began)
        medians[case] = {name: statistics.median(values) for name, values in taken.items()}
    return medians


def measure_import(repeats: int) -> tuple[float, float]:
    """Median seconds of a Python that imports what `slimstage check` needs, and of one that imports nothing."""
    taken: dict[str, list[float]] = {"import slimstage.cli.check": [], "pass": []}
    for number in range(repeats + 1):  # the first run writes the byte code
        for code, seconds in taken.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            if number:
                seconds.append(time.perf_counter() - began)
    loaded, bare = (statistics.median(seconds) for seconds in taken.values())
    return loaded, bare


def table(title: str, names: list[str], rows: list[tuple[str, dict[str, float | None], str]]) -> list[str]:
    """A Markdown table: the figure of each tool, and ours divided by each rival's."""
    rivals = [name for name in names if name != OURS]
    head = [title, *names, *(f"{OURS} / {name}" for name in rivals)]
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for label, values, unit in rows:
        ours = values.get(OURS)
        cells = [_figure(values.get(name), unit) for name in names]
        for name in rivals:
            theirs = values.get(name)
            cells.append("-" if ours is None or not theirs else f"{ours / theirs:.2f}")
        out.append(f"| {label} | " + " | ".join(cells) + " |")
    return out


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value * 1000:.1f} ms" if unit == "s" else f"{value / 1e6:.0f} MB"


def machine() -> str:
    """What the figures were measured on, without naming the machine."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory = next((int(line.split()[1]) // 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, {platform.system()}, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-install", action="store_true")
    options = parser.parse_args()

    python = [sys.executable, "-m", "slimstage"]
    os.environ["PYTHONPATH"] = str(ROOT / "server")
    # Installed packages have their byte code at hand; so must the checkout, whatever this shell's settings are.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(cache_folder().parent / "bytecode")
    servers, linters, versions = {OURS: [*python, "lsp"]}, {OURS: [*python, "check"]}, [f"{OURS} of this checkout"]
    for name, lsp_arguments in (("docker-langserver", ["--stdio"]), ("tally", ["lsp", "--stdio"])):
        program = rival_program(name, install=not options.no_install)
        if program is None:
            continue
        servers[name] = [program, *lsp_arguments]
        versions.append(f"{name} {rival_version(name)}")
        if name == "tally":
            linters[name] = [program, "lint"]

    sizes = (200,) if options.quick else (20, 200, 2000)
    starts, repeats = (2, 10) if options.quick else (7, 60)
    out: list[str] = []
    for lines in sizes:
        subjects = measure(servers, lines, starts, repeats)
        rows: list[tuple[str, dict[str, float | None], str]] = [
            (label, {s.name: statistics.median(s.seconds[phase]) if s.seconds[phase] else None for s in subjects}, "s")
            for phase, label in PHASES.items()
        ]
        rows.append(("peak memory", {subject.name: subject.memory for subject in subjects}, "B"))
        out += ["", *table(f"{lines:,} lines", list(servers), rows)]
        out += [f"\n{subject.name} failed: {subject.fault}" for subject in subjects if subject.fault]
    medians = measure_command_lines(linters, 3 if options.quick else 9)
    out += ["", *table("command line", list(linters), [(case, dict(medians[case]), "s") for case in CLI_CASES])]

    loaded, bare = measure_import(3 if options.quick else 21)
    process = f"{loaded * 1000:.0f} ms as a process, {bare * 1000:.0f} ms of it Python's own start"
    out += [f"\nImporting what `slimstage check` needs takes {(loaded - bare) * 1000:.0f} ms ({process})."]

    today = dt.datetime.now(dt.timezone.utc).date().isoformat()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "?"
    text = "\n".join(
        [
            "# Speed and memory beside others",
            "",
            "Written by `python benchmarks/run.py`, which installs the others and measures all in one interleaved run.",
            "Medians; a ratio below 1 means that slimstage is faster or smaller; `-` where a server lacks the feature.",
            "Absolute figures depend on the machine and its load, ratios much less.",
            "",
            f"Measured {today} on {machine()}; load average at the end {load}.",
            f"Compared: {', '.join(versions)}.",
            *out,
            "",
        ]
    )
    print(text)
    if not options.quick:
        TABLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
