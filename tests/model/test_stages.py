"""Stages, what they are built on, which ship, and what their instructions see of WORKDIR, USER and SHELL."""

from __future__ import annotations

import pytest

from slimstage.syntax import reparse
from slimstage.text import Span

from .build import model_of, text_at

CHAIN = """\
FROM --platform=$BUILDPLATFORM golang:1.22 AS Build
RUN go build
FROM alpine AS base
WORKDIR /srv
USER app
SHELL ["/bin/bash", "-c"]
FROM scratch AS unused
FROM base
WORKDIR sub
COPY --from=build /a /a
"""


def test_stages_have_index_name_base_and_platform() -> None:
    build, base, unused, final = model_of(CHAIN).stages
    assert [s.name for s in (build, base, unused, final)] == ["Build", "base", "unused", None]
    assert build.image is not None
    assert (build.image.repository, build.image.tag, build.platform) == ("golang", "1.22", "$BUILDPLATFORM")
    assert unused.is_scratch
    assert final.base_stage is base
    assert final.image is None
    assert final.base_image is not None
    assert final.base_image.repository == "alpine"
    assert final.lineage == (final, base)


def test_what_ships_and_what_is_needed() -> None:
    model = model_of(CHAIN)
    build, base, unused, final = model.stages
    assert model.shipped_stages == (final, base)
    assert [model.is_shipped(stage) for stage in model.stages] == [False, True, False, True]
    assert model.needed_stages == {build.index, base.index, final.index}
    assert unused.index not in model.needed_stages


def test_a_target_is_looked_up_by_name_in_any_case() -> None:
    model = model_of(CHAIN, target="BUILD")
    assert model.final_stage is model.stages[0]
    assert model.needed_stages == {0}
    assert model_of(CHAIN, target="nope").final_stage is None
    assert model_of("").final_stage is None


def test_names_are_lower_cased_but_what_from_asks_for_is_not() -> None:
    model = model_of("FROM alpine AS Base\nFROM base\nFROM Base\n")
    assert model.stages[1].base_stage is model.stages[0]
    assert model.stages[2].base_stage is None
    assert model.stages[2].image is None


def test_a_stage_named_like_its_image_is_not_built_on_itself() -> None:
    stage = model_of("FROM alpine AS alpine\nFROM alpine\n").stages
    assert stage[0].base_stage is None
    assert stage[1].base_stage is stage[0]


def test_of_two_stages_with_one_name_from_takes_the_last_before_it() -> None:
    stages = model_of("FROM a AS x\nFROM b AS x\nFROM x\nFROM c AS x\n").stages
    assert stages[2].base_stage is stages[1]


def test_from_with_a_variable() -> None:
    text = "ARG V=3.11\nARG IMG=python:$V\nFROM $IMG AS a\nFROM ${NOPE} AS b\nFROM python:$TARGETARCH AS c\n"
    a, b, c = model_of(text).stages
    assert (a.image_text, b.image_text, c.image_text) == ("python:3.11", "", None)
    assert a.image is not None
    assert b.image is None
    assert c.image is None
    given = model_of(text, build_args={"V": "3.12"})
    assert given.stages[0].image_text == "python:3.12"


def test_workdir_user_and_shell_follow_the_lineage() -> None:
    model = model_of(CHAIN)
    final = model.stages[3]
    before = final.state_before(final.instructions[0])
    assert (before.workdir, before.user, before.shell) == ("/srv", "app", ("/bin/bash", "-c"))
    assert final.final_state.workdir == "/srv/sub"


@pytest.mark.parametrize(
    ("lines", "workdir"),
    [
        ("FROM scratch", "/"),
        ("FROM scratch\nWORKDIR a", "/a"),
        ("FROM alpine", None),
        ("FROM alpine\nWORKDIR a", None),
        ("FROM alpine\nWORKDIR /a/../b//c/", "/b/c"),
        ("FROM alpine\nWORKDIR //a", "/a"),
        ("FROM alpine\nENV D=/d\nWORKDIR $D/x", "/d/x"),
        ("FROM alpine\nARG D\nWORKDIR $D", None),
        ("FROM alpine\nARG D\nWORKDIR /a\nWORKDIR $D\nWORKDIR /b", "/b"),
    ],
)
def test_workdir(lines: str, workdir: str | None) -> None:
    assert model_of(lines + "\n").stages[0].final_state.workdir == workdir


def test_the_last_instruction_in_force_may_be_a_base_stages() -> None:
    model = model_of("FROM a AS x\nCMD one\nCMD two\nFROM x\nUSER u\n")
    found = model.stages[1].inherited_last("CMD")
    assert found is not None
    assert found[0] is model.stages[0]
    assert found[1].body.text == "two"
    assert model.stages[1].inherited_last("ENTRYPOINT") is None


def test_the_place_of_a_stage_is_its_name_or_its_image() -> None:
    model = model_of("FROM a AS x\nFROM b\n")
    assert [text_at(model, stage.place()) for stage in model.stages] == ["x", "b"]


def test_unchanged_stages_are_the_same_objects_after_an_edit() -> None:
    model = model_of(CHAIN)
    at = CHAIN.index("sub")
    after = model_of(CHAIN, previous=None)  # a new parse has new items, so nothing can be taken over
    assert after.stages[0] is not model.stages[0]
    tree = reparse(model.dockerfile, Span(at, at + 3), "other")
    edited = type(model)(tree, model.knowledge, previous=model)
    assert [a is b for a, b in zip(edited.stages, model.stages, strict=True)] == [True, True, True, False]
    assert edited.stages[3].final_state.workdir == "/srv/other"


def test_a_changed_base_stage_or_global_arg_renews_what_depends_on_it() -> None:
    text = "ARG V=1\nFROM a AS x\nWORKDIR /one\nFROM x\nFROM b\n"
    model = model_of(text)
    at = text.index("one")
    edited = type(model)(reparse(model.dockerfile, Span(at, at + 3), "two"), model.knowledge, previous=model)
    assert [a is b for a, b in zip(edited.stages, model.stages, strict=True)] == [False, False, True]
    assert edited.stages[1].final_state.workdir == "/two"
    at = text.index("V=1")
    edited = type(model)(reparse(model.dockerfile, Span(at, at + 3), "V=2"), model.knowledge, previous=model)
    assert not any(a is b for a, b in zip(edited.stages, model.stages, strict=True))


def test_other_build_args_renew_the_stages() -> None:
    model = model_of("FROM a\nARG X=1\nWORKDIR /$X\n")
    again = type(model)(model.dockerfile, model.knowledge, build_args={"X": "2"}, previous=model)
    assert again.stages[0].final_state.workdir == "/2"


def test_instructions_before_from_belong_to_no_stage() -> None:
    model = model_of("ARG A\nRUN x\nFROM a\nRUN y\n")
    assert [item.keyword for item in model.preamble] == ["ARG", "RUN"]
    assert model.stage_of(model.preamble[0]) is None
    assert model.stage_of(model.stages[0].instructions[0]) is model.stages[0]
