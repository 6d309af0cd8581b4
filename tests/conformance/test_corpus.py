"""Every Dockerfile of the repositories below SLIMSTAGE_CORPUS, read by BuildKit's parser and by ours.

    SLIMSTAGE_CORPUS=<folder of checkouts> pytest tests/conformance -m corpus -s

prints the figures of README.md. The folder holds one folder a repository, called owner+name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimstage.syntax import parse

from . import oracle

#: Texts on which the two readings differ, and why that is right; relative to the corpus.
_TRAILING = "since July 2024 BuildKit takes no JSON list with text behind it; the bound, older parser drops that text"
_TEMPLATES = "dotnet+dotnet-docker/eng/dockerfile-templates"
EXPECTED = {
    f"{_TEMPLATES}/aspnet/Dockerfile.linux-composite": _TRAILING,
    f"{_TEMPLATES}/runtime/Dockerfile.linux": _TRAILING,
    "moby+buildkit/frontend/dockerfile/parser/testfiles/json/Dockerfile": (
        "the Python binding cuts an argument at a NUL character, which \\u0000 stands for here"
    ),
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not os.environ.get("SLIMSTAGE_CORPUS"), reason="SLIMSTAGE_CORPUS names no folder of fetched repositories"
    ),
]


def dockerfiles(root: Path) -> Iterator[Path]:
    """The files below `root` that are Dockerfiles by their name; templates count, other languages do not."""
    for path in sorted(root.rglob("*")):
        name = path.name.lower()
        by_name = name.startswith(("dockerfile", "containerfile")) or name.endswith((".dockerfile", ".containerfile"))
        if (
            by_name
            and path.suffix.lower() not in {".go", ".md", ".yml", ".yaml", ".json", ".py", ".sh"}
            and path.is_file()
        ):
            yield path


def test_reads_as_buildkit_does() -> None:
    root = Path(os.environ["SLIMSTAGE_CORPUS"])
    counts: dict[str, Counter[str]] = {}
    rejected, disagreements = [], []
    for path in dockerfiles(root):
        name = path.relative_to(root).as_posix()
        count = counts.setdefault(name.split("/")[0], Counter())
        text = path.read_bytes().decode("utf-8", errors="replace")
        assert "".join(parse(text).tokens()) == text, name
        theirs = oracle.buildkit(text)
        count["files"] += 1
        if isinstance(theirs, str):
            count["rejected"] += 1
            message = theirs.splitlines()[-1]
            rejected.append((name, message, sorted(oracle.problems(text))))
        elif theirs == oracle.slimstage(text):
            count["same"] += 1
            count["instructions"] += len(theirs)
        else:
            count["different"] += 1
            disagreements.append(name)
    for repository, count in sorted(counts.items()):
        print(f"| {repository} | {count['files']} | {count['instructions']} | {count['same']} | {count['rejected']} |")
    for row in rejected:
        print(*row, sep=" | ")
    for name in disagreements:
        print(name, EXPECTED.get(name, "NO REASON KNOWN"), sep=": ")
    assert not [name for name in disagreements if name not in EXPECTED]
    silent = [name for name, message, found in rejected if not found and "no instructions" not in message]
    assert not silent, "BuildKit rejects these and we see no fault"
