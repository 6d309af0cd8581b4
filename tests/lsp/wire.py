"""A client of a few lines on the server's standard streams: it can say what no well-behaved editor would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import slimstage

TIMEOUT = 60


class Wire:
    """One server process; `ask` waits for its answer, `published` holds the newest diagnostics by URI."""

    def __init__(self, encoding: str = "utf-16", locale: str = "en", **capabilities: Any) -> None:
        command = [sys.executable, "-m", "slimstage", "lsp"]
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": str(Path(slimstage.__file__).parents[1])}
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment)
        self.messages: Queue[Any] = Queue()
        self.published: dict[str, Any] = {}
        self.number = 0
        threading.Thread(target=self._read, daemon=True).start()
        wanted = {"general": {"positionEncodings": [encoding]}, "textDocument": {}, **capabilities}
        params = {"processId": None, "rootUri": None, "capabilities": wanted, "locale": locale}
        self.capabilities = self.ask("initialize", params)["capabilities"]
        self.tell("initialized", {})

    def __enter__(self) -> Wire:  # noqa: PYI034  (typing.Self is in Python 3.11 only)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
                while stream.readline().strip():
                    pass
                self.messages.put(json.loads(stream.read(length)))
        self.messages.put(None)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """The result; raises AssertionError for an error, a dead server or silence."""
        self.number += 1
        self._send({"id": self.number, "method": method, "params": params})
        while True:
            try:
                message = self.messages.get(timeout=TIMEOUT)
            except Empty:
                raise AssertionError(f"no answer to {method}") from None
            assert message is not None, f"the server went away at {method}"
            if message.get("method") == "textDocument/publishDiagnostics":
                self.published[message["params"]["uri"]] = message["params"]
            elif message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def open(self, uri: str, text: str, version: int = 1, language: str = "dockerfile") -> None:
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: dict[str, Any]) -> None:
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def hover(self, uri: str, line: int, character: int) -> Any:
        position = {"line": line, "character": character}
        return self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
