"""heredoc-without-set-e."""

import pytest

from tests.rules.marking import analyse, findings, fixed, silent

RULE = "heredoc-without-set-e"


def test_fires_at_the_marker() -> None:
    found = findings(analyse("FROM a:1\nRUN <<E\na\nb\nE\n"), RULE)
    assert [tuple(finding.place.span) for finding in found] == [(4, 7)]
    assert found[0].fixes[0].safety.value == "safe"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN <<E\na\nb\nE\n", "RUN <<E\nset -e\na\nb\nE\n"),
        ('RUN <<-"E"\r\n\ta\r\n\tb\r\nE\r\n', 'RUN <<-"E"\r\n\tset -e\r\n\ta\r\n\tb\r\nE\r\n'),
        ("RUN <<E\n#!/bin/bash\na; b\nE\n", "RUN <<E\n#!/bin/bash\nset -e\na; b\nE\n"),
        ("RUN --mount=target=/x <<E\nset -x\na\nE\n", "RUN --mount=target=/x <<E\nset -e\nset -x\na\nE\n"),
    ],
)
def test_fix(before: str, after: str) -> None:
    assert fixed(RULE, f"FROM a:1\n{before}") == f"FROM a:1\n{after}"


@pytest.mark.parametrize(
    "text",
    [
        "RUN <<E\na\nE\n",
        "RUN <<E\na &&\nb\nE\n",
        "RUN <<E\nset -eux\na\nb\nE\n",
        "RUN <<E\nset -o errexit\na\nb\nE\n",
        "RUN <<E\n#!/bin/bash -e\na\nb\nE\n",
        "RUN <<E\n#!/usr/bin/env python3\na\nb\nE\n",
        "RUN <<E bash -e\na\nb\nE\n",
        "RUN cat <<E > /x\na\nb\nE\n",
        'SHELL ["/bin/bash", "-ec"]\nRUN <<E\na\nb\nE\n',
        "COPY <<E /x\na\nb\nE\n",
        "RUN <<E\nif a; then\nb\nfi\nE\n",
        "RUN a; b\n",
    ],
)
def test_silent(text: str) -> None:
    silent(RULE, f"FROM a:1\n{text}")


@pytest.mark.parametrize(
    "body",
    [
        'f=""\nfor g in $(echo "$A" | tr , " "); do\n  if [ "$g" != main ]; then f="$f $g"; fi\ndone\nuv sync $f\n',
        "echo start\nmake\n",
    ],
)
def test_silent_when_only_the_last_command_can_fail(body: str) -> None:
    silent(RULE, f"FROM a:1\nRUN <<E\n{body}E\n")


@pytest.mark.parametrize("body", ["echo a\nb\nif c; then\nd\nfi\n", "echo a > /x\nb\n", "x=1\nb\nc\n"])
def test_fires_when_one_before_the_end_can_fail(body: str) -> None:
    assert len(findings(analyse(f"FROM a:1\nRUN <<E\n{body}E\n"), RULE)) == 1


def test_the_fix_is_indented_as_the_script() -> None:
    assert fixed(RULE, "FROM a:1\nRUN <<E\n    a\n    b\nE\n") == "FROM a:1\nRUN <<E\n    set -e\n    a\n    b\nE\n"
