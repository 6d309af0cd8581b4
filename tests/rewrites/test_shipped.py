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
