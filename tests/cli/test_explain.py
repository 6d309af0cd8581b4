from __future__ import annotations

import pytest
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "topic",
    [["multi-stage-build"], ["seed/19"], ["python:3.11-slim"], ["apt-lists-left"], ["COPY", "--from"], ["gcc"],
     ["--mount=type=cache"]],
)  # fmt: skip
def test_topics_have_pages_in_both_languages(run: Run, topic: list[str]) -> None:
    english, korean = run("explain", *topic), run("explain", "--lang", "ko", *topic)
    assert (english.returncode, english.stderr, korean.returncode) == (0, "", 0)
    assert english.stdout.strip()
    assert english.stdout != korean.stdout


def test_pages_are_text_and_not_markdown(run: Run) -> None:
    page = run("explain", "apt-lists-left").stdout
    assert "**" not in page
    assert "```" not in page
    assert "\x1b" not in page


def test_an_unknown_topic_has_neighbours(run: Run) -> None:
    done = run("explain", "multi-stage-biuld")
    assert done.returncode == 2
    assert "multi-stage-build" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_a_topic_all_are_listed(run: Run) -> None:
    assert "multi-stage-build" in run("explain").stdout
