"""Comments that silence findings: ours, and those of the linters a file may come from.

The comments of hadolint (README, 2.15), Docker's build checks (docs.docker.com/build/checks, 2026-11), tally (0.45) and
dockerfile-utils. Theirs hold for the next instruction even when comments or blank lines lie between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.rules import ALL_RULES
from slimstage.rules.base import Finding
from slimstage.syntax.nodes import Comment, Directive, Dockerfile, Instruction
from slimstage.text import lazy_pattern

_IGNORE = lazy_pattern(r"(hadolint|tally|slimstage)\s+(?:(global|stage)\s+)?ignore\s*=\s*([^#;]*)", re.IGNORECASE)
_CHECK = lazy_pattern(r"check\s*=\s*(.*)", re.IGNORECASE)
_UTILS = lazy_pattern(r"dockerfile-utils:\s*ignore\s*", re.IGNORECASE)
# What BuildKit calls its checks: UndefinedVar, JSONArgsRecommended.
_BUILDKIT_NAME = lazy_pattern(r"[A-Z]+[a-z]+[A-Z][A-Za-z]*")
_ALL, _ALL_CHECKS = "all", "all checks of BuildKit"
_ALIASES = {rule.id: rule.aliases for rule in ALL_RULES}


class Suppressions:
    """What the comments of one file silence."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._global: set[str] = set()
        self._by_item: dict[int, set[str]] = {}
        pending: set[str] = set()
        pending_stage: set[str] = set()
        stage: set[str] = set()
        for item in dockerfile.items:
            if isinstance(item, Instruction):
                if item.keyword == "FROM":
                    stage, pending_stage = pending_stage, set()
                if pending or stage:
                    self._by_item[id(item)] = pending | stage
                    pending = set()
            elif isinstance(item, Comment):
                content = item.content
                if "ignore" not in content and "check" not in content:
                    continue
                scope, names = _comment(content)
                if scope == "global":
                    self._global |= names
                elif scope == "stage":
                    pending_stage |= names
                else:
                    pending |= names
            elif isinstance(item, Directive) and item.name == "check":
                self._global |= _check(item.value)

    def silences(self, finding: Finding) -> bool:
        """Whether a comment asks not to report this finding, by its rule's id or another tool's name for it."""
        if not self._global and not self._by_item:
            return False
        asked = self._by_item.get(id(finding.place.item), set()) | self._global
        if not asked:
            return False
        if _ALL in asked or finding.rule in asked:
            return True
        aliases = finding.aliases or _ALIASES.get(finding.rule, ())
        if _ALL_CHECKS in asked and any(_BUILDKIT_NAME.fullmatch(alias) for alias in aliases):
            return True
        return not asked.isdisjoint(_plain(alias) for alias in aliases)


def _comment(content: str) -> tuple[str, set[str]]:
    """The scope of a comment ("global", "stage" or "" for the next instruction) and the names it silences."""
    match = _IGNORE.match(content)
    if match is not None:
        tool, scope, names = match.groups()
        found = set(_names(names.split(",")))
        if tool.lower() != "slimstage":
            found.discard(_ALL)
        return (scope or "").lower(), found
    match = _CHECK.match(content)
    if match is not None:
        return "", _check(match[1])
    return "", {_ALL} if _UTILS.fullmatch(content) else set()


def _check(value: str) -> set[str]:
    """The names after `skip=` of a check directive: `skip=A,B;error=true // reason`."""
    for option in value.partition("//")[0].split(";"):
        key, _, names = option.partition("=")
        if key.strip().lower() == "skip":
            found = set(_names(names.split(",")))
            return {_ALL_CHECKS} if _ALL in found else found
    return set()


def _names(parts: Iterable[str]) -> Iterable[str]:
    return (_plain(part.split()[0]) for part in parts if part.strip())


def _plain(name: str) -> str:
    """A name without its tool, in lower case: tools differ in both."""
    return name.lower().rpartition("/")[2]
