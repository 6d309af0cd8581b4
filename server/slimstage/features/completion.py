"""Completion: what may stand where the cursor is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from slimstage.analysis import Analysis
from slimstage.features import describe
from slimstage.features.candidates import Candidate
from slimstage.features.completion_images import image_candidates, is_tag
from slimstage.features.cursor import Cursor, cursor_at
from slimstage.features.hover import describe_stage
from slimstage.model import Definition, Stage
from slimstage.model.expansion import Unset
from slimstage.syntax.grammar import (
    DIRECTIVES,
    HEALTHCHECK_TYPES,
    INSTRUCTIONS,
    MOUNT_TYPES,
    ONBUILD_FORBIDDEN,
    PLATFORM_ARGS,
    FlagSpec,
)
from slimstage.text import Span, lazy_pattern

PLATFORMS = (
    "$BUILDPLATFORM",
    "$TARGETPLATFORM",
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/386",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
)
SIGNALS = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH")
_MOST_PATHS = 200
_SENTENCE_END = lazy_pattern(r"(?<=\.)\s+")


class Completion(NamedTuple):
    """Candidates, best first, that replace `span`.

    `symbol` starts where the word does (at the dashes of `--from=bu`), for clients that compare the whole word.
    `incomplete` tells the client to ask again when more is typed.
    """

    candidates: tuple[Candidate, ...]
    span: Span
    symbol: Span
    incomplete: bool = False


def complete(analysis: Analysis, offset: int, lang: str, *, automatic: bool = False) -> Completion | None:
    """What may be typed at `offset`; None for nothing.

    `automatic` is True when a typed blank asked and not the user: then flags wait for their first dash.
    """
    cursor = cursor_at(analysis, offset)
    if cursor is None:
        return None
    found, back, incomplete = _candidates(analysis, cursor, lang, automatic)
    if not found:
        return None
    return Completion(tuple(found), Span(offset - back, offset), Span(cursor.start, offset), incomplete)


def document(analysis: Analysis, topic: str, lang: str) -> str | None:
    """The Markdown page behind `Candidate.topic`; None when there is none (any more)."""
    kb = analysis.knowledge
    kind, _, name = topic.partition(" ")
    if kind == "stage":
        stages = analysis.model.stages
        return describe_stage(analysis, stages[int(name)], lang) if int(name) < len(stages) else None
    if kind == "image":
        repository, _, tag = name.partition(" ")
        match = kb.image(repository, tag or None)
        return describe.describe_image(match, kb, lang, f"{repository}:{tag}" if tag else repository) if match else None
    if kind == "instruction":
        doc = kb.instructions.get(name)
        return describe.describe_instruction(doc, kb, lang) if doc else None
    if kind == "flag":
        keyword, _, flag_name = name.partition(" ")
        page = kb.instructions.get(keyword)
        flag = page.flags.get(flag_name) if page else None
        return describe.describe_flag(keyword, flag, kb, lang) if flag else None
    if kind == "mount":
        mount = kb.mounts.get(name)
        return describe.describe_mount(mount, kb, lang) if mount else None
    if kind == "option":
        type_name, _, option_name = name.partition(" ")
        mount = kb.mounts.get(type_name)
        option = mount.options.get(option_name) if mount else None
        return describe.describe_option(type_name, option, kb, lang) if option else None
    if kind == "directive":
        directive = kb.directives.get(name)
        return describe.describe_directive(directive, kb, lang) if directive else None
    if kind == "variable":
        variable = kb.variables.get(name)
        return describe.describe_variable(variable, kb, lang) if variable else None
    return None


Answer = tuple[list[Candidate], int, bool]


def _answer(candidates: Iterable[Candidate], typed: str, incomplete: bool = False) -> Answer:
    """`typed` is the part of the word that the candidates replace."""
    return list(candidates), len(typed), incomplete


def _candidates(analysis: Analysis, cursor: Cursor, lang: str, automatic: bool) -> Answer:
    if cursor.region == "directive":
        return _directives(analysis, cursor, lang)
    if cursor.region == "keyword":
        if automatic and not cursor.onbuild:
            return [], 0, False
        return _answer(_instructions(analysis, cursor, lang), cursor.word)
    if cursor.variable is not None:
        return _answer(_variables(analysis, cursor, cursor.variable, lang), cursor.variable)
    if cursor.region == "heredoc" or cursor.item is None:
        return [], 0, False
    word = cursor.word
    if cursor.flags_may_stand and word.startswith("-"):
        name, equals, value = word[2:].partition("=")
        if equals:
            return _flag_value(analysis, cursor, name, value, lang)
        return _answer(_flags(analysis, cursor, lang), word)
    found, back, incomplete = _arguments(analysis, cursor, lang)
    if cursor.flags_may_stand and not word and not automatic:
        found += _flags(analysis, cursor, lang)
    return found, back, incomplete


def _directives(analysis: Analysis, cursor: Cursor, lang: str) -> Answer:
    kb = analysis.knowledge
    typed = cursor.word[1:].lstrip(" \t")
    name, equals, value = typed.partition("=")
    if equals:
        doc = kb.directives.get(name.strip().lower())
        value = value.lstrip(" \t")
        return (
            _answer((Candidate(each, "value", topic=f"directive {doc.name}") for each in doc.values), value)
            if (doc)
            else ([], 0, False)
        )
    used = {directive.name for directive in analysis.dockerfile.directives}
    names = [each for each in DIRECTIVES if each not in used or each == name.lower()]
    return _answer(
        (
            Candidate(
                each, "directive", new=f"{each}=", detail=_summary(kb.directives, each, lang), topic=f"directive {each}"
            )
            for each in names
        ),
        typed,
    )


def _summary(records: object, key: str, lang: str) -> str:
    found = records.get(key)  # type: ignore[attr-defined]
    return _brief(found.summary.to(lang)) if found is not None else ""


def _brief(text: str) -> str:
    """The first sentence; the candidate's page has the rest."""
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def _instructions(analysis: Analysis, cursor: Cursor, lang: str) -> Iterator[Candidate]:
    kb = analysis.knowledge
    stages = bool(analysis.model.stages)
    keywords = [key for key, spec in INSTRUCTIONS.items() if not spec.deprecated]
    if cursor.onbuild:
        keywords = [key for key in keywords if key not in ONBUILD_FORBIDDEN]
    elif not stages or analysis.dockerfile.span_of(analysis.model.stages[0].place()).start > cursor.offset:
        keywords = ["FROM", "ARG"]
    for keyword in keywords:
        detail = _summary(kb.instructions, keyword, lang)
        yield Candidate(keyword, "instruction", new=f"{keyword} ", detail=detail, topic=f"instruction {keyword}")
    for keyword in keywords:
        doc = kb.instructions.get(keyword)
        for snippet in doc.snippets if doc else ():
            yield Candidate(
                snippet.label,
                "snippet",
                new=snippet.body,
                detail=snippet.summary.to(lang),
                snippet=True,
                filter=keyword + " " + snippet.label,
                topic=f"instruction {keyword}",
            )


def _flags(analysis: Analysis, cursor: Cursor, lang: str) -> Iterator[Candidate]:
    spec = INSTRUCTIONS.get(cursor.keyword)
    if spec is None:
        return
    doc = analysis.knowledge.instructions.get(cursor.keyword)
    given = {word[2:].partition("=")[0] for word in cursor.words}
    for name, flag in spec.flags.items():
        if name in given and not flag.repeatable:
            continue
        page = doc.flags.get(name) if doc else None
        yield Candidate(
            f"--{name}",
            "flag",
            new=f"--{name}=" if flag.needs_value else f"--{name}",
            detail=_brief(page.summary.to(lang)) if page else "",
            topic=f"flag {cursor.keyword} {name}",
        )


def _flag_value(analysis: Analysis, cursor: Cursor, name: str, value: str, lang: str) -> Answer:
    spec = INSTRUCTIONS.get(cursor.keyword)
    flag = spec.flags.get(name) if spec else None
    if flag is None:
        return [], 0, False
    if name == "from":
        return _from(analysis, cursor, value, lang)
    if flag.kind == "mount":
        return _mount(analysis, cursor, value, lang)
    topic = f"flag {cursor.keyword} {name}"
    return _answer((Candidate(each, "value", topic=topic) for each in _values(analysis, cursor, flag)), value)


def _values(analysis: Analysis, cursor: Cursor, flag: FlagSpec) -> tuple[str, ...]:
    if flag.kind == "platform":
        return PLATFORMS
    if flag.choices:
        return flag.choices
    if flag.kind == "boolean":
        return ("true", "false")
    doc = analysis.knowledge.instructions.get(cursor.keyword)
    page = doc.flags.get(flag.name) if doc else None
    return page.values if page else ()


def _from(analysis: Analysis, cursor: Cursor, value: str, lang: str, *, indices: bool = True) -> Answer:
    """Earlier stages, then their numbers (COPY only), then images."""
    stages = _earlier(analysis, cursor)
    found = [_stage(analysis, stage, lang) for stage in stages if stage.name]
    if indices:
        found += [_index(analysis, stage, lang) for stage in stages]
    images, incomplete = image_candidates(analysis, value, lang)
    return found + images, _typed(value), incomplete


def _typed(value: str) -> int:
    """How much of an image name the candidates replace: all of it."""
    return len(value)


def _earlier(analysis: Analysis, cursor: Cursor) -> tuple[Stage, ...]:
    stage = analysis.model.stage_of(cursor.item) if cursor.item is not None else None
    return analysis.model.stages[: stage.index] if stage is not None else ()


def _built_on(analysis: Analysis, stage: Stage, lang: str) -> str:
    base = stage.base_stage.label if stage.base_stage is not None else stage.image_text
    key = "completion.stage" if base else "completion.stage_unknown"
    return analysis.knowledge.text(key, lang, index=stage.index, base=base or "")


def _stage(analysis: Analysis, stage: Stage, lang: str) -> Candidate:
    return Candidate(stage.name or "", "stage", detail=_built_on(analysis, stage, lang), topic=f"stage {stage.index}")


def _index(analysis: Analysis, stage: Stage, lang: str) -> Candidate:
    return Candidate(
        str(stage.index), "index", detail=stage.name or _built_on(analysis, stage, lang), topic=f"stage {stage.index}"
    )


def _mount(analysis: Analysis, cursor: Cursor, value: str, lang: str) -> Answer:
    kb = analysis.knowledge
    *before, part = value.split(",")
    given = {key.strip().lower(): text for key, _, text in (each.partition("=") for each in before)}
    key, equals, typed = part.partition("=")
    kind = given.get("type", "bind").lower()
    mount = MOUNT_TYPES.get(kind)
    if equals and key == "type":
        details = ((name, _summary(kb.mounts, name, lang)) for name in MOUNT_TYPES)
        return _answer((Candidate(name, "value", detail=text, topic=f"mount {name}") for name, text in details), typed)
    if mount is None:
        return [], 0, False
    if not equals:
        return _answer(_mount_options(analysis, kind, given, lang), part)
    spec = mount.option(key)
    if spec is None:
        return [], 0, False
    topic = f"option {kind} {spec.name}"
    if spec.kind == "stage":
        return _from(analysis, cursor, typed, lang, indices=False)
    if spec.name == "source" and kind == "bind" and "from" not in given:
        return _answer(_paths(analysis, typed), typed)
    if spec.kind == "choice":
        return _answer((Candidate(each, "value", topic=topic) for each in spec.choices), typed)
    if spec.kind == "boolean":
        return _answer((Candidate(each, "value", topic=topic) for each in ("true", "false")), typed)
    doc = kb.mounts.get(kind)
    option = doc.options.get(spec.name) if doc else None
    return _answer((Candidate(each, "value", topic=topic) for each in (option.values if option else ())), typed)


def _mount_options(analysis: Analysis, kind: str, given: dict[str, str], lang: str) -> Iterator[Candidate]:
    mount = MOUNT_TYPES[kind]
    doc = analysis.knowledge.mounts.get(kind)
    taken = {spec.name for spec in map(mount.option, given) if spec is not None}
    for name, spec in mount.options.items():
        if name in taken:
            continue
        option = doc.options.get(name) if doc else None
        yield Candidate(
            name,
            "option",
            new=name if spec.bare else f"{name}=",
            detail=_brief(option.summary.to(lang)) if option else "",
            topic=f"option {kind} {name}" if option else "",
        )


def _arguments(analysis: Analysis, cursor: Cursor, lang: str) -> Answer:
    keyword, word = cursor.keyword, cursor.word
    plain = cursor.plain_words
    if keyword == "FROM":
        if not plain:
            stages = [_stage(analysis, stage, lang) for stage in _earlier(analysis, cursor) if stage.name]
            if is_tag(word):
                stages = []
            images, incomplete = image_candidates(analysis, word, lang)
            return stages + images, len(word), incomplete
        if len(plain) == 1:
            detail = analysis.knowledge.text("completion.as", lang)
            return _answer([Candidate("AS", "keyword", new="AS ", detail=detail)], word)
    elif keyword in ("COPY", "ADD"):
        if cursor.flag_value("from") is None:
            return _answer(_paths(analysis, word), word)
    elif keyword == "HEALTHCHECK" and not plain:
        return _answer(
            (Candidate(each, "keyword", topic="instruction HEALTHCHECK") for each in HEALTHCHECK_TYPES), word
        )
    elif keyword == "STOPSIGNAL" and not plain:
        return _answer((Candidate(each, "value", topic="instruction STOPSIGNAL") for each in SIGNALS), word)
    elif keyword == "ARG" and "=" not in word:
        return _answer(_arg_names(analysis, cursor, lang), word)
    elif keyword == "USER" and not plain:
        return _answer(_users(analysis, cursor), word)
    return [], 0, False


def _arg_names(analysis: Analysis, cursor: Cursor, lang: str) -> Iterator[Candidate]:
    """Inside a stage: the global ARGs and platform ARGs that a stage sees only after a declaration."""
    stage = analysis.model.stage_of(cursor.item) if cursor.item is not None else None
    if stage is None:
        return
    for definition in analysis.model.globals.definitions.values():
        yield _defined(analysis, definition, definition.name, lang)
    for name in PLATFORM_ARGS:
        detail = _summary(analysis.knowledge.variables, name, lang)
        yield Candidate(name, "variable", detail=detail, topic=f"variable {name}")


def _users(analysis: Analysis, cursor: Cursor) -> Iterator[Candidate]:
    stage = analysis.model.stage_of(cursor.item) if cursor.item is not None else None
    image = stage.base_image if stage is not None else None
    match = analysis.knowledge.image(image.repository, image.tag) if image is not None else None
    for user in match.image.users if match is not None else ():
        yield Candidate(user, "value")


def _variables(analysis: Analysis, cursor: Cursor, typed: str, lang: str) -> Iterator[Candidate]:
    opening = "${" if typed.startswith("${") else "$"
    following = analysis.source.text[cursor.offset : cursor.offset + 1]
    closing = "}" if opening == "${" and following != "}" else ""
    seen: set[str] = set()
    for definition in _visible(analysis, cursor):
        if definition.name not in seen:
            seen.add(definition.name)
            yield _defined(analysis, definition, f"{opening}{definition.name}{closing}", lang)
    for name, doc in analysis.knowledge.variables.items():
        declared = not doc.needs_declaration or cursor.keyword == "FROM"
        if name not in seen and (declared or cursor.keyword != "FROM"):
            text = f"{opening}{name}{closing}"
            yield Candidate(
                name, "variable", new=text, filter=text, detail=_brief(doc.summary.to(lang)), topic=f"variable {name}"
            )


def _visible(analysis: Analysis, cursor: Cursor) -> Iterable[Definition]:
    model, item = analysis.model, cursor.item
    stage = model.stage_of(item) if item is not None else None
    if stage is None or item is None or stage.instruction is item:
        return model.globals.definitions.values()
    return stage.scope_at(item).visible()


def _defined(analysis: Analysis, definition: Definition, text: str, lang: str) -> Candidate:
    value = definition.value
    kb = analysis.knowledge
    origin = "ENV" if definition.origin == "env" else "ARG"
    if isinstance(value, Unset):
        detail = kb.text("completion.variable_unknown", lang, origin=origin)
    else:
        detail = kb.text("completion.variable", lang, origin=origin, value=value)
    return Candidate(definition.name, "variable", new=text, filter=text, detail=detail)


def _paths(analysis: Analysis, typed: str) -> Iterator[Candidate]:
    """Files and folders of the build context below the folder typed so far."""
    context = analysis.context
    if context is None or typed.startswith(("/", "[", '"', "'")) or "://" in typed:
        return
    folder = typed[: typed.rfind("/") + 1]
    for name in context.list(folder)[:_MOST_PATHS]:
        if any(character.isspace() for character in name):
            continue  # a blank would need the JSON form
        path = folder + name
        is_folder = bool(context.list(path))
        yield Candidate(path + "/" if is_folder else path, "folder" if is_folder else "file")
