"""Which ARG and ENV counts where. Cases follow BuildKit's convert.go (dispatchArg, dispatchEnv, buildMetaArgs)."""

from __future__ import annotations

import pytest

from slimstage.model.expansion import Unset

from .build import model_of, text_at

U = Unset.UNDEFINED
Q = Unset.UNKNOWN


def value_at_end(text: str, name: str = "X", **options: object) -> str | Unset:
    """The value at an instruction after everything else."""
    model = model_of(text + "\nRUN end\n", **options)
    stage = model.stages[-1]
    return stage.scope_at(stage.instructions[-1]).value(name)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FROM scratch", U),
        ("FROM alpine", Q),  # the image may set it
        ("ARG X=1\nFROM scratch", U),
        ("ARG X=1\nFROM scratch\nARG X", "1"),
        ("ARG X=1\nFROM scratch\nARG X=2", "2"),
        ("ARG X=1\nFROM scratch\nARG X=2\nARG X", "1"),
        ("ARG X\nFROM scratch\nARG X", Q),
        ("FROM scratch\nARG X", Q),
        ("FROM scratch\nARG X=1\nARG X", "1"),
        ("FROM scratch\nENV X=1\nARG X", "1"),
        ("FROM scratch\nENV X=1\nARG X=2", "2"),
        ("FROM scratch\nARG X=1\nENV X=2", "2"),
        ("FROM scratch\nARG X=1\nENV X=$X-e", "1-e"),
        ("FROM scratch\nENV X=1\nENV X=2 Y=$X\nENV X=$Y", "1"),
        ("FROM scratch\nARG A=1 X=$A", "1"),
        ("FROM scratch\nENV A=1 X=$A", ""),
        ("FROM scratch\nARG X=1\nFROM scratch", U),
        ("FROM scratch AS a\nARG X=1\nFROM a", "1"),
        ("FROM scratch AS a\nENV X=1\nFROM a", "1"),
        ("FROM scratch AS a\nENV X=1\nARG X=2\nFROM a", "1"),
        ("FROM scratch AS a\nENV X=1\nFROM a AS b\nARG X=2\nFROM b", "1"),
        ("FROM scratch AS a\nENV X=1\nFROM a\nARG X=2", "2"),
        ("FROM scratch AS a\nARG X=1\nFROM a\nARG X", "1"),
        ("FROM scratch\nARG X=${TARGETARCH}", ""),
        ("FROM scratch\nARG TARGETARCH\nARG X=${TARGETARCH}", Q),
        ("FROM scratch\nENV X=1\nARG TARGETARCH\nENV X=$TARGETARCH", Q),
        ("FROM scratch\nARG X='a b'", "a b"),
        ("ARG A=1\nARG X=$A\nFROM scratch\nARG X", "1"),
        ("ARG X=1\nARG X\nFROM scratch\nARG X", "1"),
    ],
)
def test_value(text: str, value: str | Unset) -> None:
    assert value_at_end(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FROM scratch\nARG X=1", "given"),
        ("FROM scratch\nARG X", "given"),
        ("ARG X=1\nFROM scratch\nARG X", "given"),
        ("FROM scratch\nARG X\nENV X=2", "2"),
        ("FROM scratch\nENV X=1", "1"),
        ("FROM scratch", U),
    ],
)
def test_value_with_a_build_arg(text: str, value: str | Unset) -> None:
    assert value_at_end(text, build_args={"X": "given"}) == value


def test_platform_args_are_for_from_lines_and_for_stages_that_ask() -> None:
    model = model_of("FROM --platform=$BUILDPLATFORM a\nARG TARGETOS\nRUN end\n")
    assert model.globals.value("BUILDPLATFORM") is Q
    assert model.globals.value("HTTP_PROXY") is U
    stage = model.stages[0]
    found = stage.scope_at(stage.instructions[-1]).lookup("TARGETOS")
    assert found is not None
    assert found.inherited is not None
    assert found.inherited.origin == "predefined"


def test_a_variable_is_visible_after_its_definition_only() -> None:
    model = model_of("FROM scratch\nRUN before\nENV X=1\nRUN after\n")
    stage = model.stages[0]
    before, env, after = stage.instructions
    assert stage.scope_at(before).value("X") is U
    assert stage.scope_at(env).value("X") is U
    assert stage.scope_at(after).value("X") == "1"


def test_a_definition_knows_its_place_and_where_its_value_is_from() -> None:
    model = model_of("ARG V=1\nFROM scratch AS a\nARG V\nFROM a\nRUN end\n")
    stage = model.stages[1]
    found = stage.scope_at(stage.instructions[0]).lookup("V")
    assert found is not None
    assert found.stage is model.stages[0]
    assert found.inherited is model.globals.definitions["V"]
    assert found.place is not None
    assert text_at(model, found.place) == "V"


def test_visible_lists_each_name_once_own_stage_first() -> None:
    model = model_of("FROM scratch AS a\nENV A=1 B=1\nFROM a\nENV B=2\nARG C\nRUN end\n")
    stage = model.stages[1]
    found = [(d.name, d.value) for d in stage.scope_at(stage.instructions[-1]).visible()]
    assert found == [("B", "2"), ("C", Q), ("A", "1")]
