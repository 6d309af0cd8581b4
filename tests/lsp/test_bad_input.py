"""What a confused or hostile client may send: the server answers the next question all the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client

URI = "untitled:Dockerfile"
GOOD = "untitled:good"


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def edit(start: dict[str, int], end: dict[str, int], text: str) -> dict[str, Any]:
    return {"range": {"start": start, "end": end}, "text": text}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One server for all of it, with a document that must stay well."""
    found = Client()
    found.initialize()
    found.open("FROM alpine:3.24\nRUN true\n", GOOD)
    yield found
    assert found.stop() == 0
    assert b"Traceback" not in found.stderr, found.stderr.decode()


def hover(client: Client, line: int, character: int, uri: str = URI) -> Any:
    client.uri = uri
    return client.at("textDocument/hover", at(line, character))


def still_alive(client: Client) -> None:
    assert "RUN" in hover(client, 1, 1, GOOD)["contents"]["value"]
    client.uri = URI


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\1\2\x7f" * 500,
        "\x89PNG\r\n\x1a\n" * 99,
        "\ufeffFROM a\r\rRUN b",
        "RUN " + "\"'" * 5000,
        "RUN " + "$(" * 5000,
        "FROM a\nRUN <<A <<B\n",
        "ENV A=${" * 999,
        "ONBUILD " * 2000,
        "\\\n" * 5000,
        "FROM a\nLABEL x=\ufffe\uffff\n",
    ],
)
def test_any_text(client: Client, text: str) -> None:
    client.open(text, URI, language="docker")
    for line, character in ((0, 0), (0, 1), (0, 4), (1, 3)):
        hover(client, line, character)
        client.at("textDocument/completion", at(line, character))
        client.at("textDocument/definition", at(line, character))
        client.at("textDocument/references", at(line, character), context={"includeDeclaration": True})
    everything = {"start": at(0, 0), "end": at(99999, 0)}
    client.about("textDocument/codeAction", range=everything, context={"diagnostics": []})
    for method in ("documentSymbol", "foldingRange", "semanticTokens/full", "documentLink", "codeLens"):
        client.about(f"textDocument/{method}")
    client.about("textDocument/formatting", options={"tabSize": 4, "insertSpaces": True})
    still_alive(client)


def test_ranges_out_of_bounds_are_clamped(client: Client) -> None:
    client.open("FROM alpine\nRUN true", URI)
    client.change(2, edit(at(99, 99), at(200, 5), "\nUSER me"))
    client.change(3, edit(at(0, 500), at(0, 999), ":3.24"))
    client.change(4, edit(at(1, 4), at(1, 0), "#"))
    found = client.about("textDocument/documentSymbol")
    assert found[0]["detail"] == "FROM alpine:3.24"
    assert found[0]["children"][-1]["name"] == "USER"
    hover(client, 4_000_000, 4_000_000)
    still_alive(client)


def test_versions_out_of_order_and_unknown_documents(client: Client) -> None:
    client.open("FROM a\n", URI, version=7)
    client.change(3, {"text": "FROM b\n"})
    assert client.about("textDocument/documentSymbol")[0]["detail"] == "FROM b"
    client.uri = "untitled:never-opened"
    client.change(1, {"text": "FROM c\n"})
    client.close()
    assert hover(client, 0, 0, "untitled:never-opened") is None
    still_alive(client)


# What Helix 25.01 was seen to send for "=build" replaced by "=bu": each change by a task of its own.
REPLACED = {
    2: edit(at(2, 11), at(2, 17), ""),
    3: edit(at(2, 11), at(2, 11), "="),
    4: edit(at(2, 12), at(2, 12), "b"),
    5: edit(at(2, 13), at(2, 13), "u"),
}


@pytest.mark.parametrize("order", list(permutations(REPLACED)), ids=str)
def test_changes_that_come_late_are_put_where_they_belong(client: Client, order: tuple[int, ...]) -> None:
    client.open("FROM alpine AS build\nFROM alpine\nCOPY --from=build /a /b\n", URI, version=1)
    for version in order:
        client.change(version, REPLACED[version])
    client.change(6, edit(at(2, 14), at(2, 14), "ggy"))
    (message,) = [found["message"] for found in client.diagnostics(6) if found["code"] == "unknown-stage"]
    assert "`buggy`" in message
    still_alive(client)


def test_rapid_open_and_close(client: Client) -> None:
    for version in range(50):
        client.open("FROM alpine\nRUN true\n", URI, version=version)
        client.close()
    assert hover(client, 0, 0) is None
    still_alive(client)


def test_opening_twice_starts_anew(client: Client) -> None:
    client.open("FROM alpine\n", URI)
    client.open("FROM debian\n", URI, version=2)
    assert client.about("textDocument/documentSymbol")[0]["detail"] == "FROM debian"


def test_settings_nobody_knows(client: Client) -> None:
    for settings in (None, [], 3, {"slimstage": {"lang": 7, "nonsense": {}, "severities": []}}):
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
        still_alive(client)


@pytest.mark.parametrize(
    "uri", ["file:///no/such/folder/Dockerfile", "file://", "file:///%00", "http://[::", "file:///%ff%fe/x"]
)
def test_addresses_that_lead_nowhere(client: Client, uri: str) -> None:
    client.open("FROM alpine\nCOPY a b\n", uri)
    assert hover(client, 1, 1, uri) is not None
    client.at("textDocument/completion", at(1, 5))
    client.close()
    still_alive(client)


@pytest.mark.parametrize("params", [{}, {"textDocument": 5}, {"textDocument": {"uri": GOOD}, "position": "x"}, []])
def test_a_request_that_cannot_be_read_is_answered(client: Client, params: Any) -> None:
    answer = client.answer(client.ask("textDocument/completion", params))
    assert answer["error"]["code"] == -32602
    still_alive(client)


def test_a_file_that_vanishes(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask\n", "utf-8")
    uri = (folder / "Dockerfile").as_uri()
    client.open("FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n", uri)
    assert hover(client, 1, 1, uri) is not None
    (folder / "requirements.txt").unlink()
    folder.rmdir()
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert hover(client, 1, 1, uri) is not None
    still_alive(client)


@pytest.mark.parametrize("text", ["RUN echo " + "x" * 10_000_000 + "\n", ("RUN echo " + "x" * 9_990 + "\n") * 1_000])
def test_ten_megabytes(client: Client, text: str) -> None:
    client.open("FROM alpine:3.24\n" + text, "untitled:ten")
    assert [told["code"] for told in client.diagnostics(1)] == ["file-too-long"]
    assert hover(client, 0, 1, "untitled:ten") is None
    still_alive(client)
    client.uri = "untitled:ten"
    client.change(2, edit(at(0, 0), at(0, 0), "# x\n"), edit(at(3, 0), at(9999, 0), ""))
    assert [told["code"] for told in client.diagnostics(2)] == (["file-too-long"] if len(text) > 10_000_000 else [])
    client.change(3, edit(at(2, 8), at(2, 20_000_000), ""))
    assert client.diagnostics(3) == []
    assert hover(client, 1, 1, "untitled:ten") is not None
    client.close()
    still_alive(client)
