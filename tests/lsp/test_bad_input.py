"""What a confused or hostile client may send: the server answers the next question all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.wire import Wire

URI = "untitled:Dockerfile"
GOOD = "untitled:good"


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def edit(start: dict[str, int], end: dict[str, int], text: str) -> dict[str, Any]:
    return {"range": {"start": start, "end": end}, "text": text}


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with Wire() as client:
        client.open(GOOD, "FROM alpine:3.19\nRUN true\n")
        yield client


def still_alive(wire: Wire) -> None:
    assert "RUN" in wire.hover(GOOD, 1, 1)["contents"]["value"]


@pytest.mark.parametrize(
    "text",
    ["", "\0\1\2\x7f" * 500, "\ufeffFROM a\r\rRUN b", "RUN " + "\"'" * 5000, "FROM a\nRUN <<A <<B\n", "ENV A=${" * 999],
)
def test_any_text(wire: Wire, text: str) -> None:
    wire.open(URI, text, language="docker")
    wire.hover(URI, 0, 1)
    wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": URI}})
    wire.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": URI}})
    still_alive(wire)


def test_ranges_out_of_bounds_are_clamped(wire: Wire) -> None:
    wire.open(URI, "FROM alpine\nRUN true")
    wire.change(URI, 2, edit(at(99, 99), at(200, 5), "\nUSER me"))
    wire.change(URI, 3, edit(at(0, 500), at(0, 999), ":3.19"))
    wire.change(URI, 4, edit(at(1, 4), at(1, 0), "#"))
    found = wire.ask("textDocument/documentSymbol", {"textDocument": {"uri": URI}})
    assert found[0]["detail"] == "FROM alpine:3.19"
    assert found[0]["children"][-1]["name"] == "USER"
    still_alive(wire)


def test_versions_out_of_order_and_unknown_documents(wire: Wire) -> None:
    wire.open(URI, "FROM a\n", version=7)
    wire.change(URI, 3, {"text": "FROM b\n"})
    wire.change("untitled:never-opened", 1, {"text": "FROM c\n"})
    assert wire.hover("untitled:never-opened", 0, 0) is None
    wire.tell("textDocument/didClose", {"textDocument": {"uri": "untitled:never-opened"}})
    still_alive(wire)


def test_rapid_open_and_close(wire: Wire) -> None:
    for version in range(50):
        wire.open(URI, "FROM alpine\nRUN true\n", version=version)
        wire.tell("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert wire.hover(URI, 0, 0) is None
    still_alive(wire)


def test_settings_nobody_knows(wire: Wire) -> None:
    for settings in (None, [], 3, {"slimstage": {"lang": 7, "nonsense": {}, "severities": []}}):
        wire.tell("workspace/didChangeConfiguration", {"settings": settings})
        still_alive(wire)


def test_a_file_that_is_gone(wire: Wire) -> None:
    wire.open("file:///no/such/folder/Dockerfile", "FROM alpine\nCOPY a b\n")
    assert wire.hover("file:///no/such/folder/Dockerfile", 1, 1) is not None
    still_alive(wire)


def test_ten_megabytes() -> None:
    with Wire() as wire:
        wire.open(URI, "FROM alpine\n" + "RUN echo " + "x" * 10_000_000 + "\n")
        assert wire.hover(URI, 0, 1) is not None


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 16), ("utf-16", 12), ("utf-32", 10)])
@pytest.mark.parametrize(("locale", "word"), [("en", "Value"), ("ko-KR", "값")])
def test_columns_in_every_encoding(encoding: str, column: int, locale: str, word: str) -> None:
    text = "FROM alpine\nENV A=1\nRUN e 😀😀 $A\n"
    with Wire(encoding, locale) as wire:
        assert wire.capabilities["positionEncoding"] == encoding
        wire.open(URI, text)
        found = wire.hover(URI, 2, column)
        assert word in found["contents"]["value"]
        assert found["range"]["start"] == at(2, column)
