"""Our plain data as LSP types; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsprotocol import types

from slimstage.analysis import Analysis
from slimstage.context import with_lines
from slimstage.features.actions import Action, Reasons
from slimstage.features.plain import plain
from slimstage.rules.base import Finding, NewLines
from slimstage.text import Encoding, SourceText, Span

SOURCE = "slimstage"
_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_TAGS = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}


def to_range(analysis: Analysis, span: Span, encoding: Encoding) -> types.Range:
    """A span as a range in the client's code units."""
    start, end = (analysis.source.position(offset, encoding) for offset in span)
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def to_span(analysis: Analysis, wanted: types.Range, encoding: Encoding) -> Span:
    """A client's range as a span, clamped to the text."""
    start = analysis.source.offset(wanted.start.line, wanted.start.character, encoding)
    end = analysis.source.offset(wanted.end.line, wanted.end.character, encoding)
    return Span(min(start, end), max(start, end))


def to_diagnostic(analysis: Analysis, finding: Finding, uri: str, lang: str, encoding: Encoding) -> types.Diagnostic:
    """One finding; the names other tools have for it travel in `data`."""
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri, to_range(analysis, analysis.span(other.place), encoding)),
            analysis.knowledge.related_label(finding.rule, other.label, lang, other.args),
        )
        for other in finding.related
    ]
    return types.Diagnostic(
        range=to_range(analysis, analysis.span(finding.place), encoding),
        message=analysis.message(finding, lang),
        severity=_SEVERITY[analysis.severity(finding)],
        code=finding.rule,
        source=SOURCE,
        related_information=related or None,
        tags=[_TAGS[tag] for tag in finding.tags] or None,
        data={"aliases": list(analysis.aliases(finding))},
    )


def to_edits(analysis: Analysis, edits: Iterable[tuple[Span, str]], encoding: Encoding) -> list[types.TextEdit]:
    """Replacements as text edits."""
    return [types.TextEdit(to_range(analysis, span, encoding), new) for span, new in edits]


def to_markup(markdown: str, *, shown: bool) -> types.MarkupContent:
    """A page, as plain text for a client that does not show Markdown."""
    if shown:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(markdown))


def to_workspace_edit(
    uri: str, version: int | None, edits: list[types.TextEdit], *, versioned: bool
) -> types.WorkspaceEdit:
    """Edits of one document; tied to its version where the client understands that."""
    if not versioned:
        return types.WorkspaceEdit(changes={uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri, version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, list(edits))])


def to_file_edit(
    analysis: Analysis, new: NewLines, uri: str, encoding: Encoding, *, versioned: bool, creates: bool
) -> types.WorkspaceEdit | None:
    """Lines put behind another file of the build context; None when the client cannot make the file that is missing."""
    context = analysis.context
    text = context.read_text(new.path) if context is not None else None
    if context is None or (text is None and (context.exists(new.path) or not (versioned and creates))):
        return None
    source = SourceText(text or "")
    at = source.position(len(source.text), encoding)
    end = types.Position(at.line, at.character)
    edit = types.TextEdit(types.Range(end, end), with_lines(text, new.lines)[len(source.text) :])
    if not versioned:
        return types.WorkspaceEdit(changes={uri: [edit]})
    changes: list[Any] = [types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, None), [edit])]
    if text is None:
        changes.insert(0, types.CreateFile(uri=uri, options=types.CreateFileOptions(ignore_if_exists=True)))
    return types.WorkspaceEdit(document_changes=changes)


def to_code_action(
    analysis: Analysis,
    action: Action,
    uri: str,
    version: int,
    encoding: Encoding,
    sent: Iterable[types.Diagnostic],
    *,
    versioned: bool,
) -> types.CodeAction:
    """An action with its edit, or with what resolves it. It names those of the client's own diagnostics it mends."""
    about: list[types.Diagnostic] = []
    if action.finding is not None:
        where = to_range(analysis, analysis.span(action.finding.place), encoding)
        about = [each for each in sent if each.code == action.finding.rule and each.range == where]
    found = types.CodeAction(
        title=action.title,
        kind=f"{action.kind}.{SOURCE}" if action.kind.startswith("source.") else action.kind,
        diagnostics=about or None,
        is_preferred=action.preferred or None,
    )
    if action.pending is not None:
        found.data = {"uri": uri, "version": version, "pending": list(action.pending)}
    elif action.beside is None:
        edits = to_edits(analysis, action.edits, encoding)
        found.edit = to_workspace_edit(uri, version, edits, versioned=versioned)
        if action.reasons is not None:
            _annotate(found.edit, action.reasons)
    return found


def _annotate(edit: types.WorkspaceEdit, reasons: Reasons) -> None:
    """Put the reason to each text edit."""
    for change in edit.document_changes or ():
        if isinstance(change, types.TextDocumentEdit):
            change.edits = [
                types.AnnotatedTextEdit(annotation_id=str(number), range=one.range, new_text=one.new_text)
                for one, number in zip(change.edits, reasons.of_edits, strict=True)
                if isinstance(one, types.TextEdit)
            ]
    edit.change_annotations = {
        str(number): types.ChangeAnnotation(label=reasons.texts[number][0], description=reasons.texts[number][1])
        for number in sorted(set(reasons.of_edits))
    }
