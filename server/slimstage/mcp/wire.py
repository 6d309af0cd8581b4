"""The SDK's server around the plain tools, resources and prompts: protocol types, threads, progress, cancellation."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from slimstage import __version__
from slimstage.mcp import prompts, resources
from slimstage.mcp.tools import Answer, Tool, call_tool, tools_of
from slimstage.mcp.workspace import Refused, Workspace

SECONDS = 60
THREADS = 4

Context = ServerRequestContext[Any, Any]
T = TypeVar("T")

logger = logging.getLogger(__name__)

# Annotated tools and texts never change while the server runs; what they answer does.
_DEFECTS = (RecursionError, MemoryError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError,
            NotImplementedError, AssertionError)  # fmt: skip


def build(workspace: Workspace) -> Server[Any]:
    """A server that speaks both eras of the protocol; run it on any transport of the SDK."""
    edge = _Edge(workspace)
    text = workspace.host.knowledge(()).text
    network = "mcp.network.on" if workspace.online else "mcp.network.off"
    return Server(
        "slimstage",
        version=__version__,
        title="slimstage",
        website_url=None,
        instructions=text("mcp.instructions", workspace.lang, network=text(network, workspace.lang)),
        on_list_tools=edge.list_tools,
        on_call_tool=edge.call_tool,
        on_list_resources=edge.list_resources,
        on_list_resource_templates=edge.list_templates,
        on_read_resource=edge.read_resource,
        on_list_prompts=edge.list_prompts,
        on_get_prompt=edge.get_prompt,
        on_completion=edge.complete,
    )


class _Edge:
    """The handlers. Work runs in threads, so that one long call keeps no other waiting for its turn to be read."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._limiter: anyio.CapacityLimiter | None = None

    def text(self, key: str, /, **arguments: Any) -> str:
        return self.workspace.host.knowledge(()).text(f"mcp.{key}", self.workspace.lang, **arguments)

    async def list_tools(self, _: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[self._tool(tool) for tool in tools_of(self.workspace)])

    def _tool(self, tool: Tool) -> types.Tool:
        title = self.text(f"tool.{tool.name}.title")
        return types.Tool(
            name=tool.name,
            title=title,
            description=self.text(f"tool.{tool.name}.description"),
            input_schema=tool.input_schema(lambda key: self.text(key.removeprefix("mcp."))),
            output_schema=tool.output,
            annotations=types.ToolAnnotations(
                read_only_hint=not tool.writes,
                destructive_hint=tool.writes,
                idempotent_hint=True,
                open_world_hint=tool.asks,
            ),
        )

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        steps = self._steps(context)
        try:
            answer = await self._work(lambda: call_tool(self.workspace, params.name, params.arguments or {}, steps))
        except Refused as refused:
            return self._failed(refused, params.arguments)
        if answer is None:
            known = ", ".join(tool.name for tool in tools_of(self.workspace))
            raise MCPError(types.INVALID_PARAMS, self.text("error.unknown_tool", name=params.name[:100], known=known))
        return _result(answer)

    def _failed(self, refused: Refused, arguments: Mapping[str, Any] | None) -> types.CallToolResult:
        lang = self.workspace.language((arguments or {}).get("lang"))
        text = refused.text(self.workspace.host.knowledge(()), lang)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=True)

    def _steps(self, context: Context) -> Callable[[int, int, str], None]:
        """Tells the client how far a call is; ends the call's thread when the client gave up."""

        def step(done: int, total: int, key: str) -> None:
            anyio.from_thread.check_cancelled()
            message = self.text(f"progress.{key}")
            anyio.from_thread.run(context.session.report_progress, float(done), float(total), message)

        return step

    async def _work(self, job: Callable[[], T]) -> T:
        """Run a job in a thread, for a minute at most. Raises `Refused`, for our own defects too."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        try:
            with anyio.fail_after(SECONDS):
                return await anyio.to_thread.run_sync(job, abandon_on_cancel=True, limiter=self._limiter)
        except TimeoutError:
            raise Refused("too_slow", seconds=SECONDS) from None
        except _DEFECTS as error:
            # What went wrong is for our log; the client learns the place, not what the file holds.
            logger.warning("defect in a request", exc_info=error)
            raise Refused("internal", error=_place(error)) from None

    async def list_resources(
        self, _: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        items = await self._request(lambda: resources.listed(self.workspace))
        cursor = None if params is None else params.cursor
        shown, following = await self._request(lambda: resources.page(items, cursor))
        return types.ListResourcesResult(
            resources=[
                types.Resource(uri=item.uri, name=item.name, title=item.title, mime_type=resources.MARKDOWN)
                for item in shown
            ],
            next_cursor=following,
        )

    async def list_templates(
        self, _: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    name=name,
                    uri_template=template,
                    description=self.text(f"resource.{name}"),
                    mime_type=resources.MARKDOWN,
                )
                for name, template in (
                    ("knowledge", resources.KNOWLEDGE_TEMPLATE),
                    ("rules", resources.RULES_TEMPLATE),
                )
            ]
        )

    async def read_resource(self, _: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        page = await self._request(lambda: resources.read(self.workspace, uri))
        return types.ReadResourceResult(
            contents=[types.TextResourceContents(uri=uri, mime_type=resources.MARKDOWN, text=page)]
        )

    async def list_prompts(self, _: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        arguments = [
            types.PromptArgument(name=name, description=self.text(f"prompt.argument.{name}"), required=False)
            for name in prompts.ARGUMENTS
        ]
        return types.ListPromptsResult(
            prompts=[
                types.Prompt(
                    name=name,
                    title=self.text(f"prompt.{name}.title"),
                    description=self.text(f"prompt.{name}.description"),
                    arguments=arguments,
                )
                for name in prompts.PROMPTS
            ]
        )

    async def get_prompt(self, _: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        made = await self._request(lambda: prompts.prompt(self.workspace, params.name, params.arguments or {}))
        if made is None:
            known = ", ".join(prompts.PROMPTS)
            raise MCPError(types.INVALID_PARAMS, self.text("error.unknown_prompt", name=params.name[:100], known=known))
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=made.text))
        return types.GetPromptResult(description=made.description, messages=[message])

    async def complete(self, _: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        reference, argument = params.ref, params.argument
        chosen = (params.context.arguments or {}) if params.context is not None else {}

        def find() -> list[str] | None:
            if isinstance(reference, types.PromptReference):
                return prompts.complete(self.workspace, reference.name, argument.name, argument.value)
            kind = chosen.get("kind")
            return resources.complete(self.workspace, str(reference.uri), argument.name, argument.value, kind)

        found = await self._request(find)
        if found is None:
            raise MCPError(types.INVALID_PARAMS, self.text("error.unknown_reference"))
        shown = found[: resources.MOST_COMPLETIONS]
        return types.CompleteResult(
            completion=types.Completion(values=shown, total=len(found), has_more=len(shown) < len(found))
        )

    async def _request(self, job: Callable[[], T]) -> T:
        """A job whose refusal is an error of the protocol, not of a tool."""
        try:
            return await self._work(job)
        except Refused as refused:
            code = types.INTERNAL_ERROR if refused.key in ("internal", "too_slow") else types.INVALID_PARAMS
            text = refused.text(self.workspace.host.knowledge(()), self.workspace.lang)
            raise MCPError(code, text) from None


def _result(answer: Answer) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=answer.text)], structured_content=answer.data
    )


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})"
    return f"{type(error).__name__}{where}"
