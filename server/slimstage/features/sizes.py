"""What every line weighs, for readers: hints at the line's end, a lens on FROM, a section of the hover, a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from slimstage.sizes import Size, decimal

if TYPE_CHECKING:
    from slimstage.analysis import Analysis
    from slimstage.knowledge import KnowledgeBase
    from slimstage.sizes.records import ImageEstimate, InstructionEstimate, Part, StageEstimate
    from slimstage.syntax.nodes import Instruction
    from slimstage.text import Span

# Below this a hint says nothing: a line of a few files.
_SMALL = 1000
_PARTS_SHOWN = 8


class SizeHint(NamedTuple):
    """A text to show at an offset of the document, with a longer one for the tooltip."""

    offset: int
    text: str
    tooltip: str


class SizeLens(NamedTuple):
    """A line to show above a FROM; `span` is that of the keyword."""

    span: Span
    title: str


def size_hints(analysis: Analysis, lang: str) -> list[SizeHint]:
    """`+296 MB` at the end of the first line of every instruction that adds something, in file order."""
    image = analysis.sizes
    if image is None:
        return []
    text = analysis.knowledge.text
    found: list[SizeHint] = []
    for stage in image.stages:
        for one in stage.instructions:
            if one.disk.bytes < _SMALL:
                continue
            item = one.instruction
            first = item.text[item.span.start : item.span.end].split("\n", maxsplit=1)[0].rstrip()
            start = analysis.dockerfile.start_of(item) + item.span.start
            key = "size.hint.adds-unknown" if one.unknown else "size.hint.adds"
            label = text(key, lang, size=decimal(one.disk.bytes))
            found.append(SizeHint(start + len(first), label, _tooltip(analysis.knowledge, one, lang)))
    return found


def size_lenses(analysis: Analysis, lang: str) -> list[SizeLens]:
    """One line for every FROM: what the stage weighs, and for the one that ships how much of it is the base."""
    image = analysis.sizes
    if image is None:
        return []
    text = analysis.knowledge.text
    found: list[SizeLens] = []
    for stage in image.stages:
        item = stage.stage.instruction
        if stage is image.final:
            base = stage.base.disk
            key = "size.lens.ships" if base.bytes else "size.lens.ships-scratch"
            title = text(key, lang, size=decimal(stage.disk.bytes), base=decimal(base.bytes))
        else:
            title = text("size.lens.stage", lang, size=decimal(stage.disk.bytes))
        if stage.unknown:
            title = text("size.lens.more", lang, lens=title)
        found.append(SizeLens(item.keyword_span.shifted(analysis.dockerfile.start_of(item)), title))
    return found


def size_hover(analysis: Analysis, instruction: Instruction, lang: str) -> str | None:
    """The breakdown of one instruction as Markdown; None when it adds nothing. For FROM the base image."""
    image = analysis.sizes
    one = image.of(instruction) if image is not None else None
    if one is None or not one.adds:
        return None
    knowledge = analysis.knowledge
    key = "title" if not one.unknown else "title-known" if one.disk.high else "title-unknown"
    lines = [knowledge.text(f"size.hover.{key}", lang, **_figures(knowledge, one, lang)), ""]
    known = sorted((part for part in one.parts if part.disk is not None), key=lambda part: -_bytes(part))
    for part in known[:_PARTS_SHOWN]:
        size = part.disk
        if size is not None and size.high:
            basis = knowledge.text(f"size.basis.{size.basis}", lang)
            words = part_text(knowledge, part, lang).removesuffix(f"({basis})").rstrip()
            lines.append(knowledge.text("size.hover.part", lang, disk=decimal(size.bytes), part=words, basis=basis))
    unknown = dict.fromkeys(part_text(knowledge, part, lang) for part in one.unknown)
    lines += [knowledge.text("size.hover.unknown", lang, part=words) for words in list(unknown)[:_PARTS_SHOWN]]
    names = [_source(knowledge, name, lang) for name in one.disk.sources]
    if names:
        lines += ["", knowledge.text("size.hover.sources", lang, sources=", ".join(dict.fromkeys(names)))]
    return "\n".join(lines)


def part_text(knowledge: KnowledgeBase, part: Part, lang: str) -> str:
    """A part in words."""
    return knowledge.text(f"size.part.{part.what}", lang, **part.args)


def size_report(analysis: Analysis, lang: str) -> dict[str, Any] | None:
    """The estimate as plain data for JSON; None without a stage to build.

    Lines count from 1, as people and `docker history` do; bytes are whole numbers; an unknown part has `disk` null.
    """
    image = analysis.sizes
    if image is None:
        return None
    return {
        "image": {
            **_both(image.disk, image.download),
            "unknown": [part_text(analysis.knowledge, part, lang) for part in image.unknown],
        },
        "stages": [
            {
                "name": stage.stage.label,
                "ships": stage is image.final,
                "needed": stage.stage.index in analysis.model.needed_stages,
                "line": _line(analysis, stage.stage.instruction),
                "base": _sized(stage.base.disk),
                **_both(stage.disk, stage.download),
            }
            for stage in image.stages
        ],
        "instructions": [_instruction(analysis, stage, one, lang) for stage, one in layers(image)],
    }


def layers(image: ImageEstimate) -> list[tuple[StageEstimate, InstructionEstimate]]:
    """Every FROM and instruction with its stage, in file order."""
    return [(stage, one) for stage in image.stages for one in (stage.base, *stage.instructions)]


def _instruction(analysis: Analysis, stage: StageEstimate, one: InstructionEstimate, lang: str) -> dict[str, Any]:
    return {
        "line": _line(analysis, one.instruction),
        "stage": stage.stage.label,
        "keyword": one.instruction.keyword,
        **_both(one.disk, one.download),
        "parts": [_part(analysis.knowledge, part, lang) for part in one.parts],
    }


def _part(knowledge: KnowledgeBase, part: Part, lang: str) -> dict[str, Any]:
    """A part in one glance (`bytes`, `basis`, `source` in words) and with its interval (`disk`)."""
    disk = part.disk
    named = () if disk is None else dict.fromkeys(_source(knowledge, name, lang) for name in disk.sources)
    return {
        "what": part_text(knowledge, part, lang),
        "kind": part.what,
        "bytes": None if disk is None else disk.bytes,
        "basis": None if disk is None else disk.basis,
        "source": ", ".join(named) or None,
        "disk": None if disk is None else _sized(disk),
        "path": part.path,
    }


def _line(analysis: Analysis, instruction: Instruction) -> int:
    start = analysis.dockerfile.start_of(instruction) + instruction.span.start
    return analysis.source.text.count("\n", 0, start) + 1


def _both(disk: Size, download: Size) -> dict[str, Any]:
    return {"disk": _sized(disk), "download": _sized(download)}


def _sized(size: Size) -> dict[str, Any]:
    return {
        "bytes": size.bytes,
        "low": size.low,
        "high": size.high,
        "basis": size.basis,
        "sources": list(size.sources),
    }


def _figures(knowledge: KnowledgeBase, one: InstructionEstimate, lang: str) -> Mapping[str, str]:
    interval = knowledge.interval((decimal(one.disk.low), decimal(one.disk.high)), lang)
    return {"disk": decimal(one.disk.bytes), "interval": interval, "download": decimal(one.download.bytes)}


def _tooltip(knowledge: KnowledgeBase, one: InstructionEstimate, lang: str) -> str:
    lines = [knowledge.text("size.hint.tooltip", lang, **_figures(knowledge, one, lang))]
    for part in one.parts:
        if part.disk is not None and part.disk.bytes >= _SMALL:
            lines.append(f"{decimal(part.disk.bytes)}  {part_text(knowledge, part, lang)}")
    lines += [knowledge.text("size.unknown", lang, part=part_text(knowledge, part, lang)) for part in one.unknown]
    return "\n".join(lines)


def _bytes(part: Part) -> int:
    return part.disk.bytes if part.disk is not None else 0


def _source(knowledge: KnowledgeBase, name: str, lang: str) -> str:
    if f"size.source.{name}" in knowledge.messages:
        return knowledge.text(f"size.source.{name}", lang)
    source = knowledge.sources.get(name)
    return name if source is None else f"{source.title.to(lang)}, {source.date}"
