"""apk: what a request brings in, what a virtual package takes away again, what is in no table."""

from __future__ import annotations

import pytest
from tests.sizes.test_estimate import knowledge, sized

from slimstage.model import Model
from slimstage.sizes.estimate import estimate
from slimstage.sizes.records import InstructionEstimate, Part
from slimstage.sizes.state import Files
from slimstage.syntax import parse


def last(text: str) -> InstructionEstimate:
    return sized(text).final.instructions[-1]


def apk(text: str, what: str = "apk") -> Part:
    (part,) = [part for part in last(text).parts if part.what == what]
    return part


def end(text: str) -> Files:
    return sized(text).final.end


def test_a_package_brings_what_it_needs_and_the_base_does_not_have() -> None:
    part = apk("FROM alpine:3.22\nRUN apk add --no-cache curl\n")
    assert part.args["packages"] == "curl"
    table = knowledge().alpine
    assert table is not None
    added = table.closure(["curl"]) - table.base
    assert "libcurl" in added
    assert "libssl3" in table.closure(["curl"]) & table.base
    assert part.args["count"] == len(added)
    assert part.disk is not None
    assert part.disk.bytes == sum(table.packages[name].installed for name in added)
    assert (part.disk.basis, part.disk.sources) == ("indexed", ("alpine-index",))
    assert part.disk.high - part.disk.bytes < part.disk.bytes * 0.05


def test_an_official_image_holds_some_of_it_already() -> None:
    on_alpine = apk("FROM alpine:3.24\nRUN apk add --no-cache curl git\n").args["count"]
    on_php = apk("FROM php:8.3-fpm-alpine\nRUN apk add --no-cache curl git\n").args["count"]
    assert on_php < on_alpine
    assert not [part for part in last("FROM node:22-alpine3.22\nRUN apk add --no-cache libstdc++\n").parts
                if part.what == "apk"]  # fmt: skip


def test_a_virtual_package_takes_what_it_brought_along() -> None:
    kept = apk("FROM alpine:3.22\nRUN apk add --no-cache libpq\n")
    mixed = apk(
        "FROM alpine:3.22\nRUN apk add --no-cache -t .build gcc musl-dev libpq-dev"
        " && apk add --no-cache libpq && apk del .build\n"
    )
    assert (mixed.args["count"], mixed.disk) == (kept.args["count"], kept.disk)
    gone = last("FROM alpine:3.22\nRUN apk add --no-cache --virtual .b gcc && apk del .b\n")
    assert not [part for part in gone.parts if part.what == "apk"]
    assert not [part for part in last("FROM alpine:3.22\nRUN apk add --no-cache git && apk del git\n").parts
                if part.what == "apk"]  # fmt: skip


def test_a_later_apk_del_saves_nothing_and_frees_for_later() -> None:
    text = "FROM alpine:3.22\nRUN apk add --no-cache git\nRUN apk del git\n"
    image = sized(text)
    assert image.final.instructions[0].disk.bytes > 10_000_000
    assert image.final.instructions[1].disk.bytes >= 0
    again = apk(text + "RUN apk add --no-cache git\n")
    assert again.disk is not None
    assert again.disk.bytes > 10_000_000
    assert not [part for part in last("FROM alpine:3.22\nRUN apk add git\nRUN apk add git\n").parts
                if part.what == "apk"]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "basis", "least", "most"),
    [
        ("alpine:3.22", "indexed", 0, 0.1),
        ("alpine:3.20", "computed", 0.2, 0.4),
        ("alpine:edge", "assumed", 0.3, 0.5),
        ("alpine:3.12", "assumed", 0.9, 1.1),
    ],
)
def test_the_interval_grows_with_the_distance_of_the_release(base: str, basis: str, least: float, most: float) -> None:
    disk = apk(f"FROM {base}\nRUN apk add --no-cache gcc musl-dev\n").disk
    assert disk is not None
    assert disk.basis == basis
    assert disk.bytes * least <= disk.high - disk.low <= disk.bytes * most


def test_on_an_image_nobody_knows_only_what_is_named_is_sure() -> None:
    disk = apk("FROM ruby:3.3-alpine\nRUN apk add --no-cache build-base\n").disk
    sure = apk("FROM alpine:3.24\nRUN apk add --no-cache build-base\n").disk
    assert disk is not None
    assert sure is not None
    assert disk.basis == "assumed"
    assert disk.bytes * 0.5 < disk.low < sure.low  # what the meta package stands for, not what that needs


def test_other_machines_are_further_away() -> None:
    model = Model(parse("FROM alpine:3.22\nRUN apk add --no-cache git\n"), knowledge())
    found = [estimate(model, platform) for platform in ("linux/amd64", "linux/arm64")]
    same, other = (image.final.instructions[-1].disk for image in found if image is not None)
    assert other.bytes == same.bytes
    assert other.high - other.low > (same.high - same.low) * 1.5


def test_names_in_no_table_are_named_with_a_likely_meant_one() -> None:
    done = last("FROM alpine:3.22\nRUN apk add --no-cache $EXTRA php83 curll ./own.apk git\n")
    assert [(part.what, part.args.get("name"), part.args.get("similar")) for part in done.unknown] == [
        ("package-variable", "$EXTRA", None),
        ("packages-no-table", None, None),
        ("package-unlisted", "php83", ""),
        ("package-unlisted-similar", "curll", "curl"),
    ]
    assert done.disk.bytes > 10_000_000


def test_the_index_stays_without_no_cache_until_it_is_deleted() -> None:
    assert apk("FROM alpine:3.22\nRUN apk update && apk add git\n", "apk-index").path == "/var/cache/apk"
    for text in ("apk add --no-cache git", "apk add git && rm -rf /var/cache/apk/*"):
        done = last(f"FROM alpine:3.22\nRUN {text}\n")
        assert not [part for part in done.parts if part.what == "apk-index"], text
    mounted = last("FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apk apk add git\n")
    assert not [part for part in mounted.parts if part.what == "apk-index"]


def test_a_branch_that_may_not_run_adds_nothing_at_least() -> None:
    disk = apk('FROM alpine:3.22\nARG DEV\nRUN if [ -n "$DEV" ]; then apk add --no-cache git; fi\n').disk
    assert disk is not None
    assert disk.low == 0


def test_pip_installs_into_alpines_own_python() -> None:
    text = "FROM alpine:3.22\nRUN apk add --no-cache python3 && pip install --no-cache-dir flask\nRUN true\n"
    assert [part for part in end(text).parts if part.what == "python"]


@pytest.mark.parametrize("manager", ["dnf install gcc", "microdnf install gcc", "zypper in gcc", "conda install numpy"])
def test_managers_without_a_table_say_so(manager: str) -> None:
    done = last(f"FROM scratch\nRUN {manager}\n")
    assert [part.what for part in done.unknown] == ["packages-no-table"]


@pytest.mark.parametrize("text", ["apk", "apk add", "apk add -t", "apk del", "apk del x", "apk upgrade", "apk add .x"])
def test_nothing_a_user_types_raises(text: str) -> None:
    sized(f"FROM alpine:3.22\nRUN {text}\n")
