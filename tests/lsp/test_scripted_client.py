"""pytest-lsp's client, independent of ours, on the seed's Dockerfiles and a broken one, in English and Korean."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

ROOT = Path(__file__).parents[2]
SEED = ROOT / "tests" / "fixtures" / "seed"
BROKEN = "# 깨진 파일 😀\nFROM alpine:3.20 AS build\nRUNN true\nFROM alpine:3.20\nCOPY --from=biuld /etc/issue /b\n"


CAPABILITIES = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
    ),
)


@pytest_lsp.fixture(
    params=["en", "ko"],
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "slimstage", "lsp"], server_env={"PYTHONPATH": str(ROOT / "server")}
    ),
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient) -> AsyncIterator[None]:
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=CAPABILITIES, locale=request.param, root_uri=SEED.as_uri())
    )
    yield
    await lsp_client.shutdown_session()


def opened(client: LanguageClient, uri: str, text: str) -> types.TextDocumentIdentifier:
    item = types.TextDocumentItem(uri, "dockerfile", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    return types.TextDocumentIdentifier(uri)


def position(text: str, needle: str) -> types.Position:
    before = text[: text.index(needle) + 1]
    line = before.count("\n")
    return types.Position(line, len(before.rsplit("\n", 1)[-1].encode("utf-16-le")) // 2)


async def diagnostics(client: LanguageClient, document: types.TextDocumentIdentifier) -> list[types.Diagnostic]:
    report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    return list(report.items)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in SEED.glob("*/Dockerfile")))
async def test_a_file_of_the_seed(client: LanguageClient, name: str) -> None:
    path = SEED / name / "Dockerfile"
    text = path.read_text(encoding="utf-8")
    document = opened(client, path.as_uri(), text)
    found = {item.code for item in await diagnostics(client, document)}
    assert ("build-tools-in-final-stage" in found) is (name == "python-single-stage")
    hovered = await client.text_document_hover_async(types.HoverParams(document, position(text, "FROM")))
    assert hovered is not None and "FROM" in str(hovered.contents)
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    assert symbols is not None and len(symbols) == text.count("\nFROM") + text.startswith("FROM")


async def test_a_broken_file_is_diagnosed_completed_and_fixed(
    client: LanguageClient, request: pytest.FixtureRequest
) -> None:
    document = opened(client, "file:///broken/Dockerfile", BROKEN)
    found = {item.code: item for item in await diagnostics(client, document)}
    assert {"unknown-instruction", "unknown-stage"} <= set(found)
    korean = "ko" in request.node.name
    assert ("스테이지" in found["unknown-stage"].message) is korean
    at = position(BROKEN, "biuld")
    completed = await client.text_document_completion_async(
        types.CompletionParams(document, types.Position(at.line, at.character - 1))
    )
    assert isinstance(completed, types.CompletionList)
    assert any("build" in item.label for item in completed.items)
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(document, types.Range(at, at), types.CodeActionContext([]))
    )
    texts = [
        edit.new_text
        for action in actions or []
        if isinstance(action, types.CodeAction) and action.edit is not None and action.edit.document_changes
        for change in action.edit.document_changes
        if isinstance(change, types.TextDocumentEdit)
        for edit in change.edits
        if isinstance(edit, types.TextEdit)
    ]
    assert "build" in texts
