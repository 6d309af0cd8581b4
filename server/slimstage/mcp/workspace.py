"""What the tools may touch: files below one root, read with limits; refusals name the text that says why."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context.folder import FolderContext, name_inside
from slimstage.knowledge import KnowledgeBase
from slimstage.settings import LANGUAGES, Settings
from slimstage.text import SourceText

MAX_BYTES = 1_000_000
MAX_PATH = 4096


class Refused(Exception):
    """A call that cannot be answered; text `mcp.error.<key>`, filled with `arguments`, tells the agent what to do."""

    def __init__(self, key: str, **arguments: Any) -> None:
        super().__init__(key)
        self.key = key
        self.arguments = arguments

    def text(self, knowledge: KnowledgeBase, lang: str) -> str:
        """The refusal in words; the argument `near` becomes a question, or nothing when nothing is near."""
        near = self.arguments.get("near")
        question = knowledge.text("mcp.error.nearest", lang, name=near) if near else ""
        return knowledge.text(f"mcp.error.{self.key}", lang, **{**self.arguments, "near": question}).rstrip()


class Host(Protocol):
    """What the command line does for this room: reads settings, finds, decodes and replaces files as it does itself."""

    def settings(self, folder: Path) -> tuple[Settings, Path]:
        """The settings in force in a folder, and the folder their paths start from. Raises `Refused`."""

    def knowledge(self, extra: tuple[Path, ...]) -> KnowledgeBase:
        """The knowledge base with users' own files on top. Raises `Refused`."""

    def dockerfiles(self) -> Iterator[str]:
        """The Dockerfiles below the root, as real paths."""

    def decoded(self, data: bytes, path: Path) -> str:
        """A Dockerfile's text. Raises `Refused` for what is surely none."""

    def replace(self, path: Path, text: str) -> None:
        """Write a file in one step. Raises `Refused`."""


@dataclass(slots=True, frozen=True)
class Document:
    """A text to work on; `file` is its real path, or None for one that is not on disk."""

    analysis: Analysis
    name: str
    file: Path | None


@dataclass(slots=True, frozen=True)
class Workspace:
    """One root (a real path) and what the user allowed: to write files, to ask registries for sizes."""

    root: Path
    host: Host
    lang: str = "en"
    allow_write: bool = False
    online: bool = False

    def language(self, asked: str | None) -> str:
        """The language of an answer."""
        return asked if asked in LANGUAGES else self.lang

    def base(self) -> KnowledgeBase:
        """The knowledge in force at the root."""
        return self._knowledge(*self.host.settings(self.root))

    def document(
        self,
        text: str | None = None,
        path: str | None = None,
        context: str | None = None,
        target: str | None = None,
        wishes: Mapping[str, Any] | None = None,
    ) -> Document:
        """The Dockerfile `text` or the one at `path`; both together are a text as if it were in that file.

        The build context is `context`, else what the settings say, else the folder of `path`, else none.
        `wishes` are what a conversion should heed, on top of the settings.
        """
        if text is None and path is None:
            raise Refused("no_input")
        file = None if path is None else self.resolve(path)
        if text is None:
            assert file is not None
            text = self._read(file)
        elif len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            raise Refused("too_large", limit=MAX_BYTES // 1_000_000)
        elif "\0" in text:
            raise Refused("binary")
        folder = self.root if file is None else file.parent
        settings, start = self.host.settings(folder)
        where: Path | None = None
        if context is not None:
            where = self.folder(context)
        elif settings.context is not None:
            where = self.folder(settings.context, start)
        elif file is not None:
            where = folder
        analysis = Analysis(
            SourceText(text),
            self._knowledge(settings, start),
            None if where is None else FolderContext(where),
            AnalysisOptions(
                target or settings.target,
                settings.build_args,
                settings.severities,
                dockerfile="Dockerfile" if file is None or where is None else name_inside(str(file), where),
                conversion={**settings.conversion, **(wishes or {})},
                path="" if file is None else file.as_posix(),
            ),
        )
        return Document(analysis, "Dockerfile" if file is None else self.shown(file), file)

    def shown(self, file: Path) -> str:
        """A path as answers show it: relative to the root, with `/`."""
        return file.relative_to(self.root).as_posix()

    def resolve(self, path: str, start: Path | None = None) -> Path:
        """The real path of `path` (seen from `start`, the root by default) when that is below the root.

        Raises `Refused`, which says nothing of what lies outside.
        """
        if not path or len(path) > MAX_PATH or any(ord(character) < 0x20 for character in path):
            raise Refused("bad_path")
        if path.startswith(("\\\\", "//")):
            raise Refused("outside", path=path)
        try:
            real = Path(os.path.realpath((start or self.root) / path))
        except (OSError, ValueError):
            raise Refused("bad_path") from None
        if not real.is_relative_to(self.root):
            raise Refused("outside", path=path)
        return real

    def folder(self, path: str, start: Path | None = None) -> Path:
        """A folder below the root, named as for `resolve`. Raises `Refused`."""
        real = self.resolve(path, start)
        if not real.is_dir():
            raise Refused("no_folder", path=self.shown(real))
        return real

    def _read(self, file: Path) -> str:
        """The text of a regular file. A pipe or device is never opened for longer than it takes to see what it is."""
        flags = os.O_RDONLY
        for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOCTTY"):
            flags |= getattr(os, name, 0)
        shown = self.shown(file)
        try:
            # Looked at before it is opened, since opening alone may start a device; and after, in case it changed.
            if not stat.S_ISREG(os.lstat(file).st_mode):
                raise Refused("no_file", path=shown)
            handle = os.open(file, flags)
        except FileNotFoundError:
            raise Refused("missing", path=shown) from None
        except OSError as error:
            raise Refused("unreadable", path=shown, reason=error.strerror or "") from None
        with os.fdopen(handle, "rb") as opened:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or Path(os.path.realpath(file)) != file:
                raise Refused("no_file", path=shown)
            try:
                data = opened.read(MAX_BYTES + 1)
            except OSError as error:
                raise Refused("unreadable", path=shown, reason=error.strerror or "") from None
        if len(data) > MAX_BYTES:
            raise Refused("too_large", limit=MAX_BYTES // 1_000_000)
        return self.host.decoded(data, file)

    def _knowledge(self, settings: Settings, start: Path) -> KnowledgeBase:
        return self.host.knowledge(tuple(self.resolve(path, start) for path in settings.knowledge))
