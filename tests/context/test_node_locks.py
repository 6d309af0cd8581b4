"""What ships of a Node lock file, for which platform; formats nobody has seen yet."""

from __future__ import annotations

import json

import pytest

from slimstage.context import DictContext
from slimstage.context.locks import Lock
from slimstage.context.node_locks import X64, NodePlatform, reader_of

MANIFEST = json.dumps(
    {
        "dependencies": {"express": "^4.19.2"},
        "devDependencies": {"typescript": "5.4.5"},
        "optionalDependencies": {"ws": "^8.0.0"},
    }
)
CLASSIC = """# yarn lockfile v1


accepts@~1.3.8:
  version "1.3.8"
  dependencies:
    "mime types" "~2.1.34"
    mime-types "~2.1.34"

express@^4.19.2:
  version "4.19.2"
  dependencies:
    accepts "~1.3.8"

lodash@^4.17.0, lodash@^4.17.21:
  version "4.17.21"

"mime-types@~2.1.34":
  version "2.1.35"

typescript@5.4.5:
  version "5.4.5"
  dependencies:
    lodash "^4.17.21"

ws@^8.0.0:
  version "8.17.0"
"""
BERRY = """__metadata:
  version: 8

"accepts@npm:~1.3.8":
  version: 1.3.8

"express@npm:^4.19.2":
  version: 4.19.2
  dependencies:
    accepts: "npm:~1.3.8"

"typescript@npm:5.4.5, typescript@patch:typescript@npm%3A5.4.5#optional!builtin<compat/typescript>":
  version: 5.4.5

"ws@npm:^8.0.0":
  version: 8.17.0

"x@workspace:.":
  version: 0.0.0-use.local
  dependencies:
    typescript: "npm:5.4.5"
"""
PNPM = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      express:
        specifier: ^4.19.2
        version: 4.19.2(supports-color@9.0.0)
      alias:
        specifier: npm:real@1.0.0
        version: real@1.0.0
      own:
        specifier: workspace:*
        version: link:packages/own
    devDependencies:
      typescript:
        specifier: 5.4.5
        version: 5.4.5
  packages/own:
    optionalDependencies:
      '@s/native':
        specifier: ^1.0.0
        version: 1.0.0

packages:

  '@s/native@1.0.0':
    resolution: {integrity: x}
    cpu: [x64]
    os: [linux]
    libc: [musl]

  accepts@1.3.8:
    resolution: {integrity: x}

  express@4.19.2:
    resolution: {integrity: x}

  real@1.0.0:
    resolution: {integrity: x}

  typescript@5.4.5:
    resolution: {integrity: x}

snapshots:

  '@s/native@1.0.0': {}

  accepts@1.3.8: {}

  express@4.19.2(supports-color@9.0.0):
    dependencies:
      accepts: 1.3.8

  real@1.0.0: {}

  typescript@5.4.5: {}
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "x", "dependencies": {"express": "^4.19.2"}, "devDependencies": {"typescript": "5.4.5"},},
  },
  "packages": {
    "express": ["express@4.19.2", "", {"dependencies": {"accepts": "~1.3.8"}}, "sha512-x"],
    "express/accepts": ["accepts@1.3.8", "", {}, "sha512-x"],
    "accepts": ["accepts@2.0.0", "", {}, "sha512-x"],
    "typescript": ["typescript@5.4.5", "", {"dependencies": {"accepts": "2"}, "bin": {"tsc": "x"}}, "sha512-x"],
    "native": ["native@1.0.0", "", {"os": "darwin"}, "sha512-x"],
  }
}
"""


def read(manager: str, text: str, platform: NodePlatform = X64, **files: str) -> Lock | None:
    name, reader = reader_of(manager, platform)
    return reader(DictContext({name: text, **{key.replace("_", "."): value for key, value in files.items()}}), name)


def groups(lock: Lock | None) -> dict[str, set[str]]:
    assert lock is not None
    return {one.name: set(one.groups) for one in lock.packages}


def test_what_ships_of_a_yarn_lock_follows_from_the_manifest() -> None:
    shipped = {"main"}
    assert groups(read("yarn", CLASSIC, package_json=MANIFEST)) == {
        "accepts": shipped,
        "express": shipped,
        "lodash": {"dev"},
        "mime-types": shipped,
        "typescript": {"dev"},
        "ws": shipped,
    }
    assert groups(read("yarn", BERRY, package_json=MANIFEST)) == {
        "accepts": shipped,
        "express": shipped,
        "typescript": {"dev"},
        "ws": shipped,
    }


@pytest.mark.parametrize("manifest", [None, "{", '{"dependencies": {"nobody-locked-this": "^1"}}'])
def test_without_a_manifest_that_fits_nobody_can_tell(manifest: str | None) -> None:
    files = {} if manifest is None else {"package_json": manifest}
    assert set(map(frozenset, groups(read("yarn", CLASSIC, **files)).values())) == {frozenset()}


def test_members_of_a_workspace_ship_too() -> None:
    name, reader = reader_of("yarn", NodePlatform())
    files = {
        name: CLASSIC,
        "package.json": '{"workspaces": ["packages/*"], "devDependencies": {"typescript": "5.4.5"}}',
        "packages/a/package.json": '{"name": "a", "dependencies": {"express": "^4.19.2"}}',
    }
    assert groups(reader(DictContext(files), name))["mime-types"] == {"main"}


def test_pnpm_by_its_importers_and_snapshots() -> None:
    assert groups(read("pnpm", PNPM)) == {
        "accepts": {"main"},
        "express": {"main"},
        "real": {"main"},
        "typescript": {"dev"},
    }
    assert groups(read("pnpm", PNPM, NodePlatform("x64", "musl")))["@s/native"] == {"main"}
    assert "@s/native" not in groups(read("pnpm", PNPM.replace("\n", "\r\n"), NodePlatform("arm64", "musl")))


def test_bun() -> None:
    lock = read("bun", BUN)
    assert lock is not None
    assert [(one.name, one.version, set(one.groups)) for one in lock.packages] == [
        ("express", "4.19.2", {"main"}),
        ("accepts", "1.3.8", {"main"}),
        ("accepts", "2.0.0", {"dev"}),
        ("typescript", "5.4.5", {"dev"}),
    ]


def test_npm_marks_what_only_one_kind_wants() -> None:
    rows = {
        "node_modules/both": {"version": "1", "devOptional": True},
        "node_modules/dev": {"version": "1", "dev": True, "optional": True},
        "node_modules/opt": {"version": "1", "optional": True, "cpu": ["x64"]},
        "node_modules/main": {"version": "1"},
    }
    text = json.dumps({"lockfileVersion": 3, "packages": rows})
    assert groups(read("npm", text)) == {
        "both": {"dev", "optional"},
        "dev": {"dev"},
        "opt": {"optional"},
        "main": {"main"},
    }
    assert "opt" not in groups(read("npm", text, NodePlatform("arm64")))


@pytest.mark.parametrize(
    ("manager", "text"),
    [
        ("npm", '{"lockfileVersion": 4, "packages": {"node_modules/a": {"version": "1"}}}'),
        ("pnpm", "lockfileVersion: '10.0'\n\npackages:\n\n  a@1.0.0:\n    resolution: {}\n"),
        ("bun", '{"lockfileVersion": 7, "packages": {"a": ["a@1"]}}'),
        ("bun", '{"lockfileVersion": 1, "packages": []}'),
        ("bun", "\x00binary"),
    ],
)
def test_formats_nobody_has_seen_are_not_read(manager: str, text: str) -> None:
    assert read(manager, text) is None


@pytest.mark.parametrize("text", ['{"lockfileVersion": 1, "packages": {"a": [1], "b": 3, "c": []}}', BUN[:-40]])
def test_odd_rows_never_raise(text: str) -> None:
    lock = read("bun", text)
    assert lock is None or lock.packages == ()


def test_a_lock_file_is_read_once_as_long_as_nothing_changes() -> None:
    def shipped(lock: str, manifest: str = MANIFEST) -> Lock:
        found = reader_of("yarn", X64)[1](DictContext({"yarn.lock": lock, "package.json": manifest}), "yarn.lock")
        assert found is not None
        return found

    first = shipped(CLASSIC)
    assert shipped(CLASSIC).packages is first.packages
    assert shipped(CLASSIC.replace('"4.19.2"', '"4.19.3"')).packages != first.packages
    without = json.dumps({"devDependencies": {"express": "^4.19.2"}})
    assert {one.name for one in shipped(CLASSIC, without).packages if one.groups == {"main"}} == set()
    assert {one.name for one in first.packages if one.groups == {"main"}} >= {"express"}
