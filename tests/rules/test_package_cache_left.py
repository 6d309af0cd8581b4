"""package-cache-left: apk, dnf and kin."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "package-cache-left"


def test_apk() -> None:
    (finding,) = fires(RULE, "FROM alpine:3.20\nRUN <<apk add curl>>\n")
    assert finding.aliases == ("DL3019",)
    assert fixed(RULE, "FROM alpine:3.20\nRUN apk add curl\n") == "FROM alpine:3.20\nRUN apk add --no-cache curl\n"


def test_dnf_and_yum_have_their_own_codes() -> None:
    assert fires(RULE, "FROM fedora\nRUN <<dnf install -y git>>\n")[0].aliases == ("DL3040",)
    assert fires(RULE, "FROM centos:7\nRUN <<yum install -y git>>\n")[0].aliases == ("DL3032",)
    assert fixed(RULE, "FROM fedora\nRUN dnf install -y git\n").endswith("RUN dnf install -y git && dnf clean all\n")


@pytest.mark.parametrize(
    "run",
    [
        "apk add --no-cache curl",
        "apk --no-cache add curl",
        "apk add --update curl && rm -rf /var/cache/apk/*",
        "dnf install -y git && dnf clean all",
        "yum install -y git && rm -rf /var/cache/yum",
    ],
)
def test_silent(run: str) -> None:
    silent(RULE, f"FROM base\nRUN {run}\n")


def test_cleaning_before_the_install_does_not_help() -> None:
    fires(RULE, "FROM fedora\nRUN dnf clean all && <<dnf install -y git>>\n")


def test_silent_with_a_cache_mount_and_outside_the_image() -> None:
    silent(RULE, "FROM alpine\nRUN --mount=type=cache,target=/var/cache/apk apk add curl\n")
    silent(RULE, "FROM alpine AS b\nRUN apk add gcc\nFROM alpine\n")


def test_silent_without_the_network() -> None:
    silent(RULE, "FROM alpine:3.22\nRUN apk add --no-network --virtual .run $runDeps\n")
