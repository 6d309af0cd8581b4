"""The wheel: compiled knowledge, no YAML, and a command that works from it alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", str(out),
         str(ROOT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = out.glob("*.whl")
    folder = out / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slimstage", *arguments],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
        input="FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_carries_compiled_knowledge_only(installed: Path) -> None:
    names = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert "slimstage/knowledge/data/compiled/messages.json" in names
    assert "slimstage/py.typed" in names
    assert not [name for name in names if name.endswith(".yaml")]


def test_the_command_works_from_the_wheel(installed: Path) -> None:
    checked = run(installed, "check", "-")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "apt-lists-left" in checked.stdout
    assert run(installed, "explain", "python:3.11-slim").returncode == 0
    assert "Requires-Dist: pygls" in next(installed.glob("*.dist-info/METADATA")).read_text(encoding="utf-8")


def test_the_wheel_bears_the_version_of_the_package(installed: Path) -> None:
    version = run(installed, "--version").stdout.split()[1]
    assert (installed / f"slimstage-{version}.dist-info").is_dir()
