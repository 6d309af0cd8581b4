"""A real folder as build context; the only room below the edges that reads the user's files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from slimstage.context import normal_path

MAX_BYTES = 2_000_000


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
