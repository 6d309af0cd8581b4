"""Sizes of trees: links, loops, ignore rules, a bound on the work."""

from __future__ import annotations

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
