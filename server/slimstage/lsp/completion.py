"""Completion candidates as LSP items, in the shape that the client compares words in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lsprotocol import types

from slimstage.analysis import Analysis
from slimstage.features.candidates import Candidate
from slimstage.features.completion import Completion, document
from slimstage.text import Encoding, Span

Json = dict[str, Any]

# How a client delimits the word it compares with `filterText`: by our edit's range, as the protocol says
# ("range"), or by a syntax table of its own, in which `--from=bu` is one word or `bu` is (eglot: "either").
WordStyle = Literal["range", "either"]

EAGER_PAGES = 40  # for clients that do not ask for a page when they show it (completionItem/resolve)
_KINDS = {
    "stage": types.CompletionItemKind.Module.value,
    "index": types.CompletionItemKind.Module.value,
    "image": types.CompletionItemKind.File.value,
    "tag": types.CompletionItemKind.Constant.value,
    "flag": types.CompletionItemKind.Field.value,
    "option": types.CompletionItemKind.Property.value,
    "value": types.CompletionItemKind.EnumMember.value,
    "instruction": types.CompletionItemKind.Keyword.value,
    "keyword": types.CompletionItemKind.Keyword.value,
    "snippet": types.CompletionItemKind.Snippet.value,
    "variable": types.CompletionItemKind.Variable.value,
    "directive": types.CompletionItemKind.Property.value,
    "file": types.CompletionItemKind.File.value,
    "folder": types.CompletionItemKind.Folder.value,
}
_INLINE = ("stage", "index", "image", "tag", "variable")


@dataclass(slots=True)
class CompletionClient:
    """What the client's completion can do."""

    snippets: bool = False
    label_details: bool = False
    resolves_pages: bool = False
    as_is: bool = False  # can be told to leave a snippet's lines where they are
    words: WordStyle = "range"

    @staticmethod
    def of(params: types.InitializeParams) -> CompletionClient:
        """Read it from the client's capabilities and name."""
        document = params.capabilities.text_document
        completion = document.completion if document else None
        item = completion.completion_item if completion else None
        resolve = item.resolve_support.properties if item and item.resolve_support else ()
        modes = item.insert_text_mode_support.value_set if item and item.insert_text_mode_support else ()
        name = params.client_info.name.lower() if params.client_info else ""
        return CompletionClient(
            snippets=bool(item and item.snippet_support),
            label_details=bool(item and item.label_details_support),
            resolves_pages="documentation" in resolve,
            as_is=types.InsertTextMode.AsIs in modes,
            # Emacs 28's eglot gives no name; later ones call themselves Eglot, or Emacs.
            words="either" if not name or "eglot" in name or "emacs" in name else "range",
        )


def to_completion_list(
    analysis: Analysis, found: Completion, uri: str, lang: str, encoding: Encoding, client: CompletionClient
) -> Json:
    """The list as the protocol's JSON, in the order of the candidates: classes for it take five times as long."""
    items: list[Json] = []
    place = _range(analysis, found.symbol, encoding)
    lead = analysis.source.text[found.symbol.start : found.span.start]
    short = _range(analysis, found.span, encoding)
    for number, candidate in enumerate(found.candidates):
        if candidate.snippet and not client.snippets:
            continue
        item = _item(candidate, number, client)
        if candidate.topic:
            if client.resolves_pages:
                item["data"] = {"uri": uri, "topic": candidate.topic}
            elif number < EAGER_PAGES:
                text = document(analysis, candidate.topic, lang)
                if text:
                    item["documentation"] = {"kind": "markdown", "value": text}
        text = lead + candidate.text
        compared = lead + candidate.compared
        if client.words == "range" or not lead:
            items.append({**item, "filterText": compared, "textEdit": {"range": place, "newText": text}})
            continue
        # Eglot compares what its syntax table calls a symbol: `--from=bu` in some modes, `bu` in others. One of the two
        # items matches in each mode. It also puts the label in the symbol's place before it applies the edit, and eats
        # text behind it when the label is the shorter of the two: so the label is spelled like the symbol.
        plain = {"range": short, "newText": candidate.text}
        items.append({**item, "filterText": candidate.compared, "insertText": candidate.text, "textEdit": plain})
        whole = {"filterText": compared, "insertText": text, "textEdit": {"range": place, "newText": text}}
        # Where both match (all do while nothing is typed) the plain ones lead.
        items.append({**item, "label": text, "sortText": f"~{item['sortText']}", **whole})
    return {"isIncomplete": found.incomplete, "items": items}


def resolve(analysis: Analysis | None, item: types.CompletionItem, lang: str) -> types.CompletionItem:
    """The item with its page, as long as the document is open."""
    data = item.data if isinstance(item.data, dict) else {}
    topic = data.get("topic")
    if analysis is not None and isinstance(topic, str):
        text = document(analysis, topic, lang)
        item.documentation = types.MarkupContent(types.MarkupKind.Markdown, text) if text else None
    return item


def _item(candidate: Candidate, number: int, client: CompletionClient) -> Json:
    item: Json = {"label": candidate.label, "kind": _KINDS[candidate.kind], "sortText": f"{number:04d}"}
    if candidate.detail:
        item["detail"] = candidate.detail
        if client.label_details and candidate.kind in _INLINE:
            item["labelDetails"] = {"description": candidate.detail}
    if candidate.snippet:
        item["insertTextFormat"] = types.InsertTextFormat.Snippet.value
        if client.as_is:  # an editor's indentation of Dockerfiles moves instructions that it has not coloured yet
            item["insertTextMode"] = types.InsertTextMode.AsIs.value
    return item


def _range(analysis: Analysis, span: Span, encoding: Encoding) -> Json:
    start, end = (analysis.source.position(offset, encoding) for offset in span)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }
