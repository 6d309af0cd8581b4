"""The server over streamable HTTP: which hosts and origins may ask, how much and how slowly."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from slimstage.mcp.wire import build
from slimstage.mcp.workspace import Workspace

PATH = "/mcp"
MAX_BODY = 4 * 1024 * 1024
MAX_DRAINED = 8 * MAX_BODY
MAX_CONNECTIONS = 2_000
MAX_SESSIONS = 1_000
IDLE_SECONDS = 600
CLIENT_SECONDS = 15.0  # for a client to send its headers, then its body, and to take each piece of an answer


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(MAX_CONNECTIONS)
    except OSError:
        made.close()
        raise
    return made


def serve_http(workspace: Workspace, listening: socket.socket, hosts: Sequence[str]) -> None:
    """Serve until a signal ends it. `hosts` are the names that a Host header may bear."""
    config = uvicorn.Config(
        application(workspace, hosts, listening.getsockname()[1]),
        http=_ImpatientProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=int(CLIENT_SECONDS),
        timeout_graceful_shutdown=3,
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


def application(workspace: Workspace, hosts: Sequence[str], port: int) -> ASGIApp:
    """The ASGI application. Pages of this machine may ask (any port, as the inspector does), other sites may not."""
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[*(f"{host}:{port}" for host in hosts), *(host for host in hosts if port in (80, 443))],
        allowed_origins=[f"http://{host}:*" for host in hosts] + [f"http://{host}" for host in hosts],
    )
    app = build(workspace).streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=MAX_BODY,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MAX_SESSIONS,
        transport_security=security,
    )
    return _Impatient(app)


_CLOSE = (b"connection", b"close")


def _may_drain(scope: Scope) -> bool:
    """Whether what is left of a refused body may still come, so that the client reads the answer and no reset."""
    length = dict(scope["headers"]).get(b"content-length", b"")
    if scope["method"] != "POST":
        return True
    return length.isdigit() and len(length) < 10 and int(length) <= MAX_DRAINED


class _TooSlow(Exception):
    """A client that does not read."""


class _Impatient:
    """Ends requests whose client is too slow, with 408 while that can still be said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CLIENT_SECONDS
        complete = started = late = False

        async def receive_in_time() -> Message:
            nonlocal complete, late
            if complete:
                return await receive()  # waits for the client to go away
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - loop.time()))
            except asyncio.TimeoutError:
                # Told here, since an exception would pass the framework, which would tell of an error of ours.
                if not started:
                    await send({"type": "http.response.start", "status": 408, "headers": [_CLOSE]})
                    await send({"type": "http.response.body", "body": b"too slow"})
                late = True
                return {"type": "http.disconnect"}
            complete = not message.get("more_body", False)
            return message

        async def send_in_time(message: Message) -> None:
            nonlocal started
            if late:
                return
            started = True
            if message["type"] == "http.response.start" and not complete and not _may_drain(scope):
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            try:
                await asyncio.wait_for(send(message), CLIENT_SECONDS)
            except asyncio.TimeoutError:
                raise _TooSlow from None

        with contextlib.suppress(_TooSlow):
            await self._app(scope, receive_in_time, send_in_time)


class _ImpatientProtocol(H11Protocol):
    """uvicorn waits for a request's headers for ever; this one closes the connection."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._busy():
            self._stop()
        elif self._waiting is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _busy(self) -> bool:
        """Whether a request's headers are complete and its answer is not."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(CLIENT_SECONDS, self._close)

    def _stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _close(self) -> None:
        self._waiting = None
        if not self._busy() and self.transport is not None:
            self.transport.close()
