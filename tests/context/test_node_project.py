"""Node projects: the members of a workspace, and which Yarn is meant."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.context.node_project import NodeProject, read_node_project


def project(files: dict[str, str], folder: str = "") -> NodeProject:
    found = read_node_project(DictContext(files), folder)
    assert found is not None
    return found


def members(*packages: str, **files: str) -> list[str]:
    """The members' folders, of a context with these packages."""
    manifests = {f"{package}/package.json": f'{{"name": "{package}"}}' for package in packages}
    texts = {"package.json": "{}", **{name.replace("__", "."): text for name, text in files.items()}, **manifests}
    return [member.folder for member in project(texts).members]


def test_without_a_manifest_there_is_no_project() -> None:
    assert read_node_project(DictContext({"index.js": ""})) is None
    assert read_node_project(DictContext({"package.json": "[]"})) is None


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ('["packages/*"]', ["packages/a", "packages/b"]),
        ('{"packages": ["packages/a"]}', ["packages/a"]),
        ('["./packages/a/"]', ["packages/a"]),
        ('["packages/*", "!packages/b"]', ["packages/a"]),
        ('["packages/**"]', ["packages/a", "packages/a/deep", "packages/b"]),
        ('["packages/?", "missing"]', ["packages/a", "packages/b"]),
    ],
)
def test_patterns_of_package_json(patterns: str, found: list[str]) -> None:
    packages = ("packages/a", "packages/b", "packages/a/deep", "packages/a/node_modules/x")
    assert sorted(members(*packages, package__json=f'{{"workspaces": {patterns}}}')) == found


def test_pnpm_names_members_in_a_file_of_its_own() -> None:
    files = {"pnpm-workspace__yaml": "packages:\n  - apps/*\n  - '!apps/old'\n"}
    assert members("apps/api", "apps/old", **files) == ["apps/api"]


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": '{"workspaces": ["{a,b}/*"]}'},
        {"package.json": '{"workspaces": "a"}'},
        {"package.json": "{}", "pnpm-workspace.yaml": "packages: a\n"},
        {"package.json": "{}", "pnpm-workspace.yaml": "packages: [\n"},
    ],
)
def test_what_is_not_understood_is_incomplete(files: dict[str, str]) -> None:
    assert not project(files).complete


def test_a_file_of_pnpm_without_members_is_no_workspace() -> None:
    found = project({"package.json": "{}", "pnpm-workspace.yaml": "onlyBuiltDependencies: [bcrypt]\n"})
    assert found.complete and not found.members


def test_closure_and_innermost_package() -> None:
    found = project(
        {
            "package.json": '{"workspaces": ["p/*"]}',
            "p/a/package.json": '{"name": "a", "dependencies": {"b": "*", "ms": "2.1.3"}}',
            "p/b/package.json": '{"name": "b", "dependencies": {"a": "*"}}',
            "p/c/package.json": '{"name": "c"}',
        }
    )
    one = found.named("a")
    assert one is not None
    assert [package.folder for package in found.closure(one)] == ["p/a", "p/b"]
    inside, above = found.at("p/b/src"), found.at("p")
    assert inside is not None and inside.folder == "p/b"
    assert above is found.root


@pytest.mark.parametrize(
    ("files", "yarn", "linker", "focuses"),
    [
        ({}, 1, None, False),
        ({"yarn.lock": "# yarn lockfile v1\n"}, 1, None, False),
        ({"package.json": '{"packageManager": "yarn@1.22.22"}'}, 1, None, False),
        ({"package.json": '{"packageManager": "yarn@4.5.0+sha512.ab"}'}, 4, "pnp", True),
        (
            {".yarnrc.yml": "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-3.6.1.cjs\n"},
            3,
            "node-modules",
            False,
        ),
        (
            {
                ".yarnrc.yml": "nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-3.6.1.cjs\nplugins:\n"
                "  - path: .yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs\n"
            },
            3,
            "node-modules",
            True,
        ),
        ({"yarn.lock": "__metadata:\n  version: 8\n"}, 4, "pnp", True),
        ({".yarnrc.yml": "enableTelemetry: false\n"}, None, "pnp", False),
    ],
)
def test_yarn(files: dict[str, str], yarn: int | None, linker: str | None, focuses: bool) -> None:
    found = project({"package.json": "{}", **files})
    assert (found.yarn, found.linker, found.focuses) == (yarn, linker, focuses)
