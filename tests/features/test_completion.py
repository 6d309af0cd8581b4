"""What completion offers where, and what it replaces."""

from __future__ import annotations

import pytest

from slimstage.features.candidates import Candidate
from slimstage.features.completion import Completion, complete, document
from tests.features.cursor import KB, at_cursor

HEAD = """\
ARG TAG=3.12
FROM python:${TAG} AS base
ENV OUT=/out
FROM base AS 빌드😀
FROM base AS build
ARG TAG
"""
FILES = {"src/app.py": "", "src/lib/x.py": "", "package.json": "{}", "with blank.txt": ""}


def found(marked: str, lang: str = "en", *, automatic: bool = False) -> Completion | None:
    analysis, offset = at_cursor(marked, FILES)
    return complete(analysis, offset, lang, automatic=automatic)


def candidates(marked: str) -> dict[str, Candidate]:
    completion = found(marked)
    return {} if completion is None else {candidate.label: candidate for candidate in completion.candidates}


# marked text; labels that must be there; labels that must not
CASES = [
    ("§", ["FROM", "ARG"], ["RUN", "COPY"]),
    (HEAD + "§", ["RUN", "COPY", "FROM", "HEALTHCHECK"], ["MAINTAINER"]),
    (HEAD + "R§", ["RUN"], []),
    (HEAD + "  r§\nUSER x\n", ["RUN"], []),
    (HEAD + "RUN a \\\n§", [], ["RUN", "COPY"]),
    ("# §", ["syntax", "escape", "check"], ["RUN"]),
    ("# syntax=x\n# §", ["escape", "check"], ["syntax"]),
    ("# syntax=§", ["docker/dockerfile:1"], ["escape"]),
    ("# escape=§\n", ["`", "\\"], []),
    (HEAD + "# §", [], ["syntax"]),
    (HEAD + "COPY --from=§ /a /b", ["base", "0", "1", "python", "alpine", "scratch"], ["build", "2", "later"]),
    (HEAD + "COPY --from=§ /a /b\nFROM x AS later", ["base", "0"], ["build", "later"]),
    (HEAD + "COPY --from=nginx:1§ /a /b", ["nginx:1.30"], []),
    (HEAD + "COPY --link --from=b§", ["base"], []),
    (HEAD + "ONBUILD COPY --from=§", ["base", "0"], ["build"]),
    (HEAD + "FROM §", ["base", "build", "python", "debian", "scratch"], ["0", "1"]),
    (HEAD + "FROM pyth§", ["python"], ["debian"]),
    (HEAD + "FROM python§", ["python", "python:3.14-slim"], []),
    (HEAD + "FROM python:3.14§", ["python:3.14-slim", "python:3.14-alpine"], ["base", "python"]),
    (HEAD + "FROM localhost:5000/x§", [], ["python"]),
    (HEAD + "FROM python@sha256:§", [], ["python"]),
    (HEAD + "FROM a §", ["AS"], ["python"]),
    (HEAD + "FROM a AS §", [], ["AS", "python", "base"]),
    (HEAD + "FROM --platform=§", ["linux/amd64", "linux/arm64", "$BUILDPLATFORM"], []),
    (HEAD + "FROM --platform=$BUILDPLATFORM §", ["base", "python"], []),
    (HEAD + "RUN --§", ["--mount", "--network", "--security", "--device"], ["--from"]),
    (HEAD + "RUN --mount=type=ssh --§ make", ["--mount", "--network"], []),
    (HEAD + "RUN --network=none --§", ["--mount"], ["--network"]),
    (HEAD + "RUN --network=§", ["none", "host", "default"], []),
    (HEAD + "RUN echo --§", [], ["--mount"]),
    (HEAD + "COPY --§", ["--from", "--chown", "--chmod", "--link", "--parents", "--exclude"], ["--checksum"]),
    (
        HEAD + "ADD --§",
        ["--checksum", "--chown", "--chmod", "--link", "--keep-git-dir", "--exclude", "--unpack"],
        ["--from"],
    ),
    (HEAD + "HEALTHCHECK --§", ["--interval", "--timeout", "--start-period", "--start-interval", "--retries"], []),
    (HEAD + "HEALTHCHECK §", ["CMD", "NONE"], []),
    (HEAD + "RUN --mount=§", ["type", "target", "source", "from"], ["sharing"]),
    (HEAD + "RUN --mount=type=§", ["bind", "cache", "tmpfs", "secret", "ssh"], []),
    (HEAD + "RUN --mount=type=cache,§", ["target", "id", "sharing", "from"], ["type", "env"]),
    (HEAD + "RUN --mount=type=cache,dst=/x,§", ["id"], ["target"]),
    (HEAD + "RUN --mount=type=cache,sharing=§", ["shared", "private", "locked"], []),
    (HEAD + "RUN --mount=type=secret,§", ["id", "env", "required"], ["from", "sharing"]),
    (HEAD + "RUN --mount=type=bind,from=§", ["base", "python"], ["build", "0"]),
    (HEAD + "RUN --mount=type=bind,source=§", ["src/", "package.json"], []),
    (HEAD + "RUN --mount=type=nonsense,§", [], ["target"]),
    (HEAD + "RUN echo $§", ["OUT", "TAG"], []),
    (HEAD + "RUN echo ${O§}", ["OUT"], []),
    (HEAD + 'RUN echo "$§"', ["OUT"], []),
    (HEAD + "RUN echo '$§'", [], ["OUT"]),
    (HEAD + "RUN echo \\$§", [], ["OUT"]),
    (HEAD + "RUN <<EOF\necho $§\nEOF\n", ["OUT"], []),
    (HEAD + "RUN <<EOF\necho §\nEOF\n", [], ["OUT", "RUN"]),
    (HEAD + "COPY <<'EOF' /x\n$§\nEOF\n", [], ["OUT"]),
    (HEAD + "FROM x:$§", ["TAG", "TARGETPLATFORM"], ["OUT"]),
    (HEAD + "COPY §", ["src/", "package.json"], ["with blank.txt"]),
    (HEAD + "COPY src/§ /app", ["src/app.py", "src/lib/"], ["package.json"]),
    (HEAD + "COPY --from=base §", [], ["src/", "package.json"]),
    (HEAD + "ARG §", ["TAG", "TARGETARCH"], ["OUT"]),
    (HEAD + "ONBUILD §", ["RUN", "COPY"], ["FROM", "ONBUILD"]),
    (HEAD + "STOPSIGNAL §", ["SIGTERM"], []),
    (HEAD + "RUN make §", [], ["RUN", "--mount"]),
    (HEAD + "# com§ment\n", [], ["syntax"]),
    (HEAD + "RUN a \\\n# com§ment\n && b\n", [], ["OUT"]),
]


@pytest.mark.parametrize(("marked", "wanted", "unwanted"), CASES, ids=[case[0][-40:] for case in CASES])
def test_offers(marked: str, wanted: list[str], unwanted: list[str]) -> None:
    labels = candidates(marked)
    assert not [label for label in wanted if label not in labels]
    assert not [label for label in unwanted if label in labels]


@pytest.mark.parametrize(
    ("marked", "label", "result"),
    [
        (HEAD + "COPY --from=b§ /a /b\n", "base", HEAD + "COPY --from=base /a /b\n"),
        (HEAD + "RUN --mount=type=bind,from=§\n", "base", HEAD + "RUN --mount=type=bind,from=base\n"),
        (HEAD + "RUN --mount=ty§\n", "type", HEAD + "RUN --mount=type=\n"),
        (HEAD + "RUN --m§\n", "--mount", HEAD + "RUN --mount=\n"),
        (HEAD + "COPY --li§\n", "--link", HEAD + "COPY --link\n"),
        (HEAD + "FROM python:3.14§\n", "python:3.14-slim", HEAD + "FROM python:3.14-slim\n"),
        (HEAD + "RUN echo 한글😀$O§\n", "OUT", HEAD + "RUN echo 한글😀$OUT\n"),
        (HEAD + "RUN echo ${O§\n", "OUT", HEAD + "RUN echo ${OUT}\n"),
        (HEAD + "RUN echo ${O§}\n", "OUT", HEAD + "RUN echo ${OUT}\n"),
        (HEAD + "COPY src/a§ /app\n", "src/app.py", HEAD + "COPY src/app.py /app\n"),
        (HEAD + "r§\n", "RUN", HEAD + "RUN \n"),
        ("# syn§", "syntax", "# syntax="),
        ("#syntax=dock§", "docker/dockerfile:1", "#syntax=docker/dockerfile:1"),
    ],
)
def test_replaces_what_is_typed(marked: str, label: str, result: str) -> None:
    analysis, offset = at_cursor(marked, FILES)
    completion = complete(analysis, offset, "en")
    assert completion is not None
    candidate = next(each for each in completion.candidates if each.label == label)
    assert analysis.source.edited([(completion.span, candidate.text)]).text == result


@pytest.mark.parametrize(
    ("marked", "symbol"),
    [
        (HEAD + "COPY --from=b§", "--from=b"),
        (HEAD + "RUN --mount=type=cache,sh§", "--mount=type=cache,sh"),
        (HEAD + "FROM --platform=lin§", "--platform=lin"),
        (HEAD + "FROM python:3§", "python:3"),
    ],
)
def test_knows_where_the_word_starts_for_clients_that_count_the_flag_to_it(marked: str, symbol: str) -> None:
    analysis, offset = at_cursor(marked)
    completion = complete(analysis, offset, "en")
    assert completion is not None
    assert analysis.source.text[completion.symbol.start : completion.symbol.end] == symbol


def test_stages_come_first_and_say_what_they_are() -> None:
    completion = found(HEAD + "COPY --from=§")
    assert completion is not None
    assert [each.label for each in completion.candidates[:4]] == ["base", "빌드😀", "0", "1"]
    assert completion.candidates[0].detail == "stage 0, on python:3.12"
    korean = found(HEAD + "COPY --from=§", "ko")
    assert korean is not None
    assert korean.candidates[0].detail == "스테이지 0, 베이스: python:3.12"


def test_known_tags_come_with_their_size_and_long_lists_are_cut() -> None:
    completion = found("FROM node:§")
    assert completion is not None
    assert completion.incomplete
    assert len(completion.candidates) == 100
    sized = next(each for each in completion.candidates if each.label == "node:22-alpine")
    assert " MB: " in sized.detail
    narrow = found("FROM node:22-alpine3§")
    assert narrow is not None
    assert not narrow.incomplete
    assert all("22-alpine3" in each.label for each in narrow.candidates)


def test_a_typed_blank_does_not_bring_flags_up() -> None:
    assert found(HEAD + "RUN §", automatic=True) is None
    offered = found(HEAD + "RUN §")
    assert offered is not None
    assert "--mount" in [each.label for each in offered.candidates]
    bases = found("FROM §", automatic=True)
    assert bases is not None
    assert not [each for each in bases.candidates if each.kind == "flag"]


def test_snippets_are_marked_and_compared_by_their_keyword() -> None:
    snippets = [each for each in candidates(HEAD + "§").values() if each.snippet]
    assert len(snippets) > 5
    assert all(each.compared.split(" ")[0].isupper() for each in snippets)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_topic_has_a_page(lang: str) -> None:
    pages = 0
    for marked, _, _ in CASES:
        analysis, offset = at_cursor(marked, FILES)
        completion = complete(analysis, offset, lang)
        for candidate in completion.candidates if completion else ():
            if candidate.topic:
                assert document(analysis, candidate.topic, lang), candidate
                pages += 1
    assert pages > 500


def test_no_text_is_a_message_key() -> None:
    for marked, _, _ in CASES:
        for lang in ("en", "ko"):
            completion = found(marked, lang)
            for candidate in completion.candidates if completion else ():
                assert not candidate.detail.startswith("completion."), candidate
    assert "completion.stage" in KB.messages


@pytest.mark.parametrize(
    "text", ["", "\n", "FROM", "FROM a\nRUN <<E\n$", "\\\n", "#", "# =", "ONBUILD", "ONBUILD ", "\r\n", "\ufeff#"]
)
def test_answers_at_every_offset_of_odd_texts(text: str) -> None:
    for offset in range(len(text) + 1):
        analysis, at = at_cursor(text[:offset] + "§" + text[offset:])
        complete(analysis, at, "en")
