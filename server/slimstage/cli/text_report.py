"""Findings and diffs for people: place, rule, message, the source line with a caret, how to mend it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from slimstage.analysis import Analysis
from slimstage.cli.console import Console, printable
from slimstage.rules.base import Finding, Fix, Safety
from slimstage.text import Span

_LONGEST_LINE = 160


def finding_lines(
    console: Console, analysis: Analysis, finding: Finding, fixes: Sequence[Fix], name: str, lang: str
) -> Iterator[str]:
    """The lines of one finding; line and column count from 1, columns in characters."""
    span = analysis.span(finding.place)
    position = analysis.source.position(span.start)
    severity = analysis.severity(finding)
    aliases = analysis.aliases(finding)
    rule = finding.rule + (f" ({', '.join(aliases)})" if aliases else "")
    place = console.paint(f"{printable(name)}:{position.line + 1}:{position.character + 1}:", "bold")
    label = console.paint(severity, severity)
    yield f"{place} {label} {console.paint(rule, 'faint')}: {printable(analysis.message(finding, lang))}"
    yield from _excerpt(console, analysis, span, severity)
    for related in finding.related:
        where = analysis.source.position(analysis.span(related.place).start).line + 1
        text = analysis.knowledge.related_label(finding.rule, related.label, lang, related.args)
        yield f"     = {_text(analysis, 'cli.finding.related', lang, line=where, text=printable(text))}"
    for fix in fixes:
        title = analysis.knowledge.fix_title(finding.rule, fix.title, lang, fix.args)
        key = "cli.finding.safe_fix" if fix.safety is Safety.SAFE else "cli.finding.fix"
        yield f"     = {_text(analysis, key, lang, title=printable(title))}"


def _text(analysis: Analysis, key: str, lang: str, **arguments: object) -> str:
    return analysis.knowledge.text(key, lang, **arguments)


def _excerpt(console: Console, analysis: Analysis, span: Span, severity: str) -> Iterator[str]:
    source = analysis.source
    line = source.line_of(span.start)
    whole = source.line_span(line)
    first = max(whole.start, span.start - _LONGEST_LINE // 2) if len_of(whole) > _LONGEST_LINE else whole.start
    last = min(whole.end, first + _LONGEST_LINE)
    if source.text.startswith("\ufeff", first):
        first += 1
    shown = source.text[first:last]
    if not shown.strip():
        return
    before = source.text[first : span.start]
    marked = source.text[span.start : min(span.end, last)]
    # A tab stays a tab in the padding, so that the caret stands below its character at any tab width.
    padding = "".join("\t" if character == "\t" else " " * width(character) for character in printable(before))
    caret = "^" * max(1, sum(width(character) for character in printable(marked)))
    cut = "..." if last < whole.end else ""
    yield f"{console.paint(f'{line + 1:>4} |', 'faint')} {printable(shown)}{cut}"
    yield f"{console.paint('     |', 'faint')} {padding}{console.paint(caret, severity)}"


def len_of(span: Span) -> int:
    """How many characters a span covers."""
    return span.end - span.start


def width(character: str) -> int:
    """Terminal columns of a character: Korean and other wide ones take two, combining ones none."""
    if character.isascii():
        return 1
    if unicodedata.combining(character) or character in "\u200b\u200d\ufeff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def print_diff(console: Console, name: str, before: str, after: str) -> None:
    """A unified diff that `patch` and `git apply` take."""
    from slimstage.features.conversion import diff_text

    styles = {"+": "hint", "-": "error", "@": "info"}
    for line in diff_text(name, before, after).split("\n")[:-1]:
        console.out(console.paint(line, styles[line[0]]) if line[:1] in styles else line)
