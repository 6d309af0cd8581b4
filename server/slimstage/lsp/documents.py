"""Open documents: one analysis per version, edited in place as the client types."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context.folder import FolderContext, name_inside
from slimstage.knowledge import KnowledgeBase
from slimstage.lsp.settings import EditorSettings
from slimstage.text import Encoding, SourceText, Span

# Characters. One process answers for all documents, and reading a text of this length takes a second or more, for which
# the others wait; none of the public Dockerfiles that the tests read has a third of it.
LONGEST = 250_000


class Place(Protocol):
    """A position as LSP sends it."""

    line: int
    character: int


class Change(NamedTuple):
    """One content change; `start` and `end` are None when `text` is the whole document."""

    start: Place | None
    end: Place | None
    text: str


class Edit(NamedTuple):
    """The changes of one version, and the text before them."""

    version: int
    before: str
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Document:
    """One open document. `version` is the client's highest number; `analysis` belongs to exactly that text.

    `recent` holds the last few edits by version, for those that come late.
    """

    uri: str
    version: int
    analysis: Analysis
    recent: list[Edit] = field(default_factory=list)


REMEMBERED_EDITS = 8  # of a document; Helix 25.01 was seen to send a change up to two places late


class Documents:
    """What is open, by URI. A document that was never opened, or is closed, is None."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.encoding: Encoding = "utf-16"
        self.settings = EditorSettings()
        self.folder_settings: dict[str, EditorSettings] = {}  # by the URI of the workspace's folder
        self.online: Callable[[KnowledgeBase], KnowledgeBase] | None = None  # puts registries' figures on top
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The open document, or None."""
        return self._open.get(uri)

    def settings_of(self, uri: str) -> EditorSettings:
        """The settings of the innermost workspace folder that holds the document, else those that hold everywhere."""
        holding = [folder for folder in self.folder_settings if uri.startswith(folder.rstrip("/") + "/")]
        return self.folder_settings[max(holding, key=len)] if holding else self.settings

    def open(self, uri: str, version: int, text: str) -> Document:
        """Start (or start anew, when a client opens twice) with the whole text."""
        document = Document(uri, version, self._analysis(uri, SourceText(text), unfinished=True))
        self._open[uri] = document
        return document

    def close(self, uri: str) -> None:
        """Forget a document; closing one that is not open does nothing."""
        self._open.pop(uri, None)

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> Document | None:
        """Apply changes in order. Positions out of bounds are clamped to the line or the text, as LSP demands.

        Changes of an older version than one of the last few come late (some clients send each change by a task of
        its own): they are put where they belong. An older version that cannot be placed is applied all the same:
        edits are relative to what the client believes the text is, and leaving one out would corrupt all that follow.
        """
        document = self._open.get(uri)
        if document is None:
            return None
        number = document.version if version is None else version
        late = next((place for place, edit in enumerate(document.recent) if edit.version > number), None)
        edits = [Edit(number, document.analysis.source.text, tuple(changes))]
        if late is not None:
            after = document.recent[late:]
            del document.recent[late:]
            edits = [edits[0]._replace(before=after[0].before), *after]
            document.analysis = self._analysis(uri, SourceText(after[0].before), unfinished=True)
        for edit in edits:
            document.recent.append(edit._replace(before=document.analysis.source.text))
            document.analysis = self._changed(uri, document.analysis, edit.changes)
        del document.recent[:-REMEMBERED_EDITS]
        document.version = number if late is None else edits[-1].version
        return document

    def _changed(self, uri: str, analysis: Analysis, changes: Iterable[Change]) -> Analysis:
        for change in changes:
            if change.start is None or change.end is None:
                analysis = self._analysis(uri, SourceText(change.text), unfinished=True)
                continue
            source = analysis.source
            start = source.offset(change.start.line, change.start.character, self.encoding)
            end = source.offset(change.end.line, change.end.character, self.encoding)
            analysis = analysis.edited(Span(min(start, end), max(start, end)), change.text, unfinished=True)
        return analysis

    def refresh(self, uri: str | None = None) -> list[Document]:
        """Analyse again with the files as they are now and the settings in force; all documents without a URI.

        The one at `uri` was saved: until its next change nobody is about to write what it lacks.
        """
        renewed = [document for document in self._open.values() if uri is None or document.uri == uri]
        for document in renewed:
            old = document.analysis
            unfinished = uri is None and old.options.unfinished
            document.analysis = self._analysis(document.uri, old.source, unfinished=unfinished)
        return renewed

    def _analysis(self, uri: str, source: SourceText, *, unfinished: bool) -> Analysis:
        core = self.settings_of(uri).core
        folder, path = self._context_folder(uri), path_of(uri)
        # Its own ignore file (`<name>.dockerignore`) lies beside it.
        name = name_inside(path, folder) if folder and path else "Dockerfile"
        options = AnalysisOptions(
            core.target,
            core.build_args,
            core.severities,
            dockerfile=name,
            conversion=core.conversion,
            unfinished=unfinished,
            path=Path(path).as_posix() if path else "",
            longest=LONGEST,
        )
        knowledge = self.knowledge if self.online is None else self.online(self.knowledge)
        return Analysis(source, knowledge, FolderContext(folder) if folder else None, options)

    def uri_beside(self, uri: str, path: str) -> str | None:
        """The URI of a file of a document's build context; None when there is no such folder."""
        folder = self._context_folder(uri)
        return None if folder is None else Path(os.path.abspath(os.path.join(folder, path))).as_uri()

    def _context_folder(self, uri: str) -> str | None:
        path, settings = path_of(uri), self.settings_of(uri)
        if path is None or not settings.read_context:
            return None
        folder = os.path.dirname(path)
        chosen = settings.core.context
        return os.path.join(folder, chosen) if chosen else folder


def path_of(uri: str) -> str | None:
    """The local path of a `file:` URI, or None for an untitled or remote document."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        if os.name == "nt":
            from urllib.request import url2pathname  # elsewhere start-up would pay for its network modules

            path = url2pathname(unquote(parts.path))
        else:
            path = unquote(parts.path)
    except ValueError:
        return None
    return path if path and "\0" not in path else None
