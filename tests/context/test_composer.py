"""composer.json and composer.lock: sections, scripts, and what development packages bring."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slimstage.context import DictContext
from slimstage.context.composer import development_namespaces, read_composer_json


def locked(*rows: dict[str, Any]) -> DictContext:
    return DictContext({"composer.lock": json.dumps({"packages": [], "packages-dev": list(rows)})})


def test_manifest() -> None:
    text = json.dumps(
        {
            "require": {"php": "^8.2", "psr/log": "*"},
            "require-dev": {"phpunit/phpunit": "^11"},
            "scripts": {"post-install-cmd": ["a", "b"], "test": "phpunit", "auto-scripts": {"cache:clear": "x"}},
        }
    )
    found = read_composer_json(DictContext({"composer.json": text}))
    assert found is not None
    assert found.require == ("php", "psr/log")
    assert found.require_dev == ("phpunit/phpunit",)
    assert found.scripts == {"post-install-cmd": ("a", "b"), "test": ("phpunit",), "auto-scripts": ("cache:clear",)}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"require": [], "scripts": 3}'])
def test_broken_manifest(text: str) -> None:
    found = read_composer_json(DictContext({"composer.json": text}))
    assert found is None or (found.require, found.scripts) == ((), {})


def test_development_namespaces() -> None:
    mockery = {"name": "mockery/mockery", "autoload": {"psr-4": {"Mockery\\": "library"}}}
    phpunit = {"name": "phpunit/phpunit", "autoload": {"classmap": ["src/"]}}
    assert development_namespaces(locked(mockery, phpunit)) == ("Mockery", "PHPUnit")
    assert development_namespaces(locked()) == ()


@pytest.mark.parametrize(
    "row",
    [
        {"name": "a/plugin", "type": "composer-plugin", "autoload": {"psr-4": {"A\\": "src"}}},
        {"name": "a/functions", "autoload": {"psr-4": {"A\\": "src"}, "files": ["x.php"]}},
        {"name": "a/listed", "autoload": {"classmap": ["src/"]}},
        {"name": "a/anywhere", "autoload": {"psr-4": {"": "src"}}},
        {"name": "a/nothing"},
    ],
)
def test_what_does_not_say_what_it_brings(row: dict[str, Any]) -> None:
    assert development_namespaces(locked(row)) is None


def test_no_lock() -> None:
    assert development_namespaces(DictContext({})) is None
    assert development_namespaces(DictContext({"composer.lock": "{}"})) is None
