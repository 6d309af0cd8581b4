"""The build context: the files beside the Dockerfile, seen through a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

MAX_FILES = 200_000


class FileTree(NamedTuple):
    """What lies at a path of the context: bytes of its files, and their number.

    `complete` is False when the walk stopped at `MAX_FILES` or could not read a folder; `bytes` is then a lower bound.
    """

    bytes: int
    files: int
    complete: bool = True


class Filter(Protocol):
    """Which paths of a context count."""

    def keeps(self, path: str) -> bool:
        """Whether a file counts."""

    def enters(self, folder: str) -> bool:
        """Whether anything below a folder may count."""


class BuildContext(Protocol):
    """What the analysis may ask about the files that `COPY` would see; paths are relative, with `/`."""

    def read_text(self, path: str) -> str | None:
        """A file's text, or None when it is absent, too large, unreadable or not UTF-8."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder of that name is there."""

    def list(self, path: str = "") -> Sequence[str]:
        """The names directly in a folder, sorted; empty when there is no such folder."""

    def tree(self, path: str = "", only: Filter | None = None) -> FileTree | None:
        """Bytes and number of the files at or below a path, links not followed; None when nothing is there."""

    def unpacked(self, path: str) -> int | None:
        """The bytes that a gzip file unpacks to, by its last four; None for any other file."""


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

    def tree(self, path: str = "", only: Filter | None = None) -> FileTree | None:
        """The texts at or below `path`, counted in UTF-8."""
        wanted = normal_path(path)
        sizes = [
            len(text.encode("utf-8", "surrogatepass"))
            for name, text in self._files.items()
            if (not wanted or name == wanted or name.startswith(wanted + "/")) and (only is None or only.keeps(name))
        ]
        return FileTree(sum(sizes), len(sizes)) if sizes or self.exists(wanted) or not wanted else None

    def unpacked(self, path: str) -> int | None:
        """None: texts are no archives."""
        return None


class ChangedContext:
    """A build context in which some files have other texts; their sizes are those of before."""

    def __init__(self, context: BuildContext, texts: Mapping[str, str]) -> None:
        self._context = context
        self._texts = {normal_path(path): text for path, text in texts.items()}

    def read_text(self, path: str) -> str | None:
        """The changed text, or the one of before."""
        found = self._texts.get(normal_path(path))
        return self._context.read_text(path) if found is None else found

    def exists(self, path: str) -> bool:
        """Whether it is among the changed files, or was there before."""
        return normal_path(path) in self._texts or self._context.exists(path)

    def list(self, path: str = "") -> Sequence[str]:
        """The names directly in a folder, those of new files at its root among them."""
        names = set(self._context.list(path))
        return sorted(names | {name for name in self._texts if "/" not in name} if not normal_path(path) else names)

    def tree(self, path: str = "", only: Filter | None = None) -> FileTree | None:
        """The files at or below a path as they were."""
        return self._context.tree(path, only)

    def unpacked(self, path: str) -> int | None:
        """As it was."""
        return self._context.unpacked(path)


def with_lines(text: str | None, lines: Sequence[str]) -> str:
    """A file's text with lines behind it, in its own line ends; `text` None is a new file."""
    end = "\r\n" if text is not None and "\r\n" in text else "\n"
    start = "" if not text or text.endswith("\n") else end
    return (text or "") + start + "".join(line + end for line in lines)


def normal_path(path: str) -> str:
    """`path` without leading slashes, `.` parts and resolvable `..` parts; never leaves the context."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
