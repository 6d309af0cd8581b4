"""Image references."""

from __future__ import annotations

import pytest

from slimstage.knowledge import load
from slimstage.model import Model
from slimstage.model.images import parse_image
from slimstage.model.python import base_facts
from slimstage.syntax import parse

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("raw", "repository", "tag", "digest"),
    [
        ("python", "python", None, None),
        ("python:3.11-slim", "python", "3.11-slim", None),
        (f"python@{DIGEST}", "python", None, DIGEST),
        (f"python:3.11@{DIGEST}", "python", "3.11", DIGEST),
        ("docker.io/library/python:3", "python", "3", None),
        ("library/python", "python", None, None),
        ("bitnami/node", "bitnami/node", None, None),
        ("ghcr.io/a/b:1", "ghcr.io/a/b", "1", None),
        ("localhost:5000/app:dev", "localhost:5000/app", "dev", None),
        ("Registry.Example.COM/app", "Registry.Example.COM/app", None, None),
    ],
)
def test_parsed(raw: str, repository: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(raw)
    assert image is not None
    assert (image.repository, image.tag, image.digest) == (repository, tag, digest)


@pytest.mark.parametrize("raw", ["", "Python", "python:", "a b", "python:3:4", "python@sha256:1", "-x", "a//b", "a/B"])
def test_refused(raw: str) -> None:
    assert parse_image(raw) is None


def test_a_long_name_is_read_at_once() -> None:
    assert parse_image("a-" * 20_000 + "!") is None


@pytest.mark.parametrize(
    ("image", "release", "libc"),
    [
        ("php:8.4", "trixie", "glibc"),
        ("php:8.2", "trixie", "glibc"),  # by another name of the same image
        ("php:8.3-alpine", "3.24", "musl"),
        ("php:8.2-cli-bookworm", "bookworm", "glibc"),
        ("php:7.4-apache", "bullseye", "glibc"),  # no tag of today's list says what it stands on, an old list does
        ("ruby:latest", "trixie", "glibc"),
        ("ruby:2.7-alpine3.15", "3.15", "musl"),
    ],
)
def test_the_release_below_an_image(image: str, release: str | None, libc: str) -> None:
    stage = Model(parse(f"FROM {image}\n"), load(), None).stages[0]
    facts = base_facts(stage, load())
    assert (facts.release, facts.libc) == (release, libc)
