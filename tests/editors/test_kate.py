"""Kate on a virtual screen with the shipped settings: findings, hover, and a completion chosen and saved.

Quick-fixes are in a submenu without a shortcut there, so this test does not take one.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.harness import Installed, until

pytestmark = pytest.mark.editors

SETTINGS = Path(__file__).parents[2] / "editors" / "kate" / "settings.json"
Keys = Callable[..., str]


@pytest.fixture
def kate(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Installed], Keys]]:
    """Opens the workspace's Dockerfile with the cursor before `biuld`; gives a function that sends xdotool commands."""
    missing = [name for name in ("kate", "Xvfb", "xdotool", "dbus-run-session") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    home = tmp_path_factory.mktemp("home")
    (home / "kate" / "lspclient").mkdir(parents=True)
    shutil.copy(SETTINGS, home / "kate" / "lspclient")
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert screen.stdout
    display = f":{screen.stdout.readline().strip()}"
    started: list[subprocess.Popen[bytes]] = []

    def start(installed: Installed) -> Keys:
        # The plugin switched on, and Yes to its question whether this program may be started.
        (home / "katerc").write_text(
            "[Kate Plugins]\nlspclientplugin=true\n\n"
            f"[lspclient]\nAllowedServerCommandLines={installed.path / 'slimstage'} lsp\n",
            encoding="utf-8",
        )
        folders = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        environment = {
            **installed.environment,
            **folders,
            "XDG_RUNTIME_DIR": str(home),
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        command = ["dbus-run-session", "--", "kate", "-n", "--startanon", "-l", "11", "-c", "13"]
        started.append(
            subprocess.Popen(
                [*command, str(workspace / "Dockerfile")],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

        def send(*arguments: str) -> str:
            done = subprocess.run(["xdotool", *arguments], env=environment, capture_output=True, text=True, check=False)
            time.sleep(0.2)
            return done.stdout

        def window() -> list[str]:
            return send("search", "--onlyvisible", "--class", "kate").split()

        assert until(lambda: bool(window()), 60), "no window"
        assert until(lambda: bool(installed.published()), installed.patience), "no findings"
        send("windowmove", window()[-1], "0", "0")
        send("windowsize", window()[-1], "1270", "790")
        send("windowfocus", window()[-1])  # there is no window manager to do it
        return send

    yield start
    for process in [*started, screen]:
        process.terminate()
        process.wait(timeout=20)


def use(send: Keys, workspace: Path, installed: Installed) -> None:
    assert installed.encoding == "utf-16"
    assert installed.language_id == "docker"  # Kate's own name for it; the server has to bear it
    codes = {finding["code"] for finding in installed.published()}
    assert codes >= {"unknown-stage", "undefined-variable", "deprecated-maintainer"}

    def hovered() -> bool:
        for offset in (0, 3):
            send("mousemove", str(480 + offset), "168")
        time.sleep(1)
        return any("libpq5" in str(answer) for answer in installed.answers("textDocument/hover"))

    assert until(hovered, installed.patience), installed.answers("textDocument/hover")

    send("key", "--clearmodifiers", "--repeat", "5", "Delete")
    send("type", "buil")
    send("key", "--clearmodifiers", "ctrl+space")
    assert until(lambda: bool(installed.answers("textDocument/completion")), installed.patience)
    time.sleep(2)  # the list is drawn
    send("key", "Return")
    send("key", "--clearmodifiers", "ctrl+s")
    saved = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in saved.read_text(encoding="utf-8"), installed.patience), saved.read_text("utf-8")


def test_a_users_session(kate: Callable[[Installed], Keys], workspace: Path, installed: Installed) -> None:
    installed.patience = 90.0  # the whole desktop library starts with it
    use(kate(installed), workspace, installed)


def test_a_server_that_fails_makes_it_red(
    kate: Callable[[Installed], Keys], workspace: Path, broken: Installed
) -> None:
    with pytest.raises(AssertionError, match="no findings"):
        use(kate(broken), workspace, broken)
