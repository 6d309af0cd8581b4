"""Sizes of trees: links, loops, ignore rules, a bound on the work."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from slimstage.context import DictContext, FileTree, folder
from slimstage.context.folder import FolderContext
from slimstage.context.ignore import visible_context


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/one").write_bytes(b"x" * 10)
    (tmp_path / "a/b/two").write_bytes(b"x" * 200)
    (tmp_path / "top").write_bytes(b"x" * 3000)
    return tmp_path


def test_files_below_a_path_are_summed(root: Path) -> None:
    context = FolderContext(root)
    assert context.tree() == FileTree(3210, 3)
    assert context.tree("a") == FileTree(210, 2)
    assert context.tree("/a/b/") == FileTree(200, 1)
    assert context.tree("top") == FileTree(3000, 1)
    assert context.tree("nowhere") is None


def test_a_loop_of_links_ends_and_a_link_out_is_not_followed(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "big").write_bytes(b"x" * 99_999)
    (root / "a/loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    found = FolderContext(root).tree()
    assert found is not None
    assert found.complete
    assert 3210 <= found.bytes < 3210 + 500  # links count as themselves
    assert FolderContext(root).tree("out") is None


def test_too_many_files_make_it_a_lower_bound(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_FILES", 2)
    found = FolderContext(root).tree()
    assert found is not None
    assert not found.complete
    assert found.files <= 2


@pytest.mark.parametrize("real", [True, False])
def test_ignored_files_do_not_count(root: Path, real: bool) -> None:
    (root / ".dockerignore").write_text("a\n!a/b\n.dockerignore\n")
    files = {"a/one": "x" * 10, "a/b/two": "x" * 200, "top": "x" * 3000, ".dockerignore": "a\n!a/b\n.dockerignore\n"}
    seen = visible_context(FolderContext(root) if real else DictContext(files))
    assert seen is not None
    assert seen.tree() == FileTree(3200, 2)
    assert seen.tree("a") == FileTree(200, 1)
    assert seen.tree("a/one") is None


def test_what_a_gzip_file_unpacks_to(tmp_path: Path) -> None:
    content = b"".join(b"%d" % number for number in range(20_000))
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(content))
    (tmp_path / "several.tar.gz").write_bytes(gzip.compress(os.urandom(50_000)) + gzip.compress(b"end"))
    (tmp_path / "short.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "other.tar.gz").write_bytes(b"PK" + bytes(100))
    context = FolderContext(tmp_path)
    assert context.unpacked("a.tar.gz") == len(content)
    for name in ("several.tar.gz", "short.gz", "other.tar.gz", "missing", "", "../a.tar.gz/x"):
        assert context.unpacked(name) is None, name
    assert DictContext({"a.gz": "x"}).unpacked("a.gz") is None
