"""Plugins of editors that come from GitHub only, at a fixed commit, in the cache folder of the editors."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

from tests.editors.debian import CACHE, CannotInstall

COMMITS = {
    "L3MON4D3/LuaSnip": "a62e1083a3cfe8b6b206e7d3d33a51091df25357",
    "folke/lazy.nvim": "306a05526ada86a7b30af95c5cc81ffba93fef97",
    "neovim/nvim-lspconfig": "5bfcc89fd155b4ffc02d18ab3b7d19c2d4e246a7",
    "prabirshrestha/vim-lsp": "474c656659b5fb51eec6770309e0211c8aa49b5b",
    "neoclide/coc.nvim": "2abe7008bd992897c89e9b95750fa954b070d784",  # of the branch `release`, which holds the build
}


def plugin(name: str) -> Path:
    """The folder with the plugin's files. Raises `CannotInstall` with the reason, for example where GitHub is not."""
    reason = _fetched(name)
    if reason:
        raise CannotInstall(reason)
    return _folder(name)


def _folder(name: str) -> Path:
    return CACHE / "github" / f"{name.replace('/', '-')}-{COMMITS[name][:12]}"


@functools.cache
def _fetched(name: str) -> str:
    """Why the plugin is not there; nothing when it is. Asked once a run: what cannot be reached takes its time."""
    folder = _folder(name)
    if (folder / ".complete").exists():
        return ""
    if shutil.which("git") is None:
        return f"{name} needs git"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    for step in (
        ["init", "--quiet"],
        ["fetch", "--quiet", "--depth", "1", f"https://github.com/{name}", COMMITS[name]],
        ["checkout", "--quiet", "FETCH_HEAD"],
    ):
        try:
            done = subprocess.run(
                ["git", *step], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
            )
        except subprocess.TimeoutExpired:
            return f"{name} is on GitHub only, which does not answer"
        if done.returncode:
            return f"{name} is on GitHub only: {done.stderr.strip()[-200:]}"
    (folder / ".complete").touch()
    return ""
