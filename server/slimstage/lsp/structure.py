"""Requests about the shape of a file: symbols, folding, links, selection, tokens, formatting, hints, lenses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from lsprotocol import types

from slimstage.features import formatting, hints, outline
from slimstage.features.highlighting import KINDS, highlights
from slimstage.features.signature import signature
from slimstage.lsp.convert import to_range, to_span
from slimstage.lsp.documents import Document, Documents
from slimstage.text import Span

LOG = logging.getLogger("slimstage")
LEGEND = types.SemanticTokensLegend(token_types=list(KINDS), token_modifiers=[])
EARLY_SECONDS, EARLY_STEPS = 1.0, 20  # how long a request for hints waits for its document to be opened
_KINDS = {
    "stage": types.SymbolKind.Namespace,
    "variable": types.SymbolKind.Variable,
    "instruction": types.SymbolKind.Method,
}


class Structure:
    """The handlers; each answers None for a document that is not open, and when it fails."""

    def __init__(self, documents: Documents, lang: Callable[[], str]) -> None:
        self.documents = documents
        self.lang = lang

    def _answer(self, params: Any, ask: Callable[[Document], Any]) -> Any:
        document = self.documents.get(params.text_document.uri)
        if document is None:
            return None
        try:
            return ask(document)
        except Exception:
            LOG.exception("%s failed", ask.__qualname__)
            return None

    def _range(self, document: Document, span: Span) -> types.Range:
        return to_range(document.analysis, span, self.documents.encoding)

    def _offset(self, document: Document, position: types.Position) -> int:
        return document.analysis.source.offset(position.line, position.character, self.documents.encoding)

    def symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        """Document symbols, nested."""

        def ask(document: Document) -> list[types.DocumentSymbol]:
            return [self._symbol(document, symbol) for symbol in outline.symbols(document.analysis)]

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def _symbol(self, document: Document, symbol: outline.Symbol) -> types.DocumentSymbol:
        return types.DocumentSymbol(
            name=symbol.name or "?",
            kind=_KINDS[symbol.kind],
            range=self._range(document, symbol.span),
            selection_range=self._range(document, symbol.selection),
            detail=symbol.detail,
            children=[self._symbol(document, child) for child in symbol.children] or None,
        )

    def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        """Folding ranges."""

        def ask(document: Document) -> list[types.FoldingRange]:
            return [
                types.FoldingRange(fold.first, fold.last, kind="comment" if fold.kind == "comment" else None)
                for fold in outline.folds(document.analysis)
            ]

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        """Document links, each with its target: not every client resolves them."""

        def ask(document: Document) -> list[types.DocumentLink]:
            return [
                types.DocumentLink(self._range(document, span), target=url)
                for span, url in outline.links(document.analysis)
            ]

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def selections(self, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        """Selection ranges, one for each position asked for."""

        def ask(document: Document) -> list[types.SelectionRange]:
            found = []
            for position in params.positions:
                chain: types.SelectionRange | None = None
                for span in reversed(outline.selections(document.analysis, self._offset(document, position))):
                    chain = types.SelectionRange(self._range(document, span), parent=chain)
                found.append(chain or types.SelectionRange(types.Range(position, position)))
            return found

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def tokens(self, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        """Semantic tokens of the whole file."""
        return self._answer(params, lambda document: self._tokens(document, None))  # type: ignore[no-any-return]

    def tokens_in_range(self, params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
        """Semantic tokens of the lines that are on screen."""

        def ask(document: Document) -> types.SemanticTokens:
            return self._tokens(document, to_span(document.analysis, params.range, self.documents.encoding))

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def _tokens(self, document: Document, within: Span | None) -> types.SemanticTokens:
        data: list[int] = []
        line = character = 0
        for span, kind in highlights(document.analysis, within):
            where = self._range(document, span)
            start, length = where.start, where.end.character - where.start.character
            column = start.character - (character if start.line == line else 0)
            data += (start.line - line, column, length, KINDS.index(kind), 0)
            line, character = start.line, start.character
        return types.SemanticTokens(data=data)

    def format(self, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """Formatting of the whole file."""
        return self._answer(params, lambda document: self._format(document, None, params.options))  # type: ignore[no-any-return]

    def format_range(self, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        """Formatting of the instructions that a range touches."""

        def ask(document: Document) -> list[types.TextEdit]:
            within = to_span(document.analysis, params.range, self.documents.encoding)
            return self._format(document, within, params.options)

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def _format(
        self, document: Document, within: Span | None, options: types.FormattingOptions
    ) -> list[types.TextEdit]:
        indent = " " * min(max(options.tab_size, 0), 16) if options.insert_spaces else "\t"
        edits = formatting.formatted(document.analysis, within, indent)
        return [types.TextEdit(self._range(document, span), new) for span, new in edits]

    def signature(self, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        """Signature help."""

        def ask(document: Document) -> types.SignatureHelp | None:
            found = signature(document.analysis, self._offset(document, params.position), self.lang())
            if found is None:
                return None
            signatures = [types.SignatureInformation(label, found.documentation) for label in found.labels]
            return types.SignatureHelp(signatures, active_signature=found.active)

        return self._answer(params, ask)  # type: ignore[no-any-return]

    def hints(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """Inlay hints, when they are switched on."""

        def ask(document: Document) -> list[types.InlayHint]:
            within = to_span(document.analysis, params.range, self.documents.encoding)
            settings = self.documents.settings_of(document.uri)
            if not settings.inlay_hints:
                return []
            found = hints.hints(document.analysis, within, self.lang(), sizes=settings.size_hints)
            return [
                types.InlayHint(
                    self._range(document, Span(hint.offset, hint.offset)).start,
                    hint.text,
                    padding_left=True,
                    tooltip=hint.tooltip or None,
                )
                for hint in found
            ]

        return self._answer(params, ask)  # type: ignore[no-any-return]

    async def hints_once_open(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """Inlay hints. Helix may ask just before it opens the document, and keeps an empty answer until an edit."""
        for _ in range(EARLY_STEPS):
            if self.documents.get(params.text_document.uri) is not None:
                break
            await asyncio.sleep(EARLY_SECONDS / EARLY_STEPS)
        return self.hints(params)

    def lenses(self, params: types.CodeLensParams) -> list[types.CodeLens] | None:
        """Code lenses, when they are switched on; their command is empty, as editors want for plain text."""

        def ask(document: Document) -> list[types.CodeLens]:
            settings = self.documents.settings_of(document.uri)
            if not settings.code_lens:
                return []
            found = hints.lenses(document.analysis, self.lang(), sizes=settings.size_hints)
            return [
                types.CodeLens(self._range(document, lens.span), command=types.Command(lens.title, ""))
                for lens in found
            ]

        return self._answer(params, ask)  # type: ignore[no-any-return]


def register(feature: Callable[..., Callable[[Any], Any]], structure: Structure) -> None:
    """Offer all handlers of `structure`; partials, since pygls writes attributes, which a bound method refuses."""
    feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)(partial(structure.symbols))
    feature(types.TEXT_DOCUMENT_FOLDING_RANGE)(partial(structure.folds))
    feature(types.TEXT_DOCUMENT_DOCUMENT_LINK)(partial(structure.links))
    feature(types.TEXT_DOCUMENT_SELECTION_RANGE)(partial(structure.selections))
    feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, LEGEND)(partial(structure.tokens))
    feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, LEGEND)(partial(structure.tokens_in_range))
    feature(types.TEXT_DOCUMENT_FORMATTING)(partial(structure.format))
    feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)(partial(structure.format_range))
    triggers = types.SignatureHelpOptions(trigger_characters=[" ", "=", "-", "["])
    feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, triggers)(partial(structure.signature))
    feature(types.TEXT_DOCUMENT_INLAY_HINT)(partial(structure.hints_once_open))
    feature(types.TEXT_DOCUMENT_CODE_LENS)(partial(structure.lenses))
