"""Every file of `knowledge/`: its shape, its figures' provenance, both languages, links that lead somewhere."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from slimstage.features.explain import explain
from slimstage.knowledge import Claim, KnowledgeBase, Text, load
from slimstage.knowledge.store import KINDS, data_folder, doubled_keys, files_of, parse_file
from slimstage.syntax import parse

FOLDER = data_folder()
SCHEMAS = FOLDER / "schema"
FILES = [(kind, path) for kind in KINDS for path in files_of(kind, FOLDER)]
COLLECTIONS = (
    "sources concepts patterns seed instructions mounts directives variables images system_packages "
    "python_packages rules messages"
).split()
# Summaries that may be missing: a package's name can say enough. Empty in both languages or in none.
MAY_BE_EMPTY = {"summary", "now", "note", "label"}


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load()


def schema(kind: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))


def retrieve(uri: str) -> Resource[Any]:
    return Resource.from_contents(json.loads((SCHEMAS / uri).read_text(encoding="utf-8")))


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside a record, with where it is."""
    yield path, value
    if isinstance(value, Text):
        return
    if hasattr(value, "_asdict"):
        for name, item in value._asdict().items():
            yield from walk(item, f"{path}.{name}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}[{index}]")


def records(kb: KnowledgeBase) -> Iterator[tuple[str, Any]]:
    for name in COLLECTIONS:
        collection = getattr(kb, name)
        for key in collection:
            yield from walk(collection[key], f"{name}[{key}]")


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[f"{kind}-{path.stem}" for kind, path in FILES])
def test_file_has_the_shape_of_its_kind(kind: str, path: Path) -> None:
    validator = Draft202012Validator(schema(kind), registry=Registry(retrieve=retrieve))
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}"
        for fault in validator.iter_errors(parse_file(path))
    ]
    assert not faults
    assert not list(doubled_keys(path))


def test_every_kind_has_a_schema() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {*KINDS, "common"}


def test_every_figure_has_basis_known_source_and_date(kb: KnowledgeBase) -> None:
    claims = [(where, value) for where, value in records(kb) if isinstance(value, Claim)]
    assert len(claims) > 100
    for where, claim in claims:
        assert claim.source in kb.sources, where
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", claim.date), where
        assert claim.basis and claim.unit, where


def test_every_text_is_there_in_both_languages(kb: KnowledgeBase) -> None:
    for where, value in records(kb):
        if isinstance(value, Text):
            filled = (bool(value.en.strip()), bool(value.ko.strip()))
            optional = where.rpartition(".")[2] in MAY_BE_EMPTY
            assert filled == (True, True) or (optional and filled == (False, False)), where


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_placeholders_are_the_same_in_both_languages(kb: KnowledgeBase) -> None:
    filled_in = {f"message {key}": text for key, text in kb.messages.items()}
    for rule in kb.rules.values():
        for part in ("messages", "fixes", "labels"):
            filled_in.update({f"{rule.id} {part} {key}": text for key, text in getattr(rule, part).items()})
    for where, text in filled_in.items():
        assert placeholders(text.en) == placeholders(text.ko), where


def test_every_see_link_leads_somewhere(kb: KnowledgeBase) -> None:
    dead = []
    for name in ("concepts", "patterns", "seed", "instructions", "rules"):
        collection = getattr(kb, name)
        for key in collection:
            dead.extend(
                f"{name}[{key}] -> {topic}" for topic in collection[key].see if explain(kb, topic, "en") is None
            )
    assert not dead


def test_every_slimmer_variant_is_known(kb: KnowledgeBase) -> None:
    for reference, image in kb.images.items():
        for other in image.slimmer:
            repository, _, tag = other.rpartition(":")
            assert kb.image(repository, tag) is not None, f"{reference} -> {other}"


def test_patterns_dockerfiles_are_sound(kb: KnowledgeBase) -> None:
    for pattern in kb.patterns.values():
        for text in (pattern.before, pattern.after):
            assert not [item for item in parse(text).items if item.problems], pattern.id
        stages = pattern.after.count("FROM ")
        assert stages == (1 if pattern.id == "python-drop-build-tools" else 2), pattern.id
        assert pattern.before.count("FROM ") == 1, pattern.id


def test_all_statements_of_the_seed_are_there(kb: KnowledgeBase) -> None:
    assert list(kb.seed) == list(range(1, 27))


@pytest.mark.parametrize("number", [6, 16, 19, 21, 22, 24])
def test_documented_and_measured_figures_stand_side_by_side(kb: KnowledgeBase, number: int) -> None:
    assert {claim.basis for claim in kb.seed[number].claims} >= {"documented", "measured"}


def test_ids_are_the_files_names(kb: KnowledgeBase) -> None:
    for name in ("concepts", "patterns", "rules"):
        for key, record in getattr(kb, name).items():
            assert record.id == key
            assert (FOLDER / name / f"{key}.yaml").is_file()
