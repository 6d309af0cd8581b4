"""A real folder as build context; the only room below the edges that reads the user's files."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from slimstage.context import MAX_FILES, FileTree, Filter, normal_path

MAX_BYTES = 2_000_000
_GZIP = b"\x1f\x8b"
_LEAST_GZIP = 20  # bytes of an empty one
_MOST_PACKED = 1032  # the best that deflate can do


class FolderContext:
    """Reads below one folder only; symbolic links that lead out of it are treated as absent.

    What was read once is kept, so one instance is one snapshot: make a new one after a change.
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)
        self._real_root = os.path.realpath(root)
        self._texts: dict[str, str | None] = {}

    def read_text(self, path: str) -> str | None:
        """A file's text (at most 2 MB), or None."""
        wanted = normal_path(path)
        if wanted not in self._texts:
            self._texts[wanted] = self._read(wanted)
        return self._texts[wanted]

    def _read(self, path: str) -> str | None:
        target = self._inside(path)
        if target is None:
            return None
        try:
            if not os.path.isfile(target) or os.path.getsize(target) > MAX_BYTES:
                return None
            with open(target, encoding="utf-8") as file:
                return file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None

    def _inside(self, path: str) -> str | None:
        try:
            target = os.path.realpath(self._root / path)
        except (OSError, ValueError):
            return None
        inside = target == self._real_root or target.startswith(self._real_root.rstrip(os.sep) + os.sep)
        return target if inside else None

    def exists(self, path: str) -> bool:
        """Whether the path exists inside the folder."""
        target = self._inside(normal_path(path))
        return target is not None and os.path.exists(target)

    def list(self, path: str = "") -> Sequence[str]:
        """The names directly in a folder, sorted; at most 10,000."""
        target = self._inside(normal_path(path))
        if target is None:
            return ()
        try:
            with os.scandir(target) as entries:
                names = [entry.name for _, entry in zip(range(10_000), entries, strict=False)]
        except (OSError, ValueError):
            return ()
        return sorted(names)

    def unpacked(self, path: str) -> int | None:
        """The size at the end of a gzip file (RFC 1952), where it can be the archive's own."""
        target = self._inside(normal_path(path))
        if target is None:
            return None
        try:
            if not os.path.isfile(target):
                return None
            with open(target, "rb") as file:
                head = file.read(2)
                packed = file.seek(0, os.SEEK_END)
                if head != _GZIP or packed < _LEAST_GZIP:
                    return None
                file.seek(-4, os.SEEK_END)
                size = int.from_bytes(file.read(4), "little")
        except (OSError, ValueError):
            return None
        # A file of several parts, or of more than 4 GB, tells the size of something else.
        return size if packed * 0.9 <= size <= packed * _MOST_PACKED else None

    def tree(self, path: str = "", only: Filter | None = None) -> FileTree | None:
        """Bytes and number of the files at or below a path; a link counts as itself, so loops end nothing.

        At most 200,000 files and folders are looked at; then the result is not complete.
        """
        wanted = normal_path(path)
        target = self._inside(wanted)
        if target is None:
            return None
        try:
            status = os.lstat(target)
        except (OSError, ValueError):
            return None
        if not stat.S_ISDIR(status.st_mode):
            counts = stat.S_ISREG(status.st_mode) and (only is None or only.keeps(wanted))
            return FileTree(status.st_size if counts else 0, int(counts))
        return _walked(target, wanted, only)


def name_inside(file: str, folder: str | Path) -> str:
    """A file's path as seen from a folder, with `/`; its bare name when no path leads there."""
    try:
        return os.path.relpath(file, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.basename(file)


def _walked(root: str, name: str, only: Filter | None) -> FileTree:
    total = files = seen = 0
    complete = True
    waiting = [(root, name + "/" if name else "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MAX_FILES:
                        return FileTree(total, files, complete=False)
                    path = prefix + entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if only is None or only.enters(path):
                            waiting.append((entry.path, path + "/"))
                    elif only is None or only.keeps(path):
                        total += entry.stat(follow_symlinks=False).st_size
                        files += 1
        except (OSError, ValueError):
            complete = False
    return FileTree(total, files, complete)
