"""Java on Alpine or distroless when that is asked for: the same major version, where nothing shows that it fails there.

Temurin has a JRE on Alpine, distroless images hold Temurin's. What the final stage would run, start by a shell or call,
and libraries with machine code of their own, are reasons to refuse.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from slimstage.context import BuildContext
from slimstage.rewrites.bases import check_libraries, check_what_it_runs, check_without_shell, refused
from slimstage.rewrites.conversion import Refused
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.rewrites.java import Plan

_JRE = lazy_pattern(r"(?:.*/)?eclipse-temurin:(\d+)([\w.]*)-jre(-[\w.-]+)?")
_LOADS = lazy_pattern(r"\b(?:System\.load(?:Library)?|Native\.load(?:Library)?|SymbolLookup\.\w+)\s*\(")
_MANIFESTS = (".gradle", ".gradle.kts", ".versions.toml", ".jar", ".lockfile")
_SKIPPED = frozenset(("src", "target", "build", ".git", ".gradle", "node_modules", "docs"))
_MAX_ENTRIES = 2000


def on_asked_base(plan: Plan, image: str) -> str:
    """The image of the asked family for a stage that would run on `image`; refuses where it may not do there."""
    asked = plan.options.base
    jre = _JRE.fullmatch(image)
    if asked not in ("alpine", "distroless") or (asked == "alpine" and "alpine" in image):
        return image
    if jre is None or (jre[2] and asked == "distroless"):
        raise refused(plan, "image")
    found = _alpine(plan, image) if asked == "alpine" else _distroless(plan, jre[1])
    check_what_it_runs(plan)
    if asked == "alpine":
        _check_machine_code(plan)
    else:
        _check_start(plan)
    plan.check_user(found)
    return found


def _alpine(plan: Plan, image: str) -> str:
    found = re.sub(r"-jre(-[\w.-]+)?$", "-jre-alpine", image)
    tags = {tag for group in plan.model.knowledge.official_tags("eclipse-temurin") for tag in group}
    if found.rpartition(":")[2] not in tags:
        raise refused(plan, "image")
    return found


def _distroless(plan: Plan, major: str) -> str:
    if major not in plan.facts["distroless-javas"]:
        raise refused(plan, "image")
    return f"gcr.io/distroless/java{major}-{plan.facts['distroless-debian'][0]}"


def _check_machine_code(plan: Plan) -> None:
    """Refuse what is known to load libraries that were made for another C library than Alpine's, or may do so."""
    context = plan.context
    if context is None:
        raise Refused("context-needed", plan.stage.place())
    texts = list(_manifests(context))
    patterns = {name: re.compile(rf"(?<![\w.]){re.escape(name)}") for name in plan.facts["machine-code"]}
    names = [name for name, word in patterns.items() if any(word.search(text) for text in texts)]
    check_libraries(plan, names, _LOADS)


def _manifests(context: BuildContext) -> Iterator[str]:
    """The texts that name dependencies, and the names of jars that lie in the context."""
    waiting, left = [""], _MAX_ENTRIES
    while waiting and left > 0:
        folder = waiting.pop()
        for name in context.list(folder):
            path, left = posixpath.join(folder, name), left - 1
            if name.endswith(".jar"):
                yield name
            elif name == "pom.xml" or name.endswith(_MANIFESTS):
                yield context.read_text(path) or ""
            elif name not in _SKIPPED and "." not in name:
                waiting.append(path)


def _check_start(plan: Plan) -> None:
    """Refuse what wants a shell or other programs; clear distroless's entry point where only CMD says what starts."""
    stage = plan.stage
    check_without_shell(plan)
    words = plan.java_words()
    if not words or posixpath.dirname(words[0]) not in ("", "/usr/bin"):
        raise refused(plan, "program", program=words[0] if words else "sh")
    if stage.last("ENTRYPOINT") is None:
        plan.layout.products.append("ENTRYPOINT []")
        plan.layout.new_entrypoint = True
        plan.layout.step("entrypoint-cleared")
