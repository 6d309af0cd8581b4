"""The requests about a word: completion, definition, references, highlights, rename."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from slimstage.features import completion, rename, symbols
from slimstage.lsp import convert
from slimstage.lsp.completion import resolve, to_completion_list
from slimstage.lsp.documents import Document
from slimstage.text import Span

if TYPE_CHECKING:
    from slimstage.lsp.server import Server

REQUEST_FAILED = -32803  # LSP: the request was understood, but it failed for a good reason
TRIGGERS = ("=", " ", "$", "{", "-", ",", ":", "/", "#")


class Refused(JsonRpcException):
    """A request that cannot be done, with the reason for the user; nothing failed."""


def offset_of(server: Server, params: Any) -> tuple[Document, int] | None:
    """The open document and offset a request is about; None for a document that is not open."""
    document = server.documents.get(params.text_document.uri)
    if document is None:
        return None
    position = params.position
    source = document.analysis.source
    return document, source.offset(position.line, position.character, server.documents.encoding)


def _range(server: Server, document: Document, span: Span) -> types.Range:
    return convert.to_range(document.analysis, span, server.documents.encoding)


def on_completion(server: Server, params: types.CompletionParams) -> dict[str, Any] | None:
    """Completion."""
    at = offset_of(server, params)
    if at is None:
        return None
    document, offset = at
    automatic = params.context is not None and params.context.trigger_character == " "
    found = completion.complete(document.analysis, offset, server.lang, automatic=automatic)
    if found is None:
        return None
    encoding = server.documents.encoding
    return to_completion_list(document.analysis, found, document.uri, server.lang, encoding, server.completion_client)


def on_completion_resolve(server: Server, item: types.CompletionItem) -> types.CompletionItem:
    """The page of a candidate that came without."""
    uri = item.data.get("uri") if isinstance(item.data, dict) else None
    document = server.documents.get(uri) if isinstance(uri, str) else None
    return resolve(document.analysis if document else None, item, server.lang)


def on_definition(server: Server, params: types.DefinitionParams) -> types.Location | None:
    """Where a stage or variable is defined."""
    at = offset_of(server, params)
    span = symbols.definition_of(at[0].analysis, at[1]) if at is not None else None
    return types.Location(at[0].uri, _range(server, at[0], span)) if at is not None and span is not None else None


def on_references(server: Server, params: types.ReferenceParams) -> list[types.Location] | None:
    """Where a stage or variable is used."""
    at = offset_of(server, params)
    found = symbols.symbol_at(at[0].analysis, at[1]) if at is not None else None
    if at is None or found is None:
        return None
    wanted = symbols.occurrences(at[0].analysis, found[0])
    if not params.context.include_declaration:
        wanted = [occurrence for occurrence in wanted if occurrence.role == "use"]
    return [types.Location(at[0].uri, _range(server, at[0], occurrence.span)) for occurrence in wanted]


def on_highlight(server: Server, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """The places of a stage or variable, told apart by reading and writing."""
    at = offset_of(server, params)
    found = symbols.symbol_at(at[0].analysis, at[1]) if at is not None else None
    if at is None or found is None:
        return None
    kinds = {"definition": types.DocumentHighlightKind.Write, "use": types.DocumentHighlightKind.Read}
    return [
        types.DocumentHighlight(_range(server, at[0], occurrence.span), kinds[occurrence.role])
        for occurrence in symbols.occurrences(at[0].analysis, found[0])
    ]


def on_prepare_rename(server: Server, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Whether something can be renamed here."""
    at = offset_of(server, params)
    found = rename.renameable(at[0].analysis, at[1]) if at is not None else None
    if at is None or found is None:
        return None
    return types.PrepareRenamePlaceholder(range=_range(server, at[0], found[0]), placeholder=found[1])


def on_rename(server: Server, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Rename a stage or variable. A name that cannot be is an error with the reason."""
    at = offset_of(server, params)
    if at is None:
        return None
    document, offset = at
    found = rename.rename(document.analysis, offset, params.new_name)
    if isinstance(found, rename.RenameRefused):
        text = document.analysis.knowledge.text(f"rename.{found.reason}", server.lang, **found.args)
        raise Refused(text, REQUEST_FAILED)
    edits = convert.to_edits(document.analysis, found, server.documents.encoding)
    return convert.to_workspace_edit(document.uri, document.version, edits, versioned=server.versioned_edits)


def register(server: Server, guard: Callable[[Any], Any]) -> None:
    """Offer all of these on `server`; `guard` keeps a failing one from harm."""

    def offer(method: str, handler: Callable[[Server, Any], Any], options: Any = None) -> None:
        guarded = guard(handler)

        def bound(params: Any) -> Any:
            return guarded(server, params)

        server.feature(method, options)(bound)

    options = types.CompletionOptions(trigger_characters=list(TRIGGERS), resolve_provider=True)
    offer(types.TEXT_DOCUMENT_COMPLETION, on_completion, options)
    offer(types.COMPLETION_ITEM_RESOLVE, on_completion_resolve)
    offer(types.TEXT_DOCUMENT_DEFINITION, on_definition)
    offer(types.TEXT_DOCUMENT_REFERENCES, on_references)
    offer(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, on_highlight)
    offer(types.TEXT_DOCUMENT_PREPARE_RENAME, on_prepare_rename)
    offer(types.TEXT_DOCUMENT_RENAME, on_rename, types.RenameOptions(prepare_provider=True))
