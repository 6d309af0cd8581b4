"""The build context: the files beside the Dockerfile, seen through a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class BuildContext(Protocol):
    """What the analysis may ask about the files that `COPY` would see; paths are relative, with `/`."""

    def read_text(self, path: str) -> str | None:
        """A file's text, or None when it is absent, too large, unreadable or not UTF-8."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder of that name is there."""

    def list(self, path: str = "") -> Sequence[str]:
        """The names directly in a folder, sorted; empty when there is no such folder."""


class DictContext:
    """A build context held in a mapping from path to text; tests and agents use it."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def read_text(self, path: str) -> str | None:
        """The text at `path`, or None."""
        return self._files.get(normal_path(path))

    def exists(self, path: str) -> bool:
        """Whether a file, or a folder that holds one, is there."""
        wanted = normal_path(path)
        return wanted in self._files or any(name.startswith(wanted + "/") for name in self._files)

    def list(self, path: str = "") -> Sequence[str]:
        """The names directly in `path`."""
        prefix = normal_path(path)
        prefix = prefix + "/" if prefix else ""
        return sorted({name[len(prefix) :].split("/")[0] for name in self._files if name.startswith(prefix)})


def normal_path(path: str) -> str:
    """`path` without leading slashes, `.` parts and resolvable `..` parts; never leaves the context."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
