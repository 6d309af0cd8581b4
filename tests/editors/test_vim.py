"""Vim in a terminal with the archive installed as its README says: ALE, vim-lsp, coc.nvim, and the snippets."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.editors import debian, github
from tests.editors.harness import Installed, Terminal, block, follow, home, until

pytestmark = pytest.mark.editors

README = Path(__file__).parents[2] / "editors" / "vim" / "README.md"
Start = Callable[..., Terminal]


PACKAGES = {
    "bookworm": ("vim-nox", "vim-ale", "vim-ultisnips"),  # Vim 9.0 with Python in it, for UltiSnips, and ALE 3.3
    "forky": ("vim", "vim-ale"),  # Vim 9.2 and ALE 4.0
}


def unpacked(suite: str = "bookworm") -> Path:
    try:
        return debian.unpacked(suite, *PACKAGES[suite])
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))


def plugin(name: str) -> Path:
    try:
        return github.plugin(name)
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))


@pytest.fixture
def vim(workspace: Path, archives: Path) -> Iterator[Start]:
    """Opens the workspace's Dockerfile with those plugins on the runtimepath and those lines in the vimrc."""
    pytest.importorskip("pexpect", reason="needs the Python packages pexpect and pyte")
    pytest.importorskip("pyte", reason="needs the Python packages pexpect and pyte")
    follow(README, archives)
    started: list[Terminal] = []

    def start(installed: Installed, *lines: str, plugins: tuple[Path, ...] = (), suite: str = "bookworm") -> Terminal:
        folder = unpacked(suite)
        (runtime,) = folder.glob("usr/share/vim/vim[0-9]*")
        name = "usr/bin/vim.nox" if "vim-nox" in PACKAGES[suite] else "usr/bin/vim.basic"
        program = debian.wrapper(folder, name, {"VIMRUNTIME": str(runtime)})
        paths = "".join(f"set rtp^={path}\n" for path in plugins)
        (home() / ".vimrc").write_text(
            f"set nocompatible hidden\n{paths}{''.join(lines)}filetype plugin on\n", encoding="utf-8"
        )
        started.append(Terminal([str(program), "-i", "NONE", "Dockerfile"], installed, workspace))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def saved(editor: Terminal, workspace: Path, installed: Installed) -> None:
    """Save, and wait for the completed line in the file."""
    editor.type("\x1b")
    editor.type(":w\r")
    file = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in file.read_text(encoding="utf-8"), installed.patience), editor.text()


# ALE


def ale(vim: Start, installed: Installed, *lines: str, suite: str = "bookworm") -> Terminal:
    path = unpacked(suite) / "usr/share/vim-ale"
    return vim(installed, *lines, block(README, "vim", "ale#completion"), plugins=(path,), suite=suite)


def use_ale(editor: Terminal, workspace: Path, installed: Installed) -> None:
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
    saved(editor, workspace, installed)


@pytest.mark.parametrize("suite", ["bookworm", "forky"])
def test_ale(vim: Start, workspace: Path, installed: Installed, suite: str) -> None:
    use_ale(ale(vim, installed, suite=suite), workspace, installed)


def test_settings_reach_the_server_through_ale(vim: Start, installed: Installed) -> None:
    editor = ale(vim, installed, block(README, "vim", "ale_dockerfile_slimstage_settings"))
    editor.see(r"COPY --from=biuld.*`biuld`")
    said = [finding["message"] for finding in installed.published()]
    assert any("스테이지" in message for message in said), said


def test_a_server_that_fails_makes_it_red(vim: Start, workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError, match="never on the screen"):
        use_ale(ale(vim, broken), workspace, broken)


@pytest.mark.parametrize(
    ("method", "missed"),
    [
        ("textDocument/hover", "libpq5"),
        ("textDocument/codeAction", "1. Take from build"),
        ("textDocument/completion", "build .*stage 0"),
    ],
)
def test_a_feature_that_is_missing_makes_it_red(
    vim: Start, workspace: Path, muted: Callable[[str], Installed], method: str, missed: str
) -> None:
    installed = muted(method)
    with pytest.raises(AssertionError) as failed:
        use_ale(ale(vim, installed), workspace, installed)
    assert str(failed.value).startswith(f"never on the screen: {missed}")


# vim-lsp


def vim_lsp(vim: Start, installed: Installed, *lines: str) -> Terminal:
    path = plugin("prabirshrestha/vim-lsp")
    return vim(installed, *lines, block(README, "vim", "vim-lsp.vim"), plugins=(path,))


def use_vim_lsp(editor: Terminal, workspace: Path, installed: Installed) -> None:
    editor.see(r"No earlier stage is called `biuld`; did you mean `build`\?")
    assert installed.encoding in ("utf-8", "utf-16") and installed.language_id == "dockerfile"
    editor.see(r"libpq-dev.* \+\d+ MB")  # an inlay hint

    editor.type("/libpq-dev\r:LspHover\r")
    editor.see("libpq5")
    editor.type("\x1b:pclose\r/UNDEFINED_THING\r:LspHover\r")  # behind an emoji
    editor.see("Nothing in this file defines")
    editor.type("\x1b:pclose\r")

    editor.type("/biuld\r:LspCodeAction quickfix\r")
    editor.see("Take from build")
    editor.type("\r")
    editor.see("COPY --from=build /install")

    editor.type("/=build\rc6l=bu")
    editor.type("\x18\x0f")
    editor.see(r"build +module")
    editor.type("\x19")
    saved(editor, workspace, installed)


def test_vim_lsp(vim: Start, workspace: Path, installed: Installed) -> None:
    use_vim_lsp(vim_lsp(vim, installed, "let g:lsp_inlay_hints_enabled = 1\n"), workspace, installed)


def test_vim_lsp_with_a_server_that_fails(vim: Start, workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError, match="never on the screen"):
        use_vim_lsp(vim_lsp(vim, broken), workspace, broken)


# coc.nvim


def coc(vim: Start, installed: Installed) -> Terminal:
    """With the settings that the archive carries; it needs Node 20."""
    if shutil.which("node") is None:
        pytest.skip("coc.nvim needs node")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.removeprefix("v").split(".")[0]) < 20:
        pytest.skip(f"coc.nvim needs node 20, this is {version}")
    path = plugin("neoclide/coc.nvim")
    follow(README, home(), "coc-settings.json")
    return vim(installed, "let g:coc_start_at_startup = 1\n", plugins=(path,))


def use_coc(editor: Terminal, workspace: Path, installed: Installed) -> None:
    editor.see(r"libpq-dev.* \+\d+ MB")  # an inlay hint
    assert installed.encoding == "utf-16" and installed.language_id == "dockerfile"

    editor.type("/libpq-dev\r")
    editor.type(":call CocActionAsync('doHover')\r")
    editor.see("libpq5")
    editor.type("/UNDEFINED_THING\r")  # behind an emoji
    editor.type(":call CocActionAsync('doHover')\r")
    editor.see("Nothing in this file defines")

    editor.type("/biuld\r")
    editor.see(r"No earlier stage is called `biuld`")
    editor.type(":call CocActionAsync('codeAction', 'cursor', ['quickfix'])\r")
    editor.see("Take from build")
    editor.type("1")
    editor.see("COPY --from=build /install")

    editor.type("/=build\r")
    editor.type("lc5lbu", 1)
    editor.see(r"build +\S* *\[LS\]|build .*M")
    editor.type("\x19")
    saved(editor, workspace, installed)


def test_coc(vim: Start, workspace: Path, installed: Installed) -> None:
    installed.patience = 40.0  # Node starts first
    use_coc(coc(vim, installed), workspace, installed)


def test_coc_with_a_server_that_fails(vim: Start, workspace: Path, broken: Installed) -> None:
    with pytest.raises(AssertionError):
        use_coc(coc(vim, broken), workspace, broken)


# Snippets


def test_ultisnips_expands_a_pattern(vim: Start, workspace: Path, installed: Installed) -> None:
    (workspace / "Dockerfile").write_text("", encoding="utf-8")
    python = f"let $PYTHONHOME = '{unpacked() / 'usr'}'\n"
    editor = vim(installed, python, plugins=(unpacked() / "usr/share/vim-ultisnips",))
    editor.type("imulti-stage-python-pip")
    editor.type("\t")
    editor.see(r"COPY --from=builder /install /usr/local")
    editor.type("4")  # over the first place, and so in the second
    editor.see("FROM python:4-slim AS builder")
    editor.type("\x1b")
    editor.type(":w\r")
    file = workspace / "Dockerfile"
    assert until(lambda: "\nCMD" in file.read_text(encoding="utf-8"), installed.patience), editor.text()
    text = file.read_text(encoding="utf-8")
    assert text.startswith("FROM python:4-slim AS builder\nRUN apt-get update") and "\nFROM python:4-slim\n" in text
    assert " libpq-dev \\\n    && rm -rf" in text
