"""The knowledge base: look-ups over the records, and the loader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from slimstage.knowledge.records import (
    BaseImage,
    Concept,
    DirectiveDoc,
    ImageMatch,
    InstructionDoc,
    MountDoc,
    Pattern,
    PythonPackage,
    RuleDoc,
    SeedRow,
    Source,
    SystemPackage,
    Text,
    VariableDoc,
)


class KnowledgeBase:
    """All records, by id. Immutable after loading; records are built on first use of their kind."""

    concepts: Mapping[str, Concept]
    patterns: Mapping[str, Pattern]
    seed: Mapping[int, SeedRow]
    instructions: Mapping[str, InstructionDoc]  # by upper-case keyword
    mounts: Mapping[str, MountDoc]  # by type
    directives: Mapping[str, DirectiveDoc]
    variables: Mapping[str, VariableDoc]
    images: Mapping[str, BaseImage]  # by "repository:tag"
    system_packages: Mapping[tuple[str, str], SystemPackage]  # by (manager, name)
    python_packages: Mapping[str, PythonPackage]  # by normalised name (PEP 503)
    rules: Mapping[str, RuleDoc]
    sources: Mapping[str, Source]
    messages: Mapping[str, Text]  # all of knowledge/messages/*.yaml, keys like "hover.stage.ships"

    def text(self, key: str, lang: str, /, **args: Any) -> str:
        """The user-visible text of `messages[key]`, filled in; the key itself when it is missing (a test forbids that)."""
        raise NotImplementedError

    def rule_message(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """A rule's message, filled in."""
        raise NotImplementedError

    def fix_title(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """A fix's title, filled in."""
        raise NotImplementedError

    def related_label(self, rule: str, key: str, lang: str, args: Mapping[str, Any]) -> str:
        """The text of a related place, filled in."""
        raise NotImplementedError

    def image(self, repository: str, tag: str | None) -> ImageMatch | None:
        """The base image of that name: exact (aliases included), else the nearest known relative, else None."""
        raise NotImplementedError

    def system_package(self, manager: str, name: str) -> SystemPackage | None:
        """What is known of a package ("name", "name=1.2", "name:arch" alike); derives role "dev" for an unknown `-dev`."""
        raise NotImplementedError

    def twins(self, manager: str, name: str, release: str | None) -> tuple[str, ...]:
        """The run-time packages that stand for a -dev package in a release; empty when unknown."""
        raise NotImplementedError

    def python_package(self, name: str) -> PythonPackage | None:
        """A PyPI package by any spelling of its name."""
        raise NotImplementedError

    def topics(self) -> Sequence[str]:
        """Every id that `explain` takes, for completion and did-you-mean."""
        raise NotImplementedError


def load(extra: Sequence[Path] = ()) -> KnowledgeBase:
    """The shipped knowledge with users' own files on top. Raises `KnowledgeError` naming file and place of a fault."""
    raise NotImplementedError
