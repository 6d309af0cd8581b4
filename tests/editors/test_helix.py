"""Helix in a terminal with the shipped configuration: what a user sees on the screen and gets in the file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import debian
from tests.editors.harness import Installed, Terminal, block, follow, home, until

pytestmark = pytest.mark.editors

README = Path(__file__).parents[2] / "editors" / "helix" / "README.md"


def helix_program(suite: str = "trixie") -> Path:
    """Helix 25.01 of trixie, or the newer one of forky."""
    try:
        folder = debian.unpacked(suite, "hx")
        return debian.wrapper(folder, "usr/bin/hx", {"HELIX_RUNTIME": str(folder / "usr/lib/hx/runtime")})
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))


@pytest.fixture
def helix(workspace: Path, archives: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens the workspace's Dockerfile, configured as the README says; more lines for languages.toml may be given."""
    pytest.importorskip("pexpect", reason="needs the Python packages pexpect and pyte")
    pytest.importorskip("pyte", reason="needs the Python packages pexpect and pyte")
    follow(README, archives)
    started: list[Terminal] = []

    def start(installed: Installed, more: str = "", suite: str = "trixie") -> Terminal:
        program = helix_program(suite)
        with (home() / ".config" / "helix" / "languages.toml").open("a", encoding="utf-8") as languages:
            languages.write(more)
        started.append(Terminal([str(program), "Dockerfile"], installed, workspace))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


@pytest.mark.parametrize("suite", ["trixie", "forky"])
def test_a_users_session(helix: Callable[..., Terminal], workspace: Path, installed: Installed, suite: str) -> None:
    use(helix(installed, suite=suite), workspace, installed)


def use(editor: Terminal, workspace: Path, installed: Installed) -> None:
    editor.see(r"COPY --from=biuld.*No earlier stage is called `biuld`; did you mean `build`\?")
    assert installed.encoding == "utf-8" and installed.language_id == "dockerfile"

    editor.type("/libpq-dev\r")
    editor.type(" k")
    editor.see("libpq5")
    editor.type("\x1b")
    editor.see(r"RUN apt-get .* libpq-dev \+\d+ MB")  # the size is an inlay hint
    editor.type("/UNDEFINED_THING\r")  # behind an emoji
    editor.type(" k")
    editor.see("Nothing in this file defines the variable")
    editor.type("\x1b")

    editor.type("/biuld\r")
    editor.type(" a")
    editor.see("Take from build")
    editor.type("\r")
    editor.see("COPY --from=build /install")

    editor.type("/=build\r")
    editor.type("c=bu", 1)
    editor.type("\x18")  # asked for, since a busy machine may drop the automatic one
    editor.see(r"\bbuild\s+module")
    editor.type("\x0e")
    editor.see("COPY --from=build /install")
    editor.type("\r")
    editor.type("\x1b")
    editor.type(":w\r")
    saved = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in saved.read_text(encoding="utf-8"), installed.patience), editor.text()


def test_its_health_check_finds_the_server(archives: Path, installed: Installed) -> None:
    follow(README, archives)
    command = [str(helix_program()), "--health", "dockerfile"]
    done = subprocess.run(command, env=installed.environment, capture_output=True, text=True, check=True)
    assert re.search(rf"✓\S* slimstage: \S*{installed.path}/slimstage", done.stdout), done.stdout


def test_its_settings_reach_the_server(helix: Callable[..., Terminal], installed: Installed) -> None:
    editor = helix(installed, block(README, "toml"))
    editor.see(r"COPY --from=biuld.*`biuld`")
    said = [finding["message"] for finding in installed.published()]
    assert any("스테이지" in message for message in said), said


def test_a_server_that_fails_makes_it_red(helix: Callable[..., Terminal], workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError, match="never on the screen"):
        use(helix(broken), workspace, broken)


@pytest.mark.parametrize(
    ("method", "missed"),
    [
        ("textDocument/hover", "libpq5"),
        ("textDocument/inlayHint", "MB"),
        ("textDocument/codeAction", "Take from build"),
        ("textDocument/completion", "module"),
    ],
)
def test_a_feature_that_is_missing_makes_it_red(
    helix: Callable[..., Terminal], workspace: Path, muted: Callable[[str], Installed], method: str, missed: str
) -> None:
    installed = muted(method)
    with pytest.raises(AssertionError, match=f"never on the screen: .*{missed}"):
        use(helix(installed), workspace, installed)


def test_a_pattern_from_completion(helix: Callable[..., Terminal], workspace: Path, installed: Installed) -> None:
    (workspace / "Dockerfile").write_text("# 파이썬 😀\n\n", encoding="utf-8")
    editor = helix(installed)
    assert until(lambda: bool(installed.answers("initialize")), installed.patience)
    editor.type("gei")
    editor.type("FROM")
    editor.see(r"multi-stage Python \(pip\)\s+snippet")
    rows = editor.text().splitlines()
    (chosen,) = (number for number, row in enumerate(rows) if "multi-stage Python" in row)
    first = next(number for number, row in enumerate(rows) if "keyword" in row)
    editor.type("\x0e" * (chosen - first + 1))
    editor.type("\r")
    editor.see(r"FROM python:3\.13-slim AS builder")
    editor.type("\x1b")  # away with the list of images
    editor.see(r"COPY --from=builder /install /usr/local")
