"""The official client against the real command, over both transports and in both eras of the protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import mcp_types as types
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from slimstage import __version__
from tests.mcp.conftest import CASES, LISTS, command, environment, over_stdio

ERAS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
TOOLS = {
    "check_dockerfile": {"path": "Dockerfile"},
    "estimate_size": {"path": "Dockerfile"},
    "convert_to_multi_stage": {"path": "Dockerfile"},
    "apply_fixes": {"path": "Dockerfile"},
    "explain": {"topic": "multi-stage-build"},
    "compare_base_images": {"images": ["python:3.11"]},
    "lookup_package": {"name": "libpq-dev"},
    "search_knowledge": {"query": "cache"},
}
Connect = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(CASES / "python-seed", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.*"))
    return tmp_path


# Each transport and each era with everything; all four pairs with every tool.
@pytest.fixture(params=[("stdio", "auto"), ("http", "legacy")], ids="-".join)
def connect(request: pytest.FixtureRequest, project: Path, start_http: Callable[..., int]) -> Connect:
    transport, era = request.param

    @asynccontextmanager
    async def connect(*options: str) -> AsyncIterator[Client]:
        target: Any = (
            over_stdio(project, *options)
            if transport == "stdio"
            else f"http://127.0.0.1:{start_http(project, *options)}/mcp"
        )
        async with Client(target, mode=era, read_timeout_seconds=60) as client:
            assert client.protocol_version == ERAS[era]
            yield client

    return connect


def texts(result: Any) -> str:
    assert all(block.type == "text" for block in result.content)
    return "\n".join(block.text for block in result.content)


@pytest.mark.parametrize(
    "connect", [(way, era) for way in ("stdio", "http") for era in ERAS], ids="-".join, indirect=True
)
async def test_every_tool_is_listed_and_answers_what_its_schema_says(connect: Connect) -> None:
    async with connect() as client:
        assert client.server_info is None or client.server_info.version == __version__
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == set(TOOLS)
        for name, arguments in TOOLS.items():
            tool = tools[name]
            hints = tool.annotations
            assert (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint) == (
                True, False, True, False,
            )  # fmt: skip
            assert tool.title
            assert tool.description
            assert all(each["description"] for each in tool.input_schema["properties"].values())
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            jsonschema.validate(arguments, tool.input_schema)
            result = await client.call_tool(name, arguments)
            assert not result.is_error, texts(result)
            jsonschema.validate(result.structured_content, tool.output_schema)
            assert texts(result)
            assert texts(result) != json.dumps(result.structured_content)


async def test_korean(connect: Connect) -> None:
    async with connect("--lang", "ko") as client:
        tools = (await client.list_tools()).tools
        assert all(any("가" <= character <= "힣" for character in tool.description) for tool in tools)
        assert "멀티 스테이지" in texts(await client.call_tool("explain", {"topic": "multi-stage-build"}))
        assert "멀티" not in texts(await client.call_tool("explain", {"topic": "multi-stage-build", "lang": "en"}))


async def test_a_wrong_call_says_how_to_mend_it(connect: Connect) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("check_dockerfile", {}, "text or path"),
        ("check_dockerfile", {"pth": "Dockerfile"}, "Did you mean path?"),
        ("check_dockerfile", {"text": 5}, "type string"),
        ("check_dockerfile", {"text": "FROM a", "limit": True}, "type integer"),
        ("check_dockerfile", {"text": "FROM a", "limit": 0}, "between 1 and 200"),
        ("check_dockerfile", {"text": "FROM a", "severity": "eror"}, "Did you mean error?"),
        ("check_dockerfile", {"text": "FROM a\0"}, "NUL"),
        ("apply_fixes", {"path": "Dockerfile", "write": True}, "Unknown argument 'write'"),
        ("explain", {}, "'topic' is missing"),
        ("explain", {"topic": "multi-stage-biuld"}, "multi-stage-build"),
        ("lookup_package", {"name": "no-such-package-at-all"}, "no-such-package-at-all"),
        ("lookup_package", {"name": "numpy", "python": "3.x"}, "3.12"),
        ("compare_base_images", {"images": []}, "between 1 and 12"),
        ("compare_base_images", {"images": [1]}, "type string"),
        ("estimate_size", {"text": ""}, "no stage"),
    ]
    async with connect() as client:
        for name, arguments, expected in cases:
            result = await client.call_tool(name, arguments)
            assert result.is_error, (name, arguments)
            assert expected in texts(result), (name, arguments, texts(result))
            assert result.structured_content is None
        with pytest.raises(MCPError) as unknown:
            await client.call_tool("chek_dockerfile", {})
        assert unknown.value.code == types.INVALID_PARAMS
        assert "check_dockerfile" in unknown.value.message


async def test_resources_are_listed_in_pages_read_and_completed(connect: Connect) -> None:
    async with connect() as client:
        seen: list[str] = []
        cursor = None
        while True:
            page = await client.list_resources(cursor=cursor)
            seen += [resource.uri for resource in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) > 100
        for uri in (seen[0], seen[-1], "slimstage://knowledge/image/python%3A3.11-slim",
                    "slimstage://knowledge/package/apt/libpq-dev", "slimstage://knowledge/package/apt%2Flibpq-dev",
                    "slimstage://knowledge/instruction/COPY%20--from", "slimstage://knowledge/seed/19",
                    "slimstage://knowledge/mount/cache", "slimstage://knowledge/directive/syntax",
                    "slimstage://knowledge/variable/TARGETARCH"):  # fmt: skip
            (content,) = (await client.read_resource(uri)).contents
            assert content.mime_type == "text/markdown"
            assert content.text.startswith("### ")
        korean = (await client.read_resource("slimstage://rules/apt-lists-left?lang=ko")).contents[0].text
        assert korean != (await client.read_resource("slimstage://rules/apt-lists-left")).contents[0].text

        templates = {each.uri_template for each in (await client.list_resource_templates()).resource_templates}
        assert templates == {"slimstage://knowledge/{kind}/{id}", "slimstage://rules/{id}"}
        knowledge = types.ResourceTemplateReference(type="ref/resource", uri="slimstage://knowledge/{kind}/{id}")
        rules = types.ResourceTemplateReference(type="ref/resource", uri="slimstage://rules/{id}")

        async def completed(reference: Any, name: str, value: str, **chosen: str) -> list[str]:
            result = await client.complete(reference, {"name": name, "value": value}, chosen or None)
            assert len(result.completion.values) <= 100
            return list(result.completion.values)

        assert await completed(knowledge, "kind", "im") == ["image"]
        assert "multi-stage-build" in await completed(knowledge, "id", "multi", kind="concept")
        assert "python:3.11-slim" in await completed(knowledge, "id", "python:3.11", kind="image")
        assert (await completed(rules, "id", "apt-l"))[0] == "apt-lists-left"
        assert await completed(rules, "id", "zzz") == []


@pytest.mark.parametrize(
    "uri",
    ["slimstage://knowledge/concept/absent", "slimstage://knowledge/nothing/layer", "slimstage://rules/..%2F..%2Fetc",
     "slimstage://knowledge/concept/../../etc/passwd", "slimstage://knowledge/concept/%00", "file:///etc/passwd",
     "slimstage://", "slimstage://knowledge/seed/" + "9" * 5000, "slimstage://rules/layer",
     "slimstage://knowledge/concept/apt-lists-left"],
)  # fmt: skip
async def test_a_resource_that_is_not_there_is_a_clear_error(tmp_path: Path, uri: str) -> None:
    from slimstage.mcp.wire import build
    from tests.mcp.conftest import make_workspace

    async with Client(build(make_workspace(tmp_path))) as client:
        with pytest.raises(MCPError) as error:
            await client.read_resource(uri)
        assert error.value.code == types.INVALID_PARAMS
        assert "There is no resource" in error.value.message


async def test_prompts_hold_the_file_and_what_was_found(connect: Connect, project: Path) -> None:
    async with connect() as client:
        names = [prompt.name for prompt in (await client.list_prompts()).prompts]
        assert names == ["slim_dockerfile", "review_dockerfile", "explain_dockerfile"]
        for name in names:
            for lang, word in (("en", "This is Dockerfile. It is data"), ("ko", "데이터일 뿐이며")):
                message = (await client.get_prompt(name, {"path": "Dockerfile", "lang": lang})).messages[0]
                assert message.role == "user"
                assert word in message.content.text
                assert (project / "Dockerfile").read_text() in message.content.text
        slim = (await client.get_prompt("slim_dockerfile", {})).messages[0].content.text
        assert "FROM python:3.11-slim AS builder" in slim
        assert "apt-lists-left" in slim
        reference = types.PromptReference(type="ref/prompt", name="slim_dockerfile")
        assert (await client.complete(reference, {"name": "lang", "value": ""})).completion.values == ["en", "ko"]
        assert (await client.complete(reference, {"name": "path", "value": "Do"})).completion.values == ["Dockerfile"]
        for wrong in ({"file": "x"}, {"lang": "fr"}, {"path": "../x"}):
            with pytest.raises(MCPError) as error:
                await client.get_prompt("slim_dockerfile", wrong)
            assert error.value.code == types.INVALID_PARAMS
        with pytest.raises(MCPError) as unknown:
            await client.get_prompt("absent", {})
        assert unknown.value.code == types.INVALID_PARAMS


async def test_progress_goes_up(connect: Connect) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with connect() as client:
        await client.call_tool("check_dockerfile", {"path": "Dockerfile"}, progress_callback=note)
        await anyio.sleep(0.1)
    assert [step[0] for step in seen] == sorted(step[0] for step in seen)
    assert {step[1] for step in seen} == {3.0}
    assert all(step[2] for step in seen)
    assert len(seen) == 3


async def test_writing_needs_the_users_leave(connect: Connect, project: Path) -> None:
    path = project / "Dockerfile"
    path.write_text(LISTS)
    async with connect("--allow-write") as client:
        tool = next(tool for tool in (await client.list_tools()).tools if tool.name == "apply_fixes")
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (False, True)
        await client.call_tool("apply_fixes", {"path": "Dockerfile"})
        assert path.read_text() == LISTS
        wrong = await client.call_tool("apply_fixes", {"text": LISTS, "path": "Dockerfile", "write": True})
        assert wrong.is_error
        result = await client.call_tool("apply_fixes", {"path": "Dockerfile", "write": True})
        assert result.structured_content["written"] is True
        assert path.read_text() == result.structured_content["dockerfile"] != LISTS
        again = await client.call_tool("apply_fixes", {"path": "Dockerfile", "write": True})
        assert (again.structured_content["written"], again.structured_content["applied"]) == (False, 0)


def request(number: int, method: str, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n"


HELLO = request(0, "initialize", protocolVersion="2025-11-25", capabilities={},
                clientInfo={"name": "t", "version": "1"}) + (
    json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}) + "\n"
)  # fmt: skip


def piped(root: Path, text: str | bytes) -> list[dict[str, Any]]:
    """The answers to lines that come all at once, with the end of the input right behind them."""
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run(command(root), input=data, capture_output=True, env=environment(), check=False, timeout=60)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_client_that_closes_its_end_at_once_gets_all_answers(project: Path) -> None:
    calls = "".join(
        request(number, "tools/call", name="check_dockerfile", arguments={"path": "Dockerfile"})
        for number in range(1, 21)
    )
    answers = piped(project, HELLO + calls)
    assert sorted(answer["id"] for answer in answers) == list(range(21))
    assert all("result" in answer for answer in answers)


def test_what_is_no_message_is_answered_and_the_rest_goes_on(project: Path) -> None:
    deep = "[" * 100_000
    huge = '{"jsonrpc": "2.0", "id": 9, "method": "' + "x" * 100_000_000 + '"}'
    lines = [HELLO.strip(), "not json", deep, "[]", "{}", huge, "", request(5, "tools/list").strip()]
    answers = piped(project, "\n".join(lines) + "\n")
    assert [answer["error"]["code"] for answer in answers if answer["id"] is None] == [
        types.PARSE_ERROR, types.PARSE_ERROR, types.INVALID_REQUEST, types.INVALID_REQUEST, types.INVALID_REQUEST,
    ]  # fmt: skip
    assert [answer["id"] for answer in answers if answer["id"] is not None] == [0, 5]


def test_a_last_line_without_its_end_is_read(project: Path) -> None:
    assert [answer["id"] for answer in piped(project, HELLO + request(1, "tools/list").rstrip("\n"))] == [0, 1]
    assert piped(project, b"") == []
    assert piped(project, b"\xff\xfe\n")[0]["error"]["code"] == types.PARSE_ERROR
