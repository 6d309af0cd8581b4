"""The server on standard input and output.

The SDK's own transport reads lines of any length, is silent on what is no JSON, and drops the last answers when the
client closes its end right after its requests; this one limits, answers and waits.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from typing import Any, BinaryIO

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

from slimstage.mcp.wire import SECONDS, build
from slimstage.mcp.workspace import Workspace

MAX_LINE = 8 * 1024 * 1024

Inbox = MemoryObjectSendStream["SessionMessage | Exception"]
Outbox = MemoryObjectReceiveStream[SessionMessage]


def serve_stdio(workspace: Workspace) -> None:
    """Serve one client until it closes standard input and has all its answers."""
    # Whatever prints by mistake must not end up between the messages.
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    asyncio.run(_Pipe(source, target).serve(workspace))


class _Pipe:
    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target
        self._writing = threading.Lock()
        self._unanswered: set[Any] = set()
        self._answered = asyncio.Event()

    async def serve(self, workspace: Workspace) -> None:
        server = build(workspace)
        inbox, incoming = anyio.create_memory_object_stream["SessionMessage | Exception"](16)
        outgoing, outbox = anyio.create_memory_object_stream[SessionMessage](16)
        loop = asyncio.get_running_loop()
        # A daemon: nothing can interrupt a read that waits for the client, and it must not keep the process alive.
        threading.Thread(target=self._read, args=(loop, inbox), daemon=True).start()
        async with anyio.create_task_group() as group:
            group.start_soon(self._write, outbox)
            await server.run(incoming, outgoing, server.create_initialization_options())
            await outgoing.aclose()

    def _read(self, loop: asyncio.AbstractEventLoop, inbox: Inbox) -> None:
        """Lines until the end of the input, in a thread of its own; waits while the server is behind."""
        try:
            while line := self._source.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE and not line.endswith(b"\n"):
                    while (rest := self._source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                        pass
                    self._complain(types.INVALID_REQUEST, f"a message may have {MAX_LINE} bytes at most")
                elif line.strip():
                    asyncio.run_coroutine_threadsafe(self._take(line, inbox), loop).result()
            asyncio.run_coroutine_threadsafe(self._end(inbox), loop).result()
        except (OSError, RuntimeError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # the server ended first

    async def _take(self, line: bytes, inbox: Inbox) -> None:
        try:
            message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValidationError:
            self._complain(*_fault(line))
            return
        if isinstance(message, types.JSONRPCRequest):
            self._unanswered.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            self._done((message.params or {}).get("requestId"))
        await inbox.send(SessionMessage(message))

    async def _end(self, inbox: Inbox) -> None:
        """No more requests will come; those that came still get their answers."""
        with anyio.move_on_after(SECONDS):
            while self._unanswered:
                self._answered.clear()
                await self._answered.wait()
        await inbox.aclose()

    async def _write(self, outbox: Outbox) -> None:
        async with outbox:
            async for item in outbox:
                message = item.message
                line = message.model_dump_json(by_alias=True, exclude_unset=True).encode("utf-8", "replace")
                try:
                    await anyio.to_thread.run_sync(self._put, line)
                except OSError:
                    self._unanswered.clear()  # nobody reads any more
                if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
                    self._done(message.id)

    def _done(self, request: Any) -> None:
        self._unanswered.discard(request)
        self._answered.set()

    def _complain(self, code: int, text: str) -> None:
        """An error that belongs to no request we could read."""
        error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": text}}
        self._put(json.dumps(error).encode())

    def _put(self, line: bytes) -> None:
        with self._writing:
            self._target.write(line + b"\n")
            self._target.flush()


def _fault(line: bytes) -> tuple[int, str]:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return types.PARSE_ERROR, "not JSON"
    return types.INVALID_REQUEST, "not a JSON-RPC message"
