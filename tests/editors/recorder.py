"""Stands between an editor and the server and notes each message: python recorder.py NOTES SERVER ARGUMENT...

One line of JSON a message: `from` (client or server), then the message itself.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO


def relay(source: IO[bytes], target: IO[bytes], side: str, notes: IO[str], lock: threading.Lock) -> None:
    """Hand frames on unchanged until the source ends."""
    while True:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = source.read(1)
            if not byte:
                target.close()
                return
            head += byte
        length = next(int(line.split(b":")[1]) for line in head.splitlines() if line.lower().startswith(b"content-len"))
        body = source.read(length)
        with lock:
            notes.write(json.dumps({"from": side, **json.loads(body)}) + "\n")
            notes.flush()
        try:
            target.write(head + body)
            target.flush()
        except (BrokenPipeError, ValueError):
            return


def main(path: str, *command: str) -> int:
    """Run the server until it ends; its exit code."""
    with Path(path).open("a", encoding="utf-8") as notes:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert server.stdin and server.stdout
        lock = threading.Lock()
        to_server = (sys.stdin.buffer, server.stdin, "client", notes, lock)
        threading.Thread(target=relay, args=to_server, daemon=True).start()
        relay(server.stdout, sys.stdout.buffer, "server", notes, lock)
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
