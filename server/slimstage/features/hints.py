"""What an editor writes between the lines: numbers of unnamed stages, values of variables, use of stages."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.features.places import uses_in
from slimstage.features.sizes import size_hints, size_lenses
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class Hint(NamedTuple):
    """A text to show after `offset`, with a longer one for the tooltip ("" for none)."""

    offset: int
    text: str
    tooltip: str = ""


class Lens(NamedTuple):
    """A line of text above a stage; `span` is the FROM line's name."""

    span: Span
    title: str


def hints(analysis: Analysis, within: Span, lang: str, *, sizes: bool = False) -> tuple[Hint, ...]:
    """Numbers of unnamed stages and what variables in FROM lines amount to, inside `within`.

    `sizes` adds what each instruction weighs.
    """
    found: list[Hint] = []
    for stage in analysis.model.stages:
        item = stage.instruction
        span = analysis.span(Place(item, item.span))
        if span.end < within.start or span.start > within.end:
            continue
        word = stage.image_word
        if word is not None and stage.image_text is not None and uses_in(item) and word.variables:
            at = analysis.span(Place(item, word.span)).end
            found.append(Hint(at, f"= {stage.image_text}"))
        if stage.name is None and len(analysis.model.stages) > 1:
            found.append(Hint(span.end, analysis.knowledge.text("hints.stage", lang, index=stage.index)))
    if sizes:
        found += (
            Hint(hint.offset, hint.text, hint.tooltip)
            for hint in size_hints(analysis, lang)
            if within.start <= hint.offset <= within.end
        )
    return tuple(found)


def lenses(analysis: Analysis, lang: str, *, sizes: bool = False) -> tuple[Lens, ...]:
    """Above each FROM: whether the stage ships, how many others take from it, and what it weighs, if asked."""
    model, kb = analysis.model, analysis.knowledge
    weights = {lens.span: lens.title for lens in size_lenses(analysis, lang)} if sizes else {}
    found: list[Lens] = []
    for stage in model.stages:
        users = {r.stage.index for r in model.references_to.get(stage.index, ())} - {stage.index}
        key = "ships" if model.is_shipped(stage) else "builds" if stage.index in model.needed_stages else "unused"
        span = analysis.span(Place(stage.instruction, stage.instruction.keyword_span))
        title = kb.text(f"hints.{key}", lang)
        if span in weights:
            title = weights[span] if key == "ships" else f"{title} · {weights[span]}"
        if users:
            title += " · " + kb.text("hints.used_by", lang, count=len(users))
        found.append(Lens(span, title))
    return tuple(found)
