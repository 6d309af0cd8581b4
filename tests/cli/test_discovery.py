from __future__ import annotations

import os
from pathlib import Path

import pytest

from slimstage.cli.discovery import Unreadable, decoded, find, is_dockerfile_name, read


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "Dockerfile.dev", "Dockerfile.alpine3.20", "app.dockerfile", "app.Dockerfile", "Containerfile",
     "Containerfile.web", "dockerfile"],
)  # fmt: skip
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile_name(name)


@pytest.mark.parametrize(
    "name",
    ["Dockerfile.md", "dockerfile.py", "Dockerfile.dockerignore", ".dockerignore", "Dockerfile.j2", "Dockerfile~",
     "docker-compose.yml", "Dockerfiles", "README.md", "mydockerfile", "Dockerfile.template.tmpl",
     "Dockerfile.template"],
)  # fmt: skip
def test_names_of_other_files(name: str) -> None:
    assert not is_dockerfile_name(name)


def test_folders_are_searched_in_order_without_what_git_ignores(tmp_path: Path) -> None:
    for name in ("b/Dockerfile", "a/Dockerfile.dev", "Dockerfile", "node_modules/x/Dockerfile", ".git/Dockerfile"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("FROM scratch\n")
    (tmp_path / ".gitignore").write_text("node_modules/\n")
    faults: list[OSError] = []
    found = [os.path.relpath(path, tmp_path).replace(os.sep, "/") for path in find(str(tmp_path), faults.append)]
    assert found == ["Dockerfile", "a/Dockerfile.dev", "b/Dockerfile"]
    assert not faults


def test_a_folder_that_cannot_be_read_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed/Dockerfile", "open/Dockerfile"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("FROM scratch\n")
    scandir = os.scandir

    def guarded(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    faults: list[OSError] = []
    assert [Path(path).parent.name for path in find(str(tmp_path), faults.append)] == ["open"]
    assert [Path(fault.filename).name for fault in faults] == ["closed"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_loops_of_links_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Dockerfile")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(find(str(tmp_path), lambda error: None)) == []


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x7fELF\0\0", "cli.file.binary"),
        (b"FROM a\nRUN echo \xff\n", "cli.file.not_utf8"),
        (b"#" * 10_000_000, "cli.file.too_large"),
    ],
)
def test_what_is_not_text_says_why(data: bytes, key: str) -> None:
    with pytest.raises(Unreadable) as raised:
        decoded(data)
    assert raised.value.key == key


def test_the_line_of_a_bad_byte_is_named() -> None:
    with pytest.raises(Unreadable) as raised:
        decoded(b"FROM a\nRUN echo \xff\n")
    assert raised.value.arguments == {"line": 2}


def test_bom_and_line_ends_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"\xef\xbb\xbfFROM scratch\r\n")
    assert read(str(path)) == "\ufeffFROM scratch\r\n"
