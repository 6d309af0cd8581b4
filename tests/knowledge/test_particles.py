"""Korean particles behind filled-in words."""

from __future__ import annotations

import pytest

from slimstage.knowledge.base import fill


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("스테이지", "`스테이지`를"),
        ("이미지 이름", "`이미지 이름`을"),
        ("npm", "`npm`을"),
        ("pip", "`pip`을"),
        ("gcc", "`gcc`를"),
        ("python:3.11", "`python:3.11`을"),
        ("python:3.12", "`python:3.12`를"),
        ("node:20", "`node:20`을"),
        ("alpine:latest", "`alpine:latest`를"),
        ("build-essential", "`build-essential`을"),
        ("libpq-dev", "`libpq-dev`를"),
        ("COPY", "`COPY`를"),
        ("bld", "`bld`를"),
        ("python-multi-stage", "`python-multi-stage`를"),
        ("330 MB", "`330 MB`를"),
        ("stack", "`stack`을(를)"),
        ("/app/", "`/app/`을(를)"),
        ("", "``을(를)"),
        ("😀", "`😀`을(를)"),
    ],
)
def test_the_object_particle(word: str, expected: str) -> None:
    assert fill("`{word}`을(를)", {"word": word}) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{a}이(가)", "server가"),
        ("{a}({size})은(는)", "server(330 MB)는"),
        ("{b}(으)로 {c}(으)로 {a}(으)로", "slim으로 npm install로 server로"),
        ("{b}와(과) {a}와(과)", "slim과 server와"),
        ("`{b}`(이)라는 것", "`slim`이라는 것"),
        ("{a}이(가) {b}이(가) {c}은(는)", "server가 slim이 npm install은"),
    ],
)
def test_the_other_particles(template: str, expected: str) -> None:
    assert fill(template, {"a": "server", "b": "slim", "c": "npm install", "size": "330 MB"}) == expected


def test_a_users_own_words_stay_as_they_are_where_the_text_has_no_particle() -> None:
    assert fill("{a}", {"a": "이름을(를)"}) == "이름을(를)"
