"""`slimstage mcp`: the MCP server, on standard streams or over HTTP; the SDK is imported here and nowhere before."""

from __future__ import annotations

import os
from argparse import Namespace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from slimstage.cli import discovery
from slimstage.cli.arguments import UsageError
from slimstage.cli.config import Configs
from slimstage.cli.console import Console
from slimstage.cli.main import CLEAN, FAULT

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def serve(options: Namespace, console: Console) -> int:
    """Run until the client goes away or the user stops it. Returns the exit code."""
    if not os.path.isdir(options.root):
        raise UsageError(console.text("cli.mcp.no_root", path=options.root))
    address = None if options.http is None else _address(options.http, options.allowed_host, console)
    if find_spec("mcp") is None:
        console.fault(console.text("cli.mcp.not_installed"))
        return FAULT
    from slimstage.mcp.wire import build
    from slimstage.mcp.workspace import Workspace

    root = Path(os.path.realpath(options.root))
    configs = Configs(within=root)
    workspace = Workspace(
        root,
        console.knowledge,
        lambda folder: (configs.of(folder).settings, configs.of(folder).folder),
        discover=lambda: discovery.find(str(root), lambda _: None),
        lang=options.lang or configs.of(root).settings.lang or console.lang,
        allow_write=options.allow_write,
    )
    if address is None:
        from slimstage.mcp.stdio import serve_stdio

        serve_stdio(build(workspace))
        return CLEAN
    return _serve_http(build(workspace), address, options, console)


def _serve_http(server: object, address: tuple[str, int], options: Namespace, console: Console) -> int:
    from slimstage.mcp.http import listen, serve_http

    host, port = address
    try:
        socket = listen(host, port)
    except OSError as error:
        console.fault(console.text("cli.lsp.cannot_listen", address=options.http, reason=error.strerror or str(error)))
        return FAULT
    shown = f"[{host}]" if ":" in host else host
    port = socket.getsockname()[1]
    console.note(console.text("cli.mcp.listening", url=f"http://{shown}:{port}/mcp"))
    serve_http(server, socket, (*LOOPBACK_NAMES, *options.allowed_host))
    return CLEAN


def _address(address: str, allowed: list[str], console: Console) -> tuple[str, int]:
    """Host and port; one that other machines reach needs to be told what it is called there."""
    host, separator, port = address.rpartition(":")
    host = host.strip("[]")
    if not separator or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise UsageError(console.text("cli.lsp.bad_address", address=address))
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local and not allowed:
        raise UsageError(console.text("cli.mcp.not_loopback", address=address))
    return host, int(port)
