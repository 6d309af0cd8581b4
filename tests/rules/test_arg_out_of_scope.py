"""arg-out-of-scope."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "arg-out-of-scope"


def test_fires_in_each_stage_once() -> None:
    found = fires(
        RULE,
        'ARG APP=a\nFROM x:1 AS b\nCOPY ${<<APP>>} $APP\nFROM x:1\nRUN echo "$<<APP>>" $APP\n',
    )
    assert found[0].related[0].place.span == (4, 7)
    assert found[0].fixes[0].safety.value == "safe"


def test_fires_whatever_the_base() -> None:
    fires(RULE, "ARG BASE\nARG APP=a\nFROM $BASE\nCOPY $<<APP>> b\n")


def test_the_fix_declares_it_behind_from() -> None:
    assert fixed(RULE, "ARG APP=a\r\nFROM x:1 \\\r\n AS b\r\nENV A=$APP\r\n") == (
        "ARG APP=a\r\nFROM x:1 \\\r\n AS b\r\nARG APP\r\nENV A=$APP\r\n"
    )


@pytest.mark.parametrize(
    "lines",
    [
        "ARG APP\nRUN echo $APP",
        "ENV APP=1\nRUN echo $APP",
        "RUN APP=1; echo $APP",
        "RUN for APP in 1 2; do echo $APP; done",
        "RUN read APP && echo $APP",
        "RUN echo '$APP' \\$APP",
        "RUN echo ${APP:-x}",
        "CMD echo $APP",
        'RUN ["echo", "$APP"]',
        "RUN <<E\necho $APP\nE",
        "ARG APP\nFROM b\nRUN echo $APP",
    ],
)
def test_silent(lines: str) -> None:
    silent(RULE, f"ARG APP=a\nFROM x:1 AS b\n{lines}\n")


def test_silent_for_what_the_base_sets() -> None:
    silent(RULE, "ARG NODE_VERSION=24\nFROM node:${NODE_VERSION}\nRUN echo $NODE_VERSION\n")
    silent(RULE, "FROM x:1\nRUN echo $APP\n")
