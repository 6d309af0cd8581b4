"""The nearest `slimstage.toml`, or `pyproject.toml` with a `[tool.slimstage]` table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from slimstage.settings import Settings, SettingsError, read_settings

MAX_BYTES = 1_000_000


class Config(NamedTuple):
    """Settings with the folder that their relative paths start from."""

    settings: Settings
    folder: Path

    @property
    def knowledge(self) -> tuple[Path, ...]:
        """The users' own knowledge files, as paths that hold from anywhere."""
        return tuple(self.folder / path for path in self.settings.knowledge)


class Configs:
    """Finds the configuration of each folder and reads each file once.

    With `within`, a real path, no file outside that folder is read, not even through a symbolic link.
    """

    def __init__(self, only: str | None = None, *, within: Path | None = None) -> None:
        self._only = None if only is None else read_config(Path(only))
        self._within = within
        self._of: dict[Path, Config] = {}

    def of(self, folder: Path) -> Config:
        """The configuration in force in `folder`. Raises `SettingsError` naming the file that is wrong."""
        if self._only is not None:
            return self._only
        found = self._of.get(folder)
        if found is None:
            found = self._of[folder] = self._find(folder)
        return found

    def _find(self, folder: Path) -> Config:
        own = folder / "slimstage.toml"
        if self._may_read(own):
            return read_config(own)
        shared = folder / "pyproject.toml"
        if self._may_read(shared) and _names_us(shared):
            table = _toml(shared).get("tool", {}).get("slimstage")
            if table is not None:
                return _config(table, shared)
        if folder in (folder.parent, self._within):
            return Config(Settings(), folder)
        return self.of(folder.parent)

    def _may_read(self, path: Path) -> bool:
        return path.is_file() and (self._within is None or path.resolve().is_relative_to(self._within))


def read_config(path: Path) -> Config:
    """The configuration in one file. Raises `SettingsError` naming the file."""
    data = _toml(path)
    if path.name == "pyproject.toml":
        data = data.get("tool", {}).get("slimstage", {})
    return _config(data, path)


def _config(data: dict[str, Any], path: Path) -> Config:
    try:
        return Config(read_settings(data), path.parent.absolute())
    except SettingsError as error:
        raise SettingsError(error.key, **{**error.arguments, "file": str(path)}) from None


def _names_us(path: Path) -> bool:
    """Whether a project's file may hold our table: a broken one that does not is none of our business."""
    try:
        with path.open("rb") as file:
            return b"slimstage" in file.read(MAX_BYTES)
    except OSError:
        return True


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with path.open("rb") as file:
            data: dict[str, Any] = tomllib.loads(file.read(MAX_BYTES).decode("utf-8"))
            return data
    except OSError as error:
        raise SettingsError("settings.unreadable", file=str(path), reason=error.strerror or "") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError("settings.not_toml", file=str(path), reason=str(error)) from None
