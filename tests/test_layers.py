"""The import contract of ARCHITECTURE.md, and what no committed file may say."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVER = ROOT / "server"

# Each room with the rooms it may import (besides itself); the order is that of ARCHITECTURE.md.
MAY_IMPORT: dict[str, set[str]] = {
    "text": set(),
    "knowledge": {"text"},
    "context": {"text"},
    "syntax": {"text"},
    "shell": {"text", "syntax"},
}
BELOW = ["text", "knowledge", "context", "syntax", "shell"]
for room in ("model", "sizes"):
    MAY_IMPORT[room] = set(BELOW)
    BELOW.append(room)
for room in ("rules", "rewrites"):  # rules offer rewrites, and rewrites make fixes
    MAY_IMPORT[room] = {*BELOW, "rules", "rewrites"}
BELOW += ["rules", "rewrites"]
MAY_IMPORT["analysis"] = set(BELOW)
MAY_IMPORT["features"] = {*BELOW, "analysis"}
MAY_IMPORT["settings"] = {"text", "rules", "rewrites"}  # names of rules and of what conversions may heed
EDGES = {*BELOW, "analysis", "features", "settings"}
MAY_IMPORT["online"] = {*BELOW, "analysis"}  # an edge like the three below, the only one with a network
for room in ("lsp", "mcp", "cli"):
    MAY_IMPORT[room] = {*EDGES, "online"}
MAY_IMPORT["cli"] |= {"lsp", "mcp"}  # the command starts the servers

CORE = [room for room in MAY_IMPORT if room not in ("online", "lsp", "mcp", "cli")]
OUTSIDE_WORLD = {"os", "socket", "subprocess", "time", "datetime", "tempfile", "shutil", "random", "urllib", "http",
                 "asyncio", "threading", "multiprocessing", "glob", "platform", "getpass"}  # fmt: skip
# The two rooms that read files on purpose: a real build context, and the knowledge base with its compiler and
# the maintainers' measuring tool.
READERS = {
    "slimstage.context.folder",
    "slimstage.knowledge.store",
    "slimstage.knowledge.compile",
    "slimstage.knowledge.measure_debs",
    "slimstage.knowledge.retired_tags",
}


def room_of(module: str) -> str:
    return module.split(".")[1]


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(SERVER).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((SERVER / "slimstage").rglob("*.py"))
    }


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    # Imports for type checkers only are left out: they make no dependency at run time.
    return grimp.build_graph("slimstage", exclude_type_checking_imports=True, cache_dir=None)


def test_every_room_imports_only_what_lies_below_it(graph: grimp.ImportGraph) -> None:
    wrong = []
    for module in sorted(graph.modules):
        if module in ("slimstage", "slimstage.__main__"):
            continue
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if imported == "slimstage":
                continue
            here, there = room_of(module), room_of(imported)
            if here != there and there not in MAY_IMPORT[here]:
                wrong.append(f"{module} imports {imported}")
    assert not wrong, "\n".join(wrong)


def test_every_module_is_in_a_known_room() -> None:
    rooms = {room_of(module) for module in modules() if "." in module} - {"__main__"}
    assert rooms == set(MAY_IMPORT)


def test_the_core_knows_nothing_of_the_outside_world() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if "." in module and room_of(module) in CORE and module not in READERS
        for name in sorted(imported_by(path))
        if name.split(".")[0] in OUTSIDE_WORLD
    ]
    assert not wrong, "\n".join(wrong)


def test_the_core_opens_no_file() -> None:
    wrong = []
    for module, path in modules().items():
        if "." not in module or room_of(module) not in CORE or module in READERS:
            continue
        wrong += [
            f"{module}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "input")
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("arguments", [["--version"], ["check", "-"], ["explain", "multi-stage-build"], ["rules"]])
def test_the_command_line_leaves_the_protocol_libraries_alone(arguments: list[str]) -> None:
    script = (
        "import sys; from slimstage.cli.main import main; code = main(sys.argv[1:]);"
        "heavy = {'pygls', 'lsprotocol', 'asyncio', 'mcp'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr); sys.exit(99 if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input="FROM python:3.11-slim\n",
        env={**os.environ, "PYTHONPATH": str(SERVER)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr


def committed_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if listed == [""]:
        pytest.skip("not a Git checkout")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


# Spelled in parts, so that this file does not name what it forbids.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w.-])/" + r"work/(?:main|shared|\.)",
            r"/tmp/" + r"(?:corpus|ss-venv|npm/|BRIEF)",
            r"/root/" + r"\.pyenv",
            r"pypi\." + r"org",
            r"pythonhosted\." + r"org",
            r"registry\." + r"npmjs",
            r"npmjs\." + r"(?:org|com)",
            r"deb\." + r"debian\.org",
            r"proxy\." + r"golang",
        ]
    )
)


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    wrong = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if (match := FORBIDDEN.search(line)) is not None:
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not wrong, "\n".join(wrong)
