"""latest-base-image."""

from slimstage.rules.untagged_base_image import current_tag
from tests.rules.marking import fires, fixed, knowledge, silent

RULE = "latest-base-image"


def test_fires() -> None:
    fires(RULE, "FROM <<python:latest>>\nFROM <<ghcr.io/a/b:latest>>\n")
    assert fixed(RULE, "FROM node:latest AS b\n") == f"FROM node:{current_tag(knowledge(), 'node')} AS b\n"


def test_silent() -> None:
    silent(RULE, "FROM python\nFROM python:3\nFROM cgr.dev/chainguard/node:latest\nARG T=latest\nFROM a:$T\n")
    silent(RULE, "FROM a:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n")
