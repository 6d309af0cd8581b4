"""A final stage that takes what another one built: the base that the product needs, the product and not its folder."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.rewrites import Conversion, ConversionOptions, Refusal
from tests.rewrites.test_conversions import convert, read

GO = """FROM golang:1.22-bookworm AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
RUN go build -o app .

FROM debian:bookworm
WORKDIR /src
COPY --from=build --chown=1000 /src /src
USER 1000
ENTRYPOINT ["./app"]
"""
FILES = {"go.mod": "module example.com/app\n", "main.go": "package main\n", "templates/a.html": "<p>\n"}


def go(old: str = "", new: str = "", files: dict[str, str] | None = None) -> Conversion | Refusal:
    assert old in GO
    return convert(GO.replace(old, new, 1), DictContext(files or FILES), ConversionOptions(force=True))


def test_a_folder_is_narrowed_to_what_the_program_needs() -> None:
    found = go()
    assert isinstance(found, Conversion), found
    copies = [line for line in found.text.splitlines() if "--from=build" in line]
    assert copies == [
        "COPY --from=build --chown=1000 /src/app /src/app",
        "COPY --from=build --chown=1000 /src/templates /src/templates",
    ]
    assert found.text.count("FROM debian:bookworm\n") == 1
    assert isinstance(convert(found.text, DictContext(FILES), ConversionOptions(force=True)), Refusal)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("RUN go build", "RUN mkdir -p data && touch data/x\nRUN go build", "only-copies"),  # made in the folder, too
        ("/src /src\n", "/src /app\n", "only-copies"),  # the container starts another path
        ("/src /src\n", "/src/app /src/app\n", "only-copies"),  # narrow already
        ('["./app"]', '["./app2"]', "product-unknown"),
        ('["./app"]', '["go", "run", "."]', "product-unknown"),
        ("--chown=1000 /src /src\nUSER 1000", "/ /\nUSER app", "only-copies"),  # a user of the stage's own
        ("RUN go build", "RUN apt-get update && apt-get install -y ffmpeg\nRUN go build", None),
        ("RUN go build", "COPY --from=alpine /etc/os-release /src/\nRUN go build", "only-copies"),
        ("RUN go build", "RUN ./generate.sh\nRUN go build", "only-copies"),
    ],
)
def test_nothing_is_left_out_that_may_be_needed(old: str, new: str, reason: str | None) -> None:
    found = go(old, new)
    if reason is None:
        assert isinstance(found, Conversion)
        return
    assert isinstance(found, Refusal), found
    assert found.reason == reason


def test_a_whole_stage_with_run_time_packages_is_not_narrowed() -> None:
    text, context = read("shipped-go-whole-stage")
    assert isinstance(convert(text, context), Conversion)
    more = text.replace("WORKDIR", "RUN apt-get update && apt-get install -y ffmpeg\nWORKDIR")
    assert isinstance(convert(more, context), Refusal)


@pytest.mark.parametrize(
    ("case", "old", "new", "reason"),
    [
        # Another release of Debian has another C library; cgo links it.
        ("shipped-go-full-base", "CGO_ENABLED=0 ", "", None),
        ("shipped-rust-full-base", "\nFROM rust:1.63-bookworm", "\nFROM rust:1.63-bullseye", "unknown-base"),
        ("shipped-rust-full-base", '["count"]', '["cargo", "run"]', "product-unknown"),
        ("shipped-python-full-base", "-r requirements.txt", "mystery-package", "requirement-unknown"),
        ("shipped-python-full-base", "-r requirements.txt", "$WHAT", "requirements-unknown"),
        (
            "shipped-python-full-base",
            "\nFROM python:3.11-bookworm",
            "\nFROM python:3.12-bookworm",
            "requirements-unknown",
        ),
        ("shipped-python-full-base", "COPY . .", "RUN ./setup.sh", "opaque-script"),
    ],
)
def test_another_base_only_where_the_product_is_known_to_run(case: str, old: str, new: str, reason: str | None) -> None:
    text, context = read(case)
    assert old in text
    found = convert(text.replace(old, new), context)
    if reason is None:
        assert isinstance(found, Conversion), found
        assert "FROM debian:bookworm-slim\n" in found.text
        return
    assert isinstance(found, Refusal), found
    assert found.reason == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("\nFROM node:20-bookworm\nWORKDIR", "\nFROM node:20-alpine\nWORKDIR"), "only-copies"),  # small already
        (("FROM node:20-bookworm AS", "FROM node:20-alpine AS"), "unknown-base"),  # musl's modules on glibc
        (("RUN npm run build", "RUN ./generate.sh"), None),
    ],
)
def test_a_node_project_of_another_stage(change: tuple[str, str], reason: str | None) -> None:
    text, context = read("shipped-node-full-base")
    assert change[0] in text
    found = convert(text.replace(*change), context)
    if reason is None:
        assert isinstance(found, Conversion), found  # what is copied is the same, whoever made it
    else:
        assert isinstance(found, Refusal) and found.reason == reason


def test_a_module_whose_needs_nobody_knows_keeps_the_full_base() -> None:
    text, context = read("shipped-node-full-base")
    assert context is not None
    lock = (context.read_text("package-lock.json") or "").replace(
        '"node_modules/express": {', '"node_modules/mystery": { "hasInstallScript": true },\n"node_modules/express": {'
    )
    package = context.read_text("package.json") or ""
    files = {"package.json": package, "package-lock.json": lock, "src/server.ts": "import express from 'express'\n"}
    found = convert(text, DictContext(files))
    assert isinstance(found, Refusal) and found.reason == "module-needs-system"
    del files["package-lock.json"]
    found = convert(text, DictContext(files))
    assert isinstance(found, Refusal) and found.reason == "manifest-needed"


@pytest.mark.parametrize(
    ("case", "lines"),
    [
        ("shipped-go-full-base", "COPY --from=build /out/app /usr/local/bin/app\nUSER nonroot\n"),
        ("shipped-go-whole-stage", "COPY --from=build /usr/local/bin/app /usr/local/bin/app\nUSER nonroot\n"),
        ("shipped-node-full-base", "COPY --from=build /app /app\nUSER node\n"),
        ("shipped-python-full-base", "COPY . .\nRUN useradd --system --uid 10001 --no-create-home app\nUSER app\n"),
    ],
)
def test_a_user_of_its_own_is_heeded_here_too(case: str, lines: str) -> None:
    text, context = read(case)
    found = convert(text, context, ConversionOptions(non_root=True))
    assert isinstance(found, Conversion), found
    assert lines in found.text


@pytest.mark.parametrize(
    ("build", "base", "narrowed"),
    [
        ("CGO_ENABLED=0 go build", "alpine:3.20", True),
        ("go build", "debian:bookworm", True),
        ("go build", "debian:bullseye", False),  # an older C library
        ("go build", "alpine:3.20", False),  # another one
        ("apt-get update && apt-get install -y libpq-dev\nRUN go build", "debian:bookworm", False),  # libpq5 came along
    ],
)
def test_a_whole_stage_is_narrowed_where_the_libraries_are_there_without_it(
    build: str, base: str, narrowed: bool
) -> None:
    text, context = read("shipped-go-whole-stage")
    text = text.replace("CGO_ENABLED=0 go build", build).replace("FROM golang:1.22-bookworm\n", f"FROM {base}\n")
    found = convert(text, context, ConversionOptions(force=True))
    assert isinstance(found, Conversion) is narrowed, found
