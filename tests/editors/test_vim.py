"""Vim with ALE in a terminal, with the shipped linter on its runtimepath: what a user sees and gets in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import debian
from tests.editors.harness import Installed, Terminal, until

pytestmark = pytest.mark.editors

PLUGIN = Path(__file__).parents[2] / "editors" / "vim"


@pytest.fixture
def vim(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Terminal]]:
    """Opens the workspace's Dockerfile; more lines for the vimrc may be given."""
    try:
        folder = debian.unpacked("bookworm", "vim-nox", "vim-ale")
        (runtime,) = folder.glob("usr/share/vim/vim[0-9]*")
        program = debian.wrapper(folder, "usr/bin/vim.nox", {"VIMRUNTIME": str(runtime)})
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))
    pytest.importorskip("pexpect", reason="needs the Python packages pexpect and pyte")
    pytest.importorskip("pyte", reason="needs the Python packages pexpect and pyte")
    started: list[Terminal] = []

    def start(installed: Installed, more: str = "") -> Terminal:
        vimrc = tmp_path_factory.mktemp("vimrc") / "vimrc"
        vimrc.write_text(
            "set nocompatible hidden\n"
            f"set rtp^={folder}/usr/share/vim-ale\n"
            f"set rtp+={PLUGIN}\n"
            "let g:ale_linters = {'dockerfile': ['slimstage']}\n"
            "set omnifunc=ale#completion#OmniFunc\n"
            f"{more}filetype plugin on\n",
            encoding="utf-8",
        )
        started.append(Terminal([str(program), "-Nu", str(vimrc), "-i", "NONE", "Dockerfile"], installed, workspace))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def use(editor: Terminal, workspace: Path, installed: Installed) -> None:
    editor.see(r"COPY --from=biuld.*No earlier stage is called `biuld`; did you mean `build`\?")
    editor.see(r"stage=\$UNDEFINED_THING.*Nothing defines `UNDEFINED_THING`")
    assert installed.encoding == "utf-16" and installed.language_id == "dockerfile"

    editor.type("/libpq-dev\r:ALEHover\r")
    editor.see("libpq5")
    editor.type("/UNDEFINED_THING\r:ALEHover\r")  # behind an emoji
    editor.see("Nothing in this file defines the variable")

    editor.type("/biuld\r:ALECodeAction\r")
    editor.see("1. Take from build")
    editor.type("1\r")
    editor.see("COPY --from=build /install")

    editor.type("/=build\rc6l=bu")
    editor.type("\x18\x0f")
    editor.see(r"build .*stage 0")
    editor.see("COPY --from=build /install")
    editor.type("\x19")
    editor.type("\x1b")
    editor.type(":w\r")
    saved = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in saved.read_text(encoding="utf-8"), installed.patience), editor.text()


def test_a_users_session(vim: Callable[..., Terminal], workspace: Path, installed: Installed) -> None:
    use(vim(installed), workspace, installed)


def test_its_settings_reach_the_server(vim: Callable[..., Terminal], installed: Installed) -> None:
    editor = vim(installed, "let g:ale_dockerfile_slimstage_settings = {'lang': 'ko'}\n")
    editor.see(r"COPY --from=biuld.*`biuld`")
    said = [finding["message"] for finding in installed.published()]
    assert any("스테이지" in message for message in said), said


def test_a_server_that_fails_makes_it_red(vim: Callable[..., Terminal], workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError, match="never on the screen"):
        use(vim(broken), workspace, broken)
