"""Requests beyond the protocol, for clients of ours: the size in a status bar, the knowledge base's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slimstage.features.explain import explain
from slimstage.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from slimstage.lsp.server import Server

TOPICS = "slimstage/topics"
EXPLAIN = "slimstage/explain"
SIZE = "slimstage/size"


def field(params: Any, name: str) -> Any:
    """A field of a custom request's parameters, whatever pygls made of them; None when it is missing."""
    return params.get(name) if isinstance(params, dict) else getattr(params, name, None)


def topics(knowledge: KnowledgeBase) -> list[str]:
    """Everything `explain` takes."""
    return list(knowledge.topics())


def page(knowledge: KnowledgeBase, params: Any, lang: str) -> str | None:
    """The page of a topic, or None."""
    topic = field(params, "topic")
    return explain(knowledge, topic, lang) if isinstance(topic, str) else None


def register(server: Server) -> None:
    """Answer these requests, too."""

    def on_topics(server: Server, params: Any) -> list[str]:
        return topics(server.documents.knowledge)

    def on_explain(server: Server, params: Any) -> str | None:
        return page(server.documents.knowledge, params, server.lang)

    server.feature(TOPICS)(on_topics)
    server.feature(EXPLAIN)(on_explain)
