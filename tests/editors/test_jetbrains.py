"""The JetBrains template: what LSP4IJ's importer would make of it, and its commands run for real."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "editors" / "build.py"
TEMPLATE = ROOT / "editors" / "jetbrains" / "slimstage"
# What the importer reads, by name, from the folder's direct children; it passes over anything else.
READ = {
    "template.json",
    "settings.json",
    "settings.schema.json",
    "initializationOptions.json",
    "experimental.json",
    "clientSettings.json",
    "installer.json",
    "workspaceFolderSettings.json",
    "README.md",
}
SYSTEMS = {"windows", "mac", "unix", "default"}
# From LSP4IJ's clientSettings.schema.json, June 2026: the part that a server like ours may want.
CLIENT_SETTINGS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "caseSensitive": {"type": "boolean"},
        "lineCommentPrefix": {"type": "string"},
        "uriSupport": {"type": "object", "properties": {"encoded": {"type": "boolean"}}},
        "completion": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "useContextAwareSorting": {"type": "boolean"},
                "useTemplateForInvocationOnlySnippet": {"type": "boolean"},
            },
        },
        "breadcrumbs": {"type": "object", "properties": {"enabled": {"type": "boolean"}}},
    },
}


def faults(folder: Path) -> list[str]:
    """What LSP4IJ's importer would stumble over or pass over, by the rules of its template deserializer."""
    if not (folder / "template.json").exists():
        return ["template.json is required"]
    found = [f"passed over: {file.name}" for file in folder.iterdir() if file.name not in READ]
    data: dict[str, Any] = {}
    for file in folder.glob("*.json"):
        try:
            data[file.name] = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            found.append(f"{file.name}: {error}")
    template = data.get("template.json")
    if not isinstance(template, dict):
        return [*found, "template.json is no object"]
    found += [f"{key} is missing" for key in ("id", "name") if not isinstance(template.get(key), str)]
    arguments = template.get("programArgs")
    if not isinstance(arguments, dict):
        found.append("programArgs is no object")
    else:
        found += [f"programArgs.{key} is unknown" for key in arguments.keys() - SYSTEMS]
        # Versions before 2025 read this key only, and need it.
        found += [] if isinstance(arguments.get("default"), str) else ["programArgs.default is missing"]
    if "env" in template and not template["env"].get("includeSystemEnvironmentVariables"):
        found.append("env hides the PATH unless includeSystemEnvironmentVariables is true")
    for mapping in template.get("fileTypeMappings", []):
        kind = mapping.get("fileType")
        if not isinstance(kind, dict):
            found.append("a fileTypeMapping without fileType")
        elif not (kind.get("patterns") or kind.get("name")) or not mapping.get("languageId"):
            found.append("a fileTypeMapping that maps nothing")
    for mapping in template.get("languageMappings", []):
        if not (mapping.get("language") and mapping.get("languageId")):
            found.append("a languageMapping that maps nothing")
    settings = data.get("settings.json", {})
    if any("." in key for key in settings) and template.get("expandConfiguration") is not True:
        found.append("dotted settings need expandConfiguration")
    for error in jsonschema.Draft7Validator(CLIENT_SETTINGS).iter_errors(data.get("clientSettings.json", {})):
        found.append(f"clientSettings.json: {error.message}")
    for error in jsonschema.Draft7Validator(data.get("settings.schema.json", {})).iter_errors(settings):
        found.append(f"settings.json: {error.message}")
    installer = data.get("installer.json", {})
    return found + [fault for name in ("check", "run") if name in installer for fault in _task_faults(installer[name])]


def _task_faults(task: dict[str, Any]) -> Iterator[str]:
    kind = next(iter(task), "")  # the importer looks at the first key only
    if kind not in ("exec", "download", "configureServer", "showMessage"):
        yield f"no task: {kind}"
        return
    body = task[kind]
    command = body.get("command")
    if kind in ("exec", "configureServer"):
        choices = command if isinstance(command, dict) else {"default": command}
        if "default" not in choices or choices.keys() - SYSTEMS:
            yield f"{body.get('name')}: no command for every system"
        for choice in choices.values():
            if kind == "exec" and choice != "${server.command}" and "${" in str(choice):
                yield f"{body.get('name')}: exec resolves $MACROS$ in commands, not properties"
    # A command that writes to standard error counts as failed otherwise, and pip does.
    if kind == "exec" and "pip" in str(command) and body.get("ignoreStderr") is not True:
        yield f"{body.get('name')}: ignoreStderr"
    for following in ("onSuccess", "onFail"):
        if following in body:
            yield from _task_faults(body[following])


def template(folder: Path, **changes: Any) -> Path:
    """A copy of the template with keys of template.json changed; None takes one away."""
    folder.mkdir()
    for file in TEMPLATE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    data = {**json.loads((folder / "template.json").read_text(encoding="utf-8")), **changes}
    kept = {key: value for key, value in data.items() if value is not None}
    (folder / "template.json").write_text(json.dumps(kept), encoding="utf-8")
    return folder


def test_the_importer_takes_the_template() -> None:
    assert faults(TEMPLATE) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"programArgs": None}, "programArgs is no object"),
        ({"programArgs": {"linux": "slimstage lsp"}}, "programArgs.default is missing"),
        ({"fileTypeMappings": [{"patterns": ["Dockerfile"]}]}, "a fileTypeMapping without fileType"),
        ({"expandConfiguration": None}, "dotted settings need expandConfiguration"),
        ({"env": {"variables": {"A": "b"}}}, "env hides the PATH unless includeSystemEnvironmentVariables is true"),
        ({"name": None}, "name is missing"),
    ],
)
def test_the_validator_sees_faults(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    assert fault in faults(template(tmp_path / "broken", **changes))


def test_generated_files_are_fresh() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    done = subprocess.run(
        [sys.executable, str(BUILD), "write", "--check"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_kind_of_file_name_is_mapped() -> None:
    data = json.loads((TEMPLATE / "template.json").read_text(encoding="utf-8"))
    patterns = data["fileTypeMappings"][0]["fileType"]["patterns"]
    for name in ("Dockerfile", "Dockerfile.dev", "web.dockerfile", "Containerfile", "Containerfile.dev"):
        assert any(Path(name).match(pattern) for pattern in patterns), name


def test_the_settings_are_the_servers() -> None:
    from slimstage.lsp.settings import read

    settings = json.loads((TEMPLATE / "settings.json").read_text(encoding="utf-8"))
    nested = {key.removeprefix("slimstage."): value for key, value in settings.items()}
    assert read(nested) == read({})  # all defaults, no complaint


def test_the_zip_holds_one_folder(tmp_path: Path) -> None:
    packed = tmp_path / "template.zip"
    subprocess.run([sys.executable, str(BUILD), "zip", str(packed)], check=True)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert folder.name == "slimstage" and faults(folder) == []
    assert {file.name for file in folder.iterdir()} == {file.name for file in TEMPLATE.iterdir()}


def answers(command: str, environment: dict[str, str]) -> str:
    """The name the server gives itself, started by that command line as the IDE starts it."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
    rest = '{"jsonrpc":"2.0","id":2,"method":"shutdown"}', '{"jsonrpc":"2.0","method":"exit"}'
    sent = "".join(f"Content-Length: {len(text.encode())}\r\n\r\n{text}" for text in (body, *rest))
    done = subprocess.run(
        shlex.split(command), input=sent.encode(), env=environment, capture_output=True, timeout=60, check=True
    )
    answer = json.loads(done.stdout.split(b"\r\n\r\n", 1)[1].split(b"Content-Length")[0])
    return str(answer["result"]["serverInfo"]["name"])


@pytest.mark.editors
def test_the_program_arguments_start_the_server(server_command: list[str]) -> None:
    data = json.loads((TEMPLATE / "template.json").read_text(encoding="utf-8"))
    path = f"{Path(server_command[0]).parent}:{os.environ['PATH']}"
    assert answers(data["programArgs"]["default"], {**os.environ, "PATH": path}) == "slimstage"


@pytest.mark.editors
def test_the_installer_installs_a_server_that_starts(tmp_path: Path) -> None:
    wheels, home = tmp_path / "wheels", tmp_path / "a home"
    home.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", wheels, ROOT],
        check=True,
        capture_output=True,
    )
    needed = [*pip, "download", "--require-hashes", "-d", wheels, "-r", ROOT / "requirements" / "run.txt"]
    done = subprocess.run(needed, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs the package index: {done.stderr.strip()[-200:]}")
    # What is released comes from the package index; what is tested is this checkout's wheel.
    environment = {**os.environ, "HOME": str(home), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
    installer = json.loads((TEMPLATE / "installer.json").read_text(encoding="utf-8"))
    task, ran = installer["run"], 0
    while "exec" in task:
        command = [part.replace("$USER_HOME$", str(home)) for part in task["exec"]["command"]["default"]]
        subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True)
        ran += 1
        task = task["exec"]["onSuccess"]
    assert ran == 2 and task["configureServer"]["update"] is True
    command_line = task["configureServer"]["command"]["default"].replace("$USER_HOME$", str(home))
    assert answers(command_line, environment) == "slimstage"
    assert command_line.startswith(f'"{home}/.lsp4ij/')
