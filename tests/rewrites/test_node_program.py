"""What a Node program uses when it runs, by its start command, its scripts and its sources."""

from __future__ import annotations

import json

import pytest

from slimstage.context import DictContext
from slimstage.context.node_project import read_node_project
from slimstage.knowledge import load
from slimstage.rewrites.node_program import NodeProgram, tokens

FACTS = load().conversions["node"]
WORKSPACE = {
    "package.json": json.dumps(
        {
            "workspaces": ["apps/*", "lib"],
            "scripts": {"start": "npm run go -w web"},
            "devDependencies": {"turbo": "2.0.0"},
        }
    ),
    "apps/api/package.json": json.dumps(
        {"name": "@x/api", "scripts": {"start": "node dist/a.js"}, "dependencies": {"lib": "*", "pino": "9.0.0"}}
    ),
    "apps/web/package.json": json.dumps(
        {"name": "web", "scripts": {"prego": "tsx check.ts", "go": "node w.js"}, "devDependencies": {"tsx": "4.0.0"}}
    ),
    "lib/package.json": json.dumps({"name": "lib", "devDependencies": {"chalk": "5.0.0"}}),
    "lib/index.js": 'import chalk from "chalk";\n',
}


def program(files: dict[str, str], *words: str, more: tuple[str, ...] = (), folder: str = "") -> NodeProgram:
    context = DictContext(files)
    project = read_node_project(context)
    assert project is not None
    return NodeProgram(context, project, FACTS, words, more, folder)


def single(**manifest: object) -> dict[str, str]:
    return {"package.json": json.dumps(manifest)}


def test_tokens_are_words_without_what_stands_between_commands() -> None:
    assert tokens(['node a.js && "b c"; (d)|e']) == ("node", "a.js", "b", "c", "d", "e")


@pytest.mark.parametrize(
    ("line", "folders", "script"),
    [
        ("pnpm start", [""], "start"),
        ("pnpm run start", [""], "start"),
        ("npm run-script start", [""], "start"),
        ("pnpm --filter @x/api start", ["apps/api"], "start"),
        ("pnpm --filter=api start", ["apps/api"], "start"),
        ("pnpm -F ./apps/web run go", ["apps/web"], "go"),
        ("pnpm -C apps/web go", ["apps/web"], "go"),
        ("pnpm -w start", [""], "start"),
        ("npm start -w web", ["apps/web"], "start"),
        ("npm --prefix apps/web run go", ["apps/web"], "go"),
        ("npm start --workspace=@x/api -- --port 1", ["apps/api"], "start"),
        ("yarn workspace web go", ["apps/web"], "go"),
        ("yarn --cwd apps/api start", ["apps/api"], "start"),
        ("pnpm --filter nobody start", ["", "apps/api", "apps/web", "lib"], "start"),
        ("npm", [""], ""),
    ],
)
def test_call_of_a_package_manager(line: str, folders: list[str], script: str) -> None:
    found = program(WORKSPACE, "node")
    call = found.call(line.split(), found.home)
    assert (sorted(package.folder for package in call.packages), call.script) == (sorted(folders), script)


def test_scripts_are_followed_into_members_with_what_runs_before_them() -> None:
    found = program(WORKSPACE, "npm", "start")
    assert "check.ts" in found.used.words
    assert found.development_package() == "tsx"


def test_the_folder_or_the_path_of_the_program_names_the_member() -> None:
    for found in (
        program(WORKSPACE, "node", "dist/a.js", folder="apps/api"),
        program(WORKSPACE, "node", "apps/api/dist/a.js"),
        program(WORKSPACE, "pnpm", "--filter", "@x/api", "start"),
    ):
        folders = [package.folder for package in found.used.packages]
        assert {"apps/api", "lib"} <= set(folders) and "apps/web" not in folders
        assert found.imports_development()  # lib, which api depends on, imports chalk
        assert "pino" in found.dependencies and "tsx" not in found.development


@pytest.mark.parametrize(
    ("words", "package"),
    [
        (("node", "-r", "dotenv/config", "a.js"), "dotenv"),
        (("node", "--import=dotenv/config", "a.js"), "dotenv"),
        (("node", "--require", "@x/reg/sub", "a.js"), "@x/reg"),
        (("node_modules/.bin/dotenv", "node", "a.js"), "dotenv"),
        (("node", "./node_modules/@x/reg/bin.js"), "@x/reg"),
        (("sh", "-c", "npx dotenv -- node a.js"), "dotenv"),
        (("tsc-watch",), None),
        (("node", "a.js"), None),
    ],
)
def test_development_packages_by_word(words: tuple[str, ...], package: str | None) -> None:
    files = single(devDependencies={"dotenv": "16.0.0", "@x/reg": "1.0.0"})
    assert program(files, *words).development_package() == package
    assert program(files, "node", "a.js", more=(" ".join(words),)).development_package() == package


def test_what_is_a_dependency_too_is_no_development_package() -> None:
    files = single(devDependencies={"dotenv": "16.0.0"}, dependencies={"dotenv": "16.0.0"})
    assert program(files, "node", "-r", "dotenv/config", "a.js").development_package() is None


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ('import x from "dev";', True),
        ('import type { X } from "dev";', False),
        ('import type { X } from "dev";\nconst y = require("dev/sub");', True),
        ('const x = await import("dev");', True),
        ('require.resolve("dev");', True),
        ('import x from "./dev";', False),
        ('import x from "developer";', False),
    ],
)
def test_imports(source: str, imports: bool) -> None:
    files = {**single(devDependencies={"dev": "1.0.0"}), "src/a.ts": source, "node_modules/x/i.js": 'require("dev")'}
    assert program(files, "node", "dist/a.js").imports_development() is imports


@pytest.mark.parametrize(
    "path", ["a.test.ts", "test/a.js", "jest.config.js", "gulpfile.js", "build.js", "src/types.d.ts"]
)
def test_files_that_only_tools_read_do_not_count(path: str) -> None:
    files = {**single(devDependencies={"dev": "1.0.0"}, scripts={"build": "node build.js"}), path: 'require("dev")'}
    assert not program(files, "node", "dist/a.js").imports_development()


def test_a_file_that_also_starts_counts() -> None:
    files = single(devDependencies={"dev": "1.0.0"}, scripts={"build": "node a.js", "start": "node a.js"})
    assert program({**files, "a.js": 'require("dev")'}, "npm", "start").imports_development()


@pytest.mark.parametrize(
    ("script", "words", "direct"),
    [
        ("node a.js --port 80", ("pnpm", "start"), ("node", "a.js", "--port", "80")),
        ("node a.js", ("pnpm", "start", "--", "-v"), None),
        ("NODE_ENV=production node a.js", ("pnpm", "start"), None),
        ("node a.js && node b.js", ("pnpm", "start"), None),
        ("next start", ("pnpm", "start"), None),
    ],
)
def test_direct_start(script: str, words: tuple[str, ...], direct: tuple[str, ...] | None) -> None:
    assert program(single(scripts={"start": script}), *words).direct_start("") == direct


def test_no_direct_start_around_other_scripts_or_what_the_manager_sets() -> None:
    assert program(single(scripts={"start": "node a.js", "poststart": "x"}), "pnpm", "start").direct_start("") is None
    files = {**single(scripts={"start": "node a.js"}), "a.js": "process.env.npm_package_version"}
    assert program(files, "pnpm", "start").direct_start("") is None


def test_too_many_files_count_as_used() -> None:
    files = {f"src/{number}.js": "" for number in range(700)}
    assert program({**single(devDependencies={"dev": "1.0.0"}), **files}, "node", "a.js").imports_development()
