"""What our own clients ask beyond the protocol, and what they are told when settings change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.client import Client

SEED = Path(__file__).parents[1] / "fixtures" / "seed" / "python-single-stage" / "Dockerfile"


@pytest.fixture
def client() -> Iterator[Client]:
    found = Client()
    yield found
    found.stop()


def test_size_topics_and_pages(client: Client) -> None:
    client.initialize(locale="ko")
    client.open(SEED.read_text(encoding="utf-8"), SEED.as_uri())
    size = client.about("slimstage/size")
    assert size["text"].endswith("MB") and 400e6 < size["bytes"] <= size["high"]
    assert "apt-get update" in size["report"] and "psycopg2" in size["report"]
    assert "multi-stage-build" in client.request("slimstage/topics", {})
    assert "스테이지" in client.request("slimstage/explain", {"topic": "multi-stage-build"})
    assert client.request("slimstage/explain", {"topic": "no such thing"}) is None
    assert client.request("slimstage/explain", {"topic": 5}) is None
    client.uri = "file:///not/open/Dockerfile"
    assert client.about("slimstage/size") is None
    assert client.about("slimstage/conversion") is None


@pytest.mark.parametrize(("locale", "ends"), [("en", "."), ("ko", "니다.")])
def test_sizes_of_a_conversion_and_why_there_is_none(client: Client, locale: str, ends: str) -> None:
    client.initialize(locale=locale)
    client.open(SEED.read_text(encoding="utf-8"), SEED.as_uri())
    told = client.about("slimstage/conversion")
    assert told["reason"] is None
    assert float(told["before"].split()[0]) > float(told["after"].split()[0]) > 100
    client.open("FROM scratch\n")
    reason = client.about("slimstage/conversion")["reason"]
    assert reason.endswith(ends) and reason.isascii() == (locale == "en")


def test_files_beside_an_untrusted_dockerfile_are_not_read(client: Client) -> None:
    client.initialize(options={"readContext": False})
    client.open(SEED.read_text(encoding="utf-8"), SEED.as_uri())
    assert "psycopg2" not in client.about("slimstage/size")["report"]


def test_what_is_untrusted_stays_so_when_settings_come_without_a_word_of_it(client: Client, tmp_path: Path) -> None:
    own = tmp_path / "team.yaml"
    own.write_text("images: {broken", encoding="utf-8")
    options = {"readContext": False, "knowledge": ["team.yaml"]}
    client.initialize(options=options, configuration={"knowledge": ["team.yaml"]}, folders=[tmp_path.as_uri()])
    client.open(SEED.read_text(encoding="utf-8"), SEED.as_uri())
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    for _ in range(3):  # as opened, as initially asked, as asked again
        client.diagnostics()
    assert "psycopg2" not in client.about("slimstage/size")["report"]
    assert b"team.yaml" not in client.stderr
    client.configuration = {"readContext": True, "knowledge": ["team.yaml"]}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.diagnostics()
    assert "psycopg2" in client.about("slimstage/size")["report"]
    client.stop()
    assert b"team.yaml" in client.stderr


def test_lenses_and_hints_are_asked_for_again_when_settings_change(client: Client) -> None:
    workspace = {"codeLens": {"refreshSupport": True}, "inlayHint": {"refreshSupport": True}}
    client.initialize({"workspace": workspace})
    client.open("FROM python:3.11-slim\n")
    client.diagnostics()
    client.notify("workspace/didChangeConfiguration", {"settings": {"slimstage": {"lang": "ko"}}})
    client.diagnostics()
    (lens,) = client.about("textDocument/codeLens")
    assert "이미지" in lens["command"]["title"]
    asked = {request["method"] for request in client.requests}
    assert {"workspace/codeLens/refresh", "workspace/inlayHint/refresh"} <= asked
