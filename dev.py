#!/usr/bin/env python3
"""Set up .venv and run a job in it, with nothing but Python 3.10+ and its venv module.

python3 dev.py demo    check the Dockerfiles of the examples and print what was found
python3 dev.py test    run the whole quick suite: lint, types, tests
python3 dev.py lock    write requirements/*.txt anew (maintainers)
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
EXAMPLES = ROOT / "tests" / "fixtures" / "seed"


def run(*command: str | Path) -> int:
    """Run a command in the checkout and return its exit code."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode


def require(*command: str | Path) -> None:
    """Run a command that the rest depends on; stop with its exit code when it fails."""
    code = run(*command)
    if code:
        sys.exit(f"dev.py: failed ({code}): {' '.join(map(str, command))}")


def prepare(*requirements: str) -> None:
    """Create .venv and install locked requirements and the checkout; does nothing when that is up to date."""
    if not (VENV / "created").exists():  # a venv whose creation was interrupted has a Python but no pip
        print("dev.py: creating .venv", file=sys.stderr, flush=True)
        require(sys.executable, "-m", "venv", "--clear", VENV)
        (VENV / "created").touch()
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    for name in requirements:
        lock = ROOT / "requirements" / name
        inputs = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes() + os.fsencode(ROOT)
        digest = hashlib.sha256(inputs).hexdigest()
        stamp = VENV / f"{name}.installed"
        if stamp.exists() and stamp.read_text() == digest:
            continue
        print(f"dev.py: installing requirements/{name}", file=sys.stderr, flush=True)
        require(*pip, "install", "--require-hashes", "-r", lock)
        # The editable install needs hatchling from the locked set, so no build isolation and no second look-up.
        require(*pip, "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT)
        stamp.write_text(digest)


def demo() -> int:
    """The main job on the examples the project started from: one finds something, so 1 is a success here too."""
    prepare("run.txt")
    files = sorted(EXAMPLES.rglob("Dockerfile"))
    code = run(PYTHON, "-m", "slimstage", "check", *(file.relative_to(ROOT) for file in files))
    return 0 if code in (0, 1) else code


def test(arguments: list[str]) -> int:
    """Lint, types, then tests; everything runs even when an earlier part fails."""
    prepare("dev.txt")
    steps: list[list[str | Path]] = [
        [PYTHON, "-m", "ruff", "check", "."],
        [PYTHON, "-m", "mypy"],
        [PYTHON, "-m", "pytest", "-q", "-n", "2", *arguments],
    ]
    failed = [step for step in steps if run(*step)]
    for step in failed:
        print("dev.py: failed:", *step[1:], file=sys.stderr)
    return 1 if failed else 0


def lock() -> int:
    """Resolve pyproject.toml into requirements/*.txt: hashes of the package index's own files, no index named.

    Local wheels and extra indexes of the machine are kept out, since their hashes would hold nowhere else.
    """
    prepare("dev.txt")
    require(PYTHON, "-m", "pip", "install", "--quiet", "uv>=0.8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "UV_"))}
    for extras, target in ((["--extra", "dev", "--extra", "mcp"], "dev.txt"), ([], "run.txt")):
        command = [
            PYTHON, "-m", "uv", "pip", "compile", "--no-config", "--universal", "--python-version", "3.10",
            "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--quiet", "--upgrade",
            "--no-annotate", *extras, "pyproject.toml", "requirements/build.in", "-o", f"requirements/{target}",
        ]  # fmt: skip
        subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=True)
    return 0


def main() -> int:
    """Dispatch to a job."""
    if sys.version_info < (3, 10):  # noqa: UP036 - said here rather than by a failing install
        sys.exit("dev.py: Python 3.10 or newer is needed")
    job, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if job == "demo":
        return demo()
    if job == "test":
        return test(arguments)
    if job == "lock":
        return lock()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
