"""Stands between an editor and the server and notes each message: python recorder.py NOTES MUTED SERVER ARGUMENT...

One line of JSON a message: `from` (client or server), then the message itself. With a method in MUTED the editor gets
an empty answer to it, as from a server without that feature: a harness that looks for the feature has to notice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any


class Relay:
    """What both directions share: the notes, and the requests that shall have no answer."""

    def __init__(self, notes: IO[str], muted: str) -> None:
        self._notes = notes
        self._muted = muted
        self._silenced: set[object] = set()
        self._lock = threading.Lock()

    def run(self, source: IO[bytes], target: IO[bytes], side: str) -> None:
        """Hand messages on until the source ends."""
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = source.read(1)
                if not byte:
                    target.close()
                    return
                head += byte
            length = next(
                int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-l")
            )
            body = source.read(length)
            with self._lock:
                message = json.loads(body)
                if self._silence(message, side):
                    body = json.dumps(message).encode()
                    head = f"Content-Length: {len(body)}\r\n\r\n".encode()
                self._notes.write(json.dumps({"from": side, **message}) + "\n")
                self._notes.flush()
            try:
                target.write(head + body)
                target.flush()
            except (BrokenPipeError, ValueError):
                return

    def _silence(self, message: dict[str, Any], side: str) -> bool:
        if side == "client" and self._muted and message.get("method") == self._muted and "id" in message:
            self._silenced.add(message["id"])
        elif side == "server" and "method" not in message and message.get("id") in self._silenced:
            message["result"] = None
            return True
        return False


def main(path: str, muted: str, *command: str) -> int:
    """Run the server until it ends; its exit code."""
    with Path(path).open("a", encoding="utf-8") as notes:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert server.stdin and server.stdout
        relay = Relay(notes, muted)
        to_server = (sys.stdin.buffer, server.stdin, "client")
        threading.Thread(target=relay.run, args=to_server, daemon=True).start()
        relay.run(server.stdout, sys.stdout.buffer, "server")
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
