"""The shape of a file: symbols, folding, links, selection, stage labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from slimstage.analysis import Analysis
from slimstage.model import Stage
from slimstage.model.images import ImageReference
from slimstage.syntax.nodes import Comment, Instruction, Item, Place
from slimstage.text import Span


class Symbol(NamedTuple):
    """A stage with its instructions, or an instruction; `span` holds everything, `selection` the name."""

    name: str
    detail: str
    kind: Literal["stage", "variable", "instruction"]
    span: Span
    selection: Span
    children: tuple[Symbol, ...] = ()


class Fold(NamedTuple):
    """Zero-based first and last line of what can be folded."""

    first: int
    last: int
    kind: Literal["comment", "region"] = "region"


def symbols(analysis: Analysis) -> tuple[Symbol, ...]:
    """Global ARGs, then stages with their instructions below them."""
    model = analysis.model
    found = [_symbol(analysis, instruction) for instruction in model.preamble]
    for stage in model.stages:
        first = analysis.span(Place(stage.instruction, stage.instruction.span))
        last = stage.instructions[-1] if stage.instructions else stage.instruction
        end = analysis.span(Place(last, last.span)).end
        children = tuple(_symbol(analysis, instruction) for instruction in stage.instructions)
        detail = f"FROM {stage.image_word.raw}" if stage.image_word else "FROM"
        selection = analysis.span(stage.place())
        found.append(Symbol(stage.label, detail, "stage", Span(first.start, end), selection, children))
    return tuple(found)


def _symbol(analysis: Analysis, instruction: Instruction) -> Symbol:
    span = analysis.span(Place(instruction, instruction.span))
    if instruction.pairs:
        names = ", ".join(pair.key.raw for pair in instruction.pairs)
        selection = analysis.span(Place(instruction, instruction.pairs[0].key.span))
        return Symbol(names, instruction.keyword, "variable", span, selection)
    words = " ".join(instruction.body.text.split())
    detail = words if len(words) <= 60 else words[:59] + "…"
    selection = analysis.span(Place(instruction, instruction.keyword_span))
    return Symbol(instruction.keyword or "?", detail, "instruction", span, selection)


def folds(analysis: Analysis) -> tuple[Fold, ...]:
    """Stages, instructions of several lines, heredoc bodies and runs of comments."""
    tree, line_of = analysis.dockerfile, analysis.source.line_of
    found: list[Fold] = []
    for stage in analysis.model.stages:
        last = stage.instructions[-1] if stage.instructions else stage.instruction
        found.append(
            Fold(line_of(tree.start_of(stage.instruction)), line_of(analysis.span(Place(last, last.span)).end))
        )
    for instruction in tree.instructions:
        start = tree.start_of(instruction)
        span = instruction.span.shifted(start)
        found.append(Fold(line_of(span.start), line_of(span.end)))
        for heredoc in instruction.heredocs[1:]:
            body = heredoc.body_span.shifted(start)
            end = heredoc.end_span.shifted(start).start
            found.append(Fold(line_of(body.start), line_of(end)))
    found += _comment_folds(analysis)
    return tuple(dict.fromkeys(fold for fold in found if fold.last > fold.first))


def _comment_folds(analysis: Analysis) -> Iterator[Fold]:
    tree, line_of = analysis.dockerfile, analysis.source.line_of
    first: Item | None = None
    last: Item | None = None
    for item in (*tree.items, None):
        if isinstance(item, Comment):
            first, last = first or item, item
        elif first is not None and last is not None:
            yield Fold(line_of(tree.start_of(first)), line_of(tree.start_of(last)), "comment")
            first = last = None


def links(analysis: Analysis) -> tuple[tuple[Span, str], ...]:
    """Images with a page of their own, and the URLs that ADD fetches."""
    found: list[tuple[Span, str]] = []
    for reference in analysis.model.references:
        page = image_page(reference.image) if reference.image and reference.target != "unknown" else None
        if page is not None:
            found.append((analysis.span(reference.place), page))
    for instruction in analysis.dockerfile.instructions:
        if instruction.keyword == "ADD":
            for word in instruction.arguments[:-1]:
                if word.value is not None and word.value.startswith(("https://", "http://")):
                    found.append((analysis.span(Place(instruction, word.span)), word.value))
    return tuple(found)


def image_page(image: ImageReference) -> str | None:
    """The web page of an image; None for a registry whose pages we do not know, and for scratch."""
    name = image.repository
    if image.is_scratch:
        return None
    parts = name.split("/")
    if len(parts) == 1:
        return f"https://hub.docker.com/_/{name}"
    if parts[0] == "mcr.microsoft.com":
        return f"https://mcr.microsoft.com/artifact/mar/{'/'.join(parts[1:])}"
    if parts[0] == "ghcr.io" and len(parts) >= 3:
        return f"https://github.com/{parts[1]}/{parts[2]}/pkgs/container/{'%2F'.join(parts[2:])}"
    if parts[0] == "quay.io" and len(parts) == 3:
        return f"https://quay.io/repository/{parts[1]}/{parts[2]}"
    if len(parts) == 2 and not any(c in parts[0] for c in ".:") and parts[0] != "localhost":
        return f"https://hub.docker.com/r/{name}"
    return None


def selections(analysis: Analysis, offset: int) -> tuple[Span, ...]:
    """Growing spans around `offset`: word, flag, instruction, stage, file."""
    spans = [Span(0, len(analysis.source))]
    item = analysis.dockerfile.item_at(offset)
    if isinstance(item, Instruction):
        start = analysis.dockerfile.start_of(item)
        stage = analysis.model.stage_of(item)
        if stage is not None:
            spans.append(stage_span(analysis, stage))
        inner = [item.span, *(word.span for word in item.arguments)]
        for flag in item.flags:
            inner += [flag.span, *([flag.value_span] if flag.value_span else [])]
        spans += sorted((span.shifted(start) for span in inner), key=lambda span: span.start - span.end)
    covering: list[Span] = []
    for span in spans:
        inside = not covering or (covering[-1].start <= span.start and span.end <= covering[-1].end)
        if span.covers(offset) and inside and (not covering or span != covering[-1]):
            covering.append(span)
    return tuple(reversed(covering))


def stage_span(analysis: Analysis, stage: Stage) -> Span:
    """From FROM to the end of the stage's last instruction."""
    last = stage.instructions[-1] if stage.instructions else stage.instruction
    start = analysis.dockerfile.start_of(stage.instruction)
    return Span(start, analysis.span(Place(last, last.span)).end)
