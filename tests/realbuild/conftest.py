"""Fixtures of the tier that builds for real. It skips with a reason where the machine cannot."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimstage.knowledge import KnowledgeBase, load
from tests.realbuild import bases
from tests.realbuild.docker import Docker, Unavailable, find


@pytest.fixture(scope="session")
def started() -> float:
    """When the tier began, on the monotonic clock."""
    return time.monotonic()


@pytest.fixture(autouse=True)
def _within_time(request: pytest.FixtureRequest, started: float) -> None:
    """Skips what begins after `SLIMSTAGE_REALBUILD_MINUTES`, so that a slow machine reports what it has done."""
    minutes = float(os.environ.get("SLIMSTAGE_REALBUILD_MINUTES", "inf"))
    if request.node.get_closest_marker("realbuild") and time.monotonic() - started > 60 * minutes:
        pytest.skip(f"realbuild: the {minutes:g} minutes of SLIMSTAGE_REALBUILD_MINUTES are over")


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where tree, bases and results are kept between runs: outside of the repository, one folder per recipes."""
    root = os.environ.get("SLIMSTAGE_REALBUILD", str(Path.home() / ".cache/slimstage-realbuild"))
    folder = Path(root) / bases.key()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def docker(cache: Path) -> Iterator[Docker]:
    """A daemon, ours or the one that DOCKER_HOST names."""
    try:
        found = find(cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    yield found
    found.stop()


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    """The knowledge base as shipped."""
    return load()
