"""Formatting: the indentation of continuation lines, and nothing else."""

from __future__ import annotations

from slimstage.analysis import Analysis
from slimstage.syntax.nodes import Instruction, TokenKind
from slimstage.text import Span

_LEFT_ALONE = (TokenKind.HEREDOC_BODY, TokenKind.HEREDOC_END)


def formatted(analysis: Analysis, within: Span | None, indent: str) -> tuple[tuple[Span, str], ...]:
    """Edits that bring every continuation line of the instructions touching `within` (all with None) to `indent`
    below its instruction. A deeper line keeps its depth; heredoc bodies and blanks inside quotes stay as they are.
    """
    edits: list[tuple[Span, str]] = []
    tree = analysis.dockerfile
    for instruction in tree.instructions:
        start = tree.start_of(instruction)
        if within is None or (start <= within.end and within.start <= start + len(instruction.text)):
            edits += ((span.shifted(start), new) for span, new in _in_instruction(instruction, indent))
    return tuple(edits)


def _in_instruction(instruction: Instruction, indent: str) -> list[tuple[Span, str]]:
    edits: list[tuple[Span, str]] = []
    text = instruction.text
    base = text[: instruction.keyword_span.start]
    wanted = base + indent
    breaks = [token.end for token in instruction.tokens if token.kind is TokenKind.CONTINUATION]
    kept = [token for token in instruction.tokens if token.kind in _LEFT_ALONE]
    for at in breaks:
        end = at
        while end < len(text) and text[end] in " \t":
            end += 1
        blank_or_heredoc = end >= len(text) or text[end] in "\r\n" or any(t.start <= at < t.end for t in kept)
        if blank_or_heredoc or _in_quotes(instruction, at):
            continue
        present = text[at:end]
        if not present.startswith(wanted) and present != wanted:
            edits.append((Span(at, end), wanted))
    return edits


def _in_quotes(instruction: Instruction, at: int) -> bool:
    """Whether a line break stands inside quotes, where the blanks after it are part of a value."""
    quote = ""
    text, offset = instruction.body.text, 0
    while offset < len(text) and instruction.body.to_item(offset) < at:
        character = text[offset]
        if character == "\\" and quote != "'":
            offset += 1
        elif character == quote:
            quote = ""
        elif character in "'\"" and not quote:
            quote = character
        offset += 1
    return bool(quote)
