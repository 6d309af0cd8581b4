"""Renaming a stage or a variable everywhere it is named, or a reason not to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.features.symbols import StageSymbol, Symbol, VariableSymbol, occurrences, symbol_at
from slimstage.model.scopes import is_predefined
from slimstage.text import Span, lazy_pattern

# BuildKit's instructions/parse.go: a stage's name, after lower-casing.
_STAGE_NAME = lazy_pattern(r"[a-z][a-z0-9_.-]*")
_VARIABLE_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class RenameRefused(NamedTuple):
    """Why there is no renaming: a key of the texts `rename.*`, filled with `args`."""

    reason: str
    args: Mapping[str, str] = {}


def renameable(analysis: Analysis, offset: int) -> tuple[Span, str] | None:
    """The name at `offset` that can be changed, with its text; None where there is none."""
    found = symbol_at(analysis, offset)
    if found is None or isinstance(_obstacle(analysis, found[0]), RenameRefused):
        return None
    span = next(
        (each.span for each in occurrences(analysis, found[0]) if each.written and each.span.covers(offset)), None
    )
    return (span, analysis.source.text[span.start : span.end]) if span is not None else None


def rename(analysis: Analysis, offset: int, new: str) -> list[tuple[Span, str]] | RenameRefused:
    """The edits that give the stage or variable at `offset` the name `new`."""
    found = symbol_at(analysis, offset)
    if found is None:
        return RenameRefused("nothing")
    symbol = found[0]
    refused = _obstacle(analysis, symbol)
    if refused is None:
        refused = (
            _bad_stage_name(analysis, symbol, new)
            if isinstance(symbol, StageSymbol)
            else _bad_variable_name(analysis, symbol, new)
        )
    if refused is not None:
        return refused
    return [(each.span, new) for each in occurrences(analysis, symbol) if each.written]


def _obstacle(analysis: Analysis, symbol: Symbol) -> RenameRefused | None:
    if isinstance(symbol, VariableSymbol):
        return RenameRefused("predefined", {"name": symbol.name}) if is_predefined(symbol.name) else None
    if symbol.stage.name is None:
        return RenameRefused("unnamed")
    for reference in analysis.model.references_to.get(symbol.stage.index, ()):
        if not reference.by_index and "$" in analysis.source.text[slice(*analysis.span(reference.place))]:
            return RenameRefused("through_variable", {"name": symbol.stage.name})
    return None


def _bad_stage_name(analysis: Analysis, symbol: StageSymbol, new: str) -> RenameRefused | None:
    lowered = new.lower()
    if not _STAGE_NAME.fullmatch(lowered) or lowered == "scratch":
        return RenameRefused("bad_stage_name", {"name": new})
    for stage in analysis.model.stages:
        if stage is not symbol.stage and stage.name is not None and stage.name.lower() == lowered:
            return RenameRefused("stage_exists", {"name": new})
    for reference in analysis.model.references:
        if reference.target_stage is None and (reference.text or "").lower() == lowered:
            return RenameRefused("image_exists", {"name": new})
    # FROM looks a stage up as written, and names are lower-cased: `FROM Build` would be an image.
    if new != lowered and any(
        reference.kind == "base" for reference in analysis.model.references_to.get(symbol.stage.index, ())
    ):
        return RenameRefused("bad_stage_name", {"name": new})
    return None


def _bad_variable_name(analysis: Analysis, symbol: VariableSymbol, new: str) -> RenameRefused | None:
    if not _VARIABLE_NAME.fullmatch(new):
        return RenameRefused("bad_variable_name", {"name": new})
    model = analysis.model
    taken = is_predefined(new) or new in model.globals.definitions
    if taken or any(new in stage.definitions for stage in model.stages):
        return RenameRefused("variable_exists", {"name": new})
    return None
