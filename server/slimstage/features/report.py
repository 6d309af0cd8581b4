"""Findings as plain JSON data, the same for the command line and for agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slimstage.analysis import Analysis
from slimstage.features.verified import verified_fixes
from slimstage.rules.base import Finding, Fix, Safety
from slimstage.text import Encoding, Span


def report(analysis: Analysis, path: str, lang: str, encoding: Encoding = "utf-16") -> list[dict[str, Any]]:
    """One item for each finding, in file order."""
    return [finding_item(analysis, finding, fixes, path, lang, encoding) for finding, fixes in verified_fixes(analysis)]


def finding_item(
    analysis: Analysis, finding: Finding, fixes: Sequence[Fix], path: str, lang: str, encoding: Encoding
) -> dict[str, Any]:
    """One finding and its fixes that hold; places are zero-based as in LSP, characters in units of `encoding`."""
    return {
        "path": path,
        "rule": finding.rule,
        "aliases": list(analysis.aliases(finding)),
        "severity": analysis.severity(finding),
        "message": analysis.message(finding, lang),
        "range": range_item(analysis, analysis.span(finding.place), encoding),
        "fixes": [fix_item(analysis, finding, fix, lang, encoding) for fix in fixes],
    }


def fix_item(
    analysis: Analysis, finding: Finding, fix: Fix, lang: str, encoding: Encoding = "utf-16"
) -> dict[str, Any]:
    """One fix: its edits do not overlap and refer to the text as it is; `safe` ones are what `--fix` applies. A fix of
    another file has no edits but `file`: its path in the build context and the lines to put behind it.
    """
    item = {
        "title": analysis.knowledge.fix_title(finding.rule, fix.title, lang, fix.args),
        "safe": fix.safety is Safety.SAFE,
        "edits": [
            {"range": range_item(analysis, span, encoding), "newText": with_line_ends(analysis, new)}
            for span, new in analysis.edits(fix)
        ],
    }
    beside = fix.beside
    return item if beside is None else {**item, "file": {"path": beside.path, "lines": list(beside.lines)}}


def range_item(analysis: Analysis, span: Span, encoding: Encoding = "utf-16") -> dict[str, Any]:
    """A span as `{start: {line, character}, end: {line, character}}`."""
    start, end = (analysis.source.position(offset, encoding) for offset in span)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }


def with_line_ends(analysis: Analysis, new: str) -> str:
    """`new` with CRLF line ends where the file's own first line end is CRLF; rules write LF."""
    if "\n" not in new:
        return new
    text = analysis.source.text
    at = text.find("\n")
    if at < 1 or text[at - 1] != "\r":
        return new
    return new.replace("\r\n", "\n").replace("\n", "\r\n")
