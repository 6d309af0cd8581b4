"""`explain`, `suggest` and `search` over the shipped knowledge."""

from __future__ import annotations

import pytest

from slimstage.features.describe import size_text
from slimstage.features.explain import explain, search, suggest
from slimstage.knowledge import KnowledgeBase, load


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load()


@pytest.mark.parametrize(
    ("topic", "shown"),
    [
        ("multi-stage-build", ["`AS builder`", "smaller attack surface"]),
        ("Multi-stage build", ["`AS builder`"]),
        ("멀티 스테이지 빌드", ["`AS builder`"]),
        ("python-pip-prefix", ["--prefix=/install", "libpq5", "620.3 MB", "227.3 MB"]),
        ("pattern/java-gradle", ["eclipse-temurin:17-jre", "bootJar"]),
        ("seed/19", ["300.0 MB–500.0 MB", "620.3 MB", "227.3 MB", "documented", "measured"]),
        ("seed/6", ["at most 50.0 MB"]),
        ("npm/typescript", ["### typescript (npm)", "24.3 MB"]),
        ("@babel/core", ["`@babel/parser`"]),
        ("aiosignal", ["### aiosignal (pip)"]),
        ("DL3006", ["### untagged-base-image"]),
        ("workdirrelativepath", ["### relative-workdir"]),
        ("seed/21", ["90.0 MB", "124.8 MB", "45.5 MB"]),
        ("rule/build-tools-in-final-stage", ["build-tools-in-final-stage"]),
        ("build-tools-in-final-stage", ["build-tools-in-final-stage"]),
        ("copy", ["### COPY", "`--from`"]),
        ("COPY --from", ["### COPY --from"]),
        ("copy --from=builder", ["### COPY --from"]),
        ("--chown", ["### COPY --chown", "### ADD --chown"]),
        ("--mount=type=cache", ["type=cache", "`sharing`"]),
        ("RUN --mount=type=cache,sharing=locked", ["--mount=type=cache,sharing", "`locked`"]),
        ("# syntax=docker/dockerfile:1", ["### # syntax="]),
        ("$TARGETPLATFORM", ["ARG TARGETPLATFORM"]),
        ("python:3.11-slim", ["124.8 MB", "45.5 MB", "90.0 MB", "glibc", "2027-10-31", "python:3.11-alpine"]),
        ("docker.io/library/python:3.11-slim", ["124.8 MB"]),
        ("libpq-dev", ["(apt)", "(apk)", "`libpq5`", "21.7 MB"]),
        ("apk/libpq-dev", ["(apk)"]),
        ("pip/psycopg2", ["no wheel", "`libpq-dev`", "`libpq5`"]),
        ("orjson", ["wheel,"]),
        ("pip/numpy", ["**Python 3.11, glibc**: this version does not support it", "**Python 3.13, glibc**: wheel"]),
        ("why", ["953.8 MB", "91.9 MB"]),
    ],
)
def test_topic_is_explained(kb: KnowledgeBase, topic: str, shown: list[str]) -> None:
    page = explain(kb, topic, "en")
    assert page is not None
    for part in shown:
        assert part in page


@pytest.mark.parametrize(
    "topic", ["", "  ", "nobody-knows", "seed/99", "seed/x", "COPY --frmo", "--mount=type=x", "rule/layer", "a b c"]
)
def test_unknown_topics_have_no_page(kb: KnowledgeBase, topic: str) -> None:
    assert explain(kb, topic, "en") is None


def test_korean_pages_are_korean(kb: KnowledgeBase) -> None:
    page = explain(kb, "seed/19", "ko")
    assert page is not None
    assert "디스크 크기: 300.0 MB~500.0 MB (문서, 출발 문서" in page
    assert "디스크 크기: 620.3 MB (측정, 자체 빌드, 2026-11-24)" in page


def test_an_unknown_relative_is_named(kb: KnowledgeBase) -> None:
    page = explain(kb, "python:3.11.1-slim-bullseye", "en")
    assert page is not None
    assert "`python:3.11.1-slim-bullseye`" in page and "nearest known" in page


def test_every_topic_has_a_page_in_both_languages(kb: KnowledgeBase) -> None:
    for topic in kb.topics():
        for lang in ("en", "ko"):
            page = explain(kb, topic, lang)
            assert page is not None and page.startswith("### "), topic
            assert "describe." not in page, topic  # the key of a missing text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("multi-stage-biuld", "multi-stage-build"),
        ("libpq-dve", "libpq-dev"),
        ("CPOY", "COPY"),
        ("seed/27", "seed/7"),
        ("psycopg3", "pip/psycopg2"),
        ("build-tool-in-final-stage", "rule/build-tools-in-final-stage"),
    ],
)
def test_did_you_mean(kb: KnowledgeBase, typed: str, meant: str) -> None:
    assert meant in suggest(kb, typed)


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("cache mount", "cache-mount"),
        ("멀티 스테이지", "multi-stage-build"),
        ("distroless", "distroless"),
        ("gradle", "java-gradle"),
    ],
)
def test_search_finds_in_both_languages(kb: KnowledgeBase, words: str, best: str) -> None:
    found = [topic for topic, _ in search(kb, words)]
    assert best in found[:3]


def test_search_in_one_language_only(kb: KnowledgeBase) -> None:
    assert search(kb, "스테이지", "en") == []
    assert search(kb, "스테이지", "ko")
    assert search(kb, "") == []


@pytest.mark.parametrize(
    ("size", "text"),
    [(124_840_000, "124.8 MB"), (1_144_460_884, "1144.5 MB"), (153_359, "0.2 MB"), (2_500, "2.5 kB"), (0, "0.0 kB")],
)
def test_sizes_are_decimal(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("npm/typescrpt", "npm/typescript"),
        ("typescrpt", "npm/typescript"),
        ("@bable/core", "npm/@babel/core"),
        ("pip/tensorfow", "pip/tensorflow"),
        ("apk/readlin", "apk/readline"),
    ],
)
def test_packages_of_which_only_sizes_are_known_are_near_and_explained(
    kb: KnowledgeBase, typed: str, meant: str
) -> None:
    assert explain(kb, typed, "en") is None
    assert meant in suggest(kb, typed)
    for lang in ("en", "ko"):
        page = explain(kb, meant, lang)
        assert page is not None and "MB" in page
