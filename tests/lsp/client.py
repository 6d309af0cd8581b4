"""A small JSON-RPC client over the server's standard streams: what an editor sends, byte for byte."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; a machine under load is slow, a hanging server is a failure


class Client:
    """One server process and what it said."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "slimstage", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.encoding = "utf-16"
        self.uri = "file:///nowhere/Dockerfile"
        self.requests: list[dict[str, Any]] = []  # what the server asked
        self.stderr = b""
        self._number = 0
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.published: list[dict[str, Any]] = []
        self.configuration: Any = None
        self.scoped: dict[str, Any] = {}  # what `configuration` is for a folder of the workspace
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if not length:
                self._messages.put(None)
                return
            self._messages.put(json.loads(stream.read(length)))

    def _drain(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line

    def send(self, message: dict[str, Any]) -> None:
        """One message, with its header."""
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def send_raw(self, body: bytes) -> None:
        """One message's bytes, with a header."""
        stream = self.process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()

    def notify(self, method: str, params: Any) -> None:
        """A notification."""
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> int:
        """A request whose answer is waited for later."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        return self._number

    def answer(self, number: int) -> dict[str, Any]:
        """The whole answer to a request: with `result` or `error`."""
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                return message

    def request(self, method: str, params: Any) -> Any:
        """The result of a request; an error fails the test."""
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _next(self) -> dict[str, Any]:
        message = self._messages.get(timeout=PATIENCE)
        assert message is not None, self.stderr.decode(errors="replace")
        if "method" in message and "id" in message:
            self.requests.append(message)
            result = None
            if message["method"] == "workspace/configuration":
                items = message["params"]["items"]
                result = [self.scoped.get(item.get("scopeUri"), self.configuration) for item in items]
            self.send({"id": message["id"], "result": result})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.published.append(message["params"])
        return message

    def initialize(
        self,
        capabilities: dict[str, Any] | None = None,
        *,
        encodings: Sequence[str] | None = None,
        locale: str | None = None,
        options: Any = None,
        configuration: Any = None,
        name: str | None = "test",
        folders: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Start the session; the server's capabilities."""
        self.configuration = configuration
        offered = dict(capabilities or {})
        if encodings is not None:
            offered["general"] = {"positionEncodings": list(encodings)}
        if configuration is not None:
            offered.setdefault("workspace", {})["configuration"] = True
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": offered,
            "locale": locale,
            "initializationOptions": options,
        }
        if folders:
            offered.setdefault("workspace", {})["workspaceFolders"] = True
            params["workspaceFolders"] = [{"uri": uri, "name": uri.rpartition("/")[2]} for uri in folders]
        if name is not None:
            params["clientInfo"] = {"name": name}
        found: dict[str, Any] = self.request("initialize", params)["capabilities"]
        self.encoding = found.get("positionEncoding", "utf-16")
        self.notify("initialized", {})
        return found

    def open(self, text: str, uri: str | None = None, version: int = 1, language: str = "dockerfile") -> None:
        """Open a document; it is the one later requests are about."""
        self.uri = uri or self.uri
        item = {"uri": self.uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, version: int, *changes: dict[str, Any]) -> None:
        """Change the document that is open."""
        identifier = {"uri": self.uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    def close(self) -> None:
        """Close the document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def diagnostics(self, version: int | None = None) -> list[dict[str, Any]]:
        """The next diagnostics published for the document (of that version, if one is given)."""
        while True:
            for at, params in enumerate(self.published):
                if params["uri"] == self.uri and (version is None or params.get("version") == version):
                    del self.published[: at + 1]
                    found: list[dict[str, Any]] = params["diagnostics"]
                    return found
            self._next()

    def at(self, method: str, position: dict[str, int], **more: Any) -> Any:
        """A request about a position of the document."""
        return self.request(method, {"textDocument": {"uri": self.uri}, "position": position, **more})

    def about(self, method: str, **more: Any) -> Any:
        """A request about the document."""
        return self.request(method, {"textDocument": {"uri": self.uri}, **more})

    def stop(self) -> int:
        """Shut down as the protocol says; the exit code."""
        if self.process.poll() is None:
            self.request("shutdown", None)
            self.notify("exit", None)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def units(text: str, encoding: str) -> int:
    """The length of `text` in code units of an encoding, computed here and not by the server."""
    return len(text) if encoding == "utf-32" else len(text.encode(encoding + ("-le" if encoding == "utf-16" else "")))


def position(text: str, offset: int, encoding: str) -> dict[str, int]:
    """An offset as a position; lines end at LF here."""
    before = text[:offset]
    line = before.count("\n")
    tail = before[before.rfind("\n") + 1 :]
    length = len(tail.encode("utf-16-le")) // 2 if encoding == "utf-16" else units(tail, encoding)
    return {"line": line, "character": length}


def marked(text: str, mark: str = "§") -> tuple[str, int]:
    """The text without its mark, and where the mark stood."""
    at = text.index(mark)
    return text[:at] + text[at + len(mark) :], at


def offset(text: str, where: dict[str, int], encoding: str) -> int:
    """A position as an offset."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: where["line"]])
    for at in range(len(lines[where["line"]]) + 1):
        if position(text, start + at, encoding) == where:
            return start + at
    raise AssertionError(f"{where} is not between two characters")


def applied(text: str, edits: Sequence[dict[str, Any]], encoding: str) -> str:
    """The text after edits that do not overlap."""
    spans = [
        (offset(text, edit["range"]["start"], encoding), offset(text, edit["range"]["end"], encoding), edit["newText"])
        for edit in edits
    ]
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text
