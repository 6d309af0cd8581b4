"""A language client for measuring: stamps every message, speaks to any server on standard streams."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

TIMEOUT = 60.0

CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": True, "workspaceFolders": True, "applyEdit": True},
    "textDocument": {
        "synchronization": {"dynamicRegistration": False},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown"],
                "resolveSupport": {"properties": ["documentation", "detail"]},
            }
        },
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix"]}}},
    },
}


class ServerGone(Exception):
    """The server ended or did not answer in time."""


class Client:
    """One server process with one open document; all times are `time.perf_counter()` seconds."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.uri = (folder / "Dockerfile").as_uri()
        self.folder = folder
        self.version = 0
        self.sent_at = 0.0
        self._condition = threading.Condition()
        self._replies: dict[int, tuple[float, Any]] = {}
        self._published: list[tuple[float, int | None]] = []
        self._last_id = 0
        self._open = True
        self.spawned_at = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        threading.Thread(target=self._read, daemon=True).start()

    def initialize(self) -> float:
        """Shake hands. Returns the seconds since the process was started; notes what the server can do."""
        root = self.folder.as_uri()
        received, result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "benchmark"}],
                "capabilities": CAPABILITIES,
            },
        )
        self.capabilities: dict[str, Any] = result["capabilities"]
        sync = self.capabilities.get("textDocumentSync", 1)
        self.incremental = (sync.get("change", 1) if isinstance(sync, dict) else sync) == 2
        self.notify("initialized", {})
        return received - self.spawned_at

    def open(self, text: str) -> None:
        """Open the document."""
        self.text = text
        self.version = 1
        item = {"uri": self.uri, "languageId": "dockerfile", "version": 1, "text": text}
        self.sent_at = self.notify("textDocument/didOpen", {"textDocument": item})

    def replace(self, line: int, start: int, end: int, new: str) -> None:
        """Replace columns of one line, as a whole text where the server knows no increments (ASCII texts only)."""
        rows = self.text.split("\n")
        rows[line] = rows[line][:start] + new + rows[line][end:]
        self.text = "\n".join(rows)
        self.version += 1
        change: dict[str, Any] = {"text": self.text}
        if self.incremental:
            at = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
            change = {"range": at, "text": new}
        document = {"uri": self.uri, "version": self.version}
        self.sent_at = self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def diagnostics(self) -> float:
        """Seconds from the last change to the diagnostics of that version."""
        with self._condition:
            found = self._condition.wait_for(lambda: self._answering() or not self._open, TIMEOUT)
            received = self._answering()
        if not found or received is None:
            raise ServerGone("no diagnostics")
        return received - self.sent_at

    def _answering(self) -> float | None:
        for received, version in self._published:
            if received >= self.sent_at and version in (None, self.version):
                return received
        return None

    def timed(self, method: str, line: int, character: int, **more: Any) -> float:
        """Seconds that a request about a position takes."""
        sent = time.perf_counter()
        position = {"line": line, "character": character}
        received, _ = self.request(method, {"textDocument": {"uri": self.uri}, "position": position, **more})
        return received - sent

    def request(self, method: str, params: Any) -> tuple[float, Any]:
        """When the answer came, and its result."""
        with self._condition:
            self._last_id += 1
            number = self._last_id
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        with self._condition:
            self._condition.wait_for(lambda: number in self._replies or not self._open, TIMEOUT)
            if number not in self._replies:
                raise ServerGone(method)
            return self._replies.pop(number)

    def notify(self, method: str, params: Any) -> float:
        """Send a notification. Returns when."""
        return self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def peak_memory(self) -> int | None:
        """Peak resident bytes of the process and its children; None where the system does not tell."""
        try:
            return sum(_peak(number) for number in _family(self.process.pid)) or None
        except OSError:
            return None

    def stop(self) -> None:
        """Shut the server down, the hard way when it does not listen."""
        try:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(5)
        except (ServerGone, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def _write(self, message: dict[str, Any]) -> float:
        body = json.dumps(message, separators=(",", ":")).encode()
        stream = self.process.stdin
        assert stream is not None
        now = time.perf_counter()
        try:
            stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            stream.flush()
        except OSError as error:
            raise ServerGone(str(error)) from error
        return now

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        try:
            while True:
                length = 0
                while (header := stream.readline()).strip():
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not header:
                    break
                body = stream.read(length)
                received = time.perf_counter()
                self._take(json.loads(body), received)
        except (OSError, ValueError, ServerGone):
            pass
        with self._condition:
            self._open = False
            self._condition.notify_all()

    def _take(self, message: dict[str, Any], received: float) -> None:
        method = message.get("method")
        if method is None:
            with self._condition:
                self._replies[message["id"]] = (received, message.get("result"))
                self._condition.notify_all()
        elif "id" in message:
            items = (message.get("params") or {}).get("items", [])
            result = [None] * len(items) if method == "workspace/configuration" else None
            self._write({"jsonrpc": "2.0", "id": message["id"], "result": result})
        elif method == "textDocument/publishDiagnostics":
            with self._condition:
                self._published.append((received, message["params"].get("version")))
                self._condition.notify_all()


def _family(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    family = [root]
    for number in family:
        family += children.get(number, [])
    return family


def _peak(number: int) -> int:
    try:
        for line in Path(f"/proc/{number}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
