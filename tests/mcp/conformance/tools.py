"""Installs the suite and the inspector below a cache folder, and finds their programs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


@cache
def installed() -> Path:
    """The folder with node_modules; skips, with the reason, where npm is missing or cannot install."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not there; the conformance suite and the inspector come from it")
    lock = (HERE / "package-lock.json").read_bytes()
    cache_root = Path(os.environ.get("SLIMSTAGE_CACHE", ROOT / ".cache"))
    folder = cache_root / f"mcp-conformance-{hashlib.sha256(lock).hexdigest()[:12]}"
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder / name)
        made = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, check=False, timeout=600
        )
        if made.returncode:
            pytest.skip(f"npm could not install the tools: {made.stderr.strip().splitlines()[-1:]}")
        done.touch()
    return folder


def node() -> str:
    """Node 22; the one of the machine may be too old."""
    return str(installed() / "node_modules" / ".bin" / "node")


def module(*parts: str) -> str:
    return str(installed().joinpath("node_modules", *parts))
