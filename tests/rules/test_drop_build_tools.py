"""drop-build-tools: everything has a wheel, so the compiler can go."""

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "drop-build-tools"
TEXT = """
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends <<gcc>> g++ curl && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install -r requirements.txt
"""
UNMARKED = TEXT.replace("<<", "").replace(">>", "")


def test_fires_as_advice_when_versions_are_open() -> None:
    (finding,) = fires(RULE, TEXT, {"requirements.txt": "flask\norjson\n"})
    assert finding.severity == "info"


def test_deletes_only_the_build_packages() -> None:
    after = fixed(RULE, UNMARKED, {"requirements.txt": "flask\norjson\n"})
    assert "install -y --no-install-recommends curl &&" in after


def test_deletes_the_whole_run_when_nothing_is_left() -> None:
    text = UNMARKED.replace(" curl", "")
    assert fixed(RULE, text, {"requirements.txt": "orjson\n"}).startswith(
        "FROM python:3.11-slim\nCOPY requirements.txt .\n"
    )


def test_keeps_the_library_a_wheel_does_not_bundle() -> None:
    text = UNMARKED.replace(" curl", " libmagic-dev")
    after = fixed(RULE, text, {"requirements.txt": "python-magic\n"})
    assert "libmagic1" in after and "libmagic-dev" not in after and "gcc" not in after


@pytest.mark.parametrize(
    "requirements",
    ["psycopg2\n", "nobody-knows-this\n", "git+https://example.org/x.git\n", "-e .\n", "--no-binary orjson\norjson\n",
     "--index-url https://example.org/simple\norjson\n", "-r absent.txt\norjson\n"],
)  # fmt: skip
def test_silent_when_something_may_be_compiled(requirements: str) -> None:
    silent(RULE, UNMARKED, {"requirements.txt": requirements})


def test_silent_without_a_context_and_with_other_builds() -> None:
    silent(RULE, UNMARKED)
    silent(RULE, UNMARKED + "RUN make\n", {"requirements.txt": "orjson\n"})


def test_one_finding_for_all_packages() -> None:
    found = findings(analyse(UNMARKED.lstrip(), {"requirements.txt": "orjson\n"}), RULE)
    assert [finding.args["packages"] for finding in found] == ["gcc, g++"]


@pytest.mark.parametrize(("release", "library"), [("bookworm", "libmagic1"), ("trixie", "libmagic1t64")])
def test_keeps_the_library_under_the_name_of_the_release(release: str, library: str) -> None:
    text = UNMARKED.replace("3.11-slim", f"3.11-slim-{release}").replace(" curl", " libmagic-dev")
    assert f"recommends {library} " in fixed(RULE, text, {"requirements.txt": "python-magic\n"})


def test_silent_where_the_release_names_the_library_otherwise() -> None:
    text = UNMARKED.replace("3.11-slim", "3.11-slim-buster")
    assert findings(analyse(text.lstrip(), {"requirements.txt": "python-magic\n"}), RULE)
    silent(RULE, text, {"requirements.txt": "wand\n"})
