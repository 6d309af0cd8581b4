"""Definition, references and rename of stages and variables."""

from __future__ import annotations

import pytest

from slimstage.features.rename import RenameRefused, rename, renameable
from slimstage.features.symbols import definition_of, occurrences, symbol_at
from tests.features.cursor import KB, at_cursor

STAGES = """\
FROM alpine AS 😀x
FROM alpine AS base
FROM base AS build
RUN --mount=type=bind,from=base,target=/x true
FROM build
COPY --from=base /a /b
COPY --from=1 /a /b
COPY --from=BASE /a /b
COPY --from=other:base /a /b
ONBUILD COPY --from=base /c /base
"""
RENAMED_STAGES = """\
FROM alpine AS 😀x
FROM alpine AS core
FROM core AS build
RUN --mount=type=bind,from=core,target=/x true
FROM build
COPY --from=core /a /b
COPY --from=1 /a /b
COPY --from=core /a /b
COPY --from=other:base /a /b
ONBUILD COPY --from=core /c /base
"""
VARIABLES = """\
ARG VERSION=1.2
ARG OTHER=${VERSION}
FROM alpine:$VERSION AS a
ARG VERSION
ENV NAME=x COPIED=${VERSION}
RUN <<EOF
echo $VERSION ${NAME} '$VERSION'
EOF
ONBUILD RUN echo $VERSION
RUN echo "\\$VERSION" '$VERSION' $VERSION "${VERSION:-$NAME}" VERSION
FROM a AS c
RUN echo $VERSION
FROM alpine AS b
ARG VERSION=9
RUN echo $VERSION
"""
RENAMED_VARIABLES = """\
ARG REL=1.2
ARG OTHER=${REL}
FROM alpine:$REL AS a
ARG REL
ENV NAME=x COPIED=${REL}
RUN <<EOF
echo $REL ${NAME} '$VERSION'
EOF
ONBUILD RUN echo $REL
RUN echo "\\$VERSION" '$VERSION' $REL "${REL:-$NAME}" VERSION
FROM a AS c
RUN echo $REL
FROM alpine AS b
ARG VERSION=9
RUN echo $VERSION
"""


def renamed(text: str, offset: int, new: str) -> str:
    analysis, at = at_cursor(text[:offset] + "§" + text[offset:])
    found = rename(analysis, at, new)
    assert not isinstance(found, RenameRefused), found
    return analysis.source.edited(found).text


def refusal(marked: str, new: str) -> str:
    analysis, at = at_cursor(marked)
    found = rename(analysis, at, new)
    assert isinstance(found, RenameRefused)
    for lang in ("en", "ko"):
        assert not KB.text(f"rename.{found.reason}", lang, **found.args).startswith("rename.")
    return found.reason


@pytest.mark.parametrize(
    "needle",
    ["base AS build", "base\nFROM base", "base,target", "base /a /b\nCOPY --from=1", "BASE", "base /c", "1 /a"],
)
def test_renames_a_stage_from_wherever_it_is_named(needle: str) -> None:
    assert renamed(STAGES, STAGES.index(needle), "core") == RENAMED_STAGES


@pytest.mark.parametrize(
    "needle",
    [
        "VERSION=1.2",
        "VERSION}\nFROM",
        "VERSION AS a",
        "VERSION\nENV",
        "VERSION}\nRUN",
        "VERSION ${NAME}",
        "VERSION\nRUN echo",
        'VERSION "${',
        "VERSION:-",
        "VERSION\nFROM alpine AS b",
    ],
)
def test_renames_a_variable_with_the_global_it_inherits_from(needle: str) -> None:
    assert renamed(VARIABLES, VARIABLES.index(needle), "REL") == RENAMED_VARIABLES


def test_renames_a_stages_own_variable_alone() -> None:
    own = VARIABLES.index("VERSION=9")
    expected = VARIABLES[:own] + VARIABLES[own:].replace("VERSION", "REL")
    assert renamed(VARIABLES, own, "REL") == expected
    assert renamed(VARIABLES, len(VARIABLES) - 3, "REL") == expected


def test_keeps_line_ends_and_quotes() -> None:
    text = 'ARG X=1\r\nFROM a AS b\r\nARG X\r\nRUN echo $X\r\nCOPY --from=b /x "${X}"\r\n'
    assert renamed(text, 4, "Y") == text.replace("X", "Y")


def test_leaves_what_the_shell_assigns_itself() -> None:
    text = "FROM a\nARG X=1\nRUN X=${X}2 && echo $X\nRUN echo $X\n"
    expected = "FROM a\nARG Y=1\nRUN X=${Y}2 && echo $X\nRUN echo $Y\n"
    assert renamed(text, text.index("X=1"), "Y") == expected


@pytest.mark.parametrize(
    ("marked", "new", "reason"),
    [
        ("FROM a AS b§\n", "a b", "bad_stage_name"),
        ("FROM a AS b§\n", "1b", "bad_stage_name"),
        ("FROM a AS b§\n", "", "bad_stage_name"),
        ("FROM a AS b§\n", "scratch", "bad_stage_name"),
        ("FROM a AS b§\nFROM b\n", "Upper", "bad_stage_name"),
        ("FROM a AS b§\nFROM a AS c\n", "C", "stage_exists"),
        ("FROM python AS b§\n", "python", "image_exists"),
        ("ARG N=b\nFROM a AS b§\nFROM $N\n", "c", "through_variable"),
        ("FROM a\nFROM b\nCOPY --from=0§ /a /b\n", "c", "unnamed"),
        ("FROM a\nENV X§=1\n", "A B", "bad_variable_name"),
        ("FROM a\nENV X§=1\n", "1X", "bad_variable_name"),
        ("FROM a\nENV X§=1 Y=2\n", "Y", "variable_exists"),
        ("FROM a\nENV X§=1\n", "TARGETARCH", "variable_exists"),
        ("FROM a\nARG TARGETARCH§\n", "ARCH", "predefined"),
        ("FROM a\nRU§N true\n", "x", "nothing"),
        ("FROM a\nRUN echo $UND§EFINED\n", "x", "nothing"),
    ],
)
def test_refuses(marked: str, new: str, reason: str) -> None:
    assert refusal(marked, new) == reason


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("FROM a AS bu§ild\n", "build"),
        ("FROM a AS build\nFROM bui§ld\n", "build"),
        ("FROM a\nARG X=1\nRUN echo ${X§:-y}\n", "X"),
        ("FROM a\nRU§N true\n", None),
        ("FROM a\nFROM b\nCOPY --from=0§ /a /b\n", None),
        ("FROM a\nARG TARGETARCH§\n", None),
        ("FROM a§\n", None),
    ],
)
def test_says_what_can_be_renamed(marked: str, text: str | None) -> None:
    analysis, at = at_cursor(marked)
    found = renameable(analysis, at)
    assert (found[1] if found else None) == text


@pytest.mark.parametrize(
    ("marked", "line"),
    [
        ("FROM a AS b\nFROM c\nCOPY --from=b§ /x /y\n", 0),
        ("FROM a AS b\nFROM c\nCOPY --from=0§ /x /y\n", 0),
        ("FROM a AS b\nFROM b§\n", 0),
        ("FROM a AS b\nFROM c\nRUN --mount=from=b§,target=/x true\n", 0),
        ("FROM a\nFROM c\nONBUILD COPY --from=0§ /x /y\n", 0),
        ("FROM a\nENV X=1\nRUN echo 한글😀 $X§\n", 1),
        ("FROM a\nENV X=1\nRUN <<E\necho ${X§}\nE\n", 1),
        ("FROM a\nENV X=1\nONBUILD RUN echo $X§\n", 1),
        ("ARG V=1\nFROM a:${V§}\n", 0),
        ("ARG V=1\nFROM a\nARG V§\n", 0),
        ("ARG V=1\nFROM a\nARG V\nRUN echo $V§\n", 2),
        ("FROM a\nCOPY --from=nginx§ /x /y\n", None),
        ("FROM a\nRUN echo $X§\n", None),
        ("FROM a\nRUN echo $TARGETARCH§\n", None),
        ("FROM a\nRUN ec§ho\n", None),
    ],
)
def test_definition(marked: str, line: int | None) -> None:
    analysis, at = at_cursor(marked)
    found = definition_of(analysis, at)
    assert (analysis.source.line_of(found.start) if found is not None else None) == line


def test_occurrences_tell_definitions_from_uses() -> None:
    analysis, at = at_cursor(VARIABLES.replace("VERSION=1.2", "VER§SION=1.2"))
    found = symbol_at(analysis, at)
    assert found is not None
    roles = [(analysis.source.line_of(each.span.start), each.role) for each in occurrences(analysis, found[0])]
    assert roles == [
        (0, "definition"),
        (1, "use"),
        (2, "use"),
        (3, "definition"),
        (4, "use"),
        (6, "use"),
        (8, "use"),
        (9, "use"),
        (9, "use"),
        (11, "use"),
    ]
