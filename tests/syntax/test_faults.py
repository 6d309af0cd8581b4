"""Faults: the code, the place and the arguments of each; and what is no fault."""

from __future__ import annotations

import pytest

from slimstage.syntax.grammar import PROBLEMS

from .helpers import codes, faults


@pytest.mark.parametrize(
    ("text", "code", "where", "args"),
    [
        ("FORM alpine", "unknown-instruction", "FORM", {"name": "FORM", "candidates": ("FROM",)}),
        ("copyy a b", "unknown-instruction", "copyy", {"name": "copyy", "candidates": ("COPY",)}),
        ("zzzz a", "unknown-instruction", "zzzz", {"name": "zzzz", "candidates": ()}),
        ("COPY --form=a b c", "unknown-flag", "form", {"candidates": ("from",), "instruction": "COPY"}),
        ("ENV --x a=b", "unknown-flag", "x", {"candidates": ()}),
        ("COPY --chown=a --chown=b c d", "duplicate-flag", "--chown=b", {"name": "chown"}),
        ("COPY --link=maybe a b", "invalid-flag-value", "maybe", {"reason": "boolean", "expected": "true, false"}),
        ("COPY --link= a b", "invalid-flag-value", "--link=", {"reason": "missing"}),
        ("COPY --from a b", "invalid-flag-value", "--from", {"reason": "missing", "flag": "from"}),
        ("RUN --network=hots a", "invalid-flag-value", "hots", {"reason": "choice", "candidates": ("host",)}),
        ("HEALTHCHECK --interval=5 CMD x", "invalid-flag-value", "5", {"reason": "duration"}),
        ("HEALTHCHECK --timeout=10us CMD x", "invalid-flag-value", "10us", {"reason": "too-short"}),
        ("HEALTHCHECK --retries=x CMD x", "invalid-flag-value", "x", {"reason": "count"}),
        ("RUN --mount=type=cahce,target=/x a", "unknown-mount-type", "cahce", {"candidates": ("cache",)}),
        (
            "RUN --mount=type=bind,form=a,target=/x b",
            "unknown-mount-option",
            "form",
            {"reason": "unknown", "type": "bind", "candidates": ("from",)},
        ),
        ("RUN --mount=type=tmpfs,target=/x,mode=1 b", "unknown-mount-option", "mode", {"reason": "not-for-type"}),
        ("RUN --mount=type=cache,target b", "invalid-mount-option", "target", {"reason": "missing"}),
        ("RUN --mount=type=cache,target=/x,sharing=lock b", "invalid-mount-option", "lock", {"reason": "choice"}),
        ("RUN --mount=type=cache,target=/x,mode=9 b", "invalid-mount-option", "9", {"reason": "mode"}),
        ("RUN --mount=type=cache,target=/x,uid=a b", "invalid-mount-option", "a", {"reason": "number"}),
        ("RUN --mount=type=bind,from=$A,target=/x b", "invalid-mount-option", "$A", {"reason": "variable-in-from"}),
        ("RUN --mount=type=cache,,target=/x b", "invalid-mount-option", "", {"reason": "empty", "name": ""}),
        ("WORKDIR", "missing-argument", "WORKDIR", {"minimum": 1, "count": 0, "reason": "arguments"}),
        ("COPY a", "missing-argument", "COPY", {"minimum": 2, "count": 1, "reason": "destination"}),
        ("HEALTHCHECK CMD", "missing-argument", "CMD", {"reason": "healthcheck-command"}),
        ("SHELL bash -c", "missing-argument", "bash -c", {"reason": "shell-json"}),
        ("SHELL []", "missing-argument", "SHELL", {"reason": "shell-json"}),
        ("HEALTHCHECK NONE a b", "extra-argument", "a b", {"maximum": 0}),
        ("HEALTHCHECK CDM x", "invalid-healthcheck", "CDM", {"candidates": ("CMD",)}),
        ("CMD ['a', 'b']", "invalid-json-form", "['a', 'b']", {"fixed": '["a", "b"]', "reason": "single-quotes"}),
        ("CMD [node]", "invalid-json-form", "[node]", {"fixed": '["node"]', "reason": "unquoted"}),
        ("CMD [node a.js]", "invalid-json-form", "[node a.js]", {"fixed": None, "reason": "unquoted"}),
        ('CMD ["a", "b",]', "invalid-json-form", '["a", "b",]', {"fixed": '["a", "b"]', "reason": "trailing-comma"}),
        ('CMD ["a" "b"]', "invalid-json-form", '["a" "b"]', {"fixed": None, "reason": "syntax"}),
        ('CMD ["a", "b"', "invalid-json-form", '["a", "b"', {"reason": "unterminated", "fatal": False}),
        ("CMD [1]", "invalid-json-form", "[1]", {"reason": "not-strings", "fatal": True}),
        ("RUN [ 'apt', 'update' ]", "invalid-json-form", "[ 'apt', 'update' ]", {"fixed": '["apt", "update"]'}),
        ("SHELL ['a']", "invalid-json-form", "['a']", {"fatal": True, "fixed": '["a"]'}),
        ("VOLUME [/data]", "invalid-json-form", "[/data]", {"fixed": '["/data"]'}),
        ('SHELL ["C:\\x"]', "invalid-json-form", '["C:\\x"]', {"fixed": None}),
        ("RUN a \\\n\n \n b", "empty-continuation", "\n \n", {"lines": 2}),
        ("RUN <<EOF\na\n", "unterminated-heredoc", "<<EOF", {"delimiter": "EOF"}),
        ("COPY a <<EOF\nEOF\n", "invalid-heredoc", "<<EOF", {"delimiter": "EOF", "instruction": "COPY"}),
        ('ENV A="b c', "unterminated-quote", '"b c', {"quote": '"', "instruction": "ENV"}),
        ("ENV A don't", "unterminated-quote", "'t", {"quote": "'"}),
        ('COPY "a b" c', "unterminated-quote", '"a', {"quote": '"', "instruction": "COPY"}),
        ("ENV A", "invalid-key-value", "A", {"reason": "no-value", "name": "A"}),
        ("ENV A=b C", "invalid-key-value", "C", {"reason": "no-equals", "name": "C"}),
        ("LABEL =b", "invalid-key-value", "=b", {"reason": "no-name"}),
        ("ARG =b", "invalid-key-value", "=b", {"reason": "no-name", "instruction": "ARG"}),
        (
            "ENV A=${B^^}",
            "unsupported-variable-modifier",
            "${B^^}",
            {"name": "B", "modifier": "^^", "reason": "modifier"},
        ),
        ("ENV A=${B:#c}", "unsupported-variable-modifier", "${B:#c}", {"modifier": ":#c"}),
        ("ENV A=${B", "unsupported-variable-modifier", "${B", {"reason": "unclosed"}),
        ("ENV A=${}", "unsupported-variable-modifier", "${}", {"reason": "bad-substitution"}),
        ("ENV A=${B/c}", "unsupported-variable-modifier", "${B/c}", {"reason": "unclosed"}),
        ("ONBUILD FROM a", "invalid-onbuild", "FROM", {"reason": "forbidden"}),
        ("ONBUILD ONBUILD RUN a", "invalid-onbuild", "ONBUILD", {"reason": "forbidden"}),
        ("ONBUILD RNU a", "invalid-onbuild", "RNU", {"reason": "unknown", "candidates": ("RUN",)}),
        ("ONBUILD", "missing-argument", "ONBUILD", {"instruction": "ONBUILD"}),
        ("# syntax=a\n# syntax=b\nFROM a", "duplicate-directive", "# syntax=b", {"name": "syntax"}),
        ("# escape=x\nFROM a", "invalid-escape-directive", "x", {"value": "x"}),
        ("FROM a SA b", "invalid-from-syntax", "SA", {"reason": "not-as", "word": "SA", "candidates": ("AS",)}),
        ("FROM a AS", "invalid-from-syntax", "AS", {"reason": "no-name"}),
        ("FROM a b", "invalid-from-syntax", "b", {"reason": "missing-as"}),
        ("FROM a AS b c", "invalid-from-syntax", "AS b c", {"reason": "count"}),
    ],
)
def test_faults(text: str, code: str, where: str, args: dict[str, object]) -> None:
    ((found, place, found_args),) = faults(text)
    assert (found, place) == (code, where)
    assert {name: found_args[name] for name in args} == args
    assert set(found_args) == set(PROBLEMS[code].args)


@pytest.mark.parametrize(
    "text",
    [
        "RUN",
        "RUN --network=none",
        "CMD",
        "ENTRYPOINT []",
        "RUN pip install .[dev]",
        "RUN [ -f x ] && y",
        "RUN [ -f a,b ]",
        'RUN [ "$A" = "b" ]',
        'RUN [[ "$A" == "b" ]]',
        "COPY [abc]* /x",
        "COPY [a-z] [0-9]",
        "RUN --mount=type=cache,target=/a --mount=type=cache,target=/b x",
        "COPY --exclude=a --exclude=b c d",
        "COPY --link=FALSE a b",
        "COPY --link=$A a b",
        "RUN --mount=type=$T,target=/x y",
        "RUN --mount=type=cache,target=/x,readonly,sharing=LOCKED y",
        "RUN --mount=type=secret,id=a,required y",
        "RUN --mount=type=tmpfs,target=/x,size=1.5g y",
        "RUN --mount=target=/x,from=a y",
        "HEALTHCHECK --interval=1m30s --timeout=0 --retries=3 CMD x",
        "HEALTHCHECK --interval= CMD x",
        "HEALTHCHECK NONE",
        "RUN a \\\n# comment\n b",
        "RUN <<EOF\n\na\nEOF\n",
        "RUN echo ${A^^} ${B:1:2} ${#C}",
        "CMD echo ${A^^}",
        "FROM ${V:-alpine}",
        "ENV A=${B:-$C} D=${E//a/b}",
        "ARG A",
        "ARG A B=c",
        "MAINTAINER it's me",
        "STOPSIGNAL --x SIGTERM",
        "ARG --x A",
        "ONBUILD HEALTHCHECK NONE",
        "RUN echo it's",
        "FROM a as b",
        "LABEL a b",
    ],
)
def test_what_is_no_fault(text: str) -> None:
    assert codes(text) == []


def test_every_fault_is_described() -> None:
    assert all(spec.code == code for code, spec in PROBLEMS.items())


def test_one_fault_silences_no_other() -> None:
    text = "FORM a\nCOPY --form=x b\nENV A=${B^^} C\nRUN x \\\n\n y\nCMD ['a']\n"
    assert codes(text) == [
        "unknown-instruction",
        "missing-argument",
        "unknown-flag",
        "unsupported-variable-modifier",
        "invalid-key-value",
        "empty-continuation",
        "invalid-json-form",
    ]
