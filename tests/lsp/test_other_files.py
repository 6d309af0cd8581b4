"""Code actions that change another file of the build context: `.dockerignore`, made or made longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client

TEXT = "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n"
EVERYTHING = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
ABLE = {"workspace": {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename"]}}}
VERSIONED = {"workspace": {"workspaceEdit": {"documentChanges": True}}}


@pytest.fixture
def client() -> Iterator[Client]:
    """A server of its own."""
    started = Client()
    try:
        yield started
    finally:
        started.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with installed modules."""
    (tmp_path / "node_modules" / "ms").mkdir(parents=True)
    (tmp_path / "node_modules" / "ms" / "index.js").write_text("", "utf-8")
    (tmp_path / "package.json").write_text("{}", "utf-8")
    return tmp_path


def actions(client: Client, project: Path, capabilities: dict[str, Any]) -> list[dict[str, Any]]:
    """What the server offers about `.dockerignore`."""
    client.initialize(capabilities)
    client.open(TEXT, (project / "Dockerfile").as_uri())
    found = client.about("textDocument/codeAction", range=EVERYTHING, context={"diagnostics": []})
    return [action for action in found if ".dockerignore" in action["title"]]


def test_the_file_is_made(client: Client, project: Path) -> None:
    (action,) = actions(client, project, ABLE)
    uri = (project / ".dockerignore").as_uri()
    made, changed = action["edit"]["documentChanges"]
    assert (made["kind"], made["uri"], made["options"]) == ("create", uri, {"ignoreIfExists": True})
    assert changed["textDocument"] == {"uri": uri, "version": None}
    at = {"line": 0, "character": 0}
    assert changed["edits"] == [{"range": {"start": at, "end": at}, "newText": "node_modules\n"}]
    assert action["title"] == "Add `node_modules` to .dockerignore"


@pytest.mark.parametrize(
    ("text", "line", "character", "new"),
    [
        ("docs\n", 1, 0, "node_modules\n"),
        ("# 😀\ndocs", 1, 4, "\nnode_modules\n"),
    ],
)
def test_the_file_gets_longer(client: Client, project: Path, text: str, line: int, character: int, new: str) -> None:
    (project / ".dockerignore").write_bytes(text.encode())
    (action,) = actions(client, project, VERSIONED)
    (changed,) = action["edit"]["documentChanges"]
    at = {"line": line, "character": character}
    assert changed["edits"] == [{"range": {"start": at, "end": at}, "newText": new}]


def test_a_plain_client_gets_a_plain_change_of_a_file_that_is_there(client: Client, project: Path) -> None:
    (project / ".dockerignore").write_text("docs\n", "utf-8")
    (action,) = actions(client, project, {})
    assert list(action["edit"]["changes"]) == [(project / ".dockerignore").as_uri()]


@pytest.mark.parametrize("capabilities", [{}, VERSIONED])
def test_not_offered_where_the_client_cannot_make_a_file(
    client: Client, project: Path, capabilities: dict[str, Any]
) -> None:
    assert not actions(client, project, capabilities)


def test_not_offered_where_the_file_cannot_be_read(client: Client, project: Path) -> None:
    (project / ".dockerignore").write_bytes(b"\xff\xfe")
    assert not actions(client, project, ABLE)
