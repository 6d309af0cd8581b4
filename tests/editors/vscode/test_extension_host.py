"""Mocha inside VS Code's extension host, against the installed .vsix: what its API gets from the extension."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import HERE, environment_with, fake_python, muted_python, packed, write_settings
from tests.editors.vscode.workbench import Outcome, Tools, Workbench

pytestmark = pytest.mark.editors

Make = Callable[..., Workbench]


def all_passed(outcome: Outcome, at_least: int) -> None:
    """Nothing failed, and the suite was not empty."""
    assert not outcome.failed, "\n\n".join(f"{title}: {why}" for title, why in outcome.failed.items())
    assert len(outcome.passed) >= at_least, outcome.passed


def test_features(workbench: Make, project: Path) -> None:
    # The tests' own Python has the MCP SDK, as an environment with the extra has.
    made = workbench(**{"slimstage.interpreter": [sys.executable]})
    all_passed(made.mocha("features", project), 18)


def test_a_server_that_fails_makes_the_suite_fail(workbench: Make, project: Path, tmp_path: Path) -> None:
    made = workbench(**{"slimstage.interpreter": [str(fake_python(tmp_path, "3.11.0"))]})
    outcome = made.mocha("features", project, patience=4, bail=True)
    assert any("shows findings" in title for title in outcome.failed), outcome


@pytest.mark.parametrize(
    ("method", "title"),
    [
        ("textDocument/diagnostic", "shows findings"),
        ("textDocument/hover", "explains a package"),
        ("textDocument/completion", "completes stages"),
        ("textDocument/codeAction", "mends a misspelt stage"),
        ("textDocument/inlayHint", "puts sizes"),
        ("textDocument/codeLens", "says above each stage"),
    ],
)
def test_a_feature_left_out_makes_its_test_fail(
    workbench: Make, project: Path, tmp_path: Path, method: str, title: str
) -> None:
    made = workbench(**{"slimstage.interpreter": [str(muted_python(tmp_path, method))]})
    outcome = made.mocha("features", project, patience=8, only=title)
    assert len(outcome.failed) == 1 and not outcome.passed


def test_each_folder_has_its_own_settings(workbench: Make, project: Path) -> None:
    root = project.parent
    for name in ("blog", "added"):
        shutil.copytree(project, root / name)
        write_settings(root / name, severities={"unknown-stage": "off"}, sizeHints=False)
    file = root / "both.code-workspace"
    file.write_text(json.dumps({"folders": [{"path": "shop"}, {"path": "blog"}]}), encoding="utf-8")
    all_passed(workbench().mocha("folders", file), 3)


def test_a_workspace_that_is_not_trusted(workbench: Make, project: Path) -> None:
    online = {"online": True, "knowledge": ["own.yaml"], "importStrategy": "fromEnvironment"}
    write_settings(project, interpreter=[str(project / "evil")], sizeHints=False, **online)
    made = workbench()
    made.trusting = False
    all_passed(made.mocha("untrusted", project), 4)


def test_a_server_of_the_environment(
    workbench: Make, project: Path, tools: Tools, extensions: Path, tmp_path: Path
) -> None:
    (libraries,) = extensions.glob("slimstage.slimstage-*/bundled/libs")
    chosen = environment_with(libraries, tmp_path / "with")
    other = environment_with(None, tmp_path / "without")
    made = workbench(**{"slimstage.importStrategy": "fromEnvironment"})
    made.extensions = tmp_path / "extensions"
    shutil.copytree(extensions, made.extensions)
    tools.install(packed(HERE / "python_extension", tmp_path), made.extensions)
    outcome = made.mocha("environment", project, CHOSEN_PYTHON=str(chosen), OTHER_PYTHON=str(other))
    all_passed(outcome, 4)


def test_an_editor_in_korean(workbench: Make, project: Path) -> None:
    made = workbench()
    made.speak("ko")
    all_passed(made.mocha("korean", project), 3)
