"""Alpine's table: made from an index, and what the shipped one says."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import yaml

from slimstage.knowledge import load
from slimstage.knowledge.alpine import Index, main

INDEX = """P:tool
V:1-r0
S:100
I:2000
D:so:libone.so.1 lib-two>=2 !tool-old

P:lib-one
V:1-r0
S:10
I:300
p:so:libone.so.1=1.0

P:lib-two
V:2-r0
S:20
I:400
D:lib-two-data=2-r0 tool

P:lib-two-data
V:2-r0
S:30
I:500

P:tool-extra
V:1-r0
S:1
I:2
i:tool=1-r0 lib-one

P:tool-doc
V:1-r0
S:1
I:2
i:docs tool

P:db16
V:16-r0
S:1
I:16
k:16
p:db

P:db17
V:17-r0
S:1
I:17
k:17
p:db
"""


def test_dependencies_become_package_names() -> None:
    index = Index(INDEX)
    assert index.names("tool", "D") == ["lib-one", "lib-two"]
    assert index.closure(["tool"]) == ["lib-one", "lib-two", "lib-two-data", "tool", "tool-extra"]
    assert index.real("db") == "db17"
    assert index.real("nothing") is None


def test_the_table_is_made_anew_from_an_index(tmp_path: Path) -> None:
    path = tmp_path / "APKINDEX"
    path.write_text(INDEX)
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["3.99", "2026-01-02", str(path), "tool", "db"]) == 0
    (row,) = yaml.safe_load(printed.getvalue()).values()
    assert row["aliases"] == {"db": "db17"}
    assert row["packages"]["tool"] == {"installed": 2000, "archive": 100, "needs": ["lib-one", "lib-two"]}
    assert row["packages"]["tool-extra"]["when"] == ["tool", "lib-one"]
    assert "tool-doc" not in row["packages"]


def test_every_name_of_the_shipped_table_is_in_it() -> None:
    table = load().alpine
    assert table is not None
    assert (table.release, len(table.base)) == ("3.22", 16)
    for name, package in table.packages.items():
        assert {*package.needs, *package.when} <= set(table.packages), name
    assert set(table.aliases.values()) | table.base <= set(table.packages)
    common = (
        "build-base gcc musl-dev linux-headers libffi-dev openssl-dev postgresql-dev libpq python3 nodejs curl git bash"
    )
    for name in [*common.split(), "tzdata", "ca-certificates", "nginx"]:
        assert table.real(name) is not None, name


def test_images_hold_packages_of_the_table() -> None:
    knowledge = load()
    table = knowledge.alpine
    assert table is not None
    for image in ("alpine", "golang", "node", "php", "python", "rust"):
        names = knowledge.alpine_image(image)
        assert names is not None
        assert [name for name in names if table.real(name) is None] == [], image
    assert knowledge.alpine_image("somebody/else") is None
