"""Named things of a file, stages and variables, with every place that names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from slimstage.analysis import Analysis
from slimstage.features import places
from slimstage.model import Definition, Stage
from slimstage.model.runs import read_run
from slimstage.model.scopes import arg_pairs
from slimstage.syntax.nodes import Instruction
from slimstage.text import Span

GLOBAL = -1


class Occurrence(NamedTuple):
    """A place that names something; `span` counts in the whole text and covers the name only.

    `written` is False where the name itself does not stand there: a stage's number, or a variable that holds it.
    """

    span: Span
    role: Literal["definition", "use"]
    written: bool = True


class StageSymbol(NamedTuple):
    """A stage."""

    stage: Stage


class VariableSymbol(NamedTuple):
    """A variable; `homes` are the indices of the stages that define it, `GLOBAL` for the lines before the first FROM.

    Definitions of one name are one variable when they stand in one stage, in a stage and one it is built on, or
    when a bare `ARG X` takes the global value. A stage's own `ARG X=9` is another variable than the global X.
    """

    name: str
    homes: frozenset[int]


Symbol = StageSymbol | VariableSymbol


def symbol_at(analysis: Analysis, offset: int) -> tuple[Symbol, Span] | None:
    """The stage or variable named at `offset`, and the span of the name there; None for anything else."""
    found = places.find(analysis, offset)
    if isinstance(found, places.FoundStageName):
        return StageSymbol(found.stage), found.span
    if isinstance(found, places.FoundReference) and found.reference.target_stage is not None:
        return StageSymbol(found.reference.target_stage), found.span
    definition = found.definition if isinstance(found, places.FoundVariable) else None
    if isinstance(found, places.FoundVariable) and definition is not None and definition.instruction is not None:
        return VariableSymbol(found.name, _joined(analysis, found.name, _home(definition))), found.span
    return None


def occurrences(analysis: Analysis, symbol: Symbol) -> list[Occurrence]:
    """Every place that names the symbol, in file order."""
    if isinstance(symbol, StageSymbol):
        found = list(_stage_occurrences(analysis, symbol.stage))
    else:
        found = [*_definitions(analysis, symbol), *_uses(analysis, symbol)]
    return sorted(found, key=lambda occurrence: occurrence.span)


def definition_of(analysis: Analysis, offset: int) -> Span | None:
    """Where the thing at `offset` is defined: a stage's name (its FROM without one), an ARG or an ENV.

    On a bare `ARG X` it is the global ARG whose value it takes.
    """
    found = places.find(analysis, offset)
    if isinstance(found, places.FoundReference) and found.reference.target_stage is not None:
        return analysis.span(found.reference.target_stage.place())
    if isinstance(found, places.FoundStageName):
        return found.span
    if isinstance(found, places.FoundVariable) and found.definition is not None:
        definition = found.definition
        if found.use is None and definition.inherited is not None and definition.inherited.place is not None:
            definition = definition.inherited
        return analysis.span(definition.place) if definition.place is not None else None
    return None


def _home(definition: Definition) -> int:
    return GLOBAL if definition.stage is None else definition.stage.index


def _joined(analysis: Analysis, name: str, home: int) -> frozenset[int]:
    """The homes of one variable: those that `home` hands its value to or takes it from."""
    neighbours: dict[int, set[int]] = {}
    for stage in analysis.model.stages:
        entries = stage.definitions.get(name)
        if not entries:
            continue
        others: set[int] = set()
        if any(entry.inherited is not None and entry.inherited.instruction is not None for _, entry in entries):
            others.add(GLOBAL)
        below = stage.base_stage
        while below is not None and name not in below.definitions:
            below = below.base_stage
        if below is not None:
            others.add(below.index)
        for other in others:
            neighbours.setdefault(stage.index, set()).add(other)
            neighbours.setdefault(other, set()).add(stage.index)
    seen: set[int] = set()
    waiting = [home]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += neighbours.get(at, ())
    return frozenset(seen)


def _stage_occurrences(analysis: Analysis, stage: Stage) -> Iterator[Occurrence]:
    source = analysis.source.text
    if stage.name_word is not None:
        start = analysis.dockerfile.start_of(stage.instruction)
        yield Occurrence(stage.name_word.span.shifted(start), "definition")
    name = (stage.name or "").lower()
    for reference in analysis.model.references_to.get(stage.index, ()):
        span = analysis.span(reference.place)
        text = source[span.start : span.end]
        if text[:1] in ("'", '"') and text[:1] == text[-1:] and len(text) > 1:
            span = Span(span.start + 1, span.end - 1)
            text = text[1:-1]
        yield Occurrence(span, "use", written=text.lower() == name and not reference.by_index)


def _definitions(analysis: Analysis, symbol: VariableSymbol) -> Iterator[Occurrence]:
    tree = analysis.dockerfile
    if GLOBAL in symbol.homes:
        for instruction in analysis.model.preamble:
            for name, span, _ in arg_pairs(instruction) if instruction.keyword == "ARG" else ():
                if name == symbol.name:
                    yield Occurrence(span.shifted(tree.start_of(instruction)), "definition")
    for stage in analysis.model.stages:
        if stage.index in symbol.homes:
            for _, definition in stage.definitions.get(symbol.name, ()):
                if definition.place is not None:
                    yield Occurrence(tree.span_of(definition.place), "definition")


def _uses(analysis: Analysis, symbol: VariableSymbol) -> Iterator[Occurrence]:
    model, tree = analysis.model, analysis.dockerfile
    for item in tree.instructions:
        if f"{symbol.name}" not in item.text or "$" not in item.text:
            continue
        stage = model.stage_of(item)
        scope = model.globals if stage is None or stage.instruction is item else stage.scope_at(item)
        found = scope.lookup(symbol.name)
        if found is None or found.instruction is None or _home(found) not in symbol.homes:
            continue
        end = _first_assignment(stage, item, symbol.name)
        start = tree.start_of(item)
        for use in places.uses_in(item):
            if use.name == symbol.name and (end is None or use.span.start < end):
                yield Occurrence(use.name_span.shifted(start), "use")


def _first_assignment(stage: Stage | None, item: Instruction, name: str) -> int | None:
    """Where, in the item, the shell gives the name a value of its own; later uses mean that one."""
    if stage is None or item.keyword != "RUN" or f"{name}=" not in item.text:
        return None
    run = read_run(item, stage.state_before(item).shell)
    for command, text in run.commands:
        exported = command.name in ("export", "readonly", "local", "declare") and any(
            (word.value or "").startswith(f"{name}=") for word in command.words[1:]
        )
        assigned = not command.words and any(variable == name for variable, _ in command.assignments)
        if exported or assigned:
            return run.place(command.span, text).span.end
    return None
