"""Helpers of the lowest room."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

import slimstage
from slimstage.text import close_matches, lazy_pattern

# Their libraries are extras, or they read the machine's own settings when imported.
_EDGES = ("slimstage.lsp", "slimstage.mcp", "slimstage.online", "slimstage.__main__")


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    made = type(lazy_pattern(""))
    for module in pkgutil.walk_packages(slimstage.__path__, "slimstage."):
        if not module.name.startswith(_EDGES):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, made):
                    yield f"{module.name}.{name}", value


def test_every_pattern_can_be_compiled() -> None:
    patterns = dict(_patterns())
    assert len(patterns) > 50
    for name, pattern in patterns.items():
        assert isinstance(pattern.pattern, str), name


def test_a_lazy_pattern_is_a_pattern_in_use() -> None:
    pattern = lazy_pattern(r"(?P<word>[a-z]+)", re.IGNORECASE)
    found = pattern.search("1 Word")
    assert found is not None
    assert found["word"] == "Word"
    assert pattern.sub("x", "A1b") == "x1x"
    assert pattern.flags & re.IGNORECASE


def test_a_faulty_pattern_raises_when_used() -> None:
    pattern = lazy_pattern("(")
    with pytest.raises(re.error):
        pattern.match("")


def test_close_matches_are_best_first_and_empty_when_none_is_near() -> None:
    assert close_matches("biulder", ["runner", "builder", "build"], 2) == ["builder", "build"]
    assert close_matches("qqq", ["builder"]) == []
