"""Image references."""

from __future__ import annotations

import pytest

from slimstage.model.images import parse_image

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
