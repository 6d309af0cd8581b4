"""Tags that Docker's official images once had: how they are read from lists, and what the committed table holds."""

from __future__ import annotations

import re

import pytest

from slimstage.context import DictContext
from slimstage.features.explain import explain
from slimstage.knowledge import KnowledgeBase, load
from slimstage.knowledge.retired import Retired, RetiredTable, write_table
from slimstage.knowledge.retired_tags import REPOSITORIES, listed, retired
from slimstage.knowledge.store import data_folder
from slimstage.model import Model
from slimstage.model.python import base_facts
from slimstage.rewrites import Conversion, plan
from slimstage.syntax import parse

TABLE = (data_folder() / "images" / "retired.table").read_text(encoding="utf-8")
RELEASES = set("wheezy jessie stretch buster bullseye bookworm trixie xenial bionic focal jammy noble resolute".split())
OLD = """Maintainers: somebody

Tags: 1.0.0-bullseye, 1.0-bullseye,
 1-bullseye
SharedTags: 1.0.0, 1.0, 1, latest
Directory: 1.0

Tags: 1.0.0-slim-bullseye, 1.0.0-slim
Directory: 1.0/slim

Tags: 1.0.0-alpine3.15, 1.0.0-alpine
Directory: 1.0/alpine

Tags: 1.0.0-windowsservercore
SharedTags: 1.0.0, 1.0-shared
Constraints: windowsservercore

Tags: 1.1-rc-bullseye, 1.1-rc
Directory: rc
"""
NEW = "Tags: 2.0.0-bookworm, 2.0-bookworm\nSharedTags: 2.0.0, 2.0, 1.0, latest\n"


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load()


def test_a_group_is_one_image() -> None:
    groups = list(listed(OLD))
    assert groups[0] == ("1.0.0-bullseye", "1.0-bullseye", "1-bullseye", "1.0.0", "1.0", "1", "latest")
    assert all("windowsservercore" not in tag for group in groups for tag in group)


def test_what_the_last_list_lacks_is_retired() -> None:
    found = retired(iter([("2022-01-01", OLD), ("2023-07-01", NEW)]))
    debian = dict.fromkeys(("1.0.0", "1", "1.0.0-slim"), Retired("2022-01-01", "bullseye"))
    assert found == {**debian, "1.0.0-alpine": Retired("2022-01-01", "3.15")}
    assert retired(iter([("2023-07-01", NEW)])) == {}
    later = NEW.replace("2.0.0, 2.0, 1.0, ", "3.0, ")
    assert retired(iter([("2022-01-01", OLD), ("2023-07-01", NEW), ("2024-01-01", later)]))["1.0"] == Retired(
        "2023-07-01", "bookworm"
    )


def test_the_table_is_as_it_would_be_written() -> None:
    table = RetiredTable(TABLE)
    assert table.repositories() == sorted(REPOSITORIES)
    rows = {name: {tag: table.find(name, tag) for tag in table.tags(name)} for name in table.repositories()}
    assert write_table(TABLE.splitlines()[:1], rows) == TABLE  # type: ignore[arg-type]


def test_no_row_speaks_of_a_tag_that_is_still_built(kb: KnowledgeBase) -> None:
    table = RetiredTable(TABLE)
    for repository in table.repositories():
        current = {tag for group in kb.official_tags(repository) for tag in group}
        for tag in table.tags(repository):
            found = table.find(repository, tag)
            assert (
                found is not None
                and (found.release in RELEASES or re.fullmatch(r"3\.\d+", found.release))
                and tag not in current
            ), tag
            assert re.fullmatch(r"20[12]\d-\d\d-\d\d", found.date)
            assert ("alpine" in tag) is (found.release not in RELEASES), tag


@pytest.mark.parametrize(
    ("image", "release"),
    [
        ("python:3.10.4", "bullseye"),
        ("python:3.11.4-slim", "bookworm"),
        ("docker.io/library/rust:1.80", "bookworm"),
        ("rust:1.90", "trixie"),
        ("golang:1.16", "bullseye"),
        ("python:3.10.4-slim-buster", "buster"),
        ("python:3.99.1", None),
        ("python:3.10.4-alpine", "3.16"),
    ],
)
def test_a_base_is_known_by_its_release(kb: KnowledgeBase, image: str, release: str | None) -> None:
    stage = Model(parse(f"FROM {image}\n"), kb).stages[0]
    assert base_facts(stage, kb).release == release


def test_hover_and_explain_tell_it(kb: KnowledgeBase) -> None:
    page = explain(kb, "python:3.10.4", "en")
    assert page is not None and "no longer: its list last had the tag on 2022-06-01, on bullseye" in page
    assert "debian bullseye" in page and "debian trixie" not in page
    assert "2022-06-01" in (explain(kb, "python:3.10.4", "ko") or "")
    assert "no longer" not in (explain(kb, "python:3.14", "en") or "no longer")


def test_a_program_ships_on_the_release_it_was_built_on(kb: KnowledgeBase) -> None:
    text = 'FROM rust:1.80\nWORKDIR /app\nCOPY . .\nRUN cargo build --release\nCMD ["./target/release/a"]\n'
    package = '[package]\nname = "a"\nversion = "0.1.0"\n'
    lock = f"version = 3\n[{package}".replace("[[package]", "[[package]]")
    files = {"Cargo.toml": package, "Cargo.lock": lock, "src/main.rs": "fn main() {}\n"}
    found = plan(Model(parse(text), kb, DictContext(files)))
    assert isinstance(found, Conversion), found
    assert "\nFROM debian:bookworm-slim\n" in found.text
