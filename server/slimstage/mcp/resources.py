"""Pages of the knowledge base as resources: their addresses, what completes them, and their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote

from slimstage.features.explain import explain
from slimstage.knowledge import KnowledgeBase
from slimstage.mcp.workspace import Refused, Workspace
from slimstage.settings import LANGUAGES

SCHEME = "slimstage://"
KNOWLEDGE_TEMPLATE = SCHEME + "knowledge/{kind}/{id}"
RULES_TEMPLATE = SCHEME + "rules/{id}"
KINDS = ("concept", "pattern", "instruction", "mount", "directive", "variable", "image", "package", "seed")
MARKDOWN = "text/markdown"
PAGE_SIZE = 100
MOST_COMPLETIONS = 100
_LISTED = ("concept", "pattern", "instruction", "mount")
_LONGEST = 500


@dataclass(slots=True, frozen=True)
class Item:
    """One resource of the list."""

    uri: str
    name: str
    title: str


def ids_of(kb: KnowledgeBase, kind: str) -> Iterable[str]:
    """The ids of a kind, in the knowledge base's order; none for an unknown kind."""
    if kind == "instruction":
        flags = (f"{keyword} --{flag}" for keyword, doc in kb.instructions.items() for flag in doc.flags)
        return [*kb.instructions, *flags]
    if kind == "image":
        return [f"{repository}:{tag}" for repository in kb.repositories() for tag in kb.tags(repository)]
    if kind == "package":
        return [
            *(f"{manager}/{name}" for manager, name in kb.system_packages),
            *(f"pip/{n}" for n in kb.python_packages),
        ]
    if kind == "seed":
        return [str(number) for number in kb.seed]
    plain = {
        "concept": kb.concepts,
        "pattern": kb.patterns,
        "mount": kb.mounts,
        "directive": kb.directives,
        "variable": kb.variables,
        "rule": kb.rules,
    }
    return list(plain.get(kind, ()))


def listed(workspace: Workspace) -> list[Item]:
    """What `resources/list` shows: ideas, the language and the rules. Images and packages are reached by template."""
    kb = workspace.base()
    items = [Item(_uri(kind, name), name, _title(kb, kind, name, workspace.lang))
             for kind in _LISTED for name in ids_of(kb, kind)]  # fmt: skip
    return items + [Item(rule_uri(name), name, kb.rules[name].title.to(workspace.lang)) for name in kb.rules]


def page(items: list[Item], cursor: str | None) -> tuple[list[Item], str | None]:
    """One page of the list and the cursor of the next. Raises `Refused` for a cursor we did not give."""
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and 0 < int(cursor[:9]) < len(items)):
        raise Refused("bad_cursor")
    start = int(cursor or 0)
    end = start + PAGE_SIZE
    return items[start:end], str(end) if end < len(items) else None


def read(workspace: Workspace, uri: str) -> str:
    """The Markdown page of an address; `?lang=ko` at its end chooses the language. Raises `Refused`."""
    kind, name, lang = _parsed(uri)
    kb = workspace.base()
    known = set(ids_of(kb, kind))
    if kind == "package" and "/" not in name:
        name = next((each for each in sorted(known) if each.partition("/")[2] == name), name)
    topic = _topic(kind, name)
    # Images and packages have relatives that no list names, so their look-up decides.
    found = explain(kb, topic, workspace.language(lang)) if kind in ("image", "package") or name in known else None
    if found is None:
        raise Refused("unknown_resource", uri=uri[:_LONGEST])
    return found


def complete(workspace: Workspace, uri: str, argument: str, value: str, kind: str | None) -> list[str] | None:
    """All values of a template's argument that start with (then: that hold) `value`; None for an unknown template."""
    kb = workspace.base()
    if uri == RULES_TEMPLATE and argument == "id":
        return matching(ids_of(kb, "rule"), value)
    if uri == KNOWLEDGE_TEMPLATE and argument == "kind":
        return matching(KINDS, value)
    if uri == KNOWLEDGE_TEMPLATE and argument == "id":
        wanted = KINDS if kind is None else (kind,)
        return matching((name for each in wanted for name in ids_of(kb, each)), value)
    return None


def uri_of(kb: KnowledgeBase, topic: str) -> str | None:
    """The address of a topic that the search found, or None."""
    kind, slash, rest = topic.partition("/")
    if slash and kind == "rule":
        return rule_uri(rest)
    if slash and kind == "seed":
        return _uri("seed", rest)
    if topic.startswith("--mount=type="):
        return _uri("mount", topic.removeprefix("--mount=type="))
    if topic.startswith("# "):
        return _uri("directive", topic[2:].rstrip("="))
    for name, records in (("concept", kb.concepts), ("pattern", kb.patterns), ("variable", kb.variables)):
        if topic in records:
            return _uri(name, topic)
    if topic.partition(" ")[0] in kb.instructions:
        return _uri("instruction", topic)
    if topic in kb.images:
        return _uri("image", topic)
    return _uri("package", topic) if slash else None


def rule_uri(name: str) -> str:
    """The address of a rule's page."""
    return f"{SCHEME}rules/{quote(name, safe='')}"


def _uri(kind: str, name: str) -> str:
    return f"{SCHEME}knowledge/{kind}/{quote(name, safe=':')}"


def _parsed(uri: str) -> tuple[str, str, str | None]:
    if len(uri) > _LONGEST or not uri.startswith(SCHEME):
        raise Refused("unknown_resource", uri=uri[:_LONGEST])
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    place, _, rest = path.partition("/")
    kind = "rule"
    if place == "knowledge":
        kind, _, rest = rest.partition("/")
    name = unquote(rest)
    if place not in ("knowledge", "rules") or not name.isprintable() or kind not in (*KINDS, "rule"):
        raise Refused("unknown_resource", uri=uri[:_LONGEST])
    asked = parse_qs(query).get("lang", [None])[-1] if query else None
    return kind, name, asked if asked in LANGUAGES else None


def _topic(kind: str, name: str) -> str:
    """What `explain` takes."""
    if kind in ("concept", "pattern", "rule", "seed"):
        return f"{kind}/{name}"
    if kind == "mount":
        return f"--mount=type={name}"
    return f"# {name}=" if kind == "directive" else name


def _title(kb: KnowledgeBase, kind: str, name: str, lang: str) -> str:
    if kind == "concept":
        return kb.concepts[name].title.to(lang)
    if kind == "pattern":
        return kb.patterns[name].title.to(lang)
    return f"RUN --mount=type={name}" if kind == "mount" else name


def matching(values: Iterable[str], value: str) -> list[str]:
    """Those that start with `value`, then those that hold it, without regard to case."""
    wanted = value.lower()
    found: Iterator[str] = (each for each in dict.fromkeys(values) if wanted in each.lower())
    return sorted(found, key=lambda each: (not each.lower().startswith(wanted), each.lower()))
