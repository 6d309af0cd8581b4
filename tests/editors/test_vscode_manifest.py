"""The VS Code manifest: made from the server's schema, complete in both languages, with a problem matcher that fits."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from slimstage.cli.main import main

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors" / "vscode"


def build_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vscode_build", EXTENSION / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    return found


def test_the_manifest_is_what_the_schema_makes() -> None:
    stale = [
        name
        for name, text in build_script().manifest().items()
        if (EXTENSION / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run python editors/vscode/build.py manifest"


def test_every_text_exists_in_both_languages() -> None:
    keys = set(re.findall(r"%([\w.-]+)%", json.dumps(manifest())))
    assert keys
    for name in ("package.nls.json", "package.nls.ko.json"):
        texts = json.loads((EXTENSION / name).read_text(encoding="utf-8"))
        assert keys <= set(texts)
        assert all(texts[key].strip() and texts[key] != key for key in keys)


def test_every_text_of_the_code_has_a_translation() -> None:
    korean = json.loads((EXTENSION / "l10n" / "bundle.l10n.ko.json").read_text(encoding="utf-8"))
    used: set[str] = set()
    for source in (EXTENSION / "src").glob("*.ts"):
        used |= set(re.findall(r'l10n\.t\(\s*"((?:[^"\\]|\\.)*)"', source.read_text(encoding="utf-8")))
    assert used and used == set(korean)


def test_every_command_is_declared_and_implemented() -> None:
    declared = {entry["command"] for entry in manifest()["contributes"]["commands"]}
    code = (EXTENSION / "src" / "extension.ts").read_text(encoding="utf-8")
    assert declared == {f"slimstage.{name}" for name in re.findall(r'command\("(\w+)"', code)}


def test_the_problem_matcher_reads_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine:3.20 AS build\nFROM alpine:3.20\nCOPY --from=biuld /a /b\n", encoding="utf-8")
    assert main(["check", "--lang", "en", str(file)]) in (0, 1)
    pattern = manifest()["contributes"]["problemMatchers"][0]["pattern"]
    matches = [m for line in capsys.readouterr().out.splitlines() if (m := re.match(pattern["regexp"], line))]
    found = {m[pattern["code"]]: m for m in matches}
    assert found["unknown-stage"][pattern["file"]] == str(file)
    assert found["unknown-stage"][pattern["line"]] == "3"
    assert found["unknown-stage"][pattern["severity"]] == "warning"


def test_a_native_file_in_the_bundle_is_found(tmp_path: Path) -> None:
    for name in ("pure.py", "deep/down/fast.cpython-311-x86_64-linux-gnu.so", "other.pyd", "third.dylib", "fourth.dll"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = build_script().native_files(tmp_path)
    assert [Path(name).suffix for name in found] == [".so", ".dll", ".pyd", ".dylib"]


def test_restricted_mode_takes_nothing_from_the_workspace_that_is_read_or_run() -> None:
    restricted = manifest()["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert set(restricted) <= set(manifest()["contributes"]["configuration"]["properties"])
    assert {"slimstage.interpreter", "slimstage.knowledge", "slimstage.online"} <= set(restricted)


def test_settings_of_the_whole_session_are_not_offered_for_a_folder() -> None:
    scopes = {
        name.removeprefix("slimstage."): spec["scope"]
        for name, spec in manifest()["contributes"]["configuration"]["properties"].items()
    }
    assert {name for name in ("lang", "knowledge", "online") if scopes[name] != "window"} == set()
    assert scopes["severities"] == scopes["context"] == "resource"
