"""Small projects as people have them: extras and groups of lock files, variables in names, odd copies and deletes."""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.context.test_node_locks import CLASSIC, MANIFEST
from tests.sizes.test_estimate import knowledge, sized

from slimstage.context.folder import FolderContext
from slimstage.model import Model
from slimstage.sizes import Size
from slimstage.sizes.estimate import estimate
from slimstage.sizes.records import InstructionEstimate, Part
from slimstage.syntax import parse

needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads TOML from 3.11 on")
PYTHON = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n"
NODE = "FROM node:20-slim\nWORKDIR /app\nCOPY . .\n"


def last(text: str, files: Mapping[str, str] | None = None) -> InstructionEstimate:
    return sized(text, files).final.instructions[-1]


def whats(one: InstructionEstimate) -> list[str]:
    return [part.what for part in one.parts]


def count(text: str, files: Mapping[str, str], what: str = "python") -> int:
    return next((int(part.args["count"]) for part in last(text, files).parts if part.what == what), 0)


# Groups and extras

UV = {
    "pyproject.toml": "[tool.uv]\n",
    "uv.lock": """
version = 1
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "flask" }, { name = "click", marker = "python_full_version < '3.10'" }]
[package.optional-dependencies]
big = [{ name = "pandas" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
docs = [{ name = "numpy" }]
[[package]]
name = "flask"
version = "3.0.3"
[[package]]
name = "click"
version = "8.1.7"
[[package]]
name = "pandas"
version = "2.2.2"
[[package]]
name = "pytest"
version = "8.2.0"
[[package]]
name = "numpy"
version = "1.26.4"
""",
}


@needs_toml
@pytest.mark.parametrize(
    ("options", "packages"),
    [
        ("", 2),
        ("--no-dev", 1),
        ("--no-default-groups", 1),
        ("--group docs", 3),
        ("--only-group docs", 1),
        ("--only-dev", 1),
        ("--all-groups --no-group docs", 2),
        ("--no-dev --extra big", 2),
        ("--no-dev --all-extras", 2),
        ("--no-dev --all-extras --no-extra big", 1),
    ],
)
def test_groups_of_uv(options: str, packages: int) -> None:
    assert count(PYTHON + f"RUN uv sync --frozen {options}\n", UV) == packages


@needs_toml
def test_default_groups_of_uv_and_the_python_of_the_stage() -> None:
    settings = {**UV, "pyproject.toml": '[tool.uv]\ndefault-groups = ["docs"]\n'}
    assert count(PYTHON + "RUN uv sync\n", settings) == 2
    everything = {**UV, "pyproject.toml": '[tool.uv]\ndefault-groups = "all"\n'}
    assert count(PYTHON + "RUN uv sync\n", everything) == 3
    assert count(PYTHON.replace("3.11", "3.9") + "RUN uv sync --no-dev\n", UV) == 2
    assert count(PYTHON + "ENV UV_NO_DEV=1\nRUN uv sync\n", UV) == 1


POETRY = {
    "pyproject.toml": "[tool.poetry.group.docs]\noptional = true\n",
    "poetry.lock": "".join(
        f'[[package]]\nname = "{name}"\nversion = "1"\noptional = {optional}\ngroups = ["{group}"]\n{more}'
        for name, optional, group, more in (
            ("flask", "false", "main", ""),
            ("pytest", "false", "dev", ""),
            ("numpy", "false", "docs", ""),
            ("pandas", "true", "main", "markers = 'extra == \"big\"'\n"),
        )
    )
    + '[extras]\nbig = ["pandas"]\n[metadata]\nlock-version = "2.1"\n',
}


@needs_toml
@pytest.mark.parametrize(
    ("options", "packages"),
    [
        ("", 2),
        ("--only main", 1),
        ("--only=main,dev", 2),
        ("--without dev", 1),
        ("--with docs", 3),
        ("--only main -E big", 2),
        ('--without dev --extras "big other"', 2),
        ("--all-extras", 3),
        ("--no-dev", 1),
    ],
)
def test_groups_of_poetry(options: str, packages: int) -> None:
    assert count(PYTHON + f"RUN poetry install {options}\n", POETRY) == packages


PDM = {
    "pyproject.toml": '[project.optional-dependencies]\ndocs = ["numpy"]\n',
    "pdm.lock": "".join(
        f'[[package]]\nname = "{name}"\nversion = "1"\ngroups = ["{group}"]\n'
        for name, group in (("flask", "default"), ("pytest", "test"), ("numpy", "docs"))
    ),
}


@needs_toml
@pytest.mark.parametrize(
    ("options", "packages"),
    [("", 2), ("--prod", 1), ("--prod -G docs", 2), ("--no-default -G docs", 1), ("-G:all", 3), ("--without test", 1)],
)
def test_groups_of_pdm(options: str, packages: int) -> None:
    assert count(PYTHON + f"RUN pdm install {options}\n", PDM) == packages


@needs_toml
def test_extras_and_folders_of_projects() -> None:
    files = {
        "pyproject.toml": '[project]\ndependencies = ["click"]\n[project.optional-dependencies]\nbig = ["numpy"]\n',
        "lib/pyproject.toml": '[project]\ndependencies = ["redis"]\n',
        "requirements.txt": "./lib\n",
    }
    plain = count(PYTHON + "RUN pip install .\n", files)
    assert count(PYTHON + 'RUN pip install ".[big]"\n', files) == plain + 1
    assert count(PYTHON + "RUN uv pip install --system -r pyproject.toml\n", files) == plain
    assert count(PYTHON + "RUN uv pip install --system -r pyproject.toml --all-extras\n", files) == plain + 1
    assert "redis" in next(
        part.args["largest"] for part in last(PYTHON + "RUN pip install -r requirements.txt\n", files).parts
        if part.what == "python"
    )  # fmt: skip
    assert count(PYTHON + "RUN cd lib && pip install .\n", files) == count(PYTHON + "RUN pip install ./lib\n", files)


@needs_toml
@pytest.mark.parametrize(
    ("command", "files", "packages"),
    [
        ("uv export --frozen --no-dev > /tmp/r.txt", UV, 1),
        ("uv export --frozen --no-dev --extra big -o /tmp/r.txt", UV, 2),
        ("poetry export --without-hashes --without dev -f requirements.txt --output /tmp/r.txt", POETRY, 1),
        ("pdm export --prod -o /tmp/r.txt", PDM, 1),
    ],
)
def test_requirements_written_from_a_lock_file_are_those_of_the_lock(
    command: str, files: Mapping[str, str], packages: int
) -> None:
    text = (
        f"FROM python:3.11-slim AS lock\nWORKDIR /app\nCOPY . .\nRUN {command}\n"
        "FROM python:3.11-slim\nCOPY --from=lock /tmp/r.txt .\nRUN pip install --no-deps -r r.txt\n"
    )
    assert count(text, files) == packages
    assert "requirements-missing" not in whats(last(text, files))
    other = text.replace("/tmp/r.txt\nFROM", "/tmp/other.txt\nFROM")
    assert "requirements-missing" in whats(last(other, files))


# Node


def test_production_of_yarn_and_deployed_packages_of_pnpm() -> None:
    files = {"package.json": MANIFEST, "yarn.lock": CLASSIC}
    everything = next(part for part in last(NODE + "RUN yarn install\n", files).parts if part.what.startswith("node"))
    production = next(part for part in last(NODE + "RUN yarn --prod\n", files).parts if part.what.startswith("node"))
    assert (everything.args["count"], production.args["count"]) == (6, 4)
    rows = "".join(
        f"\n  /{name}:\n    dev: {dev}\n" for name, dev in (("express@4.19.2", "false"), ("tsc@5.4.5", "true"))
    )
    lock = f"lockfileVersion: '6.0'\n\npackages:\n{rows}"
    pnpm = {"package.json": MANIFEST, "pnpm-lock.yaml": lock}
    done = last(NODE + "RUN pnpm --filter app deploy --prod /out\n", pnpm)
    assert [(part.what, part.path) for part in done.parts] == [("deployed", "/out"), ("node", "/out/node_modules")]
    assert done.parts[1].disk is not None
    assert (done.parts[1].args["count"], done.parts[1].disk.low) == (1, 0)
    assert whats(last(NODE + "RUN pnpm fetch --prod\n", pnpm)) == ["node"]
    assert whats(last(NODE + "RUN pnpm deploy\n", pnpm)) == ["command"]


def test_optional_packages_and_other_platforms_of_npm() -> None:
    rows = {
        "node_modules/express": {"version": "4.19.2"},
        "node_modules/esbuild": {"version": "0.21.5", "devOptional": True},
        "node_modules/fsevents": {"version": "2.3.3", "optional": True},
        "node_modules/native-musl": {"version": "1.0.0", "libc": ["musl"]},
    }
    files = {"package-lock.json": json.dumps({"lockfileVersion": 3, "packages": rows})}

    def packages(options: str, base: str = NODE) -> int:
        parts = last(base + f"RUN npm ci {options}\n", files).parts
        return int(next(part.args["count"] for part in parts if part.what.startswith("node")))

    assert [packages(options) for options in ("", "--omit=dev", "--omit=optional", "--omit=dev --omit=optional")] == [
        3, 3, 2, 1
    ]  # fmt: skip
    assert packages("", NODE.replace("20-slim", "20-alpine")) == 4


def test_a_broken_lock_is_named() -> None:
    broken = {"package.json": '{"dependencies": {"x": 1}}', "yarn.lock": "<<<<<<<", "package-lock.json": "{"}
    for command in ("npm ci", "yarn install"):
        assert whats(last(NODE + f"RUN {command}\n", broken)) == ["lock-missing"], command
    assert last(NODE + "RUN npm ci\n", broken).unknown[0].args["file"] == "package-lock.json"


# Names


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("ARG PKG=curl\nRUN apt-get install -y $PKG", "curl"),
        ('ENV PKG="curl git"\nRUN apt-get install -y $PKG', "curl, git"),
        ("RUN pkgs='curl git' && apt-get install -y $pkgs", "curl, git"),
        ("RUN v=8; pkgs=openjdk-$v; pkgs=curl; apt-get install -y ${pkgs}", "curl"),
        ("ARG V=17\nRUN apt-get install -y openjdk-${V}-jre-headless", "openjdk-17-jre-headless"),
        ("RUN apt-get install -y ${PKG:-curl}", "${PKG:-curl}"),
    ],
)
def test_variables_in_names_are_filled_in_where_they_are_known(text: str, packages: str) -> None:
    done = last(f"FROM debian:bookworm-slim\n{text}\n")
    known = [part.args["packages"] for part in done.parts if part.what == "apt"]
    hidden = [part.args["name"] for part in done.unknown]
    assert known + hidden == [packages]


@pytest.mark.parametrize(
    "script",
    [
        "for PKG in curl git; do apt-get install -y $PKG; done",
        "read PKG && apt-get install -y $PKG",
        "export PKG=git && apt-get install -y $PKG",
        "if true; then PKG=git; fi; apt-get install -y $PKG",
        "apt-get install -y $(cat names) `cat more`",
    ],
)
def test_what_a_script_may_change_stays_unknown(script: str) -> None:
    done = last(f"FROM debian:bookworm-slim\nARG PKG\nRUN {script}\n")
    assert "package-variable" in whats(done)
    assert "apt" not in whats(done)


def test_a_virtual_package_of_apk_named_by_a_variable_goes_again() -> None:
    text = "FROM alpine:3.22\nRUN deps='gcc musl-dev' && apk add --no-cache $deps && apk del $deps\n"
    assert [part for part in last(text).parts if part.what == "apk"] == []


@pytest.mark.parametrize(
    ("command", "similar"),
    [
        ("pip install reqeusts", "requests"),
        ("pip install flaskk", "flask"),
        ("pip install flask2", ""),
        ("pip install requets", "requests"),
        ("pip install aiofiles", ""),  # beside aiofile
        ("pip install wandb", ""),  # beside wand
        ("pip install nunpy", ""),
        ("pip install zz-nobody-knows", ""),
        ("npm install -g typescrpt", "typescript"),
    ],
)
def test_did_you_mean(command: str, similar: str) -> None:
    (unknown,) = last(f"FROM scratch\nRUN {command}\n").unknown
    assert unknown.args.get("similar", "") == similar


# Files


def test_exclude_counts_from_the_source() -> None:
    files = {"src/a.bin": "x" * 100, "src/deep/b.bin": "x" * 1000, "src/c": "x"}

    def copied(flags: str, source: str = "src") -> int:
        return last(f"FROM scratch\nCOPY {flags} {source} /a/\n", files).disk.bytes

    assert copied("") == 1101
    assert copied("--exclude=*.bin") == 1001
    assert copied("--exclude=**/*.bin") == 1
    assert copied("--exclude=deep --exclude=c") == 100
    assert copied("--exclude=*.bin", "src/a.bin src/c") == 1


def test_one_layer_stores_a_file_again_once() -> None:
    files = {"a": "x" * 10_000, "b/c": "y" * 500}
    base = "FROM scratch\nCOPY a /app/\nCOPY b /app/b\n"

    def again(script: str) -> list[int]:
        parts = last(base + f"RUN {script}\n", files).parts
        return [part.disk.bytes for part in parts if part.what == "duplicate" and part.disk is not None]

    assert again("chmod -R 755 /app && chown -R 1000 /app") == [10_500]
    assert again("chmod +x /app/a") == [10_000]
    assert again("chmod 755 /app/b") == []  # the folder alone
    assert again("chmod 755 /app/a && chown -R 1 /app/b && chown -R 1 /app") == [10_000, 500]


def test_debian_packages_put_nothing_into_usr_local() -> None:
    text = (
        "FROM debian:bookworm-slim AS a\nRUN apt-get install -y git\n"
        "FROM scratch\nCOPY --from=a /usr/local/lib/python3.11 /x\nCOPY --from=a /usr/lib /y\n"
    )
    first, second = sized(text).final.instructions
    assert first.disk.bytes == 0
    assert second.disk.high > 1_000_000


def part_of(text: str, what: str) -> Part:
    (found,) = [part for part in last(text).parts if part.what == what]
    return found


def test_managers_without_names_say_what_they_read() -> None:
    base = "FROM scratch\n"
    assert part_of(base + "RUN conda env create -f env.yml\n", "packages-no-table").args["packages"] == "env.yml"
    assert part_of(base + "RUN dnf update -y\n", "packages-no-table").args["packages"] == "update"


def test_an_archive_is_as_large_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"".join(b"%d" % number for number in range(300_000)))
    for name, mode in (("a.tar.gz", "w:gz"), ("a.tar", "w"), ("a.tar.xz", "w:xz")):
        with tarfile.open(tmp_path / name, mode) as archive:  # type: ignore[call-overload]
            archive.add(tmp_path / "data", "data")

    def added(source: str) -> Size:
        model = Model(parse(f"FROM scratch\nADD {source} /\n"), knowledge(), FolderContext(tmp_path))
        image = estimate(model)
        assert image is not None
        return image.disk

    count = (tmp_path / "data").stat().st_size
    for source in ("a.tar.gz", "a.tar"):
        assert added(source).low <= count <= added(source).high
        assert added(source).high - added(source).low < count * 0.2, source
    assert added("a.tar.xz").basis == "assumed"


def test_what_the_ignore_file_leaves_out_is_told_apart_from_what_is_not_there() -> None:
    files = {".dockerignore": "*\n!kept\n", "gone": "x", "kept": "x"}
    found = [last(f"FROM scratch\nCOPY {name} /\n", files).parts[0].what for name in ("gone", "nowhere", "kept")]
    assert found == ["copy-ignored", "copy-missing", "copy"]
