"""apt-lists-left: who clears the lists in time, and the fix."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "apt-lists-left"
BASE = "FROM debian:bookworm-slim\n"


def test_fires_and_names_the_size() -> None:
    (finding,) = fires(RULE, BASE + "RUN <<apt-get update>> && apt-get install -y curl\n")
    assert finding.args["size"].bytes == 19_857_442


@pytest.mark.parametrize(
    "run",
    [
        "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*",
        "RUN apt-get update && apt-get install -y curl && rm -r /var/lib/apt/lists",
        "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/{apt,dpkg,cache,log}/",
        "RUN apt-get update && apt-get install -y curl && find /var/lib/apt/lists -type f -delete",
        "RUN apt-get update && apt-get install -y curl && apt-get distclean",
        "RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y curl",
        "RUN --mount=type=tmpfs,target=/var/lib/apt/lists apt-get update && apt-get install -y curl",
    ],
)
def test_silent_when_cleared_in_the_same_run(run: str) -> None:
    silent(RULE, BASE + run + "\n")


def test_a_later_run_or_an_earlier_command_does_not_help() -> None:
    fires(RULE, BASE + "RUN <<apt-get update>> && apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\n")
    fires(RULE, BASE + "RUN rm -rf /var/lib/apt/lists/* && <<apt-get update>> && apt-get install -y curl\n")
    fires(RULE, BASE + "RUN <<apt-get update>> && apt-get install -y curl && apt-get clean\n")


def test_silent_in_a_stage_that_does_not_ship() -> None:
    silent(RULE, "FROM debian AS b\nRUN apt-get update && apt-get install -y gcc\nFROM scratch\n")


def test_fix_follows_the_style_of_the_run() -> None:
    assert fixed(RULE, BASE + "RUN apt-get update && apt-get install -y curl\n") == (
        BASE + "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"
    )
    assert fixed(RULE, BASE + "RUN apt-get update \\\n  && apt-get install -y \\\n    curl\nCMD curl\n") == (
        BASE + "RUN apt-get update \\\n  && apt-get install -y \\\n    curl \\\n"
        "    && rm -rf /var/lib/apt/lists/*\nCMD curl\n"
    )


def test_no_fix_when_a_later_run_reads_the_lists() -> None:
    (finding,) = fires(RULE, BASE + "RUN <<apt-get update>>\nRUN apt-get install -y curl\n")
    assert not finding.fixes


def test_no_fix_where_a_command_behind_would_join_a_pipe() -> None:
    for tail in ("| tee /install.log", "2>&1 | tail -n 1"):
        (finding,) = fires(RULE, BASE + f"RUN <<apt-get update>> && apt-get install -y curl {tail}\n")
        assert not finding.fixes


def test_no_fix_when_a_stage_built_on_this_one_reads_the_lists() -> None:
    base = "FROM debian:bookworm-slim AS base\nRUN <<apt-get update>> && apt-get install -y curl\n"
    other = "FROM base AS build\nRUN apt-get install -y gcc\nFROM base\nCOPY --from=build /a /a\n"
    (finding,) = fires(RULE, base + other)
    assert finding.fixes == ()
    (finding,) = fires(RULE, base + other.replace("RUN apt-get", "RUN apt-get update && apt-get"))
    assert len(finding.fixes) == 1


def test_a_second_update_finds_most_lists_there_and_has_no_figure() -> None:
    run = "RUN <<apt-get update>> && apt-get install -y {}\n"
    found = fires(RULE, BASE + run.format("curl") + run.format("git"))
    assert [finding.message for finding in found] == ["sized", "default"]


def test_the_fix_keeps_to_the_style_of_the_lines() -> None:
    text = "RUN apt-get update && \\\n  apt-get install -y curl && \\\n  echo done\n"
    want = text.replace("curl && ", "curl && \\\n  rm -rf /var/lib/apt/lists/* && ")
    assert fixed(RULE, BASE + text) == BASE + want
    text = "RUN apt-get update &&\\\n\tapt-get install -y curl\n"
    assert fixed(RULE, BASE + text) == BASE + text.replace("curl", "curl && \\\n\trm -rf /var/lib/apt/lists/*")
    text = "RUN apt-get update \\\n    && apt-get install -y curl \\\n    && echo done\n"
    want = text.replace("curl \\", "curl \\\n    && rm -rf /var/lib/apt/lists/* \\")
    assert fixed(RULE, BASE + text) == BASE + want


@pytest.mark.parametrize(
    ("then", "safety"),
    [
        (" && /tmp/install-firefox", "confirm"),
        (" && curl -sL https://example.org/x | bash", "confirm"),
        ("\nRUN bash ./setup.sh", "confirm"),
        ("\nFROM base\nRUN ./setup.sh", "confirm"),
        ("\nRUN . /etc/os-release && echo $ID", "safe"),
        ("\nRUN /usr/bin/env true && sh -c 'true'", "safe"),
        ("\nFROM debian:bookworm-slim AS other\nRUN ./setup.sh\nFROM base", "safe"),
    ],
)
def test_a_later_script_may_want_the_lists(then: str, safety: str) -> None:
    text = f"FROM debian:bookworm-slim AS base\nRUN apt-get update && apt-get install -y curl{then}\n"
    found = findings(analyse(text), RULE)
    assert [fix.safety.value for finding in found for fix in finding.fixes] == [safety]
