"""The product's server with the conformance suite's fixtures beside its own tools, resources and prompts.

The fixtures exist here only, so nothing of them can be reached in what users run. Started as
`python -m tests.mcp.conformance.server PORT ROOT`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server

from slimstage.cli.console import Console
from slimstage.cli.mcp import LOOPBACK_NAMES, workspace
from slimstage.mcp import http, wire

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


def text(value: str) -> types.TextContent:
    return types.TextContent(type="text", text=value)


def image() -> types.ImageContent:
    return types.ImageContent(type="image", data=PIXEL, mime_type="image/png")


def embedded(uri: str, mime_type: str, value: str) -> types.EmbeddedResource:
    return types.EmbeddedResource(
        type="resource", resource=types.TextResourceContents(uri=uri, mime_type=mime_type, text=value)
    )


TOOLS: dict[str, list[Any]] = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [image()],
    "test_audio_content": [types.AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")],
    "test_embedded_resource": [
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        image(),
        embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
    "test_error_handling": [text("This tool intentionally returns an error for testing")],
    "test_tool_with_progress": [text("done")],
    "json_schema_2020_12_tool": [text("done")],
}
HEADER_TOOL = "test_x_mcp_header"
TOOLS[HEADER_TOOL] = [text("done")]
PROMPTS: dict[str, list[str]] = {
    "test_simple_prompt": [],
    "test_prompt_with_arguments": ["arg1", "arg2"],
    "test_prompt_with_embedded_resource": ["resourceUri"],
    "test_prompt_with_image": [],
}


def prompt_contents(name: str, given: dict[str, str]) -> list[Any]:
    if name == "test_simple_prompt":
        return [text("This is a simple prompt for testing.")]
    if name == "test_prompt_with_arguments":
        return [text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'")]
    if name == "test_prompt_with_image":
        return [image(), text("Please analyze the image above.")]
    return [
        embedded(given["resourceUri"], "text/plain", "Embedded resource content for testing."),
        text("Please process the embedded resource above."),
    ]


def input_schema(name: str) -> dict[str, Any]:
    if name == "json_schema_2020_12_tool":
        return SCHEMA_2020_12
    if name == HEADER_TOOL:
        region = {"type": "string", "x-mcp-header": "Region"}
        return {"type": "object", "properties": {"region": region}}
    return {"type": "object", "properties": {}, "additionalProperties": False}


def resource(uri: str) -> types.ReadResourceResult | None:
    found: Any = None
    if uri == "test://static-text":
        content = "This is the content of the static text resource."
        found = types.TextResourceContents(uri=uri, mime_type="text/plain", text=content)
    elif uri == "test://static-binary":
        found = types.BlobResourceContents(uri=uri, mime_type="image/png", blob=PIXEL)
    elif uri.startswith("test://template/") and uri.endswith("/data"):
        name = uri.split("/")[3]
        content = json.dumps({"id": name, "templateTest": True, "data": f"Data for ID: {name}"})
        found = types.TextResourceContents(uri=uri, mime_type="application/json", text=content)
    return None if found is None else types.ReadResourceResult(contents=[found])


def add_fixtures(server: Server[Any]) -> None:  # noqa: C901 - one handler a method, none of them long
    """Put the fixtures before the server's own handlers."""
    own: dict[str, Callable[[Any, Any], Awaitable[Any]]] = {
        method: server.get_request_handler(method).handler
        for method in ("tools/list", "tools/call", "resources/list", "resources/templates/list", "resources/read",
                       "prompts/list", "prompts/get", "completion/complete")
    }  # fmt: skip

    async def list_tools(context: Any, params: Any) -> Any:
        result = await own["tools/list"](context, params)
        for name in TOOLS:
            result.tools.append(types.Tool(name=name, description="fixture", input_schema=input_schema(name)))
        return result

    async def call_tool(context: Any, params: Any) -> Any:
        if params.name not in TOOLS:
            return await own["tools/call"](context, params)
        if params.name == "test_tool_with_progress":
            for done in (0, 50, 100):
                await context.session.report_progress(done, 100)
                await asyncio.sleep(0.05)
        return types.CallToolResult(content=TOOLS[params.name], is_error=params.name == "test_error_handling")

    async def list_resources(context: Any, params: Any) -> Any:
        result = await own["resources/list"](context, params)
        for name in ("static-text", "static-binary"):
            result.resources.append(types.Resource(uri=f"test://{name}", name=name, description="fixture"))
        return result

    async def list_templates(context: Any, params: Any) -> Any:
        result = await own["resources/templates/list"](context, params)
        template = types.ResourceTemplate(uri_template="test://template/{id}/data", name="template")
        result.resource_templates.append(template)
        return result

    async def read_resource(context: Any, params: Any) -> Any:
        return resource(str(params.uri)) or await own["resources/read"](context, params)

    async def list_prompts(context: Any, params: Any) -> Any:
        result = await own["prompts/list"](context, params)
        for name, arguments in PROMPTS.items():
            described = [types.PromptArgument(name=each, description="fixture", required=True) for each in arguments]
            result.prompts.append(types.Prompt(name=name, description="fixture", arguments=described))
        return result

    async def get_prompt(context: Any, params: Any) -> Any:
        if params.name not in PROMPTS:
            return await own["prompts/get"](context, params)
        contents = prompt_contents(params.name, params.arguments or {})
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=each) for each in contents])

    async def complete(context: Any, params: Any) -> Any:
        if getattr(params.ref, "name", None) in PROMPTS:
            return types.CompleteResult(completion=types.Completion(values=["test"], total=1, has_more=False))
        return await own["completion/complete"](context, params)

    server.add_request_handler("tools/list", types.PaginatedRequestParams, list_tools)
    server.add_request_handler("tools/call", types.CallToolRequestParams, call_tool)
    server.add_request_handler("resources/list", types.PaginatedRequestParams, list_resources)
    server.add_request_handler("resources/templates/list", types.PaginatedRequestParams, list_templates)
    server.add_request_handler("resources/read", types.ReadResourceRequestParams, read_resource)
    server.add_request_handler("prompts/list", types.PaginatedRequestParams, list_prompts)
    server.add_request_handler("prompts/get", types.GetPromptRequestParams, get_prompt)
    server.add_request_handler("completion/complete", types.CompleteRequestParams, complete)


def main() -> None:
    port, root = int(sys.argv[1]), sys.argv[2]
    build = wire.build

    def with_fixtures(work: Any) -> Server[Any]:
        server = build(work)
        add_fixtures(server)
        return server

    http.build = with_fixtures  # type: ignore[attr-defined]
    work = workspace(Namespace(root=root, lang="en", allow_write=False, online=False), Console("en"))
    listening = http.listen("127.0.0.1", port)
    print(listening.getsockname()[1], flush=True)
    http.serve_http(work, listening, LOOPBACK_NAMES)


if __name__ == "__main__":
    main()
