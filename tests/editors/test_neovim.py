"""Neovim with the archive installed as its README says: diagnose, hover, complete, fix, convert, in both languages."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors import debian, github
from tests.editors.harness import Installed, Terminal, block, follow, home, until

pytestmark = pytest.mark.editors

README = Path(__file__).parents[2] / "editors" / "neovim" / "README.md"
SEED = Path(__file__).parents[1] / "fixtures" / "seed" / "python-single-stage"
SESSION = Path(__file__).with_name("neovim_session.lua")


def neovim(suite: str) -> list[str]:
    """The command that starts it, with its own runtime files and parsers."""
    try:
        folder = debian.unpacked(suite, "neovim")
        program = debian.wrapper(folder, "usr/bin/nvim", {"VIMRUNTIME": str(folder / "usr/share/nvim/runtime")})
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))
    return [str(program), "--cmd", f"set rtp+={folder}/usr/lib/nvim", "-i", "NONE"]


def configure(archives: Path, *lines: str, unpack: str = "pack/slimstage/start") -> None:
    """Install the archive and write the lines into init.lua, as the README says."""
    follow(README, archives, unpack)
    init = home() / ".config" / "nvim" / "init.lua"
    init.parent.mkdir(parents=True)
    init.write_text("".join(lines), encoding="utf-8")


def ways(lang: str) -> dict[str, list[str]]:
    """The README's ways to start the server, in that language."""
    settings = block(README, "lua", "vim.lsp.config").replace("'ko'", f"'{lang}'")
    return {
        "enable": [settings, block(README, "lua", "vim.lsp.enable")],
        "setup": [block(README, "lua", "require('slimstage').setup").replace("'en'", f"'{lang}'")],
    }


def session(suite: str, workspace: Path, installed: Installed) -> dict[str, Any]:
    convert = workspace / "single" / "Dockerfile"
    convert.parent.mkdir()
    for file in SEED.iterdir():
        (convert.parent / file.name).write_bytes(file.read_bytes())
    environment = {**installed.environment, "FILE": str(workspace / "Dockerfile"), "CONVERT": str(convert)}
    command = [*neovim(suite), "--headless", "-c", f"luafile {SESSION}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip(), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0 and "error" not in answer, f"{answer.get('error')}\n{done.stderr[-2000:]}"
    return answer


def expanded(body: list[str]) -> str:
    """What a snippet becomes before anybody fills it in; in each of ours the first place of a number says its text."""
    texts: dict[str, str] = {}

    def place(found: re.Match[str]) -> str:
        number, choices, text = found["number"], found["choices"], found["text"]
        if choices is not None:
            texts[number] = ""  # Neovim opens the list of choices there
        elif text is not None:
            texts.setdefault(number, text)
        return texts.get(number, "")

    text = "\n".join(body).replace("\\$", "\0")
    text = re.sub(
        r"\$(?:(?P<number>\d+)|\{(?P<braced>\d+)\})",
        lambda found: (
            f"${{{found['number'] or found['braced']}:}}" if (found["number"] or found["braced"]) != "0" else ""
        ),
        text,
    )
    text = re.sub(r"\$\{(?P<number>\d+)(?:\|(?P<choices>[^|]*)\||:(?P<text>[^{}]*))\}", place, text)
    return text.replace("\0", "$").replace("\\}", "}").replace("\\\\", "\\")


def judge(seen: dict[str, Any], lang: str) -> None:
    """What a session has to have seen."""
    found = {item["code"]: item for item in seen["diagnostics"]}
    assert found["unknown-stage"]["text"] == "biuld"
    assert found["undefined-variable"]["text"] in ("UNDEFINED_THING", "$UNDEFINED_THING")
    assert "deprecated-maintainer" in found
    korean = lang == "ko"
    assert ("스테이지" in found["unknown-stage"]["message"]) is korean
    assert any(re.search(r"\+\d+ MB", text) for text in seen["inlay"]), seen["inlay"]
    assert "libpq5" in seen["hover_package"]
    assert "UNDEFINED_THING" in seen["hover_variable"]
    assert ("정의" in seen["hover_variable"]) is korean
    assert "build" in seen["completion"] or "--from=build" in seen["completion"]
    assert seen["fixed"] == "COPY --from=build /install /usr/local"
    assert "unknown-stage" not in {item["code"] for item in seen["after"]}
    assert "AS builder" in seen["preview"] and "COPY --from=builder /install /usr/local" in seen["preview"]
    assert seen["preview_syntax"] == "dockerfile"  # coloured as the file beside it
    before, after = seen["beside"]
    assert before["diff"] and after["diff"] and after["text"] == seen["preview"] != before["text"]
    assert seen["untouched"] and seen["converted"] == seen["preview"]
    assert {tag: entry["file"] for tag, entry in seen["help"].items()} == dict.fromkeys(seen["help"], "slimstage.txt")
    assert seen["help"][":SlimstageConvert"]["line"].startswith(("  ", ":SlimstageConvert"))
    assert re.search(r"slimstage \d+\.\d+", seen["health"]) and "running, positions in" in seen["health"]
    assert not re.search(r"\b(?:WARNING|ERROR)\b", seen["health"]), seen["health"]
    assert seen["stopped"]


@pytest.mark.parametrize(
    ("suite", "way", "encoding"),
    [("forky", "enable", "utf-8"), ("forky", "setup", "utf-8"), ("trixie", "setup", "utf-16")],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_users_session(
    workspace: Path, archives: Path, installed: Installed, suite: str, way: str, encoding: str, lang: str
) -> None:
    configure(archives, *ways(lang)[way])
    seen = session(suite, workspace, installed)
    assert installed.encoding == seen["encoding"] == encoding and installed.language_id == "dockerfile"
    judge(seen, lang)
    (snippets,) = home().rglob("snippets/dockerfile.json")
    bodies = json.loads(snippets.read_text(encoding="utf-8"))
    assert seen["snippets"] == {name: expanded(snippet["body"]) for name, snippet in bodies.items()}
    assert len([name for name in bodies if "multi-stage" in name]) >= 4  # the seed's patterns


def plugin(name: str) -> Path:
    try:
        return github.plugin(name)
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))


def said(suite: str, command: str, file: Path, environment: dict[str, str]) -> str:
    """What Neovim tells when it opens the file and runs the command, once a server has had its time."""
    served = "#vim.lsp.get_clients({ name = 'slimstage' }) > 0 and vim.lsp.get_clients()[1].initialized"
    lines = [
        f"edit {file}",
        f"lua if vim.bo.filetype == 'dockerfile' then vim.wait(10000, function() return {served} end) end",
        command,
        "lua vim.wait(1500, function() return vim.fn.execute('messages'):find('slimstage: ', 1, true) end)",
        "lua io.stdout:write(vim.fn.execute('messages') .. table.concat(vim.fn.getline(1, '$'), '\\n'))",
        "qall!",
    ]
    arguments = [part for line in lines for part in ("-c", line)]
    done = subprocess.run(
        [*neovim(suite), "--headless", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("suite", ["forky", "trixie"])
def test_what_is_missing_is_told(workspace: Path, archives: Path, installed: Installed, suite: str) -> None:
    configure(archives, *ways("en")["enable" if suite == "forky" else "setup"])
    several = workspace / "Dockerfile"
    assert "no verified conversion for this file" in said(suite, "SlimstageConvert", several, installed.environment)
    other = workspace / "main.py"  # in which no server starts
    assert "no server is attached" in said(suite, "SlimstageConvert", other, installed.environment)
    without = {**os.environ, "PATH": os.defpath}
    health = said(suite, "checkhealth slimstage", other, without)
    assert "slimstage is not executable" in health and "pip install slimstage" in health


def test_with_lazy(workspace: Path, archives: Path, installed: Installed) -> None:
    lazy, parsers = plugin("folke/lazy.nvim"), debian.unpacked("forky", "neovim") / "usr/lib/nvim"
    spec = block(README, "lua", "dir = ")
    performance = f"{{ rtp = {{ paths = {{ '{parsers}' }} }} }}"
    configure(
        archives,
        f"vim.opt.runtimepath:prepend('{lazy}')\n",
        f"require('lazy').setup({{ spec = {{ {spec} }}, performance = {performance} }})\n",
        unpack="slimstage-neovim.zip ~/.local/share\n",
    )
    judge(session("forky", workspace, installed), "en")


def test_with_lspconfig(workspace: Path, archives: Path, installed: Installed) -> None:
    lines = f"vim.opt.runtimepath:prepend('{plugin('neovim/nvim-lspconfig')}')\n", block(README, "lua", "lspconfig")
    configure(archives, *lines)
    judge(session("trixie", workspace, installed), "en")


@pytest.mark.parametrize("suite", ["forky", "trixie"])
def test_luasnip_loads_the_snippets(workspace: Path, archives: Path, installed: Installed, suite: str) -> None:
    configure(
        archives,
        f"vim.opt.runtimepath:prepend('{plugin('L3MON4D3/LuaSnip')}')\n",
        "require('luasnip.loaders.from_vscode').load()\n",
    )
    file = workspace / "Dockerfile"
    file.write_text("# 파이썬 😀\nmulti-stage-python-pip", encoding="utf-8")
    expand = "require('luasnip').expand() require('luasnip').jump(1)"
    steps = [
        f"edit {file}",
        "normal! G$",
        "startinsert!",
        # Once the editor is in insert mode: expand, go on to the next place, and save.
        f"lua vim.defer_fn(function() {expand} vim.cmd('write | qall') end, 500)",
    ]
    command = [*neovim(suite), "--headless", *(part for step in steps for part in ("-c", step))]
    subprocess.run(command, env=installed.environment, capture_output=True, timeout=60, check=True)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# 파이썬 😀\nFROM python:3.13-slim AS builder\n"), text
    assert "\nCOPY --from=builder /install /usr/local\n" in text and " libpq-dev \\\n" in text


def test_a_server_that_fails_makes_it_red(workspace: Path, archives: Path, broken: Installed) -> None:
    configure(archives, *ways("en")["setup"])
    with pytest.raises(AssertionError, match="timed out: attach"):
        session("trixie", workspace, broken)


@pytest.mark.parametrize(
    ("method", "missed"),
    [
        ("textDocument/hover", "hover"),
        ("textDocument/completion", "completion"),
        ("textDocument/codeAction", "fix"),
        ("textDocument/inlayHint", "inlay hints"),
    ],
)
def test_a_feature_that_is_missing_makes_it_red(
    workspace: Path, archives: Path, muted: Callable[[str], Installed], method: str, missed: str
) -> None:
    configure(archives, *ways("en")["enable"])
    with pytest.raises(AssertionError, match=f"timed out: {missed}"):
        session("forky", workspace, muted(method))


@pytest.fixture
def screen(workspace: Path, archives: Path) -> Iterator[Callable[[str, Installed], Terminal]]:
    """Opens the workspace's Dockerfile in a terminal."""
    pytest.importorskip("pexpect", reason="needs the Python packages pexpect and pyte")
    pytest.importorskip("pyte", reason="needs the Python packages pexpect and pyte")
    started: list[Terminal] = []
    headless: list[subprocess.Popen[bytes]] = []

    def start(suite: str, installed: Installed) -> Terminal:
        # In a terminal Neovim starts itself once more, and an unpacked program cannot: so it runs without a screen,
        # and a second one is its screen.
        configure(archives, *ways("en")["enable" if suite == "forky" else "setup"])
        socket = home() / "neovim.sock"
        command = [*neovim(suite), "--headless", "--listen", str(socket), "Dockerfile"]
        headless.append(subprocess.Popen(command, cwd=workspace, env=installed.environment, stderr=subprocess.DEVNULL))
        assert until(socket.exists, installed.patience)
        started.append(Terminal([*neovim(suite), "--server", str(socket), "--remote-ui"], installed, workspace))
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()
    for process in headless:
        process.terminate()
        process.wait(timeout=20)


@pytest.mark.parametrize("suite", ["forky", "trixie"])
def test_what_is_on_the_screen(
    screen: Callable[[str, Installed], Terminal], workspace: Path, installed: Installed, suite: str
) -> None:
    editor = screen(suite, installed)
    editor.see(r"libpq-dev.* \+\d+ MB")  # an inlay hint
    editor.see(r"ships ~ \d+ MB, \d+ MB of it base")  # a code lens: above the line in 0.12, behind it in 0.10
    editor.type("/=biuld\rl:lua vim.lsp.buf.code_action()\r")
    editor.see(r"1: Take from build")
    editor.type("1\r")
    editor.see("COPY --from=build /install")
    editor.type("/=build\rlc5lbu\x18\x0f")
    editor.see(r"build .*Module")
    editor.type("\x19")
    editor.type("\x1b")
    editor.see("COPY --from=build /install")
    editor.type(":w\r")
    saved = workspace / "Dockerfile"
    line = "\nCOPY --from=build /install /usr/local\n"
    assert until(lambda: line in saved.read_text(encoding="utf-8"), installed.patience), editor.text()


def test_a_pattern_from_completion(
    screen: Callable[[str, Installed], Terminal], workspace: Path, installed: Installed
) -> None:
    (workspace / "Dockerfile").write_text("# 파이썬 😀\n", encoding="utf-8")
    editor = screen("forky", installed)
    assert until(lambda: bool(installed.answers("initialize")), installed.patience)
    editor.type(":lua vim.lsp.completion.enable(true, vim.lsp.get_clients()[1].id, 0)\r")
    editor.type("GoFROM\x18\x0f")
    editor.see(r"multi-stage Python \(pip\) +Snippet +Compile the requirements")
    chosen = next(n for n, line in enumerate(editor.text().splitlines()) if "multi-stage Python" in line)
    first = next(n for n, line in enumerate(editor.text().splitlines()) if "Keyword" in line)
    editor.type("\x0e" * (chosen - first) + "\x19")
    editor.see(r"FROM python:3\.13-slim AS builder")
    editor.see(r"COPY --from=builder /install /usr/local")
    editor.type("4")  # typed over the first place, and so in the second
    editor.see(r"FROM python:4-slim AS builder[^!]*FROM python:4-slim\s")
