"""Signature help: how the instruction at the cursor is written."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.syntax.nodes import Form, Instruction


class Signature(NamedTuple):
    """The ways to write an instruction; `active` is the index of the one in use."""

    labels: tuple[str, ...]
    documentation: str
    active: int


def signature(analysis: Analysis, offset: int, lang: str) -> Signature | None:
    """How to write the instruction that the cursor is in, after its keyword; None elsewhere."""
    item = analysis.dockerfile.item_at(offset)
    if item is None or (item.text.endswith("\n") and offset >= analysis.dockerfile.start_of(item) + len(item.text)):
        return None
    if not isinstance(item, Instruction) or offset <= analysis.dockerfile.start_of(item) + item.keyword_span.end:
        return None
    at = offset - analysis.dockerfile.start_of(item)
    if any(heredoc.body_span.start <= at <= heredoc.body_span.end for heredoc in item.heredocs):
        return None
    inner = item.inner
    written = inner if inner is not None and at > inner.keyword_span.end and inner.keyword != "CMD" else item
    doc = analysis.knowledge.instructions.get(written.keyword)
    if doc is None or not doc.syntax:
        return None
    json = [index for index, label in enumerate(doc.syntax) if '["' in label]
    active = json[0] if json and written.form is Form.JSON else 0
    return Signature(tuple(doc.syntax), doc.summary.to(lang), active)
