"""What the tools answer: the same as the command line, in the shape they declare, for every text."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from slimstage.cli.main import main
from slimstage.mcp.tools import TOOLS, Answer, call_tool, tools_of
from slimstage.mcp.workspace import Refused, Workspace
from tests.mcp.conftest import CASES, LISTS, ROOT, environment, make_workspace

# Some of each kind: both sides call the same functions, what may differ is how they ask and answer.
PROJECTS = sorted(
    path.parent for path in [*CASES.glob("*/Dockerfile"), *(ROOT / "tests/fixtures").rglob("Dockerfile")]
)[::5]
TEXTS = sorted((ROOT / "tests" / "conformance" / "texts").rglob("*"))
ODD = ["\n", "\ufeff", "FROM", "RUN \\", "FROM a\nRUN <<EOF\nx", 'CMD ["a', "FROM a\nRUN \u0085\u2028\x1b[31m\u202ex",
       "FROM a AS 가\nCOPY --from=가 / /\n", "FROM ${" + "a:-${" * 500, "FROM a\r\nRUN apt-get install gcc\r\n",
       "FROM a\nRUN echo ```\nRUN echo ````\n"]  # fmt: skip


class NoStage(Exception):
    """The one refusal that a text may deserve."""


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = next(tool.output for tool in TOOLS if tool.name == name)
    return jsonschema.Draft202012Validator(schema)


def call(work: Workspace, tool: str, /, **arguments: Any) -> Answer:
    try:
        answer = call_tool(work, tool, arguments, lambda done, total, key: None)
    except Refused as refused:
        if refused.key == "no_stage":
            raise NoStage from refused
        raise
    assert answer is not None
    errors = [error.message[:500] for error in validator(tool).iter_errors(json.loads(json.dumps(answer.data)))]
    assert not errors, errors
    assert answer.text.strip()
    assert "\x1b" not in answer.text or "```" in answer.text  # a Dockerfile is quoted as it is, in a fence only
    return answer


def cli(folder: Path, *arguments: str) -> Any:
    """What the command prints in a folder; in this process, since there are many."""
    here, stdout = os.getcwd(), sys.stdout
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    os.chdir(folder)
    try:
        assert main([*arguments, "--lang", "en"]) in (0, 1)
        sys.stdout.flush()
        printed = sys.stdout.buffer.getvalue().decode()  # type: ignore[attr-defined]
    finally:
        os.chdir(here)
        sys.stdout = stdout
    return json.loads(printed) if "json" in arguments else printed


def test_a_conversion_heeds_wishes(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests/fixtures/seed/python-single-stage", tmp_path, dirs_exist_ok=True)
    work = make_workspace(tmp_path)
    wished = call(work, "convert_to_multi_stage", path="Dockerfile", non_root=True, cache_mounts=True).data
    assert wished == cli(tmp_path, "convert", "Dockerfile", "--format", "json", "--non-root", "--cache-mounts")
    assert "USER app" in wished["dockerfile"] and "--mount=type=cache" in wished["dockerfile"]
    (tmp_path / "slimstage.toml").write_text("[conversion]\nnon-root = true\n")
    assert "USER app" in call(work, "convert_to_multi_stage", path="Dockerfile").data["dockerfile"]
    assert "USER" not in call(work, "convert_to_multi_stage", path="Dockerfile", non_root=False).data["dockerfile"]
    refused = call(work, "convert_to_multi_stage", path="Dockerfile", base="alpine").data
    assert refused == cli(tmp_path, "convert", "Dockerfile", "--format", "json", "--base", "alpine")
    with pytest.raises(Refused, match="wrong_value"):
        call(work, "convert_to_multi_stage", path="Dockerfile", base="windows")


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: path.name)
def test_the_answers_are_those_of_the_command_line(folder: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(folder, project, ignore=shutil.ignore_patterns("expected.*"))
    work = make_workspace(project)
    found = call(work, "check_dockerfile", path="Dockerfile", detail="full", limit=200)
    assert found.data["findings"] == cli(project, "check", "Dockerfile", "--format", "json")
    brief = call(work, "check_dockerfile", path="Dockerfile", limit=200).data
    assert [(item["rule"], item["message"]) for item in brief["findings"]] == [
        (item["rule"], item["message"]) for item in found.data["findings"]
    ]
    converted = call(work, "convert_to_multi_stage", path="Dockerfile", detail="full").data
    diff = converted.pop("diff", None)
    assert converted == cli(project, "convert", "Dockerfile", "--format", "json")
    assert (diff is not None) == converted["converted"]
    if diff is not None:
        assert diff == cli(project, "convert", "Dockerfile", "--diff")
    sizes = call(work, "estimate_size", path="Dockerfile", detail="full").data
    said = cli(project, "size", "Dockerfile", "--format", "json")
    assert [sizes] == (said if isinstance(said, list) else [said])
    fixed = call(work, "apply_fixes", path="Dockerfile", detail="full").data
    assert fixed["diff"] == cli(project, "check", "Dockerfile", "--diff")
    assert (project / "Dockerfile").read_text() == (folder / "Dockerfile").read_text()


@pytest.mark.parametrize(
    "topic", ["multi-stage-build", "rule/apt-lists-left", "COPY --from", "python:3.11-slim", "seed/19"]
)
def test_pages_are_those_of_the_command_line(topic: str, tmp_path: Path) -> None:
    from slimstage.cli.console import Console
    from slimstage.features.plain import rendered

    for lang in ("en", "ko"):
        answer = call(make_workspace(tmp_path), "explain", topic=topic, lang=lang)
        assert answer.text == answer.data["markdown"]
        done = subprocess.run(
            [sys.executable, "-m", "slimstage", "explain", *topic.split(), "--lang", lang],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines() == list(rendered(answer.data["markdown"], Console(lang).paint))


def test_settings_of_the_project_hold(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "Dockerfile").write_text(LISTS)
    (tmp_path / "slimstage.toml").write_text('[severities]\napt-lists-left = "error"\n')
    work = make_workspace(tmp_path)
    data = call(work, "check_dockerfile", path="below/Dockerfile", detail="full", limit=200).data
    assert data["counts"]["error"] == 1
    assert data["findings"] == cli(tmp_path, "check", "below/Dockerfile", "--format", "json")
    (tmp_path / "slimstage.toml").write_text('[severities]\napt-lists-left = "off"\n')
    assert "apt-lists-left" not in call(work, "check_dockerfile", path="below/Dockerfile").text
    (tmp_path / "slimstage.toml").write_text("[severities\n")
    with pytest.raises(Refused, match="settings"):
        call(work, "check_dockerfile", path="below/Dockerfile")


def test_text_with_path_is_the_unsaved_file(tmp_path: Path) -> None:
    case = CASES / "python-copy-all-first"
    shutil.copytree(case, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.*"))
    text = (tmp_path / "Dockerfile").read_text()
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    work = make_workspace(tmp_path)
    expected = (case / "expected.Dockerfile").read_text()
    beside = call(work, "convert_to_multi_stage", text=text, path="Dockerfile").data["dockerfile"]
    assert beside == call(work, "convert_to_multi_stage", text=text, context=".").data["dockerfile"] == expected
    assert call(work, "convert_to_multi_stage", text=text).data["dockerfile"] != expected


def test_limits_and_severity(tmp_path: Path) -> None:
    work = make_workspace(tmp_path)
    text = (
        "FROM debian:bookworm-slim\n"
        + "RUN apt-get update && apt-get install -y curl\n" * 120
        + "RUN pip install flask\n"
    )
    everything = call(work, "check_dockerfile", text=text, limit=200).data
    assert everything["total"] >= 120
    few = call(work, "check_dockerfile", text=text, limit=3)
    assert (len(few.data["findings"]), few.data["truncated"], few.data["total"]) == (3, True, everything["total"])
    assert f"{everything['total'] - 3} more" in few.text
    worst = call(work, "check_dockerfile", text=text, severity="warning", limit=200).data
    assert {item["severity"] for item in worst["findings"]} <= {"error", "warning"}
    assert worst["total"] == worst["counts"]["error"] + worst["counts"]["warning"] < everything["total"]
    assert len(call(work, "search_knowledge", query="image", limit=2).data["results"]) == 2


def test_an_image_alone_is_compared_with_its_slimmer_variants(tmp_path: Path) -> None:
    rows = call(make_workspace(tmp_path), "compare_base_images", images=["python:3.11"]).data["images"]
    assert [row["image"] for row in rows[:2]] == ["python:3.11", "python:3.11-slim"]
    assert rows[0]["disk"]["bytes"] > 5 * rows[1]["disk"]["bytes"]
    mixed = call(
        make_workspace(tmp_path), "compare_base_images", images=["alpine:3.99", "localhost:5000/a:b", "debian"]
    )
    assert [row["known"] for row in mixed.data["images"]] == ["relative", "no", "exact"]
    (old,) = call(make_workspace(tmp_path), "compare_base_images", images=["python:3.6-slim-stretch"]).data["images"][
        :1
    ]
    assert old["known"] == "relative" and old["disk"]["source"] == "repo-info-2020"
    assert old["disk"]["low"] < 96_030_000 == old["disk"]["bytes"] < old["disk"]["high"]
    (gone,) = call(make_workspace(tmp_path), "compare_base_images", images=["java:8-jre-alpine"]).data["images"]
    assert gone["known"] == "no" and gone["facts"] is None and gone["download"]["basis"] == "measured"


def test_packages(tmp_path: Path) -> None:
    work = make_workspace(tmp_path)
    (libpq,) = call(work, "lookup_package", name="libpq-dev", manager="apt", release="bookworm").data["packages"]
    assert libpq["role"] == "dev"
    assert libpq["twins"] == [{"release": "bookworm", "packages": ["libpq5"]}]
    lean, full = libpq["installs"]
    assert lean["recommends"] is False
    assert lean["disk"]["low"] <= full["disk"]["bytes"]
    (driver,) = call(work, "lookup_package", name="Psycopg2_Binary", python="3.12", libc="glibc").data["packages"]
    assert {row["takes"] for row in driver["wheels"]} == {"wheel"}
    (source,) = call(work, "lookup_package", name="psycopg2", manager="pip", python="3.12").data["packages"]
    assert {row["takes"] for row in source["wheels"]} == {"sdist"}
    assert source["build_needs"]["apt"]
    node = call(work, "lookup_package", name="@babel/core").data["packages"]
    assert node[0]["versions"][0]["bytes"] > 100_000


def test_search_finds_in_both_languages_and_its_addresses_can_be_read(tmp_path: Path) -> None:
    from slimstage.mcp import resources

    work = make_workspace(tmp_path)
    for query in ("cache", "캐시", "apt", "python", "secret"):
        found = call(work, "search_knowledge", query=query, limit=50).data["results"]
        assert found
        for row in found:
            assert row["uri"] is not None, row
            assert resources.read(work, row["uri"])
            assert call(work, "explain", topic=row["topic"])
    assert call(work, "search_knowledge", query="zzzzqqq").data == {"total": 0, "results": []}


def all_calls(work: Workspace, text: str) -> Iterator[Answer]:
    """The answers of all tools that take a text; one without a stage has no size."""
    for tool in ("check_dockerfile", "estimate_size", "convert_to_multi_stage", "apply_fixes"):
        for detail in ("brief", "full"):
            with contextlib.suppress(NoStage):
                yield call(work, tool, text=text, detail=detail)


@pytest.mark.parametrize("path", [path for path in TEXTS if path.is_file()], ids=lambda path: path.name)
def test_every_answer_fits_its_schema(path: Path, tmp_path: Path) -> None:
    assert len(list(all_calls(make_workspace(tmp_path), path.read_bytes().decode("utf-8", "replace")))) >= 6


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts_fit_too_and_cannot_leave_their_fence(text: str, tmp_path: Path) -> None:
    for answer in all_calls(make_workspace(tmp_path), text):
        for line in answer.text.split("```")[0].splitlines():
            assert line.isprintable()


@pytest.mark.corpus
def test_every_answer_fits_its_schema_over_the_corpus(tmp_path: Path) -> None:
    work = make_workspace(tmp_path)
    paths = sorted(path for path in Path(os.environ["SLIMSTAGE_CORPUS"]).rglob("*") if path.is_file())
    assert paths
    for path in paths:
        list(all_calls(work, path.read_bytes().decode("utf-8", "replace").replace("\0", "")))


def test_schemas_take_no_more_than_they_say(tmp_path: Path) -> None:
    """A schema that lets everything through would make the tests above worthless."""
    work = make_workspace(tmp_path)
    answers = {
        "check_dockerfile": call(work, "check_dockerfile", text=LISTS, detail="full"),
        "estimate_size": call(work, "estimate_size", text=LISTS),
        "apply_fixes": call(work, "apply_fixes", text=LISTS),
        "convert_to_multi_stage": call(work, "convert_to_multi_stage", text=LISTS),
        "explain": call(work, "explain", topic="layer"),
        "compare_base_images": call(work, "compare_base_images", images=["debian"]),
        "lookup_package": call(work, "lookup_package", name="curl"),
        "search_knowledge": call(work, "search_knowledge", query="layer"),
    }
    assert set(answers) == {tool.name for tool in tools_of(work)}
    for name, answer in answers.items():
        for key in answer.data:
            missing = {each: value for each, value in answer.data.items() if each != key}
            assert not validator(name).is_valid(missing), (name, key)
        assert not validator(name).is_valid({**answer.data, "more": 1}), name


def test_packages_of_alpine_have_sizes(tmp_path: Path) -> None:
    answer = call(make_workspace(tmp_path), "lookup_package", name="gcc", manager="apk")
    (item,) = answer.data["packages"]
    (install,) = item["installs"]
    assert install["release"] == "3.22"
    assert install["disk"]["bytes"] > 100_000_000
    assert "apk add on alpine:3.22 adds" in answer.text
    assert not call(make_workspace(tmp_path), "lookup_package", name="go", manager="apk").data["packages"][0][
        "installs"
    ]
