"""undefined-variable."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "undefined-variable"


def test_fires_once_a_name_and_stage() -> None:
    found = fires(RULE, "FROM python:3.13\nCOPY $<<NOWHERE>> ${NOWHERE}/b\nFROM scratch\nENV A=${<<NOWHERE>>}\n")
    assert [finding.message for finding in found] == ["default", "default"]


def test_a_typo_whatever_the_base() -> None:
    text = "FROM example.org/x:1\nENV APP_USER=a\nUSER $APP_USR\nCOPY --chown=${APP_USR} a b\n"
    assert fires(RULE, text.replace("USER $APP_USR", "USER $<<APP_USR>>"))[0].message == "did-you-mean"
    assert fixed(RULE, "FROM a/x:1\r\nARG APPS\r\nENV X=1 \\\r\n Y=${APSP}/z\r\n") == (
        "FROM a/x:1\r\nARG APPS\r\nENV X=1 \\\r\n Y=${APPS}/z\r\n"
    )


def test_a_platform_variable_wants_a_declaration() -> None:
    text = "from example.org/x:1 as b\r\ncopy bin-$TARGETARCH /bin/x\r\n"
    assert fires(RULE, text.replace("$TARGETARCH", "$<<TARGETARCH>>"))[0].message == "platform"
    assert fixed(RULE, text) == "from example.org/x:1 as b\r\narg TARGETARCH\r\ncopy bin-$TARGETARCH /bin/x\r\n"


def test_a_variable_that_appends_to_itself_is_advice() -> None:
    assert fires(RULE, "FROM python:3.13\nENV FLAGS=-a:$<<FLAGS>>\n")[0].severity == "hint"


@pytest.mark.parametrize(
    "line",
    [
        "ENV PATH=/x:$PATH LD_LIBRARY_PATH=/x:$LD_LIBRARY_PATH",
        "WORKDIR $HOME/app",
        "COPY <<E /a\n$NOWHERE\nE",
        "RUN echo $NOWHERE",
        "CMD echo $NOWHERE",
        "ENV A=${NOWHERE:-x} B=${NOWHERE-x} C=${NOWHERE:+x} D=${NOWHERE:?x}",
        "ENV A=$PYTHON_VERSION",
        "ENV A=$http_proxy",
        "ENV A=\\$NOWHERE B='$NOWHERE'",
        "ONBUILD ENV A=$NOWHERE",
        "ARG NOWHERE\nENV A=$NOWHERE",
        "ENV NOWHERE=1\nFROM base AS c\nENV A=$NOWHERE",
    ],
)
def test_silent(line: str) -> None:
    silent(RULE, f"FROM python:3.13 AS base\n{line}\n")


def test_silent_for_bases_we_do_not_know() -> None:
    silent(RULE, "FROM example.org/x:1\nCOPY $NOWHERE a\n")
    silent(RULE, "ARG BASE\nFROM $BASE\nCOPY $NOWHERE a\n")
    silent(RULE, "FROM scratch\nENV PATH=/x:$PATH\n")
    silent(RULE, "ARG NOWHERE\nFROM python:3.13\nENV A=$NOWHERE\n")  # arg-out-of-scope says it
