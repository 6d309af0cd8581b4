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
# What the deserializer takes out of template.json; it passes over anything else.
TEMPLATE_KEYS = {
    "id": str,
    "name": str,
    "url": str,
    "dev": bool,
    "programArgs": dict,
    "workingDir": str,
    "env": dict,
    "expandConfiguration": bool,
    "disablePromotionFor": list,
    "languageMappings": list,
    "fileTypeMappings": list,
}
# What a user may set about the client, all of it, with the kind of value.
CLIENT_SETTINGS: dict[str, Any] = {
    "caseSensitive": bool,
    "lineCommentPrefix": str,
    "blockCommentPrefix": str,
    "blockCommentSuffix": str,
    "statementTerminatorCharacters": str,
    "uriSupport": {"encoded": bool},
    "completion": {"useContextAwareSorting": bool, "useTemplateForInvocationOnlySnippet": bool},
    "breadcrumbs": {"enabled": bool},
    "editor": {
        "enableStringLiteralImprovements": bool,
        "enableStatementTerminatorImprovements": bool,
        "enableEnterBetweenBracesFix": bool,
        "enableTextMateNestedBracesImprovements": bool,
        "enableSemanticTokensFileViewProvider": bool,
    },
    "format": {
        "enabled": bool,
        "tabSize": int,
        "insertSpaces": bool,
        "existingFormatterOverrideable": bool,
        "onTypeFormatting": {
            "serverSide": {"enabled": bool},
            "clientSide": {
                "formatOnCloseBrace": bool,
                "formatOnCloseBraceCharacters": str,
                "formatOnCloseBraceScope": str,
                "formatOnStatementTerminator": bool,
                "formatOnStatementTerminatorCharacters": str,
                "formatOnStatementTerminatorScope": str,
                "formatOnCompletionTrigger": bool,
                "formatOnCompletionTriggerCharacters": str,
            },
        },
    },
    "references": {"processExternalReferences": bool},
    "workspaceSymbol": {"supportsGotoClass": bool},
    "jsonRpc": {"useIntegerIds": bool},
}
INSTALLER_KEYS = {"id": str, "name": str, "executeOnStartServer": bool, "properties": dict, "check": dict, "run": dict}
_TASK_KEYS = {"id": str, "name": str, "onSuccess": dict, "onFail": dict}
TASKS: dict[str, dict[str, Any]] = {
    "exec": {**_TASK_KEYS, "command": object, "workingDir": str, "timeout": int, "ignoreStderr": bool},
    "configureServer": {**_TASK_KEYS, "command": object, "update": bool},
    "showMessage": {**_TASK_KEYS, "message": object, "actions": list},
    "download": {**_TASK_KEYS, "url": object, "github": dict, "maven": dict, "output": dict},
}


def _keys(where: str, data: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """Keys that nothing reads, and values of the wrong kind."""
    for key, value in data.items():
        kind = known.get(key)
        if kind is None:
            yield f"{where}: nothing reads {key}"
        elif isinstance(kind, dict):
            yield from (
                _keys(f"{where}.{key}", value, kind) if isinstance(value, dict) else [f"{where}.{key}: no object"]
            )
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield f"{where}.{key}: no {kind.__name__}"


def faults(folder: Path) -> list[str]:
    """What LSP4IJ's importer would stumble over or pass over, by the rules of its template deserializer."""
    if not (folder / "template.json").is_file():
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
    found += _keys("template.json", template, TEMPLATE_KEYS)
    found += [f"{key} is missing" for key in ("id", "name") if not isinstance(template.get(key), str)]
    if "url" not in template:
        found.append("without url the dialog links to a page of LSP4IJ's own documentation")
    arguments = template.get("programArgs")
    if not isinstance(arguments, dict):
        found.append("programArgs is no object")
    else:
        found += _keys("programArgs", arguments, dict.fromkeys(SYSTEMS, str))
        found += [] if isinstance(arguments.get("default"), str) else ["programArgs.default is missing"]
    if "env" in template and not template["env"].get("includeSystemEnvironmentVariables"):
        found.append("env hides the PATH unless includeSystemEnvironmentVariables is true")
    found += _mapping_faults(template)
    settings = data.get("settings.json", {})
    if any("." in key for key in settings) and template.get("expandConfiguration") is not True:
        found.append("dotted settings need expandConfiguration")
    found += _keys("clientSettings.json", data.get("clientSettings.json", {}), CLIENT_SETTINGS)
    for error in jsonschema.Draft7Validator(data.get("settings.schema.json", {})).iter_errors(settings):
        found.append(f"settings.json: {error.message}")
    installer = data.get("installer.json", {})
    found += _keys("installer.json", installer, INSTALLER_KEYS)
    return found + [fault for name in ("check", "run") if name in installer for fault in _task_faults(installer[name])]


def _mapping_faults(template: dict[str, Any]) -> Iterator[str]:
    for mapping in template.get("fileTypeMappings", []):
        kind = mapping.get("fileType")
        if not isinstance(kind, dict):
            yield "a fileTypeMapping without fileType"
        elif not (kind.get("patterns") or kind.get("name")) or not mapping.get("languageId"):
            yield "a fileTypeMapping that maps nothing"
        elif not all(isinstance(pattern, str) for pattern in kind.get("patterns", [])):
            yield "a pattern that is no string"
    for mapping in template.get("languageMappings", []):
        if not (mapping.get("language") and mapping.get("languageId")):
            yield "a languageMapping that maps nothing"


def _task_faults(task: dict[str, Any]) -> Iterator[str]:
    kind = next(iter(task), "")  # the first key is the task
    if kind not in TASKS:
        yield f"no task: {kind}"
        return
    yield from (f"{kind}: nothing reads {key} beside it" for key in list(task)[1:])
    body = task[kind]
    yield from _keys(kind, body, TASKS[kind])
    command = body.get("command")
    if kind in ("exec", "configureServer"):
        choices = command if isinstance(command, dict) else {"default": command}
        if "default" not in choices or choices.keys() - SYSTEMS:
            yield f"{body.get('name')}: no command for every system"
        for choice in choices.values():
            words = choice if isinstance(choice, list) and kind == "exec" else [choice]
            if not all(isinstance(word, str) for word in words):
                yield f"{body.get('name')}: a command that is no text"
            if kind == "exec" and choice != "${server.command}" and "${" in str(choice):
                yield f"{body.get('name')}: exec resolves $MACROS$ in commands, not properties"
            if kind == "exec" and isinstance(choice, str) and "$USER_HOME$" in choice:
                yield f"{body.get('name')}: a command in one text is cut at blanks, and a home may have one"
    # A command that writes to standard error counts as failed otherwise, and pip does.
    if kind == "exec" and "pip" in str(command) and body.get("ignoreStderr") is not True:
        yield f"{body.get('name')}: ignoreStderr"
    for following in ("onSuccess", "onFail"):
        if following in body:
            yield from _task_faults(body[following])


def template(folder: Path, changed: str = "template.json", /, **changes: Any) -> Path:
    """A copy of the template with keys of one of its files changed; None takes one away."""
    folder.mkdir()
    for file in TEMPLATE.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    data = {**json.loads((folder / changed).read_text(encoding="utf-8")), **changes}
    kept = {key: value for key, value in data.items() if value is not None}
    (folder / changed).write_text(json.dumps(kept), encoding="utf-8")
    return folder


def test_the_importer_takes_the_template() -> None:
    assert faults(TEMPLATE) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"programArgs": None}, "programArgs is no object"),
        ({"programArgs": {"unix": "slimstage lsp"}}, "programArgs.default is missing"),
        ({"programArgs": {"default": "slimstage lsp", "linux": "x"}}, "programArgs: nothing reads linux"),
        ({"programArgs": {"default": ["slimstage", "lsp"]}}, "programArgs.default: no str"),
        ({"url": None}, "without url the dialog links to a page of LSP4IJ's own documentation"),
        ({"command": "slimstage lsp"}, "template.json: nothing reads command"),
        ({"fileTypeMappings": [{"patterns": ["Dockerfile"]}]}, "a fileTypeMapping without fileType"),
        ({"expandConfiguration": None}, "dotted settings need expandConfiguration"),
        ({"env": {"variables": {"A": "b"}}}, "env hides the PATH unless includeSystemEnvironmentVariables is true"),
        ({"name": None}, "name is missing"),
    ],
)
def test_the_validator_sees_faults(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    assert fault in faults(template(tmp_path / "broken", **changes))


@pytest.mark.parametrize(
    ("file", "changes", "fault"),
    [
        ("clientSettings.json", {"lineComment": "#"}, "clientSettings.json: nothing reads lineComment"),
        ("clientSettings.json", {"format": {"tabSize": "4"}}, "clientSettings.json.format.tabSize: no int"),
        ("settings.json", {"slimstage.langs": "ko"}, "settings.json: Additional properties are not allowed"),
        ("installer.json", {"steps": []}, "installer.json: nothing reads steps"),
        ("installer.json", {"run": {"pip": {}}}, "no task: pip"),
        (
            "installer.json",
            {"run": {"exec": {"name": "x", "command": {"unix": "a"}}}},
            "x: no command for every system",
        ),
        ("installer.json", {"run": {"exec": {"name": "x", "command": "ls $USER_HOME$"}}}, "x: a command in one text"),
        ("installer.json", {"run": {"exec": {"name": "x", "command": ["pip"]}}}, "x: ignoreStderr"),
        (
            "installer.json",
            {"run": {"configureServer": {"name": "x", "command": ["a"]}}},
            "x: a command that is no text",
        ),
    ],
)
def test_the_validator_sees_faults_of_the_other_files(
    tmp_path: Path, file: str, changes: dict[str, Any], fault: str
) -> None:
    found = faults(template(tmp_path / "broken", file, **changes))
    assert any(text.startswith(fault) for text in found), found


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


def unpacked(archives: Path, target: Path) -> Path:
    """The template's folder, as a user has it after unpacking the archive."""
    with zipfile.ZipFile(archives / "slimstage-lsp4ij.zip") as archive:
        archive.extractall(target)
    (folder,) = target.iterdir()
    return folder


def test_the_zip_holds_one_folder(archives: Path, tmp_path: Path) -> None:
    folder = unpacked(archives, tmp_path / "unpacked")
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
def test_the_program_arguments_start_the_server(archives: Path, server_command: list[str], tmp_path: Path) -> None:
    folder = unpacked(archives, tmp_path)
    data = json.loads((folder / "template.json").read_text(encoding="utf-8"))
    path = f"{Path(server_command[0]).parent}:{os.environ['PATH']}"
    assert answers(data["programArgs"]["default"], {**os.environ, "PATH": path}) == "slimstage"


@pytest.mark.editors
def test_the_installer_installs_a_server_that_starts(archives: Path, tmp_path: Path) -> None:
    folder = unpacked(archives, tmp_path / "unpacked")
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
    installer = json.loads((folder / "installer.json").read_text(encoding="utf-8"))
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
    # The check runs that command and is content when it still runs after the time given, as a server does.
    check = installer["check"]["exec"]
    assert check["command"] == "${server.command}"
    server = subprocess.Popen(shlex.split(command_line), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(check["timeout"] / 1000)
    server.kill()
    server.wait()
