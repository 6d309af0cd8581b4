"""Variable references: name, modifier, word and place of each."""

from __future__ import annotations

import pytest

from .helpers import cut, faults, one, shown


@pytest.mark.parametrize(
    ("word", "references"),
    [
        ("$A", [("A", "", None)]),
        ("${A}", [("A", "", None)]),
        ("$A$B/${C}d", [("A", "", None), ("B", "", None), ("C", "", None)]),
        ("${A:-b}", [("A", ":-", "b")]),
        ("${A-b}", [("A", "-", "b")]),
        ("${A:+b}", [("A", ":+", "b")]),
        ("${A+b}", [("A", "+", "b")]),
        ("${A:?b}", [("A", ":?", "b")]),
        ("${A?b}", [("A", "?", "b")]),
        ("${A#b}", [("A", "#", "b")]),
        ("${A##b}", [("A", "##", "b")]),
        ("${A%b}", [("A", "%", "b")]),
        ("${A%%b}", [("A", "%%", "b")]),
        ("${A/b/c}", [("A", "/", "b/c")]),
        ("${A//b/c}", [("A", "//", "b/c")]),
        ("${A:-}", [("A", ":-", "")]),
        ("\\$A", []),
        ("'$A'", []),
        ('"$A"', [("A", "", None)]),
        ("\"'$A'\"", [("A", "", None)]),
        ("a$", []),
        ("$1", [("1", "", None)]),
        ('${A:-"}"}', [("A", ":-", '"}"')]),
        ("${A:-\\}}", [("A", ":-", "\\}")]),
        ("$é", [("é", "", None)]),
    ],
)
def test_references(word: str, references: list[tuple[str, str, str | None]]) -> None:
    instruction = one(f"WORKDIR {word}")
    assert [shown(found) for found in instruction.variables] == references
    assert instruction.arguments[0].variables == instruction.variables
    for reference in instruction.variables:
        assert cut(instruction, reference.name_span) == reference.name
    assert faults(f"WORKDIR {word}") == []


def test_nested_references() -> None:
    instruction = one("ENV A=${B:-${C:-$D}/$E}\n")
    (outer,) = instruction.variables
    assert cut(instruction, outer.span) == "${B:-${C:-$D}/$E}"
    assert [shown(found) for found in outer.nested] == [("C", ":-", "$D"), ("E", "", None)]
    assert cut(instruction, outer.nested[0].nested[0].span) == "$D"


def test_replacement_may_hold_references() -> None:
    (outer,) = one("ENV A=${B/$C/${D}}\n").variables
    assert [found.name for found in outer.nested] == ["C", "D"]


def test_a_reference_across_lines() -> None:
    instruction = one("ENV A=${B:-\\\n# why\nc}\n")
    assert cut(instruction, instruction.variables[0].span) == "${B:-\\\n# why\nc}"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FROM $A:${B}", ["A", "B"]),
        ("FROM --platform=$A b", ["A"]),
        ("COPY --from=$A --chown=$B $C $D", ["B", "C", "D"]),
        ('COPY ["$A", "b$C"]', ["A", "C"]),
        ("RUN --mount=type=cache,target=$A --network=$B echo $C", ["A"]),
        ("ENV $A=$B c='$D'", ["A", "B"]),
        ("ENV A b $C", ["C"]),
        ("ARG A=$B C", ["B"]),
        ("LABEL $A=$B", ["A", "B"]),
        ("EXPOSE $A ${B}/tcp", ["A", "B"]),
        ("VOLUME $A", ["A"]),
        ("USER $A", ["A"]),
        ("STOPSIGNAL $A", ["A"]),
        ("ONBUILD WORKDIR $A", ["A"]),
        ("CMD $A", []),
        ('ENTRYPOINT ["$A"]', []),
        ("HEALTHCHECK --interval=$A CMD $B", []),
        ("MAINTAINER $A", []),
        ("COPY <<EOF /x\n$A '$B' \\$C\nEOF\n", ["A", "B"]),
        ("COPY <<'EOF' /x\n$A\nEOF\n", []),
        ("RUN <<EOF\n$A\nEOF\n", []),
    ],
)
def test_what_buildkit_expands(text: str, names: list[str]) -> None:
    assert [reference.name for reference in one(text).variables] == names


def test_the_shell_expands_its_own() -> None:
    instruction = one("RUN echo $A '$B' \"$C\" ${D[@]} $1 $(x $E) \\$F")
    (word,) = instruction.arguments
    assert [found.name for found in word.variables] == ["A", "C", "D", "E"]
    assert instruction.problems == ()


def test_heredoc_bodies() -> None:
    instruction = one("RUN cat <<A <<'B'\n${X:-'y'}\nA\n$Z\nB\n")
    first, second = instruction.heredocs
    assert [cut(instruction, found.span) for found in first.variables] == ["${X:-'y'}"]
    assert second.variables == ()
