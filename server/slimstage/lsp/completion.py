"""Completion candidates as LSP items, in the shape that the client compares words in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lsprotocol import types

from slimstage.analysis import Analysis
from slimstage.features.candidates import Candidate
from slimstage.features.completion import Completion, document
from slimstage.lsp.convert import to_range
from slimstage.text import Encoding

# How a client delimits the word it compares with `filterText`: by our edit's range, as the protocol says
# ("range"), or by a syntax table of its own, in which `--from=bu` is one word or `bu` is (eglot: "either").
WordStyle = Literal["range", "either"]

EAGER_PAGES = 40  # for clients that do not ask for a page when they show it (completionItem/resolve)
_KINDS = {
    "stage": types.CompletionItemKind.Module,
    "index": types.CompletionItemKind.Module,
    "image": types.CompletionItemKind.File,
    "tag": types.CompletionItemKind.Constant,
    "flag": types.CompletionItemKind.Field,
    "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "instruction": types.CompletionItemKind.Keyword,
    "keyword": types.CompletionItemKind.Keyword,
    "snippet": types.CompletionItemKind.Snippet,
    "variable": types.CompletionItemKind.Variable,
    "directive": types.CompletionItemKind.Property,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
}
_INLINE = ("stage", "index", "image", "tag", "variable")


@dataclass(slots=True)
class CompletionClient:
    """What the client's completion can do."""

    snippets: bool = False
    label_details: bool = False
    resolves_pages: bool = False
    words: WordStyle = "range"

    @staticmethod
    def of(params: types.InitializeParams) -> CompletionClient:
        """Read it from the client's capabilities and name."""
        document = params.capabilities.text_document
        completion = document.completion if document else None
        item = completion.completion_item if completion else None
        resolve = item.resolve_support.properties if item and item.resolve_support else ()
        name = params.client_info.name.lower() if params.client_info else ""
        return CompletionClient(
            snippets=bool(item and item.snippet_support),
            label_details=bool(item and item.label_details_support),
            resolves_pages="documentation" in resolve,
            # Emacs 28's eglot gives no name; later ones call themselves Eglot, or Emacs.
            words="either" if not name or "eglot" in name or "emacs" in name else "range",
        )


def to_completion_list(
    analysis: Analysis, found: Completion, uri: str, lang: str, encoding: Encoding, client: CompletionClient
) -> types.CompletionList:
    """The list in the order of the candidates."""
    items: list[types.CompletionItem] = []
    place = to_range(analysis, found.symbol, encoding)
    lead = analysis.source.text[found.symbol.start : found.span.start]
    short = to_range(analysis, found.span, encoding)
    for number, candidate in enumerate(found.candidates):
        item = _item(candidate, number, client)
        if item is None:
            continue
        if candidate.topic:
            if client.resolves_pages:
                item.data = {"uri": uri, "topic": candidate.topic}
            elif number < EAGER_PAGES:
                item.documentation = _page(analysis, candidate.topic, lang)
        items += _spelled(item, candidate, lead, place, short, client)
    return types.CompletionList(is_incomplete=found.incomplete, items=items)


def resolve(analysis: Analysis | None, item: types.CompletionItem, lang: str) -> types.CompletionItem:
    """The item with its page, as long as the document is open."""
    data = item.data if isinstance(item.data, dict) else {}
    topic = data.get("topic")
    if analysis is not None and isinstance(topic, str):
        item.documentation = _page(analysis, topic, lang)
    return item


def _page(analysis: Analysis, topic: str, lang: str) -> types.MarkupContent | None:
    text = document(analysis, topic, lang)
    return types.MarkupContent(types.MarkupKind.Markdown, text) if text else None


def _item(candidate: Candidate, number: int, client: CompletionClient) -> types.CompletionItem | None:
    item = types.CompletionItem(
        label=candidate.label,
        kind=_KINDS[candidate.kind],
        detail=candidate.detail or None,
        sort_text=f"{number:04d}",
    )
    if candidate.snippet:
        if not client.snippets:
            return None
        item.insert_text_format = types.InsertTextFormat.Snippet
    if client.label_details and candidate.detail and candidate.kind in _INLINE:
        item.label_details = types.CompletionItemLabelDetails(description=candidate.detail)
    return item


def _spelled(
    item: types.CompletionItem,
    candidate: Candidate,
    lead: str,
    place: types.Range,
    short: types.Range,
    client: CompletionClient,
) -> Iterator[types.CompletionItem]:
    text = lead + candidate.text
    item.filter_text = lead + candidate.compared
    item.text_edit = types.TextEdit(place, text)
    if client.words == "range" or not lead:
        yield item
        return
    # Emacs inserts insertText (or the label) and compares the start of filterText with what its syntax table
    # calls a symbol: `--from=bu` in some modes, `bu` in others. One of the two items matches in each mode.
    item.insert_text = text
    yield _plain(item, candidate, short)
    yield item


def _plain(item: types.CompletionItem, candidate: Candidate, short: types.Range) -> types.CompletionItem:
    return types.CompletionItem(
        label=item.label,
        kind=item.kind,
        detail=item.detail,
        documentation=item.documentation,
        label_details=item.label_details,
        sort_text=item.sort_text,
        filter_text=candidate.compared,
        insert_text=candidate.text,
        text_edit=types.TextEdit(short, candidate.text),
        data=item.data,
    )
