"""A file longer than anybody writes one: it gets a message, and other documents get their answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from slimstage.lsp.documents import LONGEST
from tests.lsp.client import Client

GOOD, LONG = "untitled:good", "untitled:long"
START, SECOND = {"line": 0, "character": 0}, {"line": 1, "character": 2}
HEAD = "FROM debian:bookworm\nRUN apt-get install gcc\n"
TEXTS = {
    "short lines": HEAD + "RUN echo a short line\n" * 450_000,
    "one line": HEAD + "RUN true" + " && echo hello" * 750_000,
    "no instruction": "\n" * 10_000_000,
    "unknown words": "RUNN x\n" * 1_400_000,
    "open heredoc": HEAD + "RUN <<EOF\n" + "echo hello\n" * 900_000,
}
REQUESTS: dict[str, dict[str, Any]] = {
    "hover": {"position": SECOND},
    "completion": {"position": SECOND},
    "definition": {"position": SECOND},
    "references": {"position": SECOND, "context": {"includeDeclaration": True}},
    "documentHighlight": {"position": SECOND},
    "prepareRename": {"position": SECOND},
    "signatureHelp": {"position": SECOND},
    "selectionRange": {"positions": [SECOND]},
    "documentSymbol": {},
    "foldingRange": {},
    "documentLink": {},
    "codeLens": {},
    "semanticTokens/full": {},
    "formatting": {"options": {"tabSize": 4, "insertSpaces": True}},
    "inlayHint": {"range": {"start": START, "end": {"line": 99, "character": 0}}},
    "codeAction": {"range": {"start": START, "end": {"line": 99, "character": 0}}, "context": {"diagnostics": []}},
}


@pytest.fixture(scope="module", params=["en", "ko"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    """One server, with a document that must stay well."""
    found = Client()
    try:
        found.initialize(locale=request.param)
        found.open(HEAD, GOOD)
        yield found
        assert found.stop() == 0
        assert b"Traceback" not in found.stderr
    finally:
        found.kill()


@pytest.mark.parametrize("kind", TEXTS)
def test_it_gets_one_message_and_nothing_else(client: Client, kind: str) -> None:
    client.open(TEXTS[kind], LONG)
    (told,) = client.diagnostics(1)
    assert (told["code"], told["severity"]) == ("file-too-long", 3)
    assert f"{LONGEST:,}" in told["message"]
    for method, more in REQUESTS.items():
        client.about(f"textDocument/{method}", **more)
    client.uri = GOOD
    assert "RUN" in client.at("textDocument/hover", SECOND)["contents"]["value"]
    client.uri = LONG
    client.close()


def test_it_is_read_as_soon_as_it_is_short_enough(client: Client) -> None:
    text = HEAD + "# filling\n" * (LONGEST // 10)
    client.open(text, LONG)
    assert [each["code"] for each in client.diagnostics(1)] == ["file-too-long"]
    end = {"line": 9_000_000, "character": 0}
    client.change(2, {"range": {"start": {"line": 10, "character": 0}, "end": end}, "text": ""})
    rules = {each["code"] for each in client.diagnostics(2)}
    assert rules >= {"interactive-install"}
    assert "file-too-long" not in rules
    client.change(3, {"range": {"start": START, "end": START}, "text": "# x\n" * (LONGEST // 4)})
    assert [each["code"] for each in client.diagnostics(3)] == ["file-too-long"]
    client.change(4, {"text": HEAD})
    assert {each["code"] for each in client.diagnostics(4)} >= {"interactive-install"}
    client.close()


def test_edits_of_it_arrive(client: Client) -> None:
    client.open(HEAD + "# 한글 😀\n" * (LONGEST // 6), LONG)
    client.diagnostics(1)
    client.change(
        2, {"range": {"start": {"line": 2, "character": 0}, "end": {"line": 9_999_999, "character": 0}}, "text": ""}
    )
    client.change(
        3, {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}, "text": "USER app"}
    )
    client.diagnostics(3)
    (symbol,) = client.about("textDocument/documentSymbol")
    assert symbol["range"]["end"] == {"line": 1, "character": 8}
    client.close()
