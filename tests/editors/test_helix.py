"""Helix in a terminal with the shipped configuration: what a user sees on the screen and gets in the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import debian
from tests.editors.harness import Installed, Terminal, until

pytestmark = pytest.mark.editors

CONFIG = Path(__file__).parents[2] / "editors" / "helix"


@pytest.fixture
def helix(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Terminal]]:
    """Opens the workspace's Dockerfile; more lines for languages.toml may be given."""
    try:
        folder = debian.unpacked("trixie", "hx")
        program = debian.wrapper(folder, "usr/bin/hx", {"HELIX_RUNTIME": str(folder / "usr/lib/hx/runtime")})
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))
    pytest.importorskip("pexpect", reason="needs the Python packages pexpect and pyte")
    pytest.importorskip("pyte", reason="needs the Python packages pexpect and pyte")
    home = tmp_path_factory.mktemp("config")
    shutil.copytree(CONFIG, home / "helix")
    started: list[Terminal] = []

    def start(installed: Installed, more: str = "") -> Terminal:
        with (home / "helix" / "languages.toml").open("a", encoding="utf-8") as languages:
            languages.write(more)
        started.append(Terminal([str(program), "Dockerfile"], installed, workspace, XDG_CONFIG_HOME=str(home)))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def test_a_users_session(helix: Callable[..., Terminal], workspace: Path, installed: Installed) -> None:
    use(helix(installed), workspace, installed)


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
    editor.type("c=bu")
    editor.see(r"\bbuild\s+module")
    editor.type("\x0e")
    editor.see("COPY --from=build /install")
    editor.type("\r")
    editor.type("\x1b")
    editor.type(":w\r")
    saved = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in saved.read_text(encoding="utf-8"), installed.patience), editor.text()


def test_its_settings_reach_the_server(helix: Callable[..., Terminal], installed: Installed) -> None:
    editor = helix(installed, '[language-server.slimstage.config.slimstage]\nlang = "ko"\n')
    editor.see(r"COPY --from=biuld.*`biuld`")
    said = [finding["message"] for finding in installed.published()]
    assert any("스테이지" in message for message in said), said


def test_a_server_that_fails_makes_it_red(helix: Callable[..., Terminal], workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError, match="never on the screen"):
        use(helix(broken), workspace, broken)
