"""Lock files of every manager: versions, groups, sizes; broken ones are None."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from slimstage.context import BuildContext, DictContext, locks, node_locks
from slimstage.context.locks import Lock

needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads TOML from 3.11 on")


def read(
    reader: Callable[[BuildContext, str], Lock | None], text: str, name: str = "x"
) -> dict[str, tuple[str, set[str]]]:
    found = reader(DictContext({name: text}), name)
    assert found is not None
    return {one.name: (one.version, set(one.groups)) for one in found.packages}


UV = """
version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "httpx", extra = ["http2"] }, { name = "pywin32", marker = "sys_platform == 'win32'" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "httpx"
version = "0.27.0"
dependencies = [{ name = "idna" }]
wheels = [{ url = "https://x/httpx-0.27.0-py3-none-any.whl", size = 75000 }]
[package.optional-dependencies]
http2 = [{ name = "h2" }]
[[package]]
name = "idna"
version = "3.7"
[[package]]
name = "h2"
version = "4.1.0"
[[package]]
name = "pytest"
version = "8.0.0"
[[package]]
name = "pywin32"
version = "306"
"""


@needs_toml
def test_uv_walks_from_the_project_with_groups_and_extras() -> None:
    found = read(locks.read_uv_lock, UV)
    assert found == {
        "httpx": ("0.27.0", {"main"}),
        "idna": ("3.7", {"main"}),
        "h2": ("4.1.0", {"main"}),
        "pytest": ("8.0.0", {"dev"}),
    }
    lock = locks.read_uv_lock(DictContext({"uv.lock": UV}))
    assert lock is not None
    assert next(one.download for one in lock.packages if one.name == "httpx") == 75000


@needs_toml
def test_poetry_and_pdm() -> None:
    text = (
        '[[package]]\nname = "Flask"\nversion = "3.0.3"\ngroups = ["main", "dev"]\nmarkers = "python_version > \'3\'"\n'
    )
    assert read(locks.read_poetry_lock, text) == {"flask": ("3.0.3", {"main", "dev"})}
    old = """
[[package]]
name = "black"
version = "1"
category = "dev"
[[package]]
name = "x"
version = "1"
optional = true
"""
    assert read(locks.read_poetry_lock, old) == {"black": ("1", {"dev"})}
    pdm = '[[package]]\nname = "a"\nversion = "1"\ngroups = ["default"]\n'
    assert read(locks.read_pdm_lock, pdm) == {"a": ("1", {"main"})}


def test_pipenv() -> None:
    text = """{"default": {"Six": {"version": "==1.16.0"}},
      "develop": {"six": {"version": "==1.16.0"}, "mypy": {"version": "==1.0"}}}"""
    assert read(locks.read_pipfile_lock, text) == {"six": ("1.16.0", {"main", "dev"}), "mypy": ("1.0", {"dev"})}


def test_npm_old_and_new() -> None:
    new = """{"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0"},
      "node_modules/a/node_modules/@s/b": {"version": "2.0.0", "devOptional": true},
      "node_modules/mac": {"version": "1.0.0", "os": ["darwin"]},
      "node_modules/not-win": {"version": "1", "os": ["!win32"]},
      "node_modules/musl": {"version": "1.0.0", "libc": ["musl"]}, "packages/own": {"version": "1"},
      "node_modules/own": {"link": true}}}"""
    assert read(node_locks.read_package_lock, new) == {
        "a": ("1.0.0", {"main"}),
        "@s/b": ("2.0.0", {"dev", "optional"}),
        "not-win": ("1", {"main"}),
    }
    old = """{"lockfileVersion": 1, "dependencies": {"a": {"version": "1",
      "dependencies": {"b": {"version": "2", "dev": true}}}}}"""
    assert read(node_locks.read_package_lock, old) == {"a": ("1", {"main"}), "b": ("2", {"dev"})}
    lock = node_locks.read_package_lock(DictContext({"package-lock.json": new}))
    assert lock is not None
    assert not lock.located


def test_yarn_and_pnpm() -> None:
    classic = """# yarn lockfile v1

"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.2.0"

lodash@^4.0.0:
  version "4.17.21"
"""
    assert read(node_locks.read_yarn_lock, classic) == {"@babel/core": ("7.2.0", set()), "lodash": ("4.17.21", set())}
    berry = """__metadata:
  version: 8

"lodash@npm:^4.0.0":
  version: 4.17.21

"own@workspace:.":
  version: 0.0.0-use.local
"""
    assert read(node_locks.read_yarn_lock, berry) == {"lodash": ("4.17.21", set())}
    pnpm = """lockfileVersion: '9.0'

packages:

  '@babel/core@7.2.0':
    resolution: {integrity: x}

  fsevents@2.3.3:
    os: [darwin]

  lodash@4.17.21:
    resolution: {integrity: x}

snapshots:

  other@1.0.0: {}
"""
    assert read(node_locks.read_pnpm_lock, pnpm) == {"@babel/core": ("7.2.0", set()), "lodash": ("4.17.21", set())}
    older = (
        "lockfileVersion: '6.0'\n\npackages:\n\n  /a@1.0.0(b@2.0.0):\n    dev: true\n\n  /@s/c@3.0.0:\n    dev: false\n"
    )
    assert read(node_locks.read_pnpm_lock, older) == {"a": ("1.0.0", {"dev"}), "@s/c": ("3.0.0", set())}


@pytest.mark.parametrize(
    "reader",
    [
        locks.read_uv_lock,
        locks.read_poetry_lock,
        locks.read_pdm_lock,
        locks.read_pipfile_lock,
        node_locks.read_package_lock,
        node_locks.read_yarn_lock,
        node_locks.read_pnpm_lock,
    ],
)
@pytest.mark.parametrize(
    "text", ["", "{", "[]", "<<<<<<< HEAD", "version = 99", "\x00", '{"packages": 1}', "package = 3"]
)
def test_broken_ones_never_raise(reader: Callable[[BuildContext, str], Lock | None], text: str) -> None:
    found = reader(DictContext({"x": text}), "x")
    assert found is None or found.packages == ()
    assert reader(DictContext({}), "x") is None


@needs_toml
def test_poetry_without_groups_asks_the_manifest() -> None:
    lock = """
[[package]]
name = "flask"
version = "3.0.3"
[package.dependencies]
Jinja2 = ">=3"
[[package]]
name = "jinja2"
version = "3.1.4"
[[package]]
name = "pytest"
version = "8.0.0"
"""
    manifest = '[tool.poetry.dependencies]\npython = "^3.11"\nFlask = "*"\n'
    found = locks.read_poetry_lock(DictContext({"poetry.lock": lock, "pyproject.toml": manifest}))
    assert found is not None
    assert {one.name: set(one.groups) for one in found.packages} == {
        "flask": {"main"},
        "jinja2": {"main"},
        "pytest": {"dev"},
    }


FORKED = """
version = 1
[[package]]
name = "app"
source = { editable = "." }
dependencies = [{ name = "old", marker = "python_full_version < '3.10'" }, { name = "big" }]
[package.optional-dependencies]
plot = [{ name = "extra-only" }]
[[package]]
name = "big"
version = "1"
dependencies = [
    { name = "numpy", version = "1.26.4", marker = "python_full_version < '3.12'" },
    { name = "numpy", version = "2.1.0", marker = "python_full_version >= '3.12'" },
]
[[package]]
name = "numpy"
version = "1.26.4"
resolution-markers = ["python_full_version < '3.12'"]
[[package]]
name = "numpy"
version = "2.1.0"
resolution-markers = ["python_full_version >= '3.12'"]
[[package]]
name = "old"
version = "1"
[[package]]
name = "extra-only"
version = "1"
dependencies = [{ name = "numpy" }]
"""


@needs_toml
@pytest.mark.parametrize(("python", "version"), [("3.11", "1.26.4"), ("3.12", "2.1.0")])
def test_uv_follows_the_markers_that_hold(python: str, version: str) -> None:
    def holds(marker: str | None) -> bool:
        return marker is None or (("<" in marker) == (python == "3.11") and "3.10" not in marker)

    lock = locks.read_uv_lock(DictContext({"uv.lock": FORKED}), "uv.lock", holds)
    assert lock is not None
    assert [(one.name, one.version, set(one.groups)) for one in lock.packages] == [
        ("big", "1", {"main"}),
        ("numpy", version, {"main", "extra:plot"}),
        ("extra-only", "1", {"extra:plot"}),
    ]


@needs_toml
def test_optional_packages_of_poetry_belong_to_extras() -> None:
    text = """
[[package]]
name = "flask"
version = "1"
optional = false
groups = ["main"]
[[package]]
name = "pandas"
version = "1"
optional = true
groups = ["main"]
[package.dependencies]
NumPy = "*"
[[package]]
name = "numpy"
version = "1"
optional = true
groups = ["main"]
[extras]
big = ["pandas (>=1)"]
[metadata]
lock-version = "2.1"
"""
    assert read(locks.read_poetry_lock, text) == {
        "flask": ("1", {"main"}),
        "pandas": ("1", {"extra:big"}),
        "numpy": ("1", {"extra:big"}),
    }
    assert locks.read_poetry_lock(DictContext({"x": text.replace('"2.1"', '"3.0"')}), "x") is None
    pdm = '[metadata]\nlock_version = "5.0"\n[[package]]\nname = "a"\nversion = "1"\n'
    assert locks.read_pdm_lock(DictContext({"x": pdm}), "x") is None
