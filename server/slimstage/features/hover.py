"""Hover: what is under the cursor, in Markdown."""

from __future__ import annotations

from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.context.manifests import Requirement, read_requirements
from slimstage.features import places
from slimstage.features.describe import (
    describe_directive,
    describe_flag,
    describe_image,
    describe_instruction,
    describe_mount,
    describe_option,
    describe_python_package,
    describe_system_package,
    describe_variable,
)
from slimstage.features.packages import describe_apt_added, describe_node_package, describe_wheels
from slimstage.features.sizes import size_hover
from slimstage.knowledge import KnowledgeBase
from slimstage.model import Reference, Stage
from slimstage.model.expansion import Unset
from slimstage.model.images import ImageReference
from slimstage.model.packages import PackageOperation
from slimstage.model.python import BaseFacts, Wheel, base_facts, context_path, wheel_verdict
from slimstage.model.scopes import Definition
from slimstage.rules.unused_stage import chosen_by_variable
from slimstage.syntax.grammar import MOUNT_TYPES, PLATFORM_ARGS
from slimstage.syntax.nodes import Instruction
from slimstage.text import Span

_PYTHON_MANAGERS = ("pip", "uv", "poetry", "pdm", "pipenv")
_NODE_MANAGERS = ("npm", "yarn", "pnpm", "bun")
_MOST_PATHS = 5
_MOST_REQUIREMENTS = 30
_VERDICTS: tuple[Wheel, ...] = ("compiles", "unknown", "likely", "wheel")
_MODIFIERS = (":-", "-", ":+", "+", ":?", "?", "##", "#", "%%", "%", "//", "/")


class Hover(NamedTuple):
    """Markdown, and the span it is about."""

    text: str
    span: Span


def hover(analysis: Analysis, offset: int, lang: str) -> Hover | None:
    """What to show at `offset`; None where there is nothing to say."""
    found = places.find(analysis, offset)
    if found is None:
        return None
    text = _text(analysis, found, lang)
    return Hover(text, found.span) if text else None


def _text(analysis: Analysis, found: places.Found, lang: str) -> str | None:
    kb = analysis.knowledge
    if isinstance(found, places.FoundDirective):
        directive = kb.directives.get(found.directive.name)
        return describe_directive(directive, kb, lang) if directive else None
    if isinstance(found, places.FoundKeyword):
        doc = kb.instructions.get(found.instruction.keyword)
        page = describe_instruction(doc, kb, lang) if doc else None
        weight = size_hover(analysis, found.instruction, lang)
        return f"{weight}\n\n---\n\n{page}" if page and weight else page
    if isinstance(found, places.FoundFlag):
        return _flag(analysis, found, lang)
    if isinstance(found, places.FoundMount):
        return _mount(analysis, found, lang)
    if isinstance(found, places.FoundStageName):
        return describe_stage(analysis, found.stage, lang)
    if isinstance(found, places.FoundReference):
        return _reference(analysis, found.reference, lang)
    if isinstance(found, places.FoundVariable):
        return _variable(analysis, found, lang)
    if isinstance(found, places.FoundPackage):
        return _package(analysis, found.package.name, found.operation, found.stage, lang)
    if isinstance(found, places.FoundRequirements):
        return _requirements(analysis, found, lang)
    return None


def _flag(analysis: Analysis, found: places.FoundFlag, lang: str) -> str | None:
    kb = analysis.knowledge
    doc = kb.instructions.get(found.instruction.keyword)
    flag = doc.flags.get(found.flag.name) if doc else None
    return describe_flag(found.instruction.keyword, flag, kb, lang) if flag else None


def _mount(analysis: Analysis, found: places.FoundMount, lang: str) -> str | None:
    kb = analysis.knowledge
    doc = kb.mounts.get(found.type)
    if doc is None:
        return None
    if found.option is None:
        return describe_mount(doc, kb, lang)
    grammar = MOUNT_TYPES.get(found.type)
    spec = grammar.option(found.option.key) if grammar else None
    option = doc.options.get(spec.name) if spec else None
    return describe_option(found.type, option, kb, lang) if option else None


def describe_stage(analysis: Analysis, stage: Stage, lang: str) -> str:
    """A stage: what it is built on, who uses it, and whether it ships."""
    kb, model = analysis.knowledge, analysis.model
    lines = [f"### {kb.text('hover.stage.title', lang, stage=stage.label)}"]
    if stage.base_stage is not None:
        facts = [kb.text("hover.stage.on_stage", lang, stage=stage.base_stage.label)]
    elif stage.is_scratch:
        facts = [kb.text("hover.stage.on_scratch", lang)]
    elif stage.image_text:
        facts = [kb.text("hover.stage.on_image", lang, image=stage.image_text)]
    else:
        facts = [kb.text("hover.stage.on_unknown", lang)]
    users = [
        reference for reference in model.references_to.get(stage.index, ()) if reference.stage.index != stage.index
    ]
    for reference in users:
        line = analysis.source.line_of(analysis.span(reference.place).start) + 1
        facts.append(kb.text(f"hover.stage.used_{reference.kind}", lang, stage=reference.stage.label, line=line))
    taken = _taken(analysis, stage)
    if taken:
        more = "" if len(taken) <= _MOST_PATHS else ", …"
        paths = ", ".join(f"`{path}`" for path in taken[:_MOST_PATHS]) + more
        facts.append(kb.text("hover.stage.taken", lang, paths=paths))
    if model.is_shipped(stage):
        facts.append(kb.text("hover.stage.ships", lang))
    elif stage.index in model.needed_stages:
        facts.append(kb.text("hover.stage.builds", lang))
    elif chosen_by_variable(model):
        facts.append(kb.text("hover.stage.perhaps", lang))
    else:
        facts.append(kb.text("hover.stage.unused", lang))
    state = stage.final_state
    if state.workdir:
        facts.append(kb.text("hover.stage.workdir", lang, path=state.workdir))
    if state.user:
        facts.append(kb.text("hover.stage.user", lang, user=state.user))
    lines.append("\n".join(f"- {fact}" for fact in facts))
    return "\n\n".join(lines)


def _taken(analysis: Analysis, stage: Stage) -> list[str]:
    """The paths that other stages copy from this one, as written, each once."""
    found: dict[str, None] = {}
    for reference in analysis.model.references_to.get(stage.index, ()):
        if reference.kind == "copy" and reference.target == "stage":
            instruction = reference.instruction.inner if reference.onbuild else reference.instruction
            for word in instruction.arguments[:-1] if instruction is not None else ():
                found[word.raw] = None
    return list(found)


def _reference(analysis: Analysis, reference: Reference, lang: str) -> str | None:
    kb = analysis.knowledge
    if reference.target_stage is not None:
        text = describe_stage(analysis, reference.target_stage, lang)
        if reference.target in ("forward", "self"):
            text += "\n\n" + kb.text(f"hover.reference.{reference.target}", lang)
        return text
    if reference.target == "index-out-of-range":
        return kb.text("hover.reference.index_out_of_range", lang, count=len(analysis.model.stages))
    return _image(analysis, reference.image, reference.text, lang)


def _image(analysis: Analysis, image: ImageReference | None, written: str | None, lang: str) -> str | None:
    kb = analysis.knowledge
    if image is None:
        return kb.text("hover.image.variable", lang) if written is None else None
    if image.is_scratch:
        return kb.text("hover.image.scratch", lang)
    match = kb.image(image.repository, image.tag)
    if match is None:
        return kb.text("hover.image.unknown", lang, image=image.raw)
    return describe_image(match, kb, lang, image.raw)


def _variable(analysis: Analysis, found: places.FoundVariable, lang: str) -> str:
    kb = analysis.knowledge
    definition = found.definition
    parts = [f"### {found.name}"]
    if definition is None:
        doc = kb.variables.get(found.name)
        if doc is None:
            parts.append(kb.text("hover.variable.undefined", lang))
        else:
            parts = [describe_variable(doc, kb, lang)]
            item = analysis.dockerfile.item_at(found.span.start)
            if not doc.needs_declaration and not (isinstance(item, Instruction) and item.keyword == "RUN"):
                parts.append(kb.text("hover.variable.predefined", lang, name=found.name))
    elif definition.origin == "predefined":
        doc = kb.variables.get(found.name)
        if doc is not None:
            parts = [describe_variable(doc, kb, lang)]
    else:
        facts = "\n".join(f"- {fact}" for fact in _definition_facts(analysis, definition, lang))
        doc = kb.variables.get(found.name)
        parts = [describe_variable(doc, kb, lang), facts] if doc is not None else [*parts, facts]
    if found.use is not None and found.use.modifier in _MODIFIERS:
        key = _MODIFIERS.index(found.use.modifier)
        parts.append(kb.text(f"hover.modifier.m{key}", lang, name=found.name, word=found.use.word or ""))
    return "\n\n".join(parts)


def _definition_facts(analysis: Analysis, definition: Definition, lang: str) -> list[str]:
    kb = analysis.knowledge
    facts: list[str] = []
    given = definition.origin == "global" and not definition.has_default and definition.name in PLATFORM_ARGS
    if given or (definition.inherited is not None and definition.inherited.origin == "predefined"):
        facts.append(kb.text("hover.variable.given", lang))
    elif isinstance(definition.value, Unset):
        key = "no_default" if definition.origin in ("arg", "global") and not definition.has_default else "unknown"
        facts.append(kb.text(f"hover.variable.{key}", lang))
    else:
        facts.append(kb.text("hover.variable.value", lang, value=definition.value or "''"))
    place = definition.place
    line = analysis.source.line_of(analysis.span(place).start) + 1 if place is not None else 0
    stage = definition.stage.label if definition.stage is not None else ""
    ships = definition.stage is None or analysis.model.is_shipped(definition.stage)
    key = "env_of_builder" if definition.origin == "env" and not ships else definition.origin
    facts.append(kb.text(f"hover.variable.{key}", lang, line=line, stage=stage))
    if definition.inherited is not None and definition.inherited.place is not None:
        at = analysis.source.line_of(analysis.span(definition.inherited.place).start) + 1
        facts.append(kb.text("hover.variable.inherited", lang, line=at))
    return facts


def _package(analysis: Analysis, name: str | None, operation: PackageOperation, stage: Stage, lang: str) -> str | None:
    kb = analysis.knowledge
    if name is None:
        return None
    if operation.manager in _PYTHON_MANAGERS:
        package = kb.python_package(name)
        if package is None:
            return describe_wheels(name, kb, lang)
        facts = base_facts(stage, kb)
        return describe_python_package(package, facts.python, facts.libc, kb, lang)
    if operation.manager in _NODE_MANAGERS:
        return describe_node_package(name, kb, lang)
    record = kb.system_package(operation.manager, name)
    added = ""
    if operation.manager == "apt" and not (record is not None and record.added):
        added = describe_apt_added(name, base_facts(stage, kb).release, kb, lang)
    if record is None:
        return f"### {name} (apt)\n\n{added}" if added else None
    return describe_system_package(record, kb, lang) + (f"\n{added}" if added else "")


def _requirements(analysis: Analysis, found: places.FoundRequirements, lang: str) -> str | None:
    """What a requirements file asks for: what pip compiles first, then what nobody knows, then wheels."""
    kb, model, stage = analysis.knowledge, analysis.model, found.stage
    path = context_path(stage, model, found.run.instruction, found.name)
    read = read_requirements(model.context, path) if model.context is not None and path is not None else None
    title = f"### {found.name}\n\n"
    if read is None:
        return title + kb.text("hover.requirements.unread", lang)
    base = base_facts(stage, kb)
    wanted = [item for item in read.items if item.applies(base.python, base.libc or "glibc")]
    judged = [(_verdict(kb, item, base, read.no_binary), item) for item in wanted]
    lines = [
        f"- `{item.raw}`: {kb.text(f'hover.requirements.{verdict}', lang)}"
        + _run_time_needs(kb, item, base, verdict, lang)
        for verdict, item in sorted(judged, key=lambda each: _VERDICTS.index(each[0]))
    ]
    head = kb.text("hover.requirements.count", lang, count=len(wanted))
    more = len(lines) - _MOST_REQUIREMENTS
    if more > 0:
        lines[_MOST_REQUIREMENTS:] = ["- " + kb.text("hover.requirements.more", lang, count=more)]
    if not read.complete:
        lines.append("- " + kb.text("hover.requirements.incomplete", lang))
    return "\n\n".join([title.strip(), head, "\n".join(lines)]) if lines else f"{title}{head}"


def _verdict(kb: KnowledgeBase, item: Requirement, base: BaseFacts, no_binary: frozenset[str]) -> Wheel:
    if base.python is None or base.libc is None:
        return "unknown"
    return wheel_verdict(kb, item, base.python, base.libc, no_binary)


def _run_time_needs(kb: KnowledgeBase, item: Requirement, base: BaseFacts, verdict: str, lang: str) -> str:
    """The run-time libraries that compiled code of the requirement loads, for the packages of its base image."""
    package = kb.python_package(item.name) if item.name is not None and verdict == "compiles" else None
    if package is None:
        return ""
    needs = kb.runtime_libraries(package, "apk" if base.libc == "musl" else "apt", base.release)
    return kb.text("hover.requirements.needs", lang, packages=", ".join(needs)) if needs else ""
