"""Sizes for editors: hints at line ends, lenses on FROM, the hover's breakdown."""

from __future__ import annotations

from functools import cache

import pytest

from slimstage.analysis import Analysis
from slimstage.context import DictContext
from slimstage.features.sizes import part_text, size_hints, size_hover, size_lenses, size_report
from slimstage.knowledge import KnowledgeBase, load
from slimstage.sizes import Size
from slimstage.text import SourceText

TEXT = """FROM python:3.11-slim-bookworm AS build
RUN apt-get update \\
    && apt-get install -y gcc
COPY a.bin /a.bin
ENV A=1
FROM scratch
COPY --from=build /a.bin /a.bin
RUN ./install
"""


@cache
def knowledge() -> KnowledgeBase:
    return load()


def analysis(text: str = TEXT) -> Analysis:
    return Analysis(SourceText(text), knowledge(), DictContext({"a.bin": "x" * 3_000_000}))


def test_hints_stand_at_the_end_of_an_instructions_first_line() -> None:
    found = size_hints(analysis(), "en")
    lines = TEXT.split("\n")
    ends = [sum(len(line) + 1 for line in lines[:number]) + len(lines[number]) for number in (1, 3, 6)]
    assert [hint.offset for hint in found] == ends
    assert [hint.text for hint in found][1:] == ["+3.0 MB", "+3.0 MB"]
    assert found[0].text.startswith("+2")
    assert "Debian packages for gcc" in found[0].tooltip


def test_lenses_say_what_ships() -> None:
    build, final = size_lenses(analysis(), "en")
    assert build.title.startswith("stage ~ ")
    assert final.title == "ships ~ 3.0 MB, and more that is not known"
    assert TEXT[final.span.start : final.span.end] == "FROM"
    (only,) = size_lenses(analysis("FROM debian:bookworm-slim\n"), "en")
    assert only.title == "ships ~ 74.8 MB, 74.8 MB of it base"
    assert "74.8 MB" in size_lenses(analysis("FROM debian:bookworm-slim\n"), "ko")[0].title


def test_the_hover_breaks_a_line_down_with_sources() -> None:
    made = analysis()
    install, copy = made.model.stages[0].instructions[:2]
    shown = size_hover(made, install, "en")
    assert shown is not None
    assert "19.9 MB apt's package lists (measured)" in shown
    assert "Sources:" in shown
    unknown = size_hover(made, made.model.stages[1].instructions[1], "en")
    assert unknown is not None
    assert "not known: what ./install writes" in unknown
    assert size_hover(made, made.model.stages[0].instructions[2], "en") is None
    assert "3.0 MB" in (size_hover(made, copy, "ko") or "")


def test_without_a_stage_there_is_nothing() -> None:
    made = analysis("ARG A=1\n")
    assert size_hints(made, "en") == []
    assert size_lenses(made, "en") == []
    assert size_report(made, "en") is None


def test_every_part_has_a_text_in_both_languages() -> None:
    """Whatever `Part(...)` the engine makes has its message: the keys are searched in the source."""
    import ast
    from pathlib import Path

    import slimstage.sizes

    kinds: set[str] = set()
    for path in Path(slimstage.sizes.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Part" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    kinds.add(first.value)
    assert len(kinds) > 20
    for kind in kinds | {"node-unknown", "node", "copy-incomplete", "package-missing", "package-missing-similar"}:
        assert f"size.part.{kind}" in knowledge().messages, kind


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_texts_have_their_arguments(lang: str) -> None:
    made = analysis()
    assert made.sizes is not None
    for stage in made.sizes.stages:
        for one in (stage.base, *stage.instructions):
            for part in one.parts:
                assert "{" not in part_text(knowledge(), part, lang), part


def test_what_nobody_knows_is_no_zero() -> None:
    text = "FROM debian:bookworm-slim\nRUN make install\nRUN make install && apt-get install -y libpq5\n"
    analysis = Analysis(SourceText(text), knowledge())
    _, unknown, some = analysis.dockerfile.instructions
    assert "**Size** not known" in (size_hover(analysis, unknown, "en") or "")
    assert "of what is known" in (size_hover(analysis, some, "en") or "")
    assert "알 수 없음" in (size_hover(analysis, unknown, "ko") or "")


@pytest.mark.parametrize(("lang", "dash"), [("en", "–"), ("ko", "~")])
def test_intervals_are_written_as_the_language_does(lang: str, dash: str) -> None:
    made = analysis("FROM python:3.11-slim\nRUN apt-get update && apt-get install -y gcc libpq-dev\n")
    size = Size(235_000_000, 228_000_000, 243_000_000, "computed")
    interval = f"228 MB{dash}243 MB"
    knowledge = made.knowledge
    assert knowledge.interval(size.shown, lang) == interval
    assert interval in knowledge.text("cli.convert.sizes", lang, before=size, after=size)
    assert interval in knowledge.rule_message(
        "build-tools-in-final-stage", "sized", lang, {"packages": "gcc", "size": size}
    )
    shown = size_hover(made, made.dockerfile.instructions[1], lang)
    assert shown is not None and f"MB{dash}" in shown.splitlines()[0]
    hint = next(hint for hint in size_hints(made, lang) if hint.tooltip)
    assert f"MB{dash}" in hint.tooltip


def test_a_narrow_interval_is_one_figure() -> None:
    assert Size(100_000_000, 99_000_000, 101_000_000, "measured").shown == ("100 MB",)


def test_the_hover_names_an_unknown_part_once() -> None:
    text = "FROM debian:bookworm-slim\nRUN xx-info a && xx-info b && xx-cargo c\n"
    analysis = Analysis(SourceText(text), knowledge())
    _, run = analysis.dockerfile.instructions
    found = size_hover(analysis, run, "en") or ""
    assert found.count("what xx-info writes") == 1
    assert "what xx-cargo writes" in found
