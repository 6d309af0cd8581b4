"""dev-dependencies-in-final-stage."""

from __future__ import annotations

import json

import pytest

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "dev-dependencies-in-final-stage"
BUILT = """
FROM node:20 AS build
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build

FROM node:20-slim
WORKDIR /app
COPY --from=build <</app>> /app
CMD ["node", "dist/main.js"]
"""
PLAIN = """
FROM node:20-slim
WORKDIR /app
COPY . .
RUN <<npm ci>> && npm cache clean --force
CMD ["npm", "start"]
"""


def project(**changes: object) -> dict[str, str]:
    """The files of a project in TypeScript; `changes` go into its package.json."""
    manifest = {
        "scripts": {"build": "tsc", "start": "node dist/main.js"},
        "dependencies": {"express": "4.19.2"},
        "devDependencies": {"typescript": "5.5.4", "@types/express": "4.17.21"},
        **changes,
    }
    return {"package.json": json.dumps(manifest), "src/main.ts": 'import express from "express";\n'}


def plain(text: str) -> str:
    return text.replace("<<", "").replace(">>", "").lstrip("\n")


def test_fires_at_the_copy_and_names_some() -> None:
    found = fires(RULE, BUILT, project())
    analysis = analyse(plain(BUILT), project())
    assert "(@types/express, typescript)" in analysis.message(found[0], "en")
    assert [related.label for related in found[0].related] == ["install"]


def test_fires_at_the_install_of_the_stage_that_ships() -> None:
    fires(RULE, PLAIN, project())


def test_fires_at_node_modules_alone() -> None:
    text = BUILT.replace("<</app>> /app", "<</app/node_modules>> ./node_modules\nCOPY --from=build /app/dist dist")
    fires(RULE, text, project())


def test_size_comes_from_the_lock_file() -> None:
    rows = {"": {}, "node_modules/typescript": {"version": "5.5.4", "dev": True}, "node_modules/express": {}}
    lock = json.dumps({"lockfileVersion": 3, "packages": rows})
    (found,) = fires(RULE, BUILT, {**project(), "package-lock.json": lock})
    assert found.message == "sized"
    assert 15_000_000 < found.args["size"].bytes < 50_000_000  # what TypeScript 5 takes


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"devDependencies": {}}, BUILT),
        ({"scripts": {"start": "ts-node src/main.ts"}, "devDependencies": {"ts-node": "10.9.2"}}, PLAIN),
        ({"scripts": {"start": "nodemon src/main.ts"}}, PLAIN),
        ({}, BUILT.replace('"node", "dist', '"node", "-r", "typescript", "dist')),
        ({}, BUILT.replace("CMD", 'ENV NODE_OPTIONS="--import=typescript"\nCMD')),
        ({"devDependencies": {"express": "4.19.2"}, "dependencies": {}}, BUILT),
        ({}, BUILT.replace("npm ci", "npm ci --omit=dev")),
        ({}, BUILT.replace("RUN npm ci", "ENV NODE_ENV=production\nRUN npm ci")),
        ({}, BUILT.replace("npm run build", "npm run build && npm prune --omit=dev")),
        ({}, BUILT.replace("npm run build", "npm run build && rm -rf node_modules")),
        ({}, BUILT.replace("<</app>> /app", "/app/dist /app/dist")),
        ({}, BUILT.replace("FROM node:20-slim", "FROM node:20-slim AS dev")),
        ({}, BUILT.replace("FROM node:20-slim", "FROM nginx:alpine")),
        ({}, BUILT.replace('CMD ["node", "dist/main.js"]\n', "")),
        ({}, PLAIN.replace("&& npm cache clean --force", "&& npm run build")),
        ({"workspaces": ["{a,b}"]}, BUILT),
    ],
)
def test_silent(changes: dict[str, object], text: str) -> None:
    silent(RULE, plain(text), project(**changes))


@pytest.mark.parametrize("line", ["omit=dev", "omit[]=dev", "production = true"])
def test_silent_when_npm_is_set_up_to_leave_them_out(line: str) -> None:
    silent(RULE, plain(BUILT), {**project(), ".npmrc": f"fund=false\n{line}\n"})
    fires(RULE, BUILT, {**project(), ".npmrc": f"fund=false\n# {line}\n"})


def test_silent_without_a_context() -> None:
    silent(RULE, plain(BUILT))
    silent(RULE, plain(BUILT), {"src/main.ts": ""})


def test_prunes_at_the_end_of_the_build() -> None:
    assert fixed(RULE, plain(BUILT), project()) == plain(BUILT).replace(
        "RUN npm run build\n", "RUN npm run build\nRUN npm prune --omit=dev\n"
    )


@pytest.mark.parametrize(
    ("install", "files", "line"),
    [
        (
            "yarn install --frozen-lockfile",
            {},
            "yarn install --frozen-lockfile --production --ignore-scripts --prefer-",
        ),
        ("pnpm install", {}, "CI=true pnpm prune --prod\n"),
        (
            "yarn install --immutable",
            {".yarnrc.yml": "nodeLinker: node-modules\n", "yarn.lock": "__metadata:\n  version: 8\n"},
            "yarn workspaces focus --all --production\n",
        ),
    ],
)
def test_prunes_in_the_words_of_the_package_manager(install: str, files: dict[str, str], line: str) -> None:
    text = plain(BUILT).replace("npm ci", install)
    assert f"RUN npm run build\nRUN {line}" in fixed(RULE, text, {**project(), **files})


def test_prunes_in_the_folder_of_the_install() -> None:
    text = plain(BUILT).replace("RUN npm run build\n", "RUN npm run build\nWORKDIR /tmp\n")
    assert "WORKDIR /tmp\nRUN cd /app && npm prune --omit=dev\n" in fixed(RULE, text, project())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("npm ci", "npm ci --omit=dev"),
        ("npm install --no-audit", "npm install --omit=dev --no-audit"),
        ("yarn", "yarn --production"),
        ("pnpm i", "pnpm i --prod"),
    ],
)
def test_leaves_them_out_of_the_install(before: str, after: str) -> None:
    text = plain(PLAIN).replace("npm ci && npm cache clean --force", before)
    assert f"RUN {after}\n" in fixed(RULE, text, project())


def test_an_old_npm_gets_the_old_option() -> None:
    text = plain(PLAIN).replace("node:20", "node:14")
    assert "RUN npm ci --only=production && npm cache" in fixed(RULE, text, project())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        # The install runs a script that may call what is left out.
        ({"scripts": {"prepare": "husky", "start": "node dist/main.js"}}, PLAIN),
        # Another stage goes on with the same modules.
        ({}, BUILT.replace("FROM node:20-slim", "FROM build AS tests\nRUN npm test\n\nFROM node:20-slim")),
        ({}, BUILT.replace("FROM node:20-slim", "FROM node:20 AS t\nCOPY --from=build /app /app\n\nFROM node:20-slim")),
    ],
)
def test_no_fix_where_it_might_break_something(changes: dict[str, object], text: str) -> None:
    analysis = analyse(plain(text), project(**changes))
    (found,) = findings(analysis, RULE)
    assert not found.fixes
