"""Symbols, folding, links, selection, tokens, formatting, signatures, hints and lenses."""

from __future__ import annotations

from itertools import pairwise

import pytest

from slimstage.analysis import Analysis
from slimstage.features import hints, outline
from slimstage.features.formatting import formatted
from slimstage.features.highlighting import highlights
from slimstage.features.places import FoundVariable, find
from slimstage.features.signature import signature
from slimstage.knowledge import load
from slimstage.text import SourceText, Span

KB = load()
STAGES = """\
ARG VERSION=3.19
FROM alpine:${VERSION} AS base
RUN apk add curl \\
  git
FROM base AS 빌드😀
FROM base AS build
ENV OUT=/out
FROM scratch
COPY --from=build /out /out
"""


def analysis(text: str) -> Analysis:
    return Analysis(SourceText(text), KB)


def test_symbols_nest_instructions_in_their_stage() -> None:
    found = outline.symbols(analysis(STAGES))
    assert [(s.name, s.kind) for s in found] == [
        ("VERSION", "variable"),
        ("base", "stage"),
        ("빌드😀", "stage"),
        ("build", "stage"),
        ("3", "stage"),
    ]
    assert [child.name for child in found[3].children] == ["OUT"]
    for symbol in found:
        assert symbol.span.start <= symbol.selection.start <= symbol.selection.end <= symbol.span.end


def test_folds_stages_continuations_heredocs_and_comments() -> None:
    text = "# a\n# b\nFROM alpine AS a\nRUN x \\\n  y\nRUN <<EOF\na\nEOF\nFROM b\n"
    found = {(f.first, f.last, f.kind) for f in outline.folds(analysis(text))}
    assert found == {(0, 1, "comment"), (2, 7, "region"), (3, 4, "region"), (5, 7, "region")}


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("FROM alpine:3.19\n", "https://hub.docker.com/_/alpine"),
        ("FROM docker.io/bitnami/node:20\n", "https://hub.docker.com/r/bitnami/node"),
        ("FROM ghcr.io/a/b:1\n", "https://github.com/a/b/pkgs/container/b"),
        ("FROM mcr.microsoft.com/dotnet/sdk:8.0\n", "https://mcr.microsoft.com/artifact/mar/dotnet/sdk"),
        ("FROM scratch\nADD https://example.org/x /x\n", "https://example.org/x"),
        ("FROM localhost:5000/a\n", None),
        ("FROM scratch\n", None),
    ],
)
def test_links(text: str, page: str | None) -> None:
    assert [url for _, url in outline.links(analysis(text))] == ([page] if page else [])


def test_selections_grow() -> None:
    subject = analysis(STAGES)
    at = STAGES.index("build /out") + 1
    found = outline.selections(subject, at)
    assert STAGES[slice(*found[0])] == "build"
    assert STAGES[slice(*found[1])] == "--from=build"
    assert found[-1] == Span(0, len(STAGES))
    assert all(outer.start <= inner.start and inner.end <= outer.end for inner, outer in pairwise(found))


def test_tokens_are_in_order_without_overlap_and_stay_on_one_line() -> None:
    text = STAGES + "RUN <<EOF\r\necho $OUT '$OUT'\r\nEOF\r\n"
    found = highlights(analysis(text))
    assert all(left.span.end <= right.span.start for left, right in pairwise(found))
    assert not any(set(text[slice(*one.span)]) & set("\r\n") for one in found)
    kinds = [(text[slice(*one.span)], one.kind) for one in found]
    assert ("빌드😀", "namespace") in kinds
    assert ("build", "namespace") in kinds
    assert kinds.count(("OUT", "variable")) == 2  # the ENV and the use outside of the single quotes


FORMATS = [
    ("RUN a \\\n&& b \\\n   c\n", "RUN a \\\n    && b \\\n    c\n"),
    ("RUN a \\\n      deeper\n", "RUN a \\\n      deeper\n"),
    ('RUN echo "a \\\nb"\n', 'RUN echo "a \\\nb"\n'),
    ("RUN <<EOF\n  keep \\\nthis\nEOF\n", "RUN <<EOF\n  keep \\\nthis\nEOF\n"),
    ("run   a  b\n", "run   a  b\n"),
]


@pytest.mark.parametrize(("before", "after"), FORMATS)
def test_formats_continuation_lines_only(before: str, after: str) -> None:
    subject = analysis("FROM alpine\n" + before)
    result = subject.source.edited(formatted(subject, None, "    ")).text
    assert result == "FROM alpine\n" + after
    again = analysis(result)
    assert not formatted(again, None, "    ")


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("FROM a\nCOPY |\n", "COPY [OPTIONS] <src> ... <dest>"),
        ("FROM a\nONBUILD USER |\n", "USER"),
        ("FROM a\nCO|PY a b\n", None),
        ("FROM a\n|", None),
        ("FROM a\nRUN <<EOF\n|x\nEOF\n", None),
    ],
)
def test_signature(marked: str, label: str | None) -> None:
    at = marked.index("|")
    found = signature(analysis(marked.replace("|", "")), at, "ko")
    if label is None:
        assert found is None
    else:
        assert found is not None
        assert found.labels[0].startswith(label)
        assert found.documentation.endswith(".")


def test_hints_show_numbers_and_values() -> None:
    subject = analysis(STAGES)
    everything = Span(0, len(STAGES))
    assert [h.text for h in hints.hints(subject, everything, "en")] == ["= alpine:3.19", "stage 3"]
    assert hints.hints(subject, Span(0, 0), "en") == ()
    assert hints.hints(subject, everything, "ko")[1].text == "스테이지 3"
    assert hints.hints(analysis("FROM scratch\n"), Span(0, 13), "en") == ()


def test_hints_and_lenses_show_sizes_when_asked() -> None:
    text = "FROM python:3.11-slim\nRUN apt-get update && apt-get install -y gcc \\\n  libpq-dev\n"
    subject = analysis(text)
    (hint,) = hints.hints(subject, Span(0, len(text)), "en", sizes=True)
    assert hint.offset == text.index(" \\\n") + len(" \\")
    assert hint.text.startswith("+") and hint.text.endswith("MB") and "to download" in hint.tooltip
    (lens,) = hints.lenses(subject, "en", sizes=True)
    assert lens.title.startswith("ships ~ ") and "of it base" in lens.title
    assert hints.hints(subject, Span(0, 10), "en", sizes=True) == ()


def test_lenses_say_what_ships() -> None:
    found = [lens.title for lens in hints.lenses(analysis(STAGES), "en")]
    assert found[0].startswith("builds only")
    assert found[1] == "unused"
    assert found[3] == "ships"


def test_variables_in_a_heredoc_script_are_found() -> None:
    text = "FROM a\nENV OUT=1\nRUN <<EOF\necho $OUT\nEOF\n"
    found = find(analysis(text), text.index("$OUT") + 2)
    assert isinstance(found, FoundVariable)
    assert found.definition is not None
    assert found.definition.origin == "env"
