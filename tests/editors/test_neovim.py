"""Neovim with the shipped plugin, headless: diagnose, hover, complete, fix, convert, in English and Korean."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.editors import debian
from tests.editors.harness import Installed

pytestmark = pytest.mark.editors

PLUGIN = Path(__file__).parents[2] / "editors" / "neovim"
SEED = Path(__file__).parents[1] / "fixtures" / "seed" / "python-single-stage"
SESSION = Path(__file__).with_name("neovim_session.lua")


def neovim(suite: str) -> Path:
    try:
        folder = debian.unpacked(suite, "neovim")
        return debian.wrapper(folder, "usr/bin/nvim", {"VIMRUNTIME": str(folder / "usr/share/nvim/runtime")})
    except debian.CannotInstall as reason:
        pytest.skip(str(reason))


def session(suite: str, workspace: Path, server: list[str], lang: str, style: str) -> dict[str, Any]:
    convert = workspace / "single" / "Dockerfile"
    convert.parent.mkdir()
    for file in SEED.iterdir():
        (convert.parent / file.name).write_bytes(file.read_bytes())
    environment = {
        **os.environ,
        "FILE": str(workspace / "Dockerfile"),
        "CONVERT": str(convert),
        "SERVER": json.dumps(server),
        "PLUGIN": str(PLUGIN),
        "STYLE": style,
        "SLIMSTAGE_LANG": lang,
    }
    command = [str(neovim(suite)), "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {SESSION}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip(), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0 and "error" not in answer, answer.get("error")
    return answer


@pytest.mark.parametrize(
    ("suite", "style", "encoding"),
    [("forky", "enable", "utf-8"), ("forky", "setup", "utf-8"), ("trixie", "setup", "utf-16")],
)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_users_session(
    workspace: Path, server_command: list[str], suite: str, style: str, encoding: str, lang: str
) -> None:
    seen = session(suite, workspace, server_command, lang, style)
    assert seen["encoding"] == encoding
    found = {item["code"]: item for item in seen["diagnostics"]}
    assert found["unknown-stage"]["text"] == "biuld"
    assert found["undefined-variable"]["text"] in ("UNDEFINED_THING", "$UNDEFINED_THING")
    assert "deprecated-maintainer" in found
    korean = lang == "ko"
    assert ("스테이지" in found["unknown-stage"]["message"]) is korean
    assert "libpq5" in seen["hover_package"]
    assert "UNDEFINED_THING" in seen["hover_variable"]
    assert ("정의" in seen["hover_variable"]) is korean
    assert "build" in seen["completion"] or "--from=build" in seen["completion"]
    assert seen["fixed"] == "COPY --from=build /install /usr/local"
    assert "unknown-stage" not in {item["code"] for item in seen["after"]}
    assert "AS builder" in seen["preview"] and "COPY --from=builder /install /usr/local" in seen["preview"]
    assert seen["converted"] == seen["preview"]
    assert "slimstage" in seen["health"] and "not executable" not in seen["health"]
    assert seen["stopped"]


def test_a_server_that_fails_makes_it_red(workspace: Path, broken: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATIENCE", str(broken.patience))
    with pytest.raises(AssertionError, match="timed out"):
        session("trixie", workspace, [str(broken.path / "slimstage"), "lsp"], "en", "setup")
