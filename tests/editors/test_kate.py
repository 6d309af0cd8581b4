"""Kate on a virtual screen, set up as its README says: findings, hover, code actions, completion, quick-fix, saved."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors.harness import Installed, follow, home, until

pytestmark = pytest.mark.editors

README = Path(__file__).parents[2] / "editors" / "kate" / "README.md"
SNIPPETS = ".local/share/ktexteditor_snippets/data"
Keys = Callable[..., str]


@pytest.fixture
def kate(workspace: Path, archives: Path) -> Iterator[Callable[[Installed], Keys]]:
    """Opens the workspace's Dockerfile with the cursor before `biuld`; gives a function that sends xdotool commands."""
    missing = [name for name in ("kate", "Xvfb", "xdotool", "dbus-run-session") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    follow(README, archives)
    follow(README, archives, SNIPPETS)
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
        # Yes to the question whether this program may be started, and the snippets ticked in their panel.
        (home() / ".config" / "katerc").write_text(
            f"[lspclient]\nAllowedServerCommandLines={installed.path / 'slimstage'} lsp\n\n"
            f"[Snippets]\nenabledRepositories={home() / SNIPPETS}/slimstage.xml\n",
            encoding="utf-8",
        )
        # Which plugins are on belongs to the session.
        session = home() / ".local/share/kate/anonymous.katesession"
        session.parent.mkdir(parents=True)
        session.write_text("[Kate Plugins]\nlspclientplugin=true\nkatesnippetsplugin=true\n", encoding="utf-8")
        environment = {
            **installed.environment,
            "XDG_RUNTIME_DIR": str(home()),
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        command = ["dbus-run-session", "--", "kate", "-n", "--startanon", "-l", "11", "-c", "14"]
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

    assert until(hovered, installed.patience), "no hover"

    def codes_now() -> set[str]:
        return {finding["code"] for finding in installed.published()}

    saved = workspace / "Dockerfile"
    before = saved.read_text(encoding="utf-8")

    send("key", "--clearmodifiers", "alt+Return")  # Code Action
    assert until(lambda: bool(installed.answers("textDocument/codeAction")), installed.patience)
    time.sleep(1)  # the menu is drawn
    send("key", "Down")
    send("key", "Return")
    assert until(lambda: "unknown-stage" not in codes_now(), installed.patience), "no code action"
    send("key", "Escape")  # away with the completion that follows
    send("key", "--clearmodifiers", "ctrl+s")
    fixed = before.replace("--from=biuld", "--from=build")
    assert until(lambda: saved.read_text(encoding="utf-8") == fixed, installed.patience), saved.read_text("utf-8")

    asked = len(installed.answers("textDocument/completion"))
    send("key", "--clearmodifiers", "--repeat", "5", "BackSpace")
    send("type", "buil")
    send("key", "--clearmodifiers", "ctrl+space")
    assert until(lambda: len(installed.answers("textDocument/completion")) > asked, installed.patience), "no completion"
    assert installed.answers("textDocument/completion")[-1], "no completion"
    time.sleep(2)  # the list is drawn
    send("key", "Return")
    send("key", "Escape")
    assert until(lambda: "unknown-stage" not in codes_now(), installed.patience), "no completion"
    send("key", "--clearmodifiers", "ctrl+s")
    assert until(lambda: saved.read_text(encoding="utf-8") == fixed, installed.patience), saved.read_text("utf-8")

    # Quick Fix applies all that the server offers for the finding: it must be one thing, and of this finding.
    send("key", "Up")
    send("key", "--clearmodifiers", "ctrl+period")
    assert until(lambda: "deprecated-maintainer" not in codes_now(), installed.patience), "no quick-fix"
    send("key", "--clearmodifiers", "ctrl+s")
    old, new = "MAINTAINER someone@example.com", 'LABEL org.opencontainers.image.authors="someone@example.com"'
    fixed = fixed.replace(old, new)
    assert until(lambda: saved.read_text(encoding="utf-8") == fixed, installed.patience), saved.read_text("utf-8")


def test_a_users_session(kate: Callable[[Installed], Keys], workspace: Path, installed: Installed) -> None:
    installed.patience = 90.0  # the whole desktop library starts with it
    use(kate(installed), workspace, installed)


def test_a_server_that_fails_makes_it_red(
    kate: Callable[[Installed], Keys], workspace: Path, broken: Installed
) -> None:
    with pytest.raises(AssertionError, match="no findings"):
        use(kate(broken), workspace, broken)


@pytest.mark.parametrize(
    ("method", "missed"),
    [
        ("textDocument/hover", "hover"),
        ("textDocument/codeAction", "code action"),
        ("textDocument/completion", "completion"),
    ],
)
def test_a_feature_that_is_missing_makes_it_red(
    kate: Callable[[Installed], Keys], workspace: Path, muted: Callable[[str], Installed], method: str, missed: str
) -> None:
    installed = muted(method)
    installed.patience = 25.0
    with pytest.raises(AssertionError, match=f"no {missed}"):
        use(kate(installed), workspace, installed)


def test_a_pattern_from_its_own_snippets(
    kate: Callable[[Installed], Keys], workspace: Path, installed: Installed
) -> None:
    installed.patience = 90.0
    send = kate(installed)
    saved = workspace / "Dockerfile"
    send("key", "--clearmodifiers", "ctrl+End")
    send("type", "multi_stage_python")
    send("key", "--clearmodifiers", "ctrl+space")
    time.sleep(2)  # the list is drawn
    send("key", "Return")
    time.sleep(1)
    send("type", "4")  # over the first place, and so in the second
    send("key", "Escape")
    send("key", "--clearmodifiers", "ctrl+s")
    assert until(lambda: "/install /usr/local\nCOPY . .\n" in saved.read_text("utf-8"), 20), saved.read_text("utf-8")
    pattern = saved.read_text(encoding="utf-8").split('CMD ["python", "main.py"]\n', 1)[1]
    assert pattern.startswith("FROM python:4-slim AS builder\n") and "\nFROM python:4-slim\n" in pattern
    assert " gcc libpq-dev \\\n    && rm -rf " in pattern
