"""Users' own knowledge files in the editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client, position

OWN = """
images:
  - repository: registry.example.com/team/base
    tags:
      "1": {libc: musl, package_manager: apk, shell: /bin/ash, summary: {en: Ours to build on, ko: 사내 베이스}}
"""
TEXT = "# 한글 😀\nFROM registry.example.com/team/base:1\n"


@pytest.fixture
def client() -> Iterator[Client]:
    found = Client()
    yield found
    found.kill()


def hovered(client: Client) -> Any:
    client.open(TEXT)
    return client.at("textDocument/hover", position(TEXT, TEXT.index("team"), "utf-16"))


@pytest.mark.parametrize(("locale", "expected"), [("en", "Ours to build on"), ("ko-KR", "사내 베이스")])
def test_own_images_are_explained(client: Client, tmp_path: Path, locale: str, expected: str) -> None:
    own = tmp_path / "team.yaml"
    own.write_text(OWN, encoding="utf-8")
    client.initialize(locale=locale, options={"knowledge": [str(own)]})
    assert expected in hovered(client)["contents"]["value"]


def test_a_faulty_file_leaves_the_rest_working(client: Client, tmp_path: Path) -> None:
    own = tmp_path / "team.yaml"
    own.write_text("images: {broken", encoding="utf-8")
    client.initialize(options={"knowledge": [str(own), str(tmp_path / "absent.yaml")]})
    found = hovered(client)
    assert found is None or "Ours" not in found["contents"]["value"]
    client.open("FROM python:3.11-slim\n")
    assert "124.8 MB" in client.at("textDocument/hover", position("FROM python", 6, "utf-16"))["contents"]["value"]


@pytest.mark.parametrize(
    ("locale", "told"), [("en", "expected a list, found text"), ("ko", "목록 형식이어야 하는데 텍스트")]
)
def test_a_fault_is_told_in_the_clients_language(client: Client, tmp_path: Path, locale: str, told: str) -> None:
    own = tmp_path / "team.yaml"
    own.write_text("images: all\n", encoding="utf-8")
    client.initialize(locale=locale, options={"knowledge": [str(own)]})
    hovered(client)
    assert client.stop() == 0
    assert f"{own}:1: {told}" in client.stderr.decode("utf-8")
