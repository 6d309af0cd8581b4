"""`slimstage mcp --online`: estimate_size asks registries on loopback; without the option nobody is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import Client

from slimstage.mcp import online
from slimstage.mcp.tools import Answer, call_tool, tools_of
from slimstage.mcp.workspace import Workspace
from tests.mcp.conftest import make_workspace, over_stdio
from tests.online.conftest import Stub, layer, quiet_home, stub

__all__ = ["quiet_home", "stub"]
BASE = layer(640_000)


def estimate(work: Workspace, steps: list[tuple[int, int, str]] | None = None, **arguments: Any) -> Answer:
    seen = [] if steps is None else steps
    answer = call_tool(work, "estimate_size", arguments, lambda *step: seen.append(step))
    assert answer is not None
    (tool,) = [tool for tool in tools_of(work) if tool.name == "estimate_size"]
    jsonschema.validate(json.loads(json.dumps(answer.data)), tool.output)
    return answer


def test_registries_are_asked_and_progress_only_grows(stub: Stub, tmp_path: Path) -> None:
    stub.manifest("base", "1", BASE)
    text = f"FROM {stub.host}/base:1 AS a\nFROM {stub.host}/gone:1 AS b\nFROM a\n"
    steps: list[tuple[int, int, str]] = []
    answer = estimate(make_workspace(tmp_path, online=True), steps, text=text)
    assert answer.data["image"]["download"]["bytes"] == len(BASE)
    assert answer.data["online"]["missed"] == 1
    assert "HTTP status 404" in answer.data["online"]["reasons"][0]
    assert "HTTP status 404" in answer.text.splitlines()[-1]
    assert [key for *_, key in steps] == ["reading", "asking", "asking", "estimating"]
    done = [step[0] for step in steps]
    assert done == sorted(set(done))
    full = estimate(make_workspace(tmp_path, online=True), text=text, detail="full", lang="ko")
    assert full.data["instructions"][0]["parts"][0]["source"].startswith(stub.host)
    assert "온라인 값 1개" in full.text


def test_nobody_is_asked_without_the_option(stub: Stub, tmp_path: Path) -> None:
    stub.manifest("base", "1", BASE)
    work = make_workspace(tmp_path)
    answer = estimate(work, text=f"FROM {stub.host}/base:1\n")
    assert "online" not in answer.data
    for tool in tools_of(make_workspace(tmp_path, online=True)):  # only one of them may ask
        assert tool.asks == (tool.name == "estimate_size")
        if not tool.asks and "text" in tool.parameters:
            call_tool(make_workspace(tmp_path, online=True), tool.name, {"text": f"FROM {stub.host}/base:1\n"}, _quiet)
    assert not stub.asked


def _quiet(done: int, total: int, key: str) -> None:
    return


def test_slow_registries_leave_the_estimate_offline(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "SECONDS", -1.0)
    answer = estimate(make_workspace(tmp_path, online=True), text=f"FROM {stub.host}/base:1\n")
    assert answer.data["online"]["missed"] == 1
    assert answer.data["image"]["unknown"]
    assert not stub.asked


def test_giving_up_ends_the_asking(stub: Stub, tmp_path: Path) -> None:
    class GaveUp(BaseException):
        """As the SDK's cancellation."""

    def step(done: int, total: int, key: str) -> None:
        if key == "asking":
            raise GaveUp

    with pytest.raises(GaveUp):
        call_tool(make_workspace(tmp_path, online=True), "estimate_size", {"text": f"FROM {stub.host}/a:1\n"}, step)


@pytest.mark.parametrize("options", [(), ("--online",)])
def test_as_a_process(stub: Stub, tmp_path: Path, options: tuple[str, ...]) -> None:
    stub.manifest("base", "1", BASE)
    (tmp_path / "Dockerfile").write_text(f"FROM {stub.host}/base:1\n")

    async def talk() -> tuple[str, bool | None, Any]:
        async with Client(over_stdio(tmp_path, *options), mode="legacy", read_timeout_seconds=60) as client:
            (tool,) = [tool for tool in (await client.list_tools()).tools if tool.name == "estimate_size"]
            answer = await client.call_tool("estimate_size", {"path": "Dockerfile"})
            assert tool.annotations is not None
            return client.instructions or "", tool.annotations.open_world_hint, answer.structured_content

    instructions, asks, data = anyio.run(talk)
    assert asks is bool(options)
    assert ("Offline;" in instructions) is not bool(options)
    assert data["image"]["download"]["bytes"] == (len(BASE) if options else 0)
    assert bool(stub.asked) is bool(options)


def test_an_ignore_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "app.Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / "app.Dockerfile.dockerignore").write_text("*\n!kept\n")
    (tmp_path / "kept").write_bytes(b"x" * 4000)
    (tmp_path / "big").write_bytes(b"x" * 50_000)
    assert estimate(make_workspace(tmp_path), path="app.Dockerfile").data["image"]["disk"]["bytes"] == 4000
