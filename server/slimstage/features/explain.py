"""`explain`: any topic of the knowledge base as Markdown, did-you-mean, and full-text search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimstage.features import describe, packages
from slimstage.knowledge import KnowledgeBase, Text
from slimstage.knowledge.base import MANAGERS
from slimstage.rules import ALL_RULES
from slimstage.text import close_matches

_PYTHON_PREFIXES = ("pip/", "pypi/", "pip:", "pypi:")


def explain(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    """The Markdown page of `topic`, or None when the knowledge base has none of that name.

    A topic is the id of a concept or pattern (also its title in either language), `seed/19`,
    `rule/<id>` or the bare id, an instruction, `COPY --from`, `--mount=type=cache`, a directive, a
    variable, `python:3.11-slim`, `libpq-dev`, `apk/musl-dev`, `pip/psycopg2`, `npm/typescript`,
    or a code of another tool that a rule stands for (`DL3006`).
    """
    topic = " ".join(topic.split())
    if not topic:
        return None
    return (
        _idea(kb, topic, lang)
        or _language(kb, topic, lang)
        or _package(kb, topic, lang)
        or _image(kb, topic, lang)
        or _by_title(kb, topic, lang)
        or _by_code(kb, topic, lang)
    )


def suggest(kb: KnowledgeBase, topic: str, count: int = 3) -> list[str]:
    """Topics that are spelled like `topic`, best first; else those that the search finds."""
    spelled: dict[str, str] = {}
    sized = (*(f"pip/{name}" for name in kb.measured_wheels), *(f"npm/{name}" for name in kb.node_packages))
    for known in (*kb.topics(), *sized, *_apk_names(kb)):
        spelled.setdefault(known.lower(), known)
        spelled.setdefault(known.lower().rpartition("/")[2], known)
        if known.startswith("npm/@"):
            spelled.setdefault(known.removeprefix("npm/"), known)
    near = [spelled[key] for key in close_matches(topic.strip().lower(), spelled, count * 2, 0.7)]
    near = list(dict.fromkeys(near))[:count]
    return near or [found for found, _ in search(kb, topic)[:count]]


def _apk_names(kb: KnowledgeBase) -> Iterator[str]:
    """Alpine's packages of which only sizes are known."""
    names = () if kb.alpine is None else kb.alpine.packages
    return (f"apk/{name}" for name in names if ("apk", name) not in kb.system_packages)


def search(kb: KnowledgeBase, words: str, lang: str | None = None) -> list[tuple[str, float]]:
    """Topics whose text holds `words`, best first, each with its score; both languages unless one is named.

    A hit in an id or title counts most, then the summary, then the body; a topic that has all words goes
    before one that has some.
    """
    wanted = [word for word in words.lower().split() if word]
    if not wanted:
        return []
    found: list[tuple[str, float]] = []
    for topic, weighted in _texts(kb):
        score = 0.0
        hits = 0
        haystack = [(weight, _in(text, lang).lower()) for weight, text in weighted]
        for word in wanted:
            best = max((weight for weight, text in haystack if word in text), default=0.0)
            if word == topic.lower():
                best *= 2
            hits += best > 0
            score += best
        if hits:
            found.append((topic, score * hits / len(wanted)))
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _in(text: Text | str, lang: str | None) -> str:
    if isinstance(text, str):
        return text
    return f"{text.en}\n{text.ko}" if lang is None else text.to(lang)


def _texts(kb: KnowledgeBase) -> Iterator[tuple[str, list[tuple[float, Text | str]]]]:
    """Every topic with its texts and how much a hit in each counts."""
    for concept in kb.concepts.values():
        yield (
            concept.id,
            [(10, concept.id), (10, concept.title), (4, concept.summary), (1, concept.body)],
        )
    for pattern in kb.patterns.values():
        code = pattern.before + pattern.after
        texts = [(10, pattern.id), (10, pattern.title), (4, pattern.summary), (1, pattern.body), (1, code)]
        yield pattern.id, texts  # type: ignore[misc]
    for rule in kb.rules.values():
        yield f"rule/{rule.id}", [(9, rule.id), (9, rule.title), (1, rule.description)]
    for row in kb.seed.values():
        yield f"seed/{row.number}", [(3, row.statement), (2, row.verdict), (2, row.now)]
    for doc in kb.instructions.values():
        yield doc.keyword, [(10, doc.keyword), (4, doc.summary), (1, doc.body)]
        for flag in doc.flags.values():
            yield f"{doc.keyword} --{flag.name}", [(8, f"{doc.keyword} --{flag.name}"), (2, flag.summary)]
    for mount in kb.mounts.values():
        yield f"--mount=type={mount.type}", [(8, f"--mount=type={mount.type}"), (4, mount.summary), (1, mount.body)]
    for directive in kb.directives.values():
        yield f"# {directive.name}=", [(8, directive.name), (4, directive.summary), (1, directive.body)]
    for variable in kb.variables.values():
        yield variable.name, [(8, variable.name), (2, variable.summary)]
    for reference, image in kb.images.items():
        yield reference, [(6, reference), (2, image.summary)]
    for (manager, name), package in kb.system_packages.items():
        yield f"{manager}/{name}", [(6, name), (2, package.summary)]
    for name, python_package in kb.python_packages.items():
        yield f"pip/{name}", [(6, name), (2, python_package.summary)]


def _idea(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    lowered = topic.lower().replace(" ", "-")
    kind, slash, name = lowered.partition("/")
    if kind == "seed" and slash:
        row = kb.seed.get(int(name)) if name.isascii() and name.isdigit() else None
        return None if row is None else describe.describe_seed_row(row, kb, lang)
    if kind in ("", "concept", "pattern", "rule") and slash:
        lowered = name
    if kind != "rule" or not slash:
        concept = kb.concepts.get(lowered)
        if concept is not None and kind != "pattern":
            return describe.describe_concept(concept, kb, lang)
        pattern = kb.patterns.get(lowered)
        if pattern is not None:
            return describe.describe_pattern(pattern, kb, lang)
    rule = kb.rules.get(lowered)
    return None if rule is None else describe.describe_rule(rule, kb, lang)


def _language(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    words = topic.split()
    if len(words) == 1 and topic.upper() in kb.instructions:
        return describe.describe_instruction(kb.instructions[topic.upper()], kb, lang)
    if len(words) == 2 and words[0].upper() in kb.instructions and words[1].startswith("--"):
        doc = kb.instructions[words[0].upper()]
        name = words[1][2:].partition("=")[0].lower()
        if not (name == "mount" and "=" in words[1]):
            flag = doc.flags.get(name)
            return None if flag is None else describe.describe_flag(doc.keyword, flag, kb, lang)
    last = words[-1].lower()
    if last.startswith("--mount="):
        return _mount(kb, last.removeprefix("--mount="), lang)
    if last.startswith("--") and len(words) == 1:
        name = last[2:].partition("=")[0]
        owners = [(doc.keyword, doc.flags[name]) for doc in kb.instructions.values() if name in doc.flags]
        return "\n".join(describe.describe_flag(owner, flag, kb, lang) for owner, flag in owners) or None
    directive = kb.directives.get(topic.lstrip("# ").partition("=")[0].strip().lower())
    if directive is not None:
        return describe.describe_directive(directive, kb, lang)
    variable = kb.variables.get(topic.strip("${}")) or kb.variables.get(topic.strip("${}").upper())
    return None if variable is None else describe.describe_variable(variable, kb, lang)


def _mount(kb: KnowledgeBase, options: str, lang: str) -> str | None:
    type_ = "bind"
    names = []
    for part in options.split(","):
        name, _, value = part.partition("=")
        if name == "type":
            type_ = value
        elif name:
            names.append(name)
    doc = kb.mounts.get(type_)
    if doc is None:
        return None
    for option in doc.options.values():
        if names and names[-1] in (option.name, *option.aliases):
            return describe.describe_option(doc.type, option, kb, lang)
    return describe.describe_mount(doc, kb, lang)


def _package(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    lowered = topic.lower()
    for prefix in _PYTHON_PREFIXES:
        if lowered.startswith(prefix):
            package = kb.python_package(topic[len(prefix) :])
            if package is None:
                return packages.describe_wheels(topic[len(prefix) :], kb, lang)
            return describe.describe_python_package(package, None, None, kb, lang)
    if lowered.startswith(("npm/", "@")):  # `npm/typescript`, `@babel/core`
        return packages.describe_node_package(lowered.removeprefix("npm/"), kb, lang)
    manager, slash, name = lowered.partition("/")
    pages = []
    if slash:
        found = kb.system_package(manager, name)
        if found is not None and (found.manager, found.name) in kb.system_packages:
            pages.append(describe.describe_system_package(found, kb, lang))
        elif manager == "apk":
            added = packages.describe_apk_added(name, kb, lang)
            pages.append(f"### {name} (apk)\n\n{added}\n" if added else "")
    else:
        pages.extend(
            describe.describe_system_package(kb.system_packages[each, lowered], kb, lang)
            for each in MANAGERS
            if (each, lowered) in kb.system_packages
        )
        package = kb.python_package(lowered) if lowered and ":" not in lowered else None
        if package is not None:
            pages.append(describe.describe_python_package(package, None, None, kb, lang))
        else:
            pages.append(packages.describe_wheels(lowered, kb, lang) or "")
        pages.append(packages.describe_node_package(lowered, kb, lang) or "")
    return "\n".join(page for page in pages if page) or None


def _image(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    if " " in topic:
        return None
    bare = topic.partition("@")[0]
    repository, colon, tag = bare.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = bare, ""
    match = kb.image(repository, tag or None)
    return None if match is None else describe.describe_image(match, kb, lang, topic)


def _by_title(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    """A concept, pattern or rule by its title in either language: `멀티 스테이지 빌드`."""
    wanted = _plain(topic)
    for concept in kb.concepts.values():
        if wanted in _plain_titles(concept.title):
            return describe.describe_concept(concept, kb, lang)
    for pattern in kb.patterns.values():
        if wanted in _plain_titles(pattern.title):
            return describe.describe_pattern(pattern, kb, lang)
    for rule in kb.rules.values():
        if wanted in _plain_titles(rule.title):
            return describe.describe_rule(rule, kb, lang)
    return None


def _by_code(kb: KnowledgeBase, topic: str, lang: str) -> str | None:
    """The rules that stand for a code of another tool, as findings name it: `DL3006`, `WorkdirRelativePath`."""
    pages = [
        describe.describe_rule(kb.rules[rule.id], kb, lang)
        for rule in ALL_RULES
        if rule.id in kb.rules and any(topic.lower() == alias.lower() for alias in rule.aliases)
    ]
    return "\n".join(pages) or None


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _plain_titles(title: Text) -> Iterable[str]:
    return [_plain(form) for form in title]
