"""`slimstage mcp`: the MCP server, on standard streams or over HTTP; the SDK is imported here and nowhere before."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from slimstage.cli import discovery
from slimstage.cli.config import Configs
from slimstage.cli.console import Console, UsageError
from slimstage.cli.discovery import Unreadable
from slimstage.cli.exit_codes import CLEAN, FAULT
from slimstage.cli.writing import replace_text
from slimstage.knowledge.store import KnowledgeError
from slimstage.mcp.workspace import Refused, Workspace
from slimstage.settings import Settings, SettingsError

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Files:
    """Settings and files below one root, read as `slimstage check` reads them (`slimstage.mcp.workspace.Host`)."""

    def __init__(self, root: Path, console: Console) -> None:
        self._root = root
        self._console = console

    def settings(self, folder: Path) -> tuple[Settings, Path]:
        """Read anew each time: agents run for hours, and people edit their settings meanwhile."""
        try:
            config = Configs(within=self._root).of(folder)
        except SettingsError as error:
            raise Refused("settings", reason=self._console.settings_fault(error)) from None
        return config.settings, config.folder

    def knowledge(self, extra: tuple[Path, ...]) -> KnowledgeBase:
        """Each set of files is read once."""
        try:
            return self._console.knowledge(extra)
        except KnowledgeError as error:
            raise Refused("settings", reason=self._console.knowledge().fault_text(error, self._console.lang)) from None

    def dockerfiles(self) -> Iterator[str]:
        """Without what Git ignores."""
        return discovery.find(str(self._root), lambda _: None)

    def decoded(self, data: bytes, path: Path) -> str:
        """The text of a Dockerfile."""
        if discovery.is_of_another_kind(path.name):
            raise Refused("other_kind")
        try:
            return discovery.decoded(data)
        except Unreadable as error:
            raise Refused("not_text", reason=self._console.text(error.key, **error.arguments)) from None

    def replace(self, path: Path, text: str) -> None:
        """Write a file in one step."""
        try:
            replace_text(str(path), text)
        except Unreadable as error:
            raise Refused("unwritable", reason=self._console.text(error.key, **error.arguments)) from None


def workspace(options: Namespace, console: Console) -> Workspace:
    """What the server may touch, from the command's options. Raises `UsageError`."""
    if not os.path.isdir(options.root):
        raise UsageError(console.text("cli.mcp.no_root", path=options.root))
    root = Path(os.path.realpath(options.root))
    files = Files(root, console)
    lang = options.lang or Configs(within=root).of(root).settings.lang or console.lang
    return Workspace(root, files, lang, options.allow_write, options.online)


def serve(options: Namespace, console: Console) -> int:
    """Run until the client goes away or the user stops it. Returns the exit code."""
    work = workspace(options, console)
    address = None if options.http is None else _address(options.http, options.allowed_host, console)
    if find_spec("mcp") is None:
        console.fault(console.text("cli.mcp.not_installed"))
        return FAULT
    if address is None:
        from slimstage.mcp.stdio import serve_stdio

        serve_stdio(work)
        return CLEAN
    from slimstage.mcp.http import listen, serve_http

    host, port = address
    try:
        socket = listen(host, port)
    except OSError as error:
        console.fault(console.text("cli.lsp.cannot_listen", address=options.http, reason=error.strerror or str(error)))
        return FAULT
    shown = f"[{host}]" if ":" in host else host
    console.note(console.text("cli.mcp.listening", url=f"http://{shown}:{socket.getsockname()[1]}/mcp"))
    serve_http(work, socket, (*LOOPBACK_NAMES, *options.allowed_host))
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
