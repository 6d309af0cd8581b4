"""VS Code, the real workbench and extension host (code-server), with the packaged .vsix installed: what a user sees."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import EXTENSION, HOME, fake_python
from tests.editors.vscode.workbench import Workbench

pytestmark = pytest.mark.editors

Make = Callable[..., Workbench]
PICTURESQUE = {
    "editor.fontSize": 13,
    "breadcrumbs.enabled": False,
    "window.commandCenter": False,
    "workbench.layoutControl.enabled": False,
    "workbench.activityBar.location": "hidden",
    "workbench.sideBar.location": "right",
    "workbench.editor.showTabs": "single",
    "diffEditor.renderOverviewRuler": False,
    "editor.overviewRulerBorder": False,
}
SHOTS = Path(os.environ.get("SLIMSTAGE_SCREENSHOTS", HOME / "screenshots"))


def test_what_a_user_sees(workbench: Make, project: Path) -> None:
    seen = workbench().drive("main", project, SHOTS)
    failed = {name: value for name, value in seen.items() if isinstance(value, dict) and "failed" in value}
    assert not failed and "error" not in seen, (failed, seen.get("error"))
    assert seen["squiggles"] >= 2
    assert "libpq5" in seen["hover"]
    for way in ("completionInvoked", "completionTyped"):  # words of the file alone would have no detail
        assert any("build" in row and "stage 0" in row for row in seen[way]), seen[way]
    assert any("build" in row for row in seen["quickFix"])
    assert any("UNDEFINED_THING" in row for row in seen["problems"])
    assert seen["statusBar"].endswith("MB")
    assert "+" in seen["inlay"]
    assert any("ships" in lens for lens in seen["lens"])
    assert "apt-get" in seen["settingsChange"] and "MB" not in seen["settingsChange"]
    assert "RUN apt-get update" in seen["sizeReport"]
    assert seen["explain"]
    assert seen["crash"] >= 1 and seen["restart"] >= 1
    assert "AS builder" in seen["convert"]["preview"]
    assert "COPY --from=builder /install /usr/local" in seen["convert"]["after"]


def test_korean(workbench: Make, project: Path) -> None:
    made = workbench()
    made.speak("ko")
    seen = made.drive("korean", project, SHOTS)
    assert "정의" in seen["hover"]
    assert "런타임" in seen["hoverPackage"] or "실행" in seen["hoverPackage"]
    assert any("스테이지" in row for row in seen["problems"])
    assert "이 Dockerfile에 멀티 스테이지 빌드를 적용할까요?" in seen["question"]


def test_without_a_python_that_is_new_enough_the_user_is_told(workbench: Make, project: Path, tmp_path: Path) -> None:
    made = workbench(**{"slimstage.interpreter": [str(fake_python(tmp_path, "3.9.2"))]})
    assert "Python 3.10" in made.drive("nopython", project, SHOTS)["message"]


def test_a_workspace_that_is_not_trusted_says_so_until_it_is(workbench: Make, project: Path) -> None:
    made = workbench()
    made.trusting = False
    seen = made.drive("restricted", project, SHOTS)
    assert "not read" in seen["message"]
    assert "MB" in seen["trusted"], seen["trusted"]  # another size: requirements.txt counts from then on


def test_the_walkthrough(workbench: Make, project: Path) -> None:
    seen = workbench().drive("walkthrough", project, SHOTS)
    assert [title.strip() for title in seen["steps"]] == ["Open a Dockerfile", "See what each line weighs", "Slim it"]
    assert seen["picture"] > 500


def test_agents_are_offered_the_server(workbench: Make, project: Path) -> None:
    # The tests' own Python has the MCP SDK, as an environment with the extra has.
    settings = {"slimstage.interpreter": [sys.executable], "chat.disableAIFeatures": False}
    seen = workbench(**settings).drive("agents", project, SHOTS)
    assert any("slimstage" in row for row in seen["servers"])


def test_the_pictures_of_the_readme(workbench: Make, project: Path) -> None:
    """They are taken anew here; SLIMSTAGE_UPDATE_PICTURES=1 puts them where the README shows them."""
    shots = SHOTS / "readme"
    seen = workbench(**PICTURESQUE).drive("readme", project, shots)
    assert "error" not in seen, seen
    assert "libpq5" in seen["hover"] and "런타임" in seen["korean"]
    shown = re.findall(r"media/([\w-]+\.png)", (EXTENSION / "README.md").read_text(encoding="utf-8"))
    assert set(shown) == {file.name for file in (EXTENSION / "media").iterdir()}
    for name in shown:
        picture = (shots / name).read_bytes()
        assert picture.startswith(b"\x89PNG") and 10_000 < len(picture) < 300_000
        if os.environ.get("SLIMSTAGE_UPDATE_PICTURES"):
            (EXTENSION / "media" / name).write_bytes(picture)


def test_a_server_that_fails_makes_the_scenario_fail(workbench: Make, project: Path, tmp_path: Path) -> None:
    made = workbench(**{"slimstage.interpreter": [str(fake_python(tmp_path, "3.11.0"))]})
    assert "failed" in made.drive("broken", project, SHOTS)["squiggles"]
