"""Findings as diagnostics, kept from one version of a document to the next: an edit converts only what it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types

from slimstage.analysis import Analysis
from slimstage.lsp.convert import to_diagnostic
from slimstage.rules.base import Finding, Severity
from slimstage.syntax.nodes import Item
from slimstage.text import Encoding, Span

Json = dict[str, Any]
_Key = tuple[str, int, Span, str, Severity]


@dataclass(slots=True)
class _Kept:
    """A diagnostic as it was last sent; `item` keeps the identity in the key alive, `line` is where it begins."""

    finding: Finding
    item: Item
    line: int
    json: Json


@dataclass(slots=True)
class Diagnostics:
    """The diagnostics of one document, as the protocol's JSON: building it from classes costs more than finding."""

    _kept: dict[_Key, _Kept] = field(default_factory=dict)

    def of(self, analysis: Analysis, uri: str, lang: str, encoding: Encoding) -> list[Json]:
        """All diagnostics of this version. The objects belong to this cache: send them, do not keep them."""
        kept: dict[_Key, _Kept] = {}
        found: list[Json] = []
        start_of, line_of = analysis.dockerfile.start_of, analysis.source.line_of
        for finding in analysis.findings:
            place = finding.place
            severity = analysis.severity(finding)
            key = (finding.rule, id(place.item), place.span, finding.message, severity)
            line = line_of(start_of(place.item))
            known = self._kept.get(key)
            if known is None or finding.related or not _same(known.finding, finding):
                known = _Kept(finding, place.item, line, to_json(to_diagnostic(analysis, finding, uri, lang, encoding)))
            elif known.line != line:
                # The item is the same, so its columns are; only the lines above it changed in number.
                where = known.json["range"]
                where["start"]["line"] += line - known.line
                where["end"]["line"] += line - known.line
                known.line = line
            kept[key] = known
            found.append(known.json)
        self._kept = kept
        return found

    def forget(self) -> None:
        """Convert everything anew next time: the language or a setting changed."""
        self._kept = {}


def _same(one: Finding, other: Finding) -> bool:
    return one is other or (one.args == other.args and one.aliases == other.aliases and one.tags == other.tags)


def to_json(diagnostic: types.Diagnostic) -> Json:
    """The diagnostic as the protocol's JSON, without the fields that are not set."""
    found: Json = {
        "range": _range(diagnostic.range),
        "message": diagnostic.message,
        "severity": diagnostic.severity.value if diagnostic.severity is not None else None,
        "code": diagnostic.code,
        "source": diagnostic.source,
        "tags": [tag.value for tag in diagnostic.tags] if diagnostic.tags else None,
        "data": diagnostic.data,
    }
    if diagnostic.code_description is not None:
        found["codeDescription"] = {"href": diagnostic.code_description.href}
    if diagnostic.related_information:
        found["relatedInformation"] = [
            {"location": {"uri": each.location.uri, "range": _range(each.location.range)}, "message": each.message}
            for each in diagnostic.related_information
        ]
    return {name: value for name, value in found.items() if value is not None}


def _range(where: types.Range) -> Json:
    return {
        "start": {"line": where.start.line, "character": where.start.character},
        "end": {"line": where.end.line, "character": where.end.character},
    }
