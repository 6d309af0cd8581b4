"""What lies at a position of a file: the one question hover, navigation and rename begin with."""

from __future__ import annotations

from dataclasses import dataclass

from slimstage.analysis import Analysis
from slimstage.model import Reference, Stage
from slimstage.model.packages import PackageName, PackageOperation
from slimstage.model.runs import Run, mount_type
from slimstage.model.scopes import Definition
from slimstage.shell.dialect import heredoc_interpreter
from slimstage.syntax.nodes import Directive, Flag, Instruction, LogicalText, MountOption, VariableReference, Word
from slimstage.syntax.variables import find_references
from slimstage.text import Span


@dataclass(slots=True, frozen=True)
class Found:
    """Base of all answers; `span` counts in the whole text and is what an editor underlines."""

    span: Span


@dataclass(slots=True, frozen=True)
class FoundDirective(Found):
    """A parser directive."""

    directive: Directive


@dataclass(slots=True, frozen=True)
class FoundKeyword(Found):
    """An instruction's keyword (the trigger of an ONBUILD, too)."""

    instruction: Instruction


@dataclass(slots=True, frozen=True)
class FoundFlag(Found):
    """A flag's name, or a value nobody knows more about."""

    instruction: Instruction
    flag: Flag


@dataclass(slots=True, frozen=True)
class FoundMount(Found):
    """Something inside `--mount=`; `option` is None on the type itself."""

    type: str
    option: MountOption | None


@dataclass(slots=True, frozen=True)
class FoundStageName(Found):
    """The name after AS."""

    stage: Stage


@dataclass(slots=True, frozen=True)
class FoundReference(Found):
    """A stage or image named by FROM, --from= or a mount's from=."""

    reference: Reference


@dataclass(slots=True, frozen=True)
class FoundVariable(Found):
    """A use of a variable (`use` set) or its definition; `definition` None when nothing in the file defines it."""

    name: str
    definition: Definition | None
    use: VariableReference | None
    stage: Stage | None


@dataclass(slots=True, frozen=True)
class FoundPackage(Found):
    """A package in an install command."""

    package: PackageName
    operation: PackageOperation
    stage: Stage


@dataclass(slots=True, frozen=True)
class FoundRequirements(Found):
    """The file of `pip install -r FILE`; `name` is the file as written."""

    name: str
    run: Run
    operation: PackageOperation
    text: LogicalText
    stage: Stage


def find(analysis: Analysis, offset: int) -> Found | None:
    """What the character at `offset` (or the one before, at a word's end) belongs to; None for plain text."""
    tree = analysis.dockerfile
    item = tree.item_at(offset)
    if item is None:
        return None
    start = tree.start_of(item)
    at = offset - start
    if isinstance(item, Directive):
        return FoundDirective(Span(item.name_span.start, item.value_span.end).shifted(start), item)
    if not isinstance(item, Instruction):
        return None
    return _in_instruction(analysis, item, at, start)


def _in_instruction(analysis: Analysis, item: Instruction, at: int, start: int) -> Found | None:
    for instruction in (item, *([item.inner] if item.inner is not None else [])):
        if instruction.keyword_span.covers(at) and instruction.keyword_span.end > instruction.keyword_span.start:
            return FoundKeyword(instruction.keyword_span.shifted(start), instruction)
    stage = analysis.model.stage_of(item)
    variable = _variable(analysis, item, stage, at, start)
    if variable is not None:
        return variable
    reference = _reference(analysis, item, stage, at, start)
    if reference is not None:
        return reference
    for instruction in (item, *([item.inner] if item.inner is not None else [])):
        for flag in instruction.flags:
            if flag.span.covers(at):
                return _in_flag(instruction, flag, at, start)
    if stage is not None and item.keyword == "RUN":
        return _package(stage, item, at, start)
    return None


def _in_flag(instruction: Instruction, flag: Flag, at: int, start: int) -> Found:
    if flag.name == "mount" and flag.value_span is not None and flag.value_span.covers(at):
        kind = mount_type(flag)
        for option in flag.mount:
            end = option.value_span.end if option.value_span is not None else option.key_span.end
            span = Span(option.key_span.start, end)
            if span.covers(at):
                return FoundMount(span.shifted(start), kind, None if option.key.lower() == "type" else option)
    return FoundFlag(flag.span.shifted(start), instruction, flag)


def _reference(
    analysis: Analysis, item: Instruction, stage: Stage | None, at: int, start: int
) -> FoundReference | FoundStageName | None:
    if stage is None:
        return None
    if stage.instruction is item and stage.name_word is not None and stage.name_word.span.covers(at):
        return FoundStageName(stage.name_word.span.shifted(start), stage)
    for reference in analysis.model.references:
        if reference.instruction is item and reference.span.covers(at):
            return FoundReference(reference.span.shifted(start), reference)
    return None


def _variable(analysis: Analysis, item: Instruction, stage: Stage | None, at: int, start: int) -> FoundVariable | None:
    model = analysis.model
    for use in uses_in(item):
        if use.span.covers(at) and not any(nested.span.covers(at) for nested in use.nested):
            scope = stage.scope_at(item) if stage is not None and stage.instruction is not item else model.globals
            span = use.name_span.shifted(start)
            return FoundVariable(span, use.name, scope.lookup(use.name), use, stage)
    for definition in definitions_in(analysis, item):
        if definition.name_span.covers(at):
            return FoundVariable(definition.name_span.shifted(start), definition.name, definition, None, stage)
    return None


def uses_in(item: Instruction) -> tuple[VariableReference, ...]:
    """Every variable reference of an instruction, those nested in defaults included; cached with it."""
    found = item.facts.get("variable-uses")
    if found is None:
        collected: list[VariableReference] = []
        waiting = list(item.variables)
        seen: set[tuple[int, int]] = set()
        for word in _words(item):
            waiting += word.variables
        for flag in item.flags:
            waiting += flag.variables
        for index in range(len(item.heredocs)):
            waiting += _heredoc_uses(item, index)
        while waiting:
            use = waiting.pop()
            if (use.span.start, use.span.end) not in seen:
                seen.add((use.span.start, use.span.end))
                collected.append(use)
                waiting += use.nested
        found = item.facts["variable-uses"] = tuple(sorted(collected, key=lambda use: use.span.start))
    return found


def _heredoc_uses(item: Instruction, index: int) -> tuple[VariableReference, ...]:
    """The uses in a heredoc's body. A script is read with a shell's quotes; any other body as it is expanded."""
    heredoc = item.heredocs[index]
    if item.keyword == "RUN" and heredoc_interpreter(item.body.text, heredoc.content, index) == "shell":
        return find_references(item.text, *heredoc.body_span, "\\", Span, in_shell=True)[0]
    return heredoc.variables


def _words(item: Instruction) -> list[Word]:
    words = list(item.arguments)
    for pair in item.pairs:
        words += [pair.key, *([pair.value] if pair.value is not None else [])]
    if item.inner is not None:
        words += _words(item.inner)
    return words


def definitions_in(analysis: Analysis, item: Instruction) -> tuple[Definition, ...]:
    """The variables an ARG or ENV defines, in order."""
    if item.keyword not in ("ARG", "ENV"):
        return ()
    model = analysis.model
    stage = model.stage_of(item)
    if stage is None:
        return tuple(d for d in model.globals.definitions.values() if d.instruction is item)
    return tuple(
        definition
        for entries in stage.definitions.values()
        for _, definition in entries
        if definition.instruction is item
    )


def _package(stage: Stage, item: Instruction, at: int, start: int) -> FoundPackage | FoundRequirements | None:
    run: Run | None = next((run for run in stage.runs if run.instruction is item), None)
    if run is None:
        return None
    for operation, text in run.operations:
        for package in operation.packages:
            span = run.place(package.span, text).span
            if span.covers(at):
                return FoundPackage(span.shifted(start), package, operation, stage)
        for name in operation.requirements:
            for word in operation.command.words if name is not None else ():
                span = run.place(word.span, text).span
                if span.covers(at) and word.value in (name, f"-r{name}", f"--requirement={name}"):
                    return FoundRequirements(span.shifted(start), name or "", run, operation, text, stage)
    return None
