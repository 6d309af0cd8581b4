"""`slimstage lsp`: the language server, on standard streams or on a loopback port."""

from __future__ import annotations

from argparse import Namespace
from ipaddress import ip_address

from slimstage.cli.console import Console, UsageError


def serve(options: Namespace, console: Console) -> int:
    """Run until the client says exit. Returns the exit code."""
    if options.tcp is None:
        from slimstage.lsp.server import serve_stdio

        serve_stdio()
        return 0
    host, port = _loopback(options.tcp, console)
    from slimstage.lsp.server import serve_tcp

    try:
        serve_tcp(host, port)
    except OSError as error:
        console.fault(console.text("cli.lsp.cannot_listen", address=options.tcp, reason=error.strerror or str(error)))
        return 2
    return 0


def _loopback(address: str, console: Console) -> tuple[str, int]:
    """Host and port. Anybody who can connect can read the user's files, so only this machine may."""
    host, separator, port = address.rpartition(":")
    host = host.strip("[]")
    if not separator or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise UsageError(console.text("cli.lsp.bad_address", address=address))
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise UsageError(console.text("cli.lsp.not_loopback", address=address))
    return host, int(port)
