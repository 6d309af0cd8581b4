"""`slimstage convert` as a process: texts, formats, writing, refusals, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import Run

CASES = Path(__file__).resolve().parents[1] / "rewrites" / "cases"
KEYS = ["path", "converted", "reason", "refusal", "dockerfile", "before", "after", "unknown", "steps"]


@pytest.fixture
def seed(tmp_path: Path) -> str:
    """A file that is converted, with its context, in the folder the command runs in; the text it becomes."""
    case = CASES / "python-seed"
    shutil.copytree(case, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.*"))
    return (case / "expected.Dockerfile").read_text()


def test_the_new_text_goes_to_standard_output_and_the_reasons_to_standard_error(run: Run, seed: str) -> None:
    done = run("convert")
    assert done.returncode == 0
    assert done.stdout == seed
    assert "- Name the first stage `builder`: " in done.stderr
    assert "before, " in done.stderr


def test_json(run: Run, seed: str) -> None:
    done = run("convert", "Dockerfile", "--format", "json")
    item = json.loads(done.stdout)
    assert list(item) == KEYS
    assert (item["converted"], item["reason"], item["refusal"]) == (True, None, None)
    assert item["dockerfile"] == seed
    assert all(set(step) == {"what", "why"} and all(step.values()) for step in item["steps"])
    assert item["after"]["high"] < item["before"]["low"]
    korean = json.loads(run("convert", "--format", "json", "--lang", "ko").stdout)
    assert korean["steps"] != item["steps"]
    assert {**korean, "steps": None} == {**item, "steps": None}


def test_diff_applies_and_write_writes_the_same(run: Run, seed: str, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    before = path.read_text()
    done = run("convert", "--diff")
    assert path.read_text() == before
    patched = subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.stdout, text=True, check=False)
    assert patched.returncode == 0
    assert path.read_text() == seed
    path.write_text(before)
    done = run("convert", "--write")
    assert path.read_text() == seed
    assert "Written: Dockerfile" in done.stdout


def test_crlf_stays(run: Run, seed: str, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    run("convert", "--write")
    assert path.read_bytes() == seed.replace("\n", "\r\n").encode()


def test_standard_input_is_read_beside_the_current_folder_or_the_context(run: Run, tmp_path: Path) -> None:
    case = CASES / "python-copy-all-first"
    text, expected = (case / "Dockerfile").read_text(), (case / "expected.Dockerfile").read_text()
    assert run("convert", "-", stdin=text).stdout != expected
    assert run("convert", "-", "--context", str(case), stdin=text).stdout == expected
    shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    assert run("convert", "-", stdin=text).stdout == expected


def test_an_ignore_file_of_its_own(run: Run, seed: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 5_000_000)
    (tmp_path / "Dockerfile").rename(tmp_path / "app.Dockerfile")

    def before() -> int:
        return int(json.loads(run("convert", "app.Dockerfile", "--format", "json").stdout)["before"]["bytes"])

    everything = before()
    (tmp_path / "app.Dockerfile.dockerignore").write_text("big\n*.dockerignore\n")
    assert everything - before() == 5_000_000


def test_a_refusal_says_why_and_exits_with_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\nWORKDIR /app\n")
    done = run("convert", "--write")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Dockerfile: ")
    item = json.loads(run("convert", "--format", "json").stdout)
    assert item["converted"] is False
    assert item["refusal"] == "only-configured"
    assert item["dockerfile"] is None
    assert os.listdir(tmp_path) == ["Dockerfile"]
    assert (tmp_path / "Dockerfile").read_text().count("FROM") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["absent"], "absent"),
        (["-", "--write"], "--write"),
        (["--write", "--diff"], "--diff"),
        (["--context", "absent"], "absent"),
        (["--config", "absent.toml"], "absent.toml"),
        (["."], "folder"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, arguments: list[str], word: str) -> None:
    done = run("convert", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


@pytest.mark.parametrize("text", ["", "FROM", "\ufeff", "FROM a\nRUN <<EOF\nx", "FROM ${" + "a:-${" * 2000])
def test_odd_texts_are_refused_quietly(run: Run, text: str) -> None:
    done = run("convert", "-", stdin=text)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_wishes_come_from_the_settings_and_from_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        'FROM golang:1.22-bookworm\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nCMD ["/app"]\n'
    )
    (tmp_path / "go.mod").write_text("module example.com/app\n")
    (tmp_path / "slimstage.toml").write_text('[conversion]\nbase = "keep"\nnon-root = true\n')

    def item(*options: str) -> dict[str, object]:
        found = json.loads(run("convert", "--format", "json", *options).stdout)
        assert isinstance(found, dict)
        return found

    kept = item()
    assert "FROM debian:bookworm-slim\n" in str(kept["dockerfile"]) and "USER app\n" in str(kept["dockerfile"])
    assert all({"what", "why"} <= step.keys() for step in kept["steps"])  # type: ignore[attr-defined]
    other = item("--base", "distroless", "--cache-mounts")  # goes before the setting; non-root still holds
    assert "FROM gcr.io/distroless/static-debian12\n" in str(other["dockerfile"])
    assert "USER nonroot\n" in str(other["dockerfile"]) and "type=cache" in str(other["dockerfile"])
    (tmp_path / "Dockerfile").write_text("FROM python:3.11-slim\nRUN apt-get update && apt-get install -y gcc\n"
                                         "RUN pip install psycopg2\nCMD [\"python\"]\n")  # fmt: skip
    assert item("--base", "alpine")["refusal"] == "base-not-possible"
    assert run("convert", "--base", "alpin").returncode == 2


@pytest.mark.parametrize("table", ['base = "slim"', "non-root = 1", "nonroot = true", 'cache-mounts = "yes"'])
def test_a_wish_that_cannot_be_read_is_named(run: Run, tmp_path: Path, table: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "slimstage.toml").write_text(f"[conversion]\n{table}\n")
    done = run("convert")
    assert done.returncode == 2
    assert f"conversion.{table.split(maxsplit=1)[0]}" in done.stderr
