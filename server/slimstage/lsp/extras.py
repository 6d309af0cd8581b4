"""Requests beyond the protocol, for clients of ours: the size in a status bar, the knowledge base's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slimstage.analysis import Analysis
from slimstage.features.conversion import refusal_text
from slimstage.features.describe import size_text
from slimstage.features.explain import explain
from slimstage.features.sizes import layers, part_text
from slimstage.knowledge import KnowledgeBase
from slimstage.rewrites import Refusal

if TYPE_CHECKING:
    from slimstage.lsp.server import Server

TOPICS = "slimstage/topics"
EXPLAIN = "slimstage/explain"
SIZE = "slimstage/size"
CONVERSION = "slimstage/conversion"


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


def size(analysis: Analysis, lang: str) -> dict[str, Any] | None:
    """The final image's size: a short text, bytes with their upper bound, and a report of every line.

    None for a file without a stage to build.
    """
    image = analysis.sizes
    if image is None:
        return None
    disk = image.disk
    interval = analysis.knowledge.interval((size_text(disk.low), size_text(disk.high)), lang)
    lines = [f"{size_text(disk.bytes)}  ({interval})", ""]
    for _, one in layers(image):
        first = one.instruction.text.strip().splitlines()[0]
        at = analysis.dockerfile.start_of(one.instruction) + one.instruction.keyword_span.start
        weight = size_text(one.disk.bytes) if one.disk.high else "-"
        lines.append(f"{analysis.source.line_of(at) + 1:5}  {weight:>10}  {first[:90]}")
        lines += [
            f"{'':19}{size_text(part.disk.bytes) if part.disk is not None else '?':>10}  "
            f"{part_text(analysis.knowledge, part, lang)}"
            for part in one.parts
            if part.disk is None or part.disk.high
        ]
    return {"text": size_text(disk.bytes), "bytes": disk.bytes, "high": disk.high, "report": "\n".join(lines) + "\n"}


def conversion(analysis: Analysis, lang: str) -> dict[str, str | None]:
    """What a client says beside its diff: why there is no conversion, or the image's size before and after.

    Sizes are short texts; None where they are not known.
    """
    found = analysis.conversion
    if isinstance(found, Refusal):
        return {"reason": refusal_text(analysis.knowledge, found, lang), "before": None, "after": None}
    before, after = (size_text(one.bytes) if one is not None else None for one in (found.before, found.after))
    return {"reason": None, "before": before, "after": after}


def register(server: Server) -> None:
    """Answer these requests, too."""

    def on_topics(params: Any) -> list[str]:
        return topics(server.documents.knowledge)

    def on_explain(params: Any) -> str | None:
        return page(server.documents.knowledge, params, server.lang)

    def on_size(params: Any) -> dict[str, Any] | None:
        document = server.documents.get(str(field(field(params, "textDocument"), "uri")))
        return size(document.analysis, server.lang) if document is not None else None

    def on_conversion(params: Any) -> dict[str, str | None] | None:
        document = server.documents.get(str(field(field(params, "textDocument"), "uri")))
        return conversion(document.analysis, server.lang) if document is not None else None

    server.feature(SIZE)(on_size)
    server.feature(CONVERSION)(on_conversion)
    server.feature(TOPICS)(on_topics)
    server.feature(EXPLAIN)(on_explain)
