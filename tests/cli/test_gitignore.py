from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from slimstage.cli.gitignore import IgnoreFile, IgnoreRules

FILES = [
    "Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "a/b/c/Dockerfile", "build/Dockerfile", "x/build/Dockerfile",
    "docs/Dockerfile.dev", "docs/Dockerfile.prod", "foo[1]/Dockerfile", "foo1/Dockerfile", "sp ace/Dockerfile",
    "#hash/Dockerfile", "!bang/Dockerfile", "deep/one/two/Dockerfile", "abc/def/Dockerfile", "Dockerfile.old",
]  # fmt: skip

CASES = [
    "", "build", "build/", "/build", "a/", "/a/b", "a/b", "**/b", "a/**", "a/**/c", "*.dev", "Dockerfile.*",
    "Dockerfile*\n!Dockerfile", "*\n!*/\n!Dockerfile.prod", "a/*\n!a/b", "# build", "\\#hash", "\\!bang", "foo[1]",
    "foo\\[1\\]", "foo[!2-9]", "sp ace/", "build   ", "build\\ ", "?/Dockerfile", "**/Dockerfile", "/**/def",
    "docs/Dockerfile.[dp]*", "deep/**/Dockerfile", "**", "/", "!Dockerfile", "a*c", "one/two", "/*/b",
]  # fmt: skip


def kept_by_us(root: Path) -> set[str]:
    kept = set()

    def walk(folder: str, rules: IgnoreRules) -> None:
        for entry in os.scandir(folder):
            if entry.name == ".git" or rules.ignores(entry.path, entry.is_dir()):
                continue
            if entry.is_dir():
                walk(entry.path, rules.below(entry.path))
            else:
                kept.add(os.path.relpath(entry.path, root).replace(os.sep, "/"))

    walk(str(root), IgnoreRules.at(str(root)))
    return kept - {".gitignore", "docs/.gitignore"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is the oracle of these tests, and it is not installed")
    root = tmp_path_factory.mktemp("ignored")
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("FROM scratch\n")
    (root / "docs" / ".gitignore").write_text("*.prod\n")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@pytest.mark.parametrize("patterns", CASES)
def test_git_ignores_the_same_files(tree: Path, patterns: str) -> None:
    (tree / ".gitignore").write_text(patterns + "\n")
    listed = subprocess.run(
        ["git", "-c", "core.quotePath=off", "-c", "core.excludesFile=", "ls-files", "--others", "--exclude-standard",
         "-z"],
        cwd=tree, capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = {name for name in listed.stdout.split("\0") if name} - {".gitignore", "docs/.gitignore"}
    assert kept_by_us(tree) == theirs


def test_a_pattern_without_a_match_says_nothing() -> None:
    assert IgnoreFile("build/\n").verdict("src", is_folder=True) is None


def test_without_a_repository_the_folders_above_do_not_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    below = tmp_path / "below"
    below.mkdir()
    assert not IgnoreRules.at(str(below)).ignores(str(below / "Dockerfile"), is_folder=False)
