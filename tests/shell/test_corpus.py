"""Agreement with tree-sitter-bash and `bash -n` on the RUN scripts of real Dockerfiles.

The folder comes from the environment variable SLIMSTAGE_CORPUS; README.md has the figures.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from slimstage.shell import read_script

from .corpus import run_scripts
from .oracles import bash_accepts, tree_sitter_names

FOLDER = os.environ.get("SLIMSTAGE_CORPUS", "")
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FOLDER, reason="SLIMSTAGE_CORPUS names no folder of Dockerfiles"),
]


def our_names(script: str) -> Counter[str]:
    return Counter(
        command.words[0].raw
        for command in read_script(script).commands
        if command.words and command.words[0].raw not in ("[", "[[")
    )


def test_command_names_agree_with_tree_sitter_bash() -> None:
    compared, different = 0, []
    for name, script in run_scripts(FOLDER):
        expected = tree_sitter_names(script)
        if expected is None:
            continue
        compared += 1
        if our_names(script) != expected:
            different.append((name, script, expected - our_names(script), our_names(script) - expected))
    for name, script, missing, extra in different:
        print(f"{name}: missing {dict(missing)}, extra {dict(extra)}: {script[:300]!r}")
    print(f"{compared - len(different)} of {compared} scripts agree")
    assert compared > 1000
    assert len(different) <= compared // 200


def test_what_bash_accepts_has_no_problem() -> None:
    refused = []
    for name, script in run_scripts(FOLDER):
        problems = read_script(script).problems
        if problems and bash_accepts(script):
            refused.append((name, script, problems))
    for name, script, problems in refused:
        print(f"{name}: {problems}: {script[:300]!r}")
    assert not refused


def test_spans_are_exact() -> None:
    for _, script in run_scripts(FOLDER):
        for command in read_script(script).commands:
            for word in command.words:
                assert script[word.span.start : word.span.end] == word.raw
