"""Code actions: listed for a range, and completed when the user chooses one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from slimstage.features import actions
from slimstage.lsp import convert

if TYPE_CHECKING:
    from slimstage.analysis import Analysis
    from slimstage.lsp.server import Server
    from slimstage.text import Span

KINDS: tuple[str, ...] = ("quickfix", "source.fixAll.slimstage", "refactor.rewrite", "source.slim.slimstage")


def on_code_action(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Quick-fixes at the range, all safe fixes, the conversion."""
    document = server.documents.get(params.text_document.uri)
    if document is None:
        return None
    analysis, encoding, lang = document.analysis, server.documents.encoding, server.lang
    only = params.context.only
    found: list[actions.Action | None] = []
    span = convert.to_span(analysis, params.range, encoding)
    also = {(str(each.code), convert.to_span(analysis, each.range, encoding)) for each in params.context.diagnostics}
    all_at_once = _applies_all(server, analysis, span, also)
    if _asked(only, "quickfix"):
        fixes = actions.quick_fixes(analysis, span, lang, also=also, lazy=server.resolves_edits)
        found += _preferred(analysis, fixes, also) if all_at_once else fixes
    if _asked(only, "source.fixAll.slimstage") and (only or server.resolves_edits):
        # Costs as much as a run over the whole file, so not at every move of a cursor.
        found.append(actions.fix_everything(analysis, lang, lazy=server.resolves_edits))
    if _asked(only, "refactor.rewrite") and not all_at_once:
        found.append(actions.conversion(analysis, lang, reasons=server.annotates_edits))
    if only and _asked(only, "source.slim.slimstage"):  # the same by the name that editors apply on saving
        found.append(actions.conversion(analysis, lang, "source.slim", reasons=server.annotates_edits))
    sent, versioned = params.context.diagnostics, server.versioned_edits
    offered: list[types.CodeAction] = []
    for action in found:
        if action is None:
            continue
        one = convert.to_code_action(
            analysis,
            action,
            document.uri,
            document.version,
            encoding,
            sent,
            versioned=versioned,
        )
        if action.beside is not None:
            uri = server.documents.uri_beside(document.uri, action.beside.path)
            if uri is not None:
                one.edit = convert.to_file_edit(
                    analysis, action.beside, uri, encoding, versioned=versioned, creates=server.creates_files
                )
            if one.edit is None:
                continue
        offered.append(one)
    return offered


def _applies_all(server: Server, analysis: Analysis, span: Span, also: Collection[tuple[str, Span]]) -> bool:
    """Whether this is Kate before 23.04 at Ctrl+.: it asks over the whole file and applies every answer at once."""
    whole = span.start == 0 and span.end >= len(analysis.source.text)
    return whole and len(also) == 1 and not server.resolves_edits


def _preferred(
    analysis: Analysis, fixes: Iterable[actions.Action], also: Collection[tuple[str, Span]]
) -> list[actions.Action]:
    """The preferred fix of the finding that the client names, and nothing else."""
    return [
        fix
        for fix in fixes
        if fix.preferred and fix.finding and (fix.finding.rule, analysis.span(fix.finding.place)) in also
    ]


def _asked(only: Any, kind: str) -> bool:
    return not only or any(kind == each or kind.startswith(f"{each}.") for each in only)


def on_resolve(server: Server, action: types.CodeAction) -> types.CodeAction:
    """The edit of an action that came without. It stays without when the text has changed since."""
    data = action.data if isinstance(action.data, dict) else {}
    uri, pending = data.get("uri"), data.get("pending")
    document = server.documents.get(uri) if isinstance(uri, str) else None
    if document is None or document.version != data.get("version") or not isinstance(pending, list):
        return action
    edits = actions.resolve(document.analysis, actions.Pending(*pending))
    if edits:
        found = convert.to_edits(document.analysis, edits, server.documents.encoding)
        action.edit = convert.to_workspace_edit(document.uri, document.version, found, versioned=server.versioned_edits)
    return action


def register(server: Server, guard: Callable[[Any], Any]) -> None:
    """Offer both on `server`; `guard` keeps a failing one from harm."""
    listing, resolving = guard(on_code_action), guard(on_resolve)

    def bound(params: types.CodeActionParams) -> Any:
        return listing(server, params)

    def bound_resolve(params: types.CodeAction) -> Any:
        return resolving(server, params)

    options = types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(bound)
    server.feature(types.CODE_ACTION_RESOLVE)(bound_resolve)
