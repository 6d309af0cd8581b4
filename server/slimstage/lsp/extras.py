"""Requests beyond the protocol, for clients of ours: the size in a status bar, the knowledge base's pages."""

from __future__ import annotations

from typing import Any

from slimstage.features.explain import explain
from slimstage.knowledge import KnowledgeBase

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
