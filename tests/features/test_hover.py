"""What hover says where, in English and Korean."""

from __future__ import annotations

import pytest

from slimstage.features.hover import hover
from tests.features.cursor import at_cursor

# marked text; the text hover is about; what both languages say; what English says; what Korean says
CASES = [
    ("FR§OM alpine", "FROM", "FROM [--platform", "Starts a build stage", "빌드 스테이지를 시작"),
    ("FROM a\nONBUILD CO§PY a b", "COPY", "COPY [OPTIONS]", "Copies files", "복사합니다"),
    (
        "# syn§tax=docker/dockerfile:1\nFROM a",
        "syntax=docker/dockerfile:1",
        "docker/dockerfile:1",
        "frontend",
        "프런트엔드",
    ),
    ("FROM a AS b§", "b", "`b`", "Ships", "배포됨"),
    ("FROM a AS b\nFROM c\nCOPY --from=b§ /x /y", "b", "`/x`", "copies files from it (line 3)", "3번째 줄"),
    ("FROM a AS b\nFROM c\nCOPY --from=0§ /x /y", "0", "`b`", "Builds only", "빌드 전용"),
    ("FROM a AS 😀\nFROM a AS b\nFROM b§", "b", "`a`", "Base of the stage `2`", "스테이지 `2`의 베이스"),
    ("FROM a AS b\nFROM c\nRUN --mount=from=b§,target=/x true", "b", "`b`", "mounts it", "마운트"),
    ("FROM c\nCOPY --from=5§ /a /b", "5", "1", "no stage with this number", "번호의 스테이지가 없습니다"),
    ("FROM c\nCOPY --from=d§ /a /b\nFROM x AS d", "d", "`d`", "comes later", "뒤쪽"),
    ("FROM pyth§on:3.12-slim", "python:3.12-slim", "119.2 MB", "measured", "측정"),
    ("FROM 😀\nFROM pyth§on:3.11-slim", "python:3.11-slim", "glibc", "On disk", "디스크"),
    ("FROM nonsen§se:1", "nonsense:1", "nonsense:1", "Nothing is known", "정보가 없습니다"),
    ("FROM scra§tch", "scratch", "scratch", "empty image", "빈 이미지"),
    ("FROM a\nENV OUT=/out\nRUN echo 😀 $O§UT", "OUT", "`/out`", "on line 2", "2번째 줄"),
    ("FROM a\nRUN echo ${T§AG:-dflt}", "TAG", "`dflt`", "Nothing in this file defines", "정의한 곳이 없습니다"),
    ("ARG V=1.2\nFROM a:$V\nARG V\nRUN echo $V§", "V", "`1.2`", "global `ARG` on line 1", "전역 `ARG`"),
    ("ARG V=1.2\nFROM a:${V§}", "V", "`1.2`", "Global `ARG` on line 1", "전역 `ARG`"),
    (
        "FROM a\nARG TARGETARCH\nRUN echo $TARGETAR§CH",
        "TARGETARCH",
        "ARG",
        "BuildKit gives the value",
        "BuildKit이 정합니다",
    ),
    ("FROM a\nARG X\nRUN echo $X§", "X", "--build-arg", "No default", "기본값이 없습니다"),
    (
        "FROM a\nRUN --mo§unt=type=cache,target=/x true",
        "--mount=type=cache,target=/x",
        "RUN --mount",
        "visible",
        "연결",
    ),
    ("FROM a\nRUN --mount=type=ca§che,target=/x true", "type=cache", "type=cache", "between builds", "빌드 사이"),
    ("FROM a\nRUN --mount=type=cache,ds§t=/x true", "dst=/x", "`destination`", "path inside", "경로"),
    ("FROM a\nHEALTHCHECK --inter§val=1s CMD x", "--interval=1s", "`30s`", "Time between", "간격"),
    ("FROM a\nCOPY --chm§od=1 a b", "--chmod=1", "COPY --chmod", "permissions", "권한"),
    ("FROM python:3.11-slim\nRUN apt-get install -y libpq-d§ev", "libpq-dev", "PostgreSQL", "Headers", "헤더"),
    (
        "FROM python:3.11-slim\nRUN apt-get update \\\n && apt-get install 한글 libpq-d§ev",
        "libpq-dev",
        "apt",
        "Headers",
        "헤더",
    ),
    ("FROM python:3.11-slim\nRUN pip install psycop§g2", "psycopg2", "glibc", "source only", "소스만"),
    ("FROM python:3.11-slim\nRUN pip install aiosig§nal", "aiosignal", "1.4.0", "once installed", "설치 후"),
    ("FROM node:22\nRUN npm i -g types§cript@6", "typescript@6", "24.3 MB", "in node_modules", "node_modules에서"),
    ("FROM node:22\nRUN yarn add @babel/co§re", "@babel/core", "`@babel/parser`", "Needs", "의존하는 패키지"),
    ("FROM debian:bookworm-slim\nRUN apt-get install v§im", "vim", "bookworm-slim", "package index", "패키지 인덱스"),
    ("FROM debian:bookworm-slim\nRUN apt-get install m§tr", "mtr", "### mtr (apt)", "adds", "추가되는 크기"),
    ("FROM debian:bookworm-slim\nRUN apt-get install g§cc", "gcc", "241.0 MB", "with recommended", "추천 패키지까지"),
    ("FROM a\nENV X=$HTTP_PR§OXY", "HTTP_PROXY", "`ARG HTTP_PROXY`", "only after", "먼저 `ARG HTTP_PROXY`를"),
    ("FROM a\nRUN echo $HTTP_PR§OXY", "HTTP_PROXY", "--build-arg", "needs no ARG", "필요 없고"),
    ("ARG TARGETARCH§\nFROM a:$TARGETARCH", "TARGETARCH", "arm64", "BuildKit gives", "`ARG TARGETARCH`를"),
    ("# esc§ape=`\nFROM a", "escape=`", "`` ` ``", "Values", "값:"),
    ("FROM a AS b\nFROM c\nCOPY --from=b§ / /", "b", "`1`", "`1` copies files", "`1` 스테이지가 파일을 복사"),
]


@pytest.mark.parametrize(("marked", "about", "both", "english", "korean"), CASES, ids=[case[0][-40:] for case in CASES])
def test_says(marked: str, about: str, both: str, english: str, korean: str) -> None:
    analysis, at = at_cursor(marked)
    for lang, expected in (("en", english), ("ko", korean)):
        found = hover(analysis, at, lang)
        assert found is not None
        assert analysis.source.text[found.span.start : found.span.end] == about
        assert both in found.text
        assert expected in found.text
        assert "hover." not in found.text
        assert "describe." not in found.text


@pytest.mark.parametrize(
    "marked",
    [
        "FROM a\nRUN echo hel§lo",
        "FROM a\n# com§ment",
        "§",
        "FROM a\n\n§\n",
        "FROM a\nRUN echo '$X§'",
        "FROM a\nRUN <<E\n한글§\nE\n",
    ],
)
def test_is_silent(marked: str) -> None:
    analysis, at = at_cursor(marked)
    assert hover(analysis, at, "en") is None


def test_every_modifier_is_explained() -> None:
    seen = set()
    for modifier in (":-", "-", ":+", "+", ":?", "?", "##", "#", "%%", "%", "//", "/"):
        analysis, at = at_cursor(f"FROM a\nENV X=1\nENV Y=${{X§{modifier}a/b}}\n")
        found = hover(analysis, at, "en")
        assert found is not None
        seen.add(found.text.splitlines()[-1])
    assert len(seen) == 12


REQUIREMENTS = "FROM python:3.11-slim\nCOPY reqs.txt .\nRUN pip install --no-cache-dir {word}\n"


@pytest.mark.parametrize("word", ["-r reqs§.txt", "-rreqs§.txt", "--requirement=reqs§.txt"])
def test_a_requirements_file_tells_what_it_asks_for(word: str) -> None:
    files = {"reqs.txt": 'requests\npsycopg2\nsome-thing-of-ours\npywin32; sys_platform == "win32"\n'}
    analysis, at = at_cursor(REQUIREMENTS.format(word=word), files)
    found = hover(analysis, at, "en")
    assert found is not None
    title, count, listed = found.text.split("\n\n")
    assert title == "### reqs.txt"
    assert count.endswith(": 3")
    compiled, unknown, wheel = listed.splitlines()
    assert compiled.startswith("- `psycopg2`: **compiled")
    assert compiled.endswith("needs libpq5 at run time")
    assert unknown.startswith("- `some-thing-of-ours`: not known")
    assert wheel.startswith("- `requests`: a wheel")
    korean = hover(analysis, at, "ko")
    assert korean is not None
    assert "설치할 때 컴파일합니다" in korean.text


def test_needs_of_compiled_requirements_are_those_of_the_base() -> None:
    text = REQUIREMENTS.format(word="-r re§qs.txt").replace("3.11-slim", "3.11-alpine")
    analysis, at = at_cursor(text, {"reqs.txt": "psycopg2\n"})
    found = hover(analysis, at, "en")
    assert found is not None
    assert found.text.endswith("needs libpq at run time")


@pytest.mark.parametrize(
    ("tag", "needs"),
    [("3.13-bookworm", "libldap-2.5-0, libsasl2-2"), ("3.13-trixie", "libldap2, libsasl2-2"), ("3.9-buster", None)],
)
def test_needs_bear_the_names_of_the_release(tag: str, needs: str | None) -> None:
    text = REQUIREMENTS.format(word="-r re§qs.txt").replace("3.11-slim", tag)
    analysis, at = at_cursor(text, {"reqs.txt": "python-ldap\n"})
    found = hover(analysis, at, "en")
    assert found is not None and "**compiled" in found.text
    assert found.text.endswith(f"needs {needs} at run time") if needs else "at run time" not in found.text


def test_a_requirements_file_that_cannot_be_read_says_so() -> None:
    for files in (None, {}, {"other.txt": "requests"}):
        analysis, at = at_cursor(REQUIREMENTS.format(word="-r re§qs.txt"), files)
        found = hover(analysis, at, "en")
        assert found is not None
        assert "not known here" in found.text
    analysis, at = at_cursor("FROM python:3.11-slim\nARG F\nRUN pip install -r a-§${F}.txt\n", {"a-.txt": "requests"})
    found = hover(analysis, at, "en")
    assert found is None or "requests" not in found.text


def test_a_long_requirements_file_is_cut() -> None:
    files = {"reqs.txt": "".join(f"thing-{number}\n" for number in range(50))}
    analysis, at = at_cursor(REQUIREMENTS.format(word="-r re§qs.txt"), files)
    found = hover(analysis, at, "en")
    assert found is not None
    assert found.text.splitlines()[-1] == "- 20 more"


def test_env_of_a_builder_does_not_stay_in_the_image() -> None:
    text = "FROM a AS b\nENV X§=1\nFROM a\nENV Y=1\nCOPY --from=b /x /x\n"
    analysis, offset = at_cursor(text)
    for lang, words in (("en", "not for the final image"), ("ko", "최종 이미지에는 없습니다")):
        found = hover(analysis, offset, lang)
        assert found is not None and words in found.text
    analysis, offset = at_cursor(text.replace("§", "").replace("Y=", "Y§="))
    found = hover(analysis, offset, "en")
    assert found is not None and "stays in the image" in found.text


def test_a_stage_that_a_variable_may_choose_is_not_called_skipped() -> None:
    text = "ARG F\nFROM a AS amd64§\nRUN x\nFROM ${F}\nRUN y\n"
    analysis, offset = at_cursor(text)
    found = hover(analysis, offset, "en")
    assert found is not None
    assert "depends on a variable" in found.text and "skips" not in found.text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_topics_beside_a_page_are_links_to_their_official_pages(lang: str) -> None:
    analysis, offset = at_cursor("FROM a\nRU§N true")
    shown = hover(analysis, offset, lang)
    assert shown is not None
    title = analysis.knowledge.concepts["layer"].title.to(lang)
    assert f"[`layer`]({analysis.knowledge.concepts['layer'].url}) ({title})" in shown.text
    assert "[`CMD`](https://docs.docker.com/reference/dockerfile/#cmd)" in shown.text
    assert ", `package-cache` (" in shown.text  # no official page: the plain name
