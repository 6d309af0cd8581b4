"""relative-workdir."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "relative-workdir"


def test_fires_at_the_first_one() -> None:
    fires(RULE, "FROM a:1\nWORKDIR <<app>>\nWORKDIR sub\nFROM b:1\nWORKDIR <<./x>>\nWORKDIR /y\n")


def test_the_fix_knows_where_the_base_starts() -> None:
    assert fixed(RULE, "FROM golang:1.25\nWORKDIR src/app\n") == "FROM golang:1.25\nWORKDIR /go/src/app\n"
    assert fixed(RULE, "FROM scratch\r\nWORKDIR app\r\n") == "FROM scratch\r\nWORKDIR /app\r\n"
    for base in ("alpine:3.22", "debian:bookworm-slim", "python:3.12-slim", "node:22-alpine", "ruby:3.4"):
        assert fixed(RULE, f"FROM {base}\nWORKDIR ./app/\n") == f"FROM {base}\nWORKDIR /app\n"
    for base in ("example.org/a:1", "perl:5.40", "php:8.4-fpm", "python:3.12-windowsservercore"):
        assert findings(analyse(f"FROM {base}\nWORKDIR app\n"), RULE)[0].fixes == ()


@pytest.mark.parametrize(
    "lines",
    [
        "WORKDIR /app\nWORKDIR sub",
        "WORKDIR $DIR",
        "ARG D=/a\nWORKDIR $D",
        "WORKDIR C:/app",
        "WORKDIR C:\\\\app",
        "WORKDIR",
    ],
)
def test_silent(lines: str) -> None:
    silent(RULE, f"FROM a:1\n{lines}\n")


def test_silent_below_a_stage_that_has_one() -> None:
    silent(RULE, "FROM a:1 AS b\nWORKDIR /app\nFROM b\nWORKDIR sub\n")
