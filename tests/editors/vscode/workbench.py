"""One code-server with its browser: what the tests of VS Code drive."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

HERE = Path(__file__).parent
QUIET = {
    "workbench.startupEditor": "none",
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "git.enabled": False,
    "telemetry.telemetryLevel": "off",
    "editor.minimap.enabled": False,
    "workbench.tips.enabled": False,
    "window.restoreWindows": "none",
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
}


def run(command: list[str], cwd: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run, or fail the test with what was said."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)}: {done.stdout[-800:]}{done.stderr[-800:]}")


@dataclass(frozen=True)
class Tools:
    """The code-server program, a folder with puppeteer-core and Mocha, and the environment to run both in."""

    code_server: Path
    driver: Path
    environment: Mapping[str, str]

    def install(self, package: Path, extensions: Path) -> None:
        """Install a .vsix into a folder of extensions."""
        data = extensions.with_name("install")
        folders = ["--user-data-dir", str(data), "--extensions-dir", str(extensions)]
        run([str(self.code_server), *folders, "--install-extension", str(package)], extensions.parent, self.environment)


class Workbench:
    """A user's VS Code: installed extensions and settings. `trusting` and `locale` are how it is started."""

    def __init__(self, tools: Tools, extensions: Path, home: Path, settings: Mapping[str, object]) -> None:
        self.tools = tools
        self.extensions = extensions
        self.home = home
        self.trusting = True
        self.locale = "en"
        for place in ("User", "Machine"):  # what belongs to a machine is read from the second only
            file = home / place / "settings.json"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps({**QUIET, **settings}), encoding="utf-8")

    def speak(self, locale: str) -> None:
        """Use a language of which the editor has a pack, an empty one: its own texts stay English."""
        self.locale = locale
        pack = self.home / f"pack-{locale}.json"
        pack.write_text('{"contents": {}}', encoding="utf-8")
        found = {
            "hash": "empty",
            "label": locale,
            "extensions": [{"extensionIdentifier": {"id": f"slimstage.pack-{locale}"}, "version": "1.0.0"}],
            "translations": {"vscode": str(pack)},
        }
        (self.home / "languagepacks.json").write_text(json.dumps({locale: found}), encoding="utf-8")

    @contextmanager
    def serving(self, **told: str) -> Iterator[int]:
        """Serves on a port of the loopback; `told` is added to the extension host's environment."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        command = [
            str(self.tools.code_server), "--user-data-dir", str(self.home), "--extensions-dir", str(self.extensions),
            "--bind-addr", f"127.0.0.1:{port}", "--auth", "none", "--disable-telemetry", "--disable-update-check",
            "--disable-getting-started-override", "--reconnection-grace-time", "1", "--locale", self.locale,
            *(["--disable-workspace-trust"] if self.trusting else []),
        ]  # fmt: skip
        with (self.home / "code-server.log").open("wb") as log:
            server = subprocess.Popen(command, env={**self.tools.environment, **told}, stdout=log, stderr=log)
            try:
                for _ in range(240):
                    try:
                        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                        break
                    except OSError:
                        time.sleep(0.1)
                yield port
            finally:
                server.terminate()
                server.wait(timeout=20)

    def drive(self, scenario: str, workspace: Path, shots: Path) -> dict[str, Any]:
        """What a user sees in that scenario of `drive.mjs`."""
        shots.mkdir(parents=True, exist_ok=True)
        with self.serving() as port:
            told = {
                "PORT": str(port), "WORKSPACE": str(workspace), "SHOTS": str(shots), "SCENARIO": scenario,
                "DRIVER": str(self.tools.driver), "EXTENSIONS": str(self.extensions),
            }  # fmt: skip
            done = subprocess.run(
                ["node", str(HERE / "drive.mjs")],
                env={**self.tools.environment, **told}, capture_output=True, text=True, timeout=400, check=False,
            )  # fmt: skip
        assert done.stdout.strip(), done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer

    def mocha(
        self, suite: str, workspace: Path, *, patience: float = 30, bail: bool = False, only: str = "", **told: str
    ) -> Outcome:
        """Runs a suite of `host/` inside the extension host; `workspace` is a folder or a .code-workspace file.

        `patience` is in seconds for each test, `bail` ends with the first that fails, `only` is a part of titles.
        """
        results, shot = self.home / "results.json", self.home / "screen.png"
        root = workspace.parent if workspace.is_file() else workspace
        environment = {
            "SUITE": str(HERE / "host" / f"{suite}.test.cjs"), "RESULTS": str(results),
            "MODULES": str(self.tools.driver / "node_modules"), "PATIENCE": str(int(patience * 1000)),
            "BAIL": "1" if bail else "", "ONLY": only,
            "WORKSPACE": str(root), "EXTENSIONS": str(self.extensions), **told,
        }  # fmt: skip
        kind = "workspace" if workspace.is_file() else "folder"
        with self.serving(**environment) as port:
            address = f"http://127.0.0.1:{port}/?{kind}={quote(str(workspace))}"
            run(
                ["node", str(HERE / "visit.mjs"), address, str(results), "120", str(shot)],
                HERE,
                {**self.tools.environment, "DRIVER": str(self.tools.driver)},
            )
        if not results.exists():
            kept = Path(os.environ.get("SLIMSTAGE_SCREENSHOTS", self.home)) / f"stuck-{suite}.png"
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shot, kept)
            pytest.fail(f"the suite {suite} never ended; see {kept}")
        told_by_mocha = json.loads(results.read_text(encoding="utf-8"))
        return Outcome(
            passed=[test["title"] for test in told_by_mocha["passes"]],
            failed={test["fullTitle"]: test["err"].get("message", "") for test in told_by_mocha["failures"]},
            seconds=told_by_mocha["stats"]["duration"] / 1000,
        )


@dataclass(frozen=True)
class Outcome:
    """What Mocha said: titles of tests that passed, and why others did not."""

    passed: list[str]
    failed: dict[str, str]
    seconds: float
