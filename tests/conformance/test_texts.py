"""Our own texts: BuildKit's parser and ours read each the same way, or BuildKit rejects it and we say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimstage.syntax import parse

from . import oracle

TEXTS = sorted((Path(__file__).parent / "texts").glob("*.Dockerfile"))
REJECTED = sorted((Path(__file__).parent / "rejected").glob("*.Dockerfile"))


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def test_there_are_texts() -> None:
    assert len(TEXTS) >= 30
    assert len(REJECTED) >= 10


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_reads_as_buildkit_does(path: Path) -> None:
    text = read(path)
    assert oracle.slimstage(text) == oracle.buildkit(text)


@pytest.mark.parametrize("path", [*TEXTS, *REJECTED], ids=lambda path: path.stem)
def test_tokens_are_the_text(path: Path) -> None:
    text = read(path)
    assert "".join(parse(text).tokens()) == text


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_what_buildkit_rejects_has_a_problem(path: Path) -> None:
    """A rejected text is named after the fault: `<code>.Dockerfile` or `<code>.<variant>.Dockerfile`."""
    text = read(path)
    assert isinstance(oracle.buildkit(text), str)
    assert path.name.split(".")[0] in oracle.problems(text)
