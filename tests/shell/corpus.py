"""The RUN scripts of a folder of real Dockerfiles, taken out by BuildKit's own parser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import dockerfile

from slimstage.shell.dialect import dialect_of

_ESCAPE = re.compile(r"^#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE | re.MULTILINE)


def run_scripts(folder: str) -> Iterator[tuple[str, str]]:
    """Every distinct RUN in shell form that a POSIX shell reads, with the file it is from."""
    seen: set[str] = set()
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.suffix == ".go":  # BuildKit's tests hold Dockerfiles inside Go strings
            continue
        try:
            text = path.read_text(encoding="utf-8")
            commands = dockerfile.parse_string(text)
        except (dockerfile.GoParseError, UnicodeDecodeError, OSError):
            continue
        if _ESCAPE.search(text):
            continue
        shell: tuple[str, ...] = ("/bin/sh", "-c")
        for command in commands:
            keyword = command.cmd.upper()
            if keyword == "FROM":
                shell = ("/bin/sh", "-c")
            elif keyword == "SHELL":
                shell = tuple(command.value)
            elif keyword == "RUN" and not command.json and command.value and dialect_of(shell) in ("sh", "bash"):
                script = command.value[0]
                if "<<" in script:
                    continue  # BuildKit hands the body over apart from the line
                if script not in seen:
                    seen.add(script)
                    yield os.path.relpath(path, folder), script
