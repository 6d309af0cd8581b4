"""untagged-base-image and latest-base-image."""

import pytest

from slimstage.rules.untagged_base_image import current_tag
from tests.rules.marking import analyse, findings, fires, fixed, knowledge, silent

RULE = "untagged-base-image"


def test_fires() -> None:
    fires(RULE, "FROM --platform=linux/amd64 <<python>> AS b\nFROM <<ghcr.io:443/a/b>>\nFROM b\n")


def test_the_fix_writes_what_latest_means() -> None:
    tag = current_tag(knowledge(), "python")
    assert tag is not None
    assert fixed(RULE, "FROM python \\\r\n  AS b\r\n") == f"FROM python:{tag} \\\r\n  AS b\r\n"
    group = next(tags for tags in knowledge().official_tags("python") if "latest" in tags)
    assert tag in group and tag.count(".") == 1


def test_no_fix_for_what_we_do_not_know() -> None:
    assert findings(analyse("FROM ghcr.io/a/b\n"), RULE)[0].fixes == ()


@pytest.mark.parametrize(
    "text",
    [
        "FROM scratch\n",
        "FROM python:3\n",
        "FROM python@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
        "ARG BASE=python\nFROM $BASE\n",
        "FROM a:1 AS builder\nFROM builder\n",
        "FROM a:1 AS builder\nFROM bulder\n",  # unknown-stage says it
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, text)
