"""Emacs with the shipped configuration: Eglot in 28 and 30, both Dockerfile modes, and lsp-mode."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.editors import debian
from tests.editors.harness import Installed, block, follow, home

pytestmark = pytest.mark.editors

README = Path(__file__).parents[2] / "editors" / "emacs" / "README.md"
PACKAGES = {
    "bookworm": (
        "emacs-nox",
        "elpa-eglot",
        "elpa-dockerfile-mode",
        "elpa-lsp-mode",
        "elpa-yasnippet",
    ),  # 28.2, Eglot 1.9
    "trixie": ("emacs-nox", "elpa-dockerfile-mode", "elpa-lsp-mode", "elpa-yasnippet"),  # 30.1, Eglot built in
}


def emacs(suite: str) -> tuple[Path, Path]:
    """The program, and the folder of its add-on packages."""
    try:
        folder = debian.unpacked(suite, *PACKAGES[suite])
        program = debian.wrapper(folder, "usr/bin/emacs-nox")
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))
    return program, folder / "usr/share/emacs/site-lisp/elpa-src"


def grammar(folder: Path) -> Path:
    """The tree-sitter grammar that dockerfile-ts-mode needs, out of the wheel that carries it."""
    spec = find_spec("tree_sitter_dockerfile")
    if spec is None or spec.origin is None:
        pytest.skip("needs the Python package tree-sitter-dockerfile for its compiled grammar")
    folder.mkdir()
    shutil.copy(next(Path(spec.origin).parent.glob("_binding*.so")), folder / "libtree-sitter-dockerfile.so")
    return folder


_LSP_MODE_KOREAN = '(setq slimstage-lang "ko")\n'
assert _LSP_MODE_KOREAN.strip() in README.read_text(encoding="utf-8")


def session(
    suite: str,
    client: str,
    file: Path,
    archives: Path,
    installed: Installed,
    tree_sitter: Path | None = None,
    lang: str = "",
) -> dict[str, Any]:
    """Install the archive, load what the README says, and use it."""
    follow(README, archives)
    settings = block(README, "elisp", "eglot-workspace-configuration") if client == "eglot" else _LSP_MODE_KOREAN
    init = home() / "init.el"
    init.write_text(block(README, "elisp", f"slimstage-{client}") + (settings if lang else ""), encoding="utf-8")
    program, packages = emacs(suite)
    tree = packages.parents[4]
    (version,) = (path for path in (tree / "usr/share/emacs").iterdir() if path.name[0].isdigit())
    (dump,) = tree.glob("usr/libexec/emacs/*/*/emacs*.pdmp")
    lisp = [version / "lisp", *(path for path in (version / "lisp").rglob("*") if path.is_dir())]
    environment = {
        **installed.environment,
        "EMACSLOADPATH": ":".join(map(str, lisp)),
        "EMACSDATA": str(version / "etc"),
        "EMACSPATH": str(dump.parent),
        "FILE": str(file),
        "CONFIG": str(init),
        "CLIENT": client,
        "ELPA": str(packages),
        **({"GRAMMAR": str(tree_sitter)} if tree_sitter else {}),
    }
    script = str(Path(__file__).with_name("emacs_session.el"))
    command = [str(program), f"--dump-file={dump}", "-Q", "--batch", "-l", script]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=180, check=False, stdin=subprocess.DEVNULL
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, f"{done.stdout}{done.stderr}"
    answer: dict[str, Any] = json.loads(lines[-1])
    assert done.returncode == 0 and "error" not in answer, f"{answer}\n{done.stderr[-2000:]}"
    return answer


@pytest.mark.parametrize(
    ("suite", "client", "mode", "version", "encoding"),
    [
        ("bookworm", "eglot", "dockerfile-mode", "28.", "utf-16"),
        ("bookworm", "lsp-mode", "dockerfile-mode", "28.", "utf-16"),
        ("trixie", "eglot", "dockerfile-mode", "30.", "utf-32"),
        ("trixie", "lsp-mode", "dockerfile-mode", "30.", "utf-32"),
        ("trixie", "eglot", "dockerfile-ts-mode", "30.", "utf-32"),
    ],
)
def test_a_users_session(
    workspace: Path,
    archives: Path,
    installed: Installed,
    suite: str,
    client: str,
    mode: str,
    version: str,
    encoding: str,
) -> None:
    tree_sitter = grammar(workspace / "grammar") if "-ts-" in mode else None
    seen = session(suite, client, workspace / "Dockerfile", archives, installed, tree_sitter)
    assert seen["version"].startswith(version) and seen["mode"] == mode
    assert installed.encoding == encoding and installed.language_id == "dockerfile"
    found = {item["at"]: item for item in seen["diagnostics"]}
    assert found["biuld"]["line"] == 11
    if client == "eglot" or encoding != "utf-16":
        assert found["UNDEFINED_THING"]["line"] == 5  # behind an emoji
    else:  # lsp-mode 8 takes UTF-16 code units for characters: one place off behind an emoji, with every server
        assert {item["line"] for item in seen["diagnostics"]} >= {5}
    assert "libpq5" in seen["hover_package"]
    assert "UNDEFINED_THING" in seen["hover_variable"]
    # In dockerfile-ts-mode `--from=bu` is one symbol, in dockerfile-mode `bu` is: both must find the stage.
    assert seen["complete_begun"]["word"] == ("--from=bu" if "-ts-" in mode else "bu")
    for typed in ("complete_empty", "complete_begun"):
        assert seen[typed]["line"] == "COPY --from=build /install /usr/local", seen[typed]
    assert seen["fixed"] == "COPY --from=build /install /usr/local"
    if version == "30.":
        assert seen["inlay"]
    assert seen["pattern"].startswith("FROM python:3.13-slim AS builder\n")
    assert "\nCOPY --from=builder /install /usr/local\n" in seen["pattern"]


@pytest.mark.parametrize(("suite", "client"), [("bookworm", "eglot"), ("bookworm", "lsp-mode"), ("trixie", "eglot")])
def test_its_settings_reach_the_server(
    workspace: Path, archives: Path, installed: Installed, suite: str, client: str
) -> None:
    seen = session(suite, client, workspace / "Dockerfile", archives, installed, lang="ko")
    said = [finding["message"] for finding in installed.published()]
    assert said and all(re.search("[가-힣]", message) for message in said), said
    if client == "lsp-mode":  # Eglot tells them after the first findings
        assert any("스테이지" in item["text"] for item in seen["diagnostics"]), seen["diagnostics"]


@pytest.mark.parametrize(("suite", "client"), [("trixie", "eglot"), ("bookworm", "lsp-mode")])
def test_a_server_that_fails_makes_it_red(
    workspace: Path, archives: Path, broken: Installed, suite: str, client: str
) -> None:
    with pytest.raises(AssertionError, match=r"never: the server|no server here|died|exited"):
        session(suite, client, workspace / "Dockerfile", archives, broken)


@pytest.mark.parametrize(
    ("method", "missed"),
    [
        ("textDocument/hover", "hover"),
        ("textDocument/completion", "no .*build.* in"),
        ("textDocument/codeAction", "the fix|[Nn]o .*action"),
        ("textDocument/inlayHint", "inlay hints"),
    ],
)
def test_a_feature_that_is_missing_makes_it_red(
    workspace: Path, archives: Path, muted: Callable[[str], Installed], method: str, missed: str
) -> None:
    with pytest.raises(AssertionError, match=missed):
        session("trixie", "eglot", workspace / "Dockerfile", archives, muted(method))
