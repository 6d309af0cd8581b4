"""The maintainers' measuring tool for npm: own files only, by version; no package whose script may bring more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from slimstage.knowledge.measure_npm import main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    rows = {
        "": {"name": "x"},
        "node_modules/a": {
            "version": "1.0.0",
            "dependencies": {"b": "^1"},
            "optionalDependencies": {"c": "1", "d": "1"},
        },
        "node_modules/a/node_modules/b": {"version": "1.5.0"},
        "node_modules/b": {"version": "2.0.0"},
        "node_modules/c": {"version": "1.0.0"},
        "node_modules/native": {"version": "1.0.0", "hasInstallScript": True},
        "node_modules/own": {"link": True},
        "node_modules/elsewhere": {"version": "1.0.0"},
    }
    for place, size in (("a", 10), ("a/node_modules/b", 200), ("b", 3000), ("c", 4), ("native", 5)):
        folder = tmp_path / "node_modules" / place / "lib"
        folder.mkdir(parents=True)
        (folder / "index.js").write_bytes(b"x" * size)
    (tmp_path / "node_modules/a/lib/link.js").symlink_to("index.js")
    (tmp_path / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": rows}))
    return tmp_path


def test_rows_by_name_and_version(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(project), "sizes"]) == 0
    rows = {"a": {"1.0.0": 10}, "b": {"1.5.0": 200, "2.0.0": 3000}, "c": {"1.0.0": 4}}
    assert yaml.safe_load(capsys.readouterr().out) == rows
    assert main([str(project), "needs"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == {"a": ["b", "c"]}
    assert main([str(project)]) == 2
