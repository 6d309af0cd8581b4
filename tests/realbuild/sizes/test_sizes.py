"""Estimates beside real builds: a few of the cases, one of each kind; `measure.py` does them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.realbuild.docker import Docker, Unavailable
from tests.realbuild.sizes.measure import cases, measure

pytestmark = pytest.mark.realbuild

NAMES = ["static-site", "scratch-files", "python-fastapi", "python-venv-stages", "apt-purge-in-time", "node-prune"]


@pytest.mark.parametrize("name", NAMES)
def test_the_estimate_is_near_what_is_built(name: str, docker: Docker, cache: Path) -> None:
    try:
        found = measure(name, cases()[name], docker, cache / "work")
    except Unavailable as reason:
        pytest.skip(str(reason))
    built, guess = found["built"], found["estimate"]
    assert abs(guess["bytes"] - built) <= 0.05 * built
    assert guess["low"] <= built <= guess["high"]
    for line in found["lines"]:
        assert line["low"] <= line["built"] <= line["high"], line["text"]
