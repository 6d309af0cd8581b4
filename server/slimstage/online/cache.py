"""What registries said before, kept below the user's cache folder for a time."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HOUR = 3600
DAY = 24 * HOUR
_MAX_BYTES = 2_000_000


def user_folder() -> Path:
    """The user's cache folder of this program, by the system's own rule; it need not exist."""
    chosen = os.environ.get("XDG_CACHE_HOME")
    if chosen and os.path.isabs(chosen):
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "slimstage" / "online"


class Cache:
    """JSON values by key. A folder that cannot be written or an entry that cannot be read is as good as none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> Any:
        """The value kept for a key; None when there is none, it is too old or broken."""
        path = self._path(key)
        if path is None:
            return None
        try:
            if path.stat().st_size > _MAX_BYTES:
                return None
            entry = json.loads(path.read_bytes())
            alive = entry["key"] == key and entry["made"] - DAY <= time.time() < entry["until"]
            return entry["value"] if alive else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def put(self, key: str, value: Any, seconds: float) -> None:
        """Keep a value for so long. The entry is there whole or not at all."""
        path = self._path(key)
        if path is None:
            return
        now = time.time()
        text = json.dumps({"key": key, "made": now, "until": now + seconds, "value": value})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                os.replace(name, path)
            except OSError:
                os.unlink(name)
        except OSError:
            return

    def _path(self, key: str) -> Path | None:
        if self._folder is None:
            return None
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.json"
