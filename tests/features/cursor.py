"""A text with `§` where the cursor is."""

from __future__ import annotations

from collections.abc import Mapping

from slimstage.analysis import Analysis
from slimstage.context import DictContext
from slimstage.knowledge import load
from slimstage.text import SourceText

KB = load()


def at_cursor(marked: str, files: Mapping[str, str] | None = None) -> tuple[Analysis, int]:
    """The analysis of the text without its mark, and the mark's offset."""
    at = marked.index("§")
    text = marked[:at] + marked[at + 1 :]
    return Analysis(SourceText(text), KB, DictContext(files) if files is not None else None), at
