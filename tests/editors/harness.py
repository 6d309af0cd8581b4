"""What the tests of several editors use: a `slimstage` on the PATH that is recorded, and a terminal to look at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDER = Path(__file__).with_name("recorder.py")


@dataclass
class Installed:
    """`slimstage` as an editor finds it: `path` is the folder to put first on the PATH, `notes` what was said."""

    path: Path
    notes: Path
    patience: float = 20.0  # seconds to wait for something to appear

    @property
    def environment(self) -> dict[str, str]:
        """The environment for the editor."""
        return {**os.environ, "PATH": f"{self.path}:{os.environ['PATH']}", "PATIENCE": str(self.patience)}

    def messages(self) -> list[dict[str, Any]]:
        """All messages so far, in order."""
        if not self.notes.exists():
            return []
        return [json.loads(line) for line in self.notes.read_text(encoding="utf-8").splitlines() if line.endswith("}")]

    def answers(self, method: str) -> list[Any]:
        """The server's results to the client's requests of that method."""
        asked = {message["id"] for message in self.messages() if message.get("method") == method and "id" in message}
        return [
            message["result"]
            for message in self.messages()
            if message["from"] == "server" and message.get("id") in asked and "result" in message
        ]

    @property
    def encoding(self) -> str:
        """In what the two count characters, as negotiated."""
        answers = self.answers("initialize")  # one a server: an editor may start one for each project
        (encoding,) = {answer["capabilities"].get("positionEncoding", "utf-16") for answer in answers}
        return str(encoding)

    @property
    def language_id(self) -> str:
        """What the editor calls the language of the first document."""
        opened = [message for message in self.messages() if message.get("method") == "textDocument/didOpen"]
        return str(opened[0]["params"]["textDocument"]["languageId"])

    def published(self) -> list[dict[str, Any]]:
        """The findings the server told last, pushed or pulled."""
        pushed = [
            message["params"]["diagnostics"]
            for message in self.messages()
            if message.get("method") == "textDocument/publishDiagnostics"
        ]
        pulled = [answer["items"] for answer in self.answers("textDocument/diagnostic") if "items" in answer]
        return (pushed or pulled or [[]])[-1]


def install(folder: Path, server: list[str], muted: str = "") -> Installed:
    """A `slimstage` in `folder` that runs the real one and records; `muted` is a method it answers with nothing.

    Only `slimstage lsp` is recorded; anything else is the real program's business.
    """
    notes = folder / "messages.jsonl"
    command = [sys.executable, str(RECORDER), str(notes), muted, server[0]]
    line = f'[ "$1" = lsp ] || exec \'{server[0]}\' "$@"\nexec ' + " ".join(f"'{part}'" for part in command) + ' "$@"'
    return _script(folder, notes, line, 10.0 if muted else 20.0)


def install_broken(folder: Path) -> Installed:
    """A `slimstage` that fails: with it each harness has to go red."""
    return _script(folder, folder / "messages.jsonl", "echo 'no server here' >&2; exit 1", 3.0)


def _script(folder: Path, notes: Path, line: str, patience: float) -> Installed:
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "slimstage"
    script.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    script.chmod(0o755)
    return Installed(folder, notes, patience)


def block(readme: Path, language: str, containing: str = "") -> str:
    """The first block of code in that language with that text, as a user copies it out of the README."""
    for found in re.findall(
        rf"^```{language}\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        if containing in found:
            return str(found)
    raise AssertionError(f"{readme} has no block of {language} with {containing!r}")


def follow(readme: Path, archives: Path, containing: str = "") -> None:
    """Run the README's commands where the archives are, in the home folder of the test."""
    commands = block(readme, "sh", containing).replace("python3", f"'{sys.executable}'")
    subprocess.run(["sh", "-ec", commands], cwd=archives, check=True, capture_output=True)


def home() -> Path:
    """The home folder of the test."""
    return Path(os.environ["HOME"])


class Terminal:
    """An editor in a terminal: type keys, read the screen."""

    def __init__(self, command: list[str], installed: Installed, cwd: Path, **environment: str) -> None:
        import pexpect
        import pyte

        class Screen(pyte.Screen):
            def select_graphic_rendition(self, *attributes: int, private: bool = False, **options: Any) -> None:
                if not private:  # Vim sends one that pyte does not know
                    super().select_graphic_rendition(*attributes, **options)

            def report_device_status(self, mode: int, *, private: bool = False, **options: Any) -> None:
                if not private:  # newer Helix asks for the colour scheme
                    super().report_device_status(mode, **options)

        self._screen = Screen(120, 40)
        self._stream = pyte.ByteStream(self._screen)
        self._patience = installed.patience
        self._ended = pexpect.EOF
        self._silent = pexpect.TIMEOUT
        self._process = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(cwd),
            dimensions=(40, 120),
            env={**installed.environment, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )

    def text(self) -> str:
        """The screen, line by line."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _read(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self._stream.feed(self._process.read_nonblocking(65536, 0.05))
            except self._silent:
                pass
            except self._ended:
                return

    def type(self, keys: str, then: float = 0.3) -> None:
        """Type, and give the editor some seconds to draw."""
        self._process.send(keys)
        self._read(then)

    def see(self, pattern: str) -> str:
        """What matches on the screen, as soon as it does; an AssertionError with the screen when it never does."""
        found: list[str] = []

        def on_screen() -> bool:
            self._read(0.1)
            match = re.search(pattern, self.text())
            found[:] = [match[0]] if match else []
            return bool(match)

        assert until(on_screen, self._patience), f"never on the screen: {pattern}\n{self.text()}"
        return found[0]

    def close(self) -> None:
        """End the editor."""
        self._process.close(force=True)


def until(test: Callable[[], bool], seconds: float) -> bool:
    """Whether the test comes true in that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return test()
