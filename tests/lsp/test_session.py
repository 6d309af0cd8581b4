"""A whole session with each of the founding document's Dockerfiles, and with a broken one, as editors hold it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import ROOT, Client, applied, offset, position

SEED = ROOT / "tests" / "fixtures" / "seed"
ENCODINGS = ("utf-8", "utf-16", "utf-32")
CAPABILITIES: dict[str, Any] = {
    "textDocument": {
        "completion": {
            "completionItem": {"snippetSupport": True, "resolveSupport": {"properties": ["documentation", "detail"]}}
        },
        "codeAction": {"resolveSupport": {"properties": ["edit"]}, "dataSupport": True},
        "rename": {"prepareSupport": True},
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}
# Something wide before everything that is asked about: three bytes, one unit; four bytes, two units.
WIDE = "# 한글 😀\nARG 😀=한글 WIDE=😀한글\n"
BROKEN = """\
FROM python:3.12-slim AS base
RUNN echo 한글
FROM alpine:3.20 AS build
COPY --frm=base /etc/passwd /😀
RUN --mount=type=cach,target=/x echo 😀
WORKDIR /😀/$UNKNOWN
FROM base AS last
COPY --from=buidl /etc/passwd /한글
LABEL a="한글 😀" b
RUN <<EOF
never closed
"""
NAMES = """\
FROM alpine AS base
FROM base AS build
ENV 한글=😀 OUT=/out
RUN echo 😀 $OUT 한글 ${OUT}
FROM scratch
RUN --mount=type=bind,source=/한글😀,from=build,target=/x true
COPY --link --from=build /한글 /😀
"""

VERSIONS = count(1000)
Session = tuple[Client, str, str]


@pytest.fixture(scope="module", params=[(e, lang) for e in ENCODINGS for lang in ("en", "ko")], ids="-".join)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """One server per encoding and language; documents come and go."""
    encoding, lang = request.param
    client = Client()
    try:
        capabilities = client.initialize(
            CAPABILITIES, encodings=[encoding], locale={"en": "en-US", "ko": "ko-KR"}[lang]
        )
        assert capabilities["positionEncoding"] == encoding
        yield client, encoding, lang
        assert client.stop() == 0
        assert client.stderr == b""
    finally:
        client.kill()


def opened(client: Client, path: Path, text: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Open a Dockerfile of the seed; its text and its diagnostics."""
    text = path.read_text("utf-8") if text is None else text
    version = next(VERSIONS)  # never one of another test's, whose diagnostics may still be on their way
    client.open(text, path.as_uri(), version)
    return text, client.diagnostics(version)


def at(client: Client, method: str, text: str, needle: str, encoding: str, **more: Any) -> Any:
    """A request about the middle of `needle`, at its last occurrence."""
    where = text.rindex(needle) + len(needle) // 2
    return client.at(f"textDocument/{method}", position(text, where, encoding), **more)


def underlined(text: str, diagnostics: list[dict[str, Any]], encoding: str) -> dict[str, str]:
    """The text under each diagnostic, by rule."""
    return {
        each["code"]: text[
            offset(text, each["range"]["start"], encoding) : offset(text, each["range"]["end"], encoding)
        ]
        for each in diagnostics
    }


def labels(completion: Any) -> list[str]:
    return [] if completion is None else [item["label"] for item in completion["items"]]


def actions(client: Client, text: str, diagnostics: list[dict[str, Any]], encoding: str) -> list[dict[str, Any]]:
    """All code actions of the document, with their edits."""
    where = {"start": position(text, 0, encoding), "end": position(text, len(text), encoding)}
    found = client.about("textDocument/codeAction", range=where, context={"diagnostics": diagnostics})
    return [action if "edit" in action else client.request("codeAction/resolve", action) for action in found]


def edited(text: str, action: dict[str, Any], encoding: str) -> str:
    return applied(text, action["edit"]["documentChanges"][0]["edits"], encoding)


@pytest.mark.parametrize(
    ("folder", "about", "english", "korean"),
    [
        ("java-gradle", "gradle:8.3-jdk17", "gradle", "gradle"),
        ("java-gradle", "eclipse-temurin:17-jre", "On disk", "디스크"),
        ("java-gradle", "=builder", "copies files from it", "파일을 복사해 갑니다"),
        ("java-gradle", "ENTRYPOINT", "always runs", "항상"),
        ("node-static-site", "nginx:alpine", "On disk", "디스크"),
        ("node-static-site", "=builder", "`/app/dist`", "`/app/dist`"),
        ("python-single-stage", "python:3.11-slim", "measured", "측정"),
        ("python-single-stage", "libpq-dev", "Headers", "헤더"),
        ("python-pip-prefix", "build-essential", "apt", "apt"),
        ("python-pip-prefix", "=builder", "Builds only", "빌드 전용"),
    ],
)
def test_hovers(session: Session, folder: str, about: str, english: str, korean: str) -> None:
    client, encoding, lang = session
    text, _ = opened(client, SEED / folder / "Dockerfile", WIDE + (SEED / folder / "Dockerfile").read_text("utf-8"))
    found = at(client, "hover", text, about, encoding)
    client.close()
    assert found is not None
    assert found["contents"]["kind"] == "markdown"
    assert (english if lang == "en" else korean) in found["contents"]["value"]
    start, end = (offset(text, found["range"][side], encoding) for side in ("start", "end"))
    assert about.strip("=") in text[start:end] or text[start:end] in about


@pytest.mark.parametrize("folder", ["java-gradle", "node-static-site", "python-pip-prefix", "python-single-stage"])
def test_completes_in_each_file(session: Session, folder: str) -> None:
    client, encoding, _ = session
    text = WIDE + (SEED / folder / "Dockerfile").read_text("utf-8").rstrip("\n") + "\n"
    client.open(text, (SEED / folder / "Dockerfile").as_uri())
    for version, (typed, wanted) in enumerate(
        [
            ("RUN echo 😀 $WI", []),
            ("FROM scratch\nCOPY --from=", ["0"]),
            ("FROM nginx:", ["nginx:alpine"]),
            ("RUN --mount=type=", ["cache", "bind"]),
            ("COPY --ch", ["--chown", "--chmod"]),
            ("WOR", ["WORKDIR"]),
            ("COPY re", ["requirements.txt"] if folder.startswith("python") else []),
        ],
        start=2,
    ):
        whole = text + typed
        client.change(version, {"text": whole})
        found = client.at("textDocument/completion", position(whole, len(whole), encoding))
        assert not [label for label in wanted if label not in labels(found)], typed
        for item in found["items"] if found else ():
            edit = item["textEdit"]
            start, end = (offset(whole, edit["range"][side], encoding) for side in ("start", "end"))
            assert end == len(whole)
            assert start > len(text) - 1
            if item["label"] in wanted:
                assert item["filterText"].startswith(whole[start:end])
                assert applied(whole, [edit], encoding) == whole[:start] + edit["newText"]
    client.close()


def test_finds_what_the_seed_files_lack(session: Session) -> None:
    client, encoding, lang = session
    text, diagnostics = opened(client, SEED / "python-single-stage" / "Dockerfile")
    client.close()
    found = underlined(text, diagnostics, encoding)
    assert "build-tools-in-final-stage" in found
    assert "apt-lists-left" in found
    assert "language-cache-left" in found
    message = next(each["message"] for each in diagnostics if each["code"] == "build-tools-in-final-stage")
    assert any("가" <= character <= "힣" for character in message) == (lang == "ko")
    assert all(each["source"] == "slimstage" for each in diagnostics)


def test_the_single_stage_python_file_becomes_a_multi_stage_one(session: Session) -> None:
    client, encoding, _ = session
    path = SEED / "python-single-stage" / "Dockerfile"
    text, diagnostics = opened(client, path, WIDE + path.read_text("utf-8"))
    chosen = [
        action
        for action in actions(client, text, diagnostics, encoding)
        if [each["code"] for each in action.get("diagnostics", [])] == ["build-tools-in-final-stage"]
        and "edit" in action
        and "gnore" not in action["title"]
        and "무시" not in action["title"]
    ]
    assert chosen
    converted = edited(text, chosen[0], encoding)
    client.change(2, {"text": converted})
    left = [each["code"] for each in client.diagnostics(2)]
    client.close()
    assert converted.startswith(WIDE)
    assert " AS builder" in converted
    final = converted[converted.rindex("FROM ") :]
    assert "libpq5" in final
    assert "gcc" not in final
    assert "COPY --from=builder /install /usr/local" in final
    assert "build-tools-in-final-stage" not in left
    assert "missing-runtime-library" not in left


def test_every_fix_of_the_broken_file_can_be_applied(session: Session) -> None:
    client, encoding, lang = session
    text, diagnostics = opened(client, SEED / "broken.Dockerfile", BROKEN)
    found = underlined(text, diagnostics, encoding)
    assert found["unknown-instruction"] == "RUNN"
    assert found["unknown-flag"] == "frm"
    assert found["unknown-mount-type"] == "cach"
    assert found["undefined-variable"] == "UNKNOWN"
    assert found["unknown-stage"] == "buidl"
    assert "unterminated-heredoc" in found
    offered = actions(client, text, diagnostics, encoding)
    assert len(offered) > 8
    for action in offered:
        result = edited(text, action, encoding)
        assert result != text
        assert result.endswith("\n")
    results = [edited(text, action, encoding) for action in offered]
    for wrong, right in (("RUNN", "RUN"), ("--frm", "--from"), ("cach,", "cache,"), ("buidl", "build")):
        assert text.replace(wrong, right) in results, wrong
    korean = [action["title"] for action in offered if any("가" <= c <= "힣" for c in action["title"])]
    assert bool(korean) == (lang == "ko")
    client.close()


def test_names_survive_wide_text(session: Session) -> None:
    client, encoding, lang = session
    text = NAMES
    client.open(text, "untitled:Untitled-1", language="containerfile")
    definition = at(client, "definition", text, "${OUT}", encoding)
    assert definition["range"]["start"] == position(text, text.index("OUT=/out"), encoding)
    references = at(client, "references", text, "=build", encoding, context={"includeDeclaration": True})
    spans = [
        text[offset(text, each["range"]["start"], encoding) : offset(text, each["range"]["end"], encoding)]
        for each in references
    ]
    assert spans == ["build"] * 3
    highlights = at(client, "documentHighlight", text, "$OUT 한글", encoding)
    assert [each["kind"] for each in highlights] == [3, 2, 2]
    prepared = at(client, "prepareRename", text, "=build", encoding)
    assert prepared["placeholder"] == "build"
    renamed = at(client, "rename", text, "=build", encoding, newName="maker")
    assert applied(text, renamed["documentChanges"][0]["edits"], encoding) == text.replace("build", "maker")
    renamed = at(client, "rename", text, "$OUT 한글", encoding, newName="DIST")
    assert applied(text, renamed["documentChanges"][0]["edits"], encoding) == text.replace("OUT", "DIST")
    where = {"textDocument": {"uri": client.uri}, "position": position(text, text.index("build"), encoding)}
    error = client.answer(client.ask("textDocument/rename", {**where, "newName": "a b"}))["error"]
    assert error["code"] == -32803
    assert ("스테이지" in error["message"]) == (lang == "ko")
    client.close()


def test_edits_of_wide_text_arrive_where_they_are_meant(session: Session) -> None:
    client, encoding, _ = session
    text = "FROM alpine:3.20\nRUN echo 😀한글 | cat\n"
    client.open(text, "untitled:Untitled-2", language="docker")
    assert "unknown-instruction" not in [each["code"] for each in client.diagnostics()]
    version = 1
    for old, new in (("😀한글", "한😀"), ("echo", "printf 😀"), ("RUN", "RUNN"), (" | cat", "")):
        start = text.index(old)
        where = {"start": position(text, start, encoding), "end": position(text, start + len(old), encoding)}
        version += 1
        client.change(version, {"range": where, "text": new})
        text = text.replace(old, new, 1)
    found = underlined(text, client.diagnostics(version), encoding)
    client.close()
    assert text == "FROM alpine:3.20\nRUNN printf 😀 한😀\n"
    assert found["unknown-instruction"] == "RUNN"


def test_diagnostics_follow_their_line(session: Session) -> None:
    client, encoding, _ = session
    text = "FROM alpine:3.20\nRUN true\nworkdir /😀/$NOPE\n"
    client.open(text, "untitled:Untitled-3")
    client.diagnostics(1)
    start = position(text, text.index("RUN"), encoding)
    client.change(2, {"range": {"start": start, "end": start}, "text": "# 😀\n\n"})
    text = text.replace("RUN", "# 😀\n\nRUN")
    found = underlined(text, client.diagnostics(2), encoding)
    client.close()
    assert found["instruction-casing"] == "workdir"
    assert found["undefined-variable"] == "NOPE"
