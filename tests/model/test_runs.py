"""RUN bodies: shell form, heredocs, exec form, `sh -c`; and that every place points at its text."""

from __future__ import annotations

import pytest

from slimstage.model.runs import Run

from .build import model_of, text_at


def run_of(lines: str, shell: str = "") -> Run:
    return model_of(f"FROM a\n{shell}{lines}").stages[0].runs[-1]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ("RUN apt-get update && apt-get install x", ["apt-get", "apt-get"]),
        ("RUN a \\\n  # comment\n  && b \\\n\n  && c", ["a", "b", "c"]),
        ("RUN <<EOF\na\nb\nEOF", ["a", "b"]),
        ("RUN <<-EOF\n\ta\n\t\tb\n\tEOF", ["a", "b"]),
        ("RUN <<EOF\n#!/bin/bash\na\nEOF", ["a"]),
        ("RUN <<EOF bash\na\nEOF", ["bash", "a"]),
        ("RUN bash <<EOF\na\nEOF", ["bash", "a"]),
        ("RUN cat <<EOF > /x\n#!/bin/sh\nrm -rf /\nEOF", ["cat"]),
        ("RUN cat <<A > /x && sh <<B\nno\nA\nyes\nB", ["cat", "sh", "yes"]),
        ('RUN ["apt-get", "install", "x"]', ["apt-get"]),
        ('RUN ["/bin/sh", "-c", "a && b"]', ["a", "b"]),
        ('RUN ["bash", "-exc", "a \\"q\\" && b"]', ["a", "b"]),
        ("RUN bash -c 'a; b'", ["bash", "a", "b"]),
        ("RUN sudo ls", ["sudo"]),
        ("RUN --mount=type=cache,target=/c a", ["a"]),
    ],
)
def test_command_names(lines: str, names: list[str]) -> None:
    run = run_of(lines + "\n")
    assert [command.name for command, _ in run.commands] == names
    assert not run.opaque


@pytest.mark.parametrize(
    ("lines", "shell"),
    [
        ("RUN Get-ChildItem", 'SHELL ["powershell", "-Command"]\n'),
        ("RUN print(1)", 'SHELL ["python3", "-c"]\n'),
        ("RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF", ""),
    ],
)
def test_other_languages_are_opaque(lines: str, shell: str) -> None:
    run = run_of(lines + "\n", shell)
    assert run.opaque
    assert not run.commands


@pytest.mark.parametrize(
    "lines",
    [
        "RUN apt-get update && apt-get install -y \\\n    # why\n    gcc \\\n    make\n",
        "RUN <<EOF\napt-get install gcc make\nEOF\n",
        "RUN <<-EOF\n\techo\n\tapt-get install gcc make\n\tEOF\n",
        'RUN ["apt-get", "install", "gcc", "make"]\n',
        'RUN ["sh", "-c", "echo \\"x\\\\n\\" && apt-get install gcc make"]\n',
        "RUN set -e; \\\n  bash -c 'echo a; \\\n  apt-get install gcc make'\n",
    ],
)
def test_places_point_at_the_words(lines: str) -> None:
    model = model_of("FROM a\n# first\n" + lines)
    run = model.stages[0].runs[0]
    operation, text = run.operations[-1]
    assert text_at(model, run.place(operation.verb_span, text)).strip('"') == "install"
    names = [text_at(model, run.place(package.span, text)).strip('"') for package in operation.packages]
    assert names == ["gcc", "make"]


def test_a_run_is_read_once_a_shell() -> None:
    model = model_of("FROM a\nRUN b\n")
    assert model.stages[0].runs[0] is type(model)(model.dockerfile, model.knowledge).stages[0].runs[0]


def test_mounts_have_a_type() -> None:
    run = run_of("RUN --mount=type=cache,target=/c --mount=from=x,target=/y a\n")
    assert [len(run.mounts(kind)) for kind in ("cache", "bind", "secret")] == [1, 1, 0]
