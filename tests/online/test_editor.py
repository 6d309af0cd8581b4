"""The setting `online` in the language server: figures come later, by themselves, and only when asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lsp.client import Client
from tests.online.conftest import Stub, layer


@pytest.fixture
def client(quiet_home: object) -> Iterator[Client]:
    found = Client()
    yield found
    found.kill()


def size(client: Client) -> Any:
    return client.about("slimstage/size")


@pytest.mark.parametrize("options", [{}, {"online": False}, {"online": True, "readContext": False}])
def test_nobody_is_asked_unless_it_is_on_and_the_workspace_is_trusted(
    client: Client, stub: Stub, options: dict[str, bool]
) -> None:
    client.initialize(options=options)
    client.open(f"FROM {stub.host}/base:1\n")
    assert size(client)["bytes"] == 0
    assert not stub.asked


def test_figures_come_by_themselves(client: Client, stub: Stub) -> None:
    stub.manifest("base", "1", layer(640_000))
    client.initialize(options={"online": True})
    client.open(f"FROM {stub.host}/base:1\n")
    until = time.monotonic() + 30
    while size(client)["bytes"] == 0:
        assert time.monotonic() < until, stub.paths()
        time.sleep(0.05)
    assert 590_000 < size(client)["bytes"] < 640_000


def test_a_registry_that_fails_changes_nothing(client: Client, stub: Stub) -> None:
    client.initialize(options={"online": True})
    client.open(f"FROM {stub.host}/base:1\n")
    until = time.monotonic() + 30
    while not stub.asked:
        assert time.monotonic() < until
        size(client)
        time.sleep(0.05)
    assert size(client)["bytes"] == 0
    assert client.stop() == 0
