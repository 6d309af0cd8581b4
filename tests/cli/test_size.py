"""`slimstage size` as a process: the table, JSON, the budget, two files, faults."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

TEXT = """FROM debian:bookworm-slim AS build
COPY big /big
FROM debian:bookworm-slim
COPY --from=build /big /big
RUN curl -O https://example.com/tool && rm tool
RUN make install
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(TEXT)
    (tmp_path / "big").write_bytes(b"x" * 25_000_000)
    return tmp_path


def test_the_table_shows_lines_sums_and_what_is_unknown(run: Run, project: Path) -> None:
    done = run("size", "--lang", "en")
    assert done.returncode == 0
    out = done.stdout
    assert "stage build  99.8 MB" in out
    assert "stage 1, ships  99.8 MB ?" in out
    assert "image, as far as it is known: 99.8 MB on disk" in out
    (line,) = [line for line in out.splitlines() if "COPY --from" in line]
    assert line.split()[:3] == ["4", "25.0", "MB"]
    assert "#" in line
    assert "what make writes" in out
    assert "74.8 MB of it base image" in out
    assert "이미지" in run("size", "--lang", "ko").stdout


def test_json_has_image_stages_and_instructions(run: Run, project: Path) -> None:
    data = json.loads(run("size", "--format", "json").stdout)
    assert list(data) == ["path", "image", "stages", "instructions"]
    assert data["image"]["disk"]["bytes"] == 74_830_000 + 25_000_000
    assert set(data["image"]["disk"]) == {"bytes", "low", "high", "basis", "sources"}
    assert [stage["ships"] for stage in data["stages"]] == [False, True]
    (copy,) = [one for one in data["instructions"] if one["line"] == 4]
    assert copy["parts"][0]["disk"]["bytes"] == 25_000_000
    assert copy["parts"][0]["path"] == "/big"
    (make,) = [one for one in data["instructions"] if one["line"] == 6]
    nothing = dict.fromkeys(("bytes", "basis", "source", "disk", "path"))
    assert make["parts"] == [{"what": "what make writes", "kind": "command", **nothing}]
    (base,) = [one for one in data["instructions"] if one["line"] == 1]
    assert {key: base["parts"][0][key] for key in ("bytes", "basis", "source")} == {
        "bytes": 74_830_000,
        "basis": "measured",
        "source": "docker-library/repo-info, 2026-09-25",
    }


def test_max_decides_the_exit_code(run: Run, project: Path) -> None:
    assert run("size", "--max", "150MB").returncode == 0
    over = run("size", "--max", "90 MB")
    assert over.returncode == 1
    assert "90.0 MB" in over.stderr
    assert run("size", "--max", "0.2GB").returncode == 0
    wrong = run("size", "--max", "much")
    assert wrong.returncode == 2
    assert "much" in wrong.stderr


def test_a_target_and_another_context(run: Run, project: Path) -> None:
    assert "stage build, ships" in run("size", "--target", "build").stdout
    (project / "other").mkdir()
    assert "context" in run("size", "--context", "other", "--lang", "en").stdout
    assert run("size", "--context", "nowhere").returncode == 2


def test_two_files_are_compared(run: Run, project: Path) -> None:
    (project / "lean").write_text("FROM debian:bookworm-slim\n")
    done = run("size", "Dockerfile", "lean", "--lang", "en")
    assert done.returncode == 0
    assert "lean is smaller by 25.0 MB (25 %)." in done.stdout
    assert "about the same" in run("size", "lean", "lean", "--lang", "en").stdout


def test_faults_are_one_line(run: Run, project: Path) -> None:
    assert run("size", "nowhere").returncode == 2
    (project / "empty").write_text("")
    done = run("size", "empty", "--lang", "en")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert run("size", "-", stdin=TEXT).returncode == 0


def test_an_ignore_file_of_its_own(run: Run, project: Path) -> None:
    (project / "big.Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (project / "big.Dockerfile.dockerignore").write_text("*\n!Dockerfile\n")
    data = json.loads(run("size", "big.Dockerfile", "--format", "json").stdout)
    assert data["image"]["disk"]["bytes"] == len(TEXT)


def test_stages_and_platforms_that_do_not_exist_are_told(run: Run, project: Path) -> None:
    done = run("size", "--target", "nope", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no stage is called 'nope'; there are: build" in done.stderr
    done = run("size", "--platform", "windows/amd64", "--lang", "en")
    assert done.returncode == 2
    assert "linux/arm64" in done.stderr
    for platform in ("linux/arm64", "arm64", "linux/arm64/v8", "linux/amd64"):
        assert run("size", "--platform", platform).returncode == 0


def test_a_broken_manifest_beside_it_does_not_matter(run: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text("[project\n")
    assert run("size").returncode == 0
    (project / "pyproject.toml").write_text("[tool.slimstage\n")
    assert run("size").returncode == 2


def test_a_budget_says_that_something_is_not_counted(run: Run, project: Path) -> None:
    done = run("size", "--max", "1GB", "--lang", "en")
    assert done.returncode == 0
    assert "What is not in the sum may take the image above --max 1.0 GB." in done.stderr
    (project / "Dockerfile").write_text("FROM debian:bookworm-slim\nRUN a1 && b1 && \\\n  # why\n  a1 && a1\n")
    out = run("size", "--lang", "en").stdout
    assert "- what a1 writes (x3)" in out
    assert "RUN a1 && b1 && a1 && a1" in out
    (project / "Dockerfile").write_text("FROM debian:bookworm-slim\n")
    assert run("size", "--max", "1GB", "--lang", "en").stderr == ""
