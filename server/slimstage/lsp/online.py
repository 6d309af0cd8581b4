"""The setting `online`: registries are asked in the background, and the editor is told when figures are there."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from slimstage.analysis import Analysis

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase
    from slimstage.lsp.documents import Document
    from slimstage.lsp.server import Server
    from slimstage.online.knowledge import Figures, OnlineKnowledge

LOG = logging.getLogger("slimstage")
_TIMEOUT = 5.0


class Online:
    """Figures of all documents asked for so far, put on top of the knowledge in force."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._figures: Figures | None = None
        self._widened: tuple[KnowledgeBase, OnlineKnowledge] | None = None
        self._asking: dict[str, threading.Event] = {}

    @property
    def allowed(self) -> bool:
        """Whether the user switched it on and trusts the workspace, whose files say which hosts are asked."""
        settings = self._server.documents.settings
        return settings.online and settings.read_context

    def over(self, knowledge: KnowledgeBase) -> KnowledgeBase:
        """The knowledge with the figures there are; the same object as long as both stay the same."""
        if self._figures is None or not self.allowed:
            return knowledge
        if self._widened is None or self._widened[0] is not knowledge:
            from slimstage.online.knowledge import OnlineKnowledge

            self._widened = (knowledge, OnlineKnowledge(knowledge, self._figures))
        return self._widened[1]

    def ask(self, document: Document) -> None:
        """Ask for what this document needs now; a question that still runs for it is given up."""
        self.forget(document.uri)
        if not self.allowed:
            return
        known = document.analysis
        if known.too_long:
            return
        # One of its own, since the document's is read by other requests meanwhile.
        analysis = Analysis(known.source, self._server.documents.knowledge, known.context, known.options)
        over = self._asking[document.uri] = threading.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._collect, args=(analysis, over, loop), daemon=True).start()

    def forget(self, uri: str) -> None:
        """Nobody waits for a document's figures any more."""
        over = self._asking.pop(uri, None)
        if over is not None:
            over.set()

    def _collect(self, analysis: Analysis, over: threading.Event, loop: asyncio.AbstractEventLoop) -> None:
        from slimstage.online.collect import collect  # nothing else loads a network module
        from slimstage.online.http import Cancelled

        try:
            found = collect(analysis, cancelled=over.is_set, timeout=_TIMEOUT)
            loop.call_soon_threadsafe(self._use, found.knowledge.figures, over)
        except Cancelled:
            return
        except RuntimeError:  # the server ended meanwhile
            return
        except Exception:
            LOG.exception("asking registries failed")

    def _use(self, found: Figures, over: threading.Event) -> None:
        if over.is_set() or not (found.images or found.wheels or found.npm):
            return
        if self._figures is not None:
            for name in ("images", "wheels", "npm", "sources"):
                setattr(found, name, {**getattr(self._figures, name), **getattr(found, name)})
        self._figures, self._widened = found, None
        self._server.refresh()
