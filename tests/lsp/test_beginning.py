"""A file that has no FROM yet: quiet while it is written, told of when it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.client import Client

PULLING: dict[str, Any] = {
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
START = {"line": 0, "character": 0}


@pytest.fixture
def client() -> Iterator[Client]:
    """A server of its own."""
    started = Client()
    try:
        yield started
        assert started.stop() == 0
        assert b"Traceback" not in started.stderr
    finally:
        started.kill()


def rules(diagnostics: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in diagnostics]


def saved(client: Client) -> None:
    client.notify("textDocument/didSave", {"textDocument": {"uri": client.uri}})


def typed(client: Client, version: int, text: str) -> None:
    client.change(version, {"range": {"start": START, "end": START}, "text": text})


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_empty_file_is_told_of_when_it_is_saved(client: Client, lang: str) -> None:
    client.initialize(locale=lang)
    client.open("", "untitled:Dockerfile")
    assert client.diagnostics(1) == []
    saved(client)
    (told,) = client.diagnostics(1)
    assert (told["code"], told["severity"]) == ("missing-from", 1)
    assert told["range"] == {"start": START, "end": START}
    assert ("명령이 없어" in told["message"]) is (lang == "ko")
    typed(client, 2, "# Our server\n")
    assert client.diagnostics(2) == []
    saved(client)
    assert rules(client.diagnostics(2)) == ["missing-from"]
    typed(client, 3, "FROM alpine:3.22\n")
    assert client.diagnostics(3) == []
    saved(client)
    assert client.diagnostics(3) == []


def test_new_settings_do_not_end_the_writing(client: Client) -> None:
    client.initialize()
    client.open("ARG A\n", "untitled:Dockerfile")
    assert client.diagnostics(1) == []
    client.notify("workspace/didChangeConfiguration", {"settings": {"slimstage": {"hover": False}}})
    assert client.diagnostics(1) == []
    saved(client)
    assert rules(client.diagnostics(1)) == ["missing-from"]
    client.notify("workspace/didChangeConfiguration", {"settings": {"slimstage": {"hover": True}}})
    assert rules(client.diagnostics(1)) == ["missing-from"]


def test_a_client_that_pulls_is_asked_to_do_so(client: Client) -> None:
    client.initialize(PULLING)
    client.open("# a\n", "untitled:Dockerfile")
    assert client.about("textDocument/diagnostic")["items"] == []
    saved(client)
    assert rules(client.about("textDocument/diagnostic")["items"]) == ["missing-from"]
    assert [each["method"] for each in client.requests] == ["workspace/diagnostic/refresh"]
