"""The size engine: what each instruction adds, what it does not, and what is only named."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from slimstage.context import DictContext
from slimstage.knowledge import KnowledgeBase, load
from slimstage.model import Model
from slimstage.sizes.estimate import estimate
from slimstage.sizes.records import ImageEstimate, InstructionEstimate, Part
from slimstage.syntax import parse, reparse
from slimstage.text import Span


@cache
def knowledge() -> KnowledgeBase:
    return load()


def sized(text: str, files: Mapping[str, str] | None = None, target: str | None = None) -> ImageEstimate:
    model = Model(parse(text), knowledge(), None if files is None else DictContext(files), target=target)
    found = estimate(model)
    assert found is not None
    return found


def lines(text: str, files: Mapping[str, str] | None = None) -> list[InstructionEstimate]:
    return list(sized(text, files).final.instructions)


def last(text: str, files: Mapping[str, str] | None = None) -> InstructionEstimate:
    return lines(text, files)[-1]


def part(one: InstructionEstimate, what: str) -> Part:
    (found,) = [item for item in one.parts if item.what == what]
    return found


def whats(one: InstructionEstimate) -> list[str]:
    return [item.what for item in one.parts]


SLIM = "FROM debian:bookworm-slim\n"
PYTHON = "FROM python:3.11-slim-bookworm\n"


def test_no_stage_no_estimate() -> None:
    assert estimate(Model(parse("# nothing\nARG A=1\n"), knowledge())) is None


def test_the_image_is_the_sum_of_its_layers() -> None:
    image = sized(SLIM + "COPY a /a\nCOPY b /b\n", {"a": "x" * 100, "b": "y" * 11})
    assert image.disk.bytes == image.final.base.disk.bytes + 111
    assert image.final.base.disk.low <= 74_830_000 <= image.final.base.disk.high


def test_a_stage_on_a_stage_holds_what_lies_below() -> None:
    image = sized(SLIM.strip() + " AS one\nCOPY a /a\nFROM one\nCOPY b /b\n", {"a": "x" * 100, "b": "yy"})
    assert image.disk.bytes == image.stages[0].disk.bytes + 2


# apt


@pytest.mark.parametrize(
    ("request_", "added"),
    [
        ("--no-install-recommends gcc", 163_267_850),
        ("gcc", 240_964_963),
        ("--no-install-recommends libpq5", 8_926_314),
        ("-o APT::Install-Recommends=0 git", 90_944_082),
    ],
)
def test_apt_install_is_near_the_measured_install(request_: str, added: int) -> None:
    one = last(SLIM + f"RUN apt-get update && apt-get install -y {request_} && rm -rf /var/lib/apt/lists/*\n")
    assert whats(one) == ["apt", "apt-records"]
    size = part(one, "apt").disk
    assert size is not None
    assert size.low <= added <= size.high
    assert abs(size.bytes - added) < 0.03 * added


def test_lists_stay_unless_they_are_cleared_or_mounted_in_the_same_run() -> None:
    lists = 19_857_442
    assert part(last(SLIM + "RUN apt-get update\n"), "apt-lists").disk.bytes == lists  # type: ignore[union-attr]
    cleared = lines(SLIM + "RUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*\n")
    assert cleared[0].disk.bytes == lists
    assert cleared[1].disk.bytes == 0
    assert not last(SLIM + "RUN apt-get update && rm -rf /var/lib/apt/lists/*\n").adds
    assert not last(SLIM + "RUN --mount=type=cache,target=/var/lib/apt apt-get update\n").adds
    assert not last(SLIM + "RUN apt-get update && find /var/lib/apt/lists -type f -delete\n").adds


def test_what_is_there_already_is_not_counted_again() -> None:
    first, second = lines(SLIM + "RUN apt-get install -y gcc\nRUN apt-get install -y gcc\n")
    assert first.disk.bytes > 200_000_000
    assert second.disk.bytes == 0
    # git is in the full image, by its own Dockerfile; in the slim one it is not.
    assert last("FROM node:20-bookworm\nRUN apt-get install -y git\n").disk.bytes == 0
    assert last("FROM node:20-bookworm-slim\nRUN apt-get install -y git\n").disk.bytes > 90_000_000


def test_purge_saves_in_the_same_run_only() -> None:
    same = last(SLIM + "RUN apt-get install -y --no-install-recommends gcc && apt-get purge -y --auto-remove gcc\n")
    assert whats(same) == ["apt-records"]
    kept = last(SLIM + "RUN apt-get install -y --no-install-recommends gcc && apt-get purge -y gcc\n")
    assert kept.disk.bytes > 160_000_000  # only the name `gcc` goes, gcc-12 stays
    first, later = lines(
        SLIM + "RUN apt-get install -y --no-install-recommends gcc\nRUN apt-get purge -y --auto-remove gcc\n"
    )
    assert first.disk.bytes > 160_000_000
    assert 0 < later.disk.bytes < 2_000_000
    # ... and what was purged is installed again at full price.
    again = lines(SLIM + "RUN apt-get install -y make\nRUN apt-get purge -y make\nRUN apt-get install -y make\n")
    assert part(again[2], "apt").disk == part(again[0], "apt").disk


def test_unknown_packages_are_named_and_not_guessed() -> None:
    one = last(SLIM + "RUN apt-get install -y libpq-devel $EXTRA curl\n")
    assert sorted(item.what for item in one.unknown) == ["package-missing-similar", "package-variable"]
    (missing,) = [item for item in one.unknown if item.what == "package-missing-similar"]
    assert missing.args["similar"] == "libpq-dev"
    assert one.disk.bytes > 10_000_000  # curl all the same
    assert whats(last("FROM alpine:3.20\nRUN apk add --no-cache gcc musl-dev\n")) == ["apk", "apk-records"]


# Python


def test_pip_installs_what_the_requirements_need() -> None:
    one = last(PYTHON + "ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install --no-cache-dir flask==3.0.3\n")
    assert whats(one) == ["python"]
    # Real build, 2026-11-25: 4,972,461 bytes, of which the layer's first run wrote nothing.
    assert abs(one.disk.bytes - 4_972_461) < 150_000
    assert part(one, "python").args["count"] == 7
    assert part(one, "python").path == "/usr/local/lib/python3.11/site-packages"


def test_files_nested_requirements_constraints_and_markers() -> None:
    files = {
        "req/all.txt": "-r base.txt\n-c pins.txt\nsix ; python_version < '3'\nclick\n",
        "req/base.txt": "jinja2\n",
        "req/pins.txt": "click==8.1.7\n",
    }
    one = last(PYTHON + "COPY req /req\nRUN pip install --no-cache-dir -r /req/all.txt\n", files)
    assert part(one, "python").args["count"] == 3  # jinja2, markupsafe, click
    alone = last(PYTHON + "COPY req /req\nRUN pip install --no-cache-dir --no-deps -r /req/all.txt\n", files)
    assert part(alone, "python").args["count"] == 2


def test_a_missing_file_and_an_unknown_package_are_named() -> None:
    one = last(PYTHON + "RUN pip install --no-cache-dir -r nowhere.txt\n", {})
    assert [item.what for item in one.unknown] == ["requirements-missing"]
    one = last(PYTHON + "RUN pip install --no-cache-dir no-such-package-at-all flask\n")
    assert [item.args["name"] for item in one.unknown] == ["no-such-package-at-all"]


def test_caches_and_byte_code() -> None:
    run = "RUN pip install flask==3.0.3\n"
    assert whats(last(PYTHON + run)) == ["python", "python-cache", "byte-code", "byte-code"]
    assert whats(lines(PYTHON + run + run)[1]) == ["python", "python-cache"]
    for quiet in (
        "RUN pip install --no-cache-dir flask==3.0.3\n",
        "RUN PIP_NO_CACHE_DIR=1 pip install flask==3.0.3\n",
        "ENV PIP_NO_CACHE_DIR=1\n" + run,
        "RUN --mount=type=cache,target=/root/.cache pip install flask==3.0.3\n",
        "RUN pip install flask==3.0.3 && rm -rf /root/.cache\n",
        "RUN pip install flask==3.0.3 && rm -rf ~/.cache/pip\n",
    ):
        assert "python-cache" not in whats(last(PYTHON + quiet)), quiet
    plain = last(PYTHON + "RUN pip install --no-cache-dir --no-compile flask==3.0.3\n")
    assert part(plain, "python").disk.bytes < 3_000_000  # type: ignore[union-attr]


def test_where_pip_puts_it() -> None:
    def place(run: str) -> str | None:
        return part(last(PYTHON + "WORKDIR /app\n" + run), "python").path

    assert place("RUN pip install --prefix=/install six\n") == "/install/lib/python3.11/site-packages"
    assert place("RUN pip install -t lib six\n") == "/app/lib"
    assert place("RUN /venv/bin/pip install six\n") == "/venv/lib/python3.11/site-packages"
    assert place("RUN . .venv/bin/activate && pip install six\n") == "/app/.venv/lib/python3.11/site-packages"
    assert place("ENV PATH=/opt/venv/bin:$PATH\nRUN pip install six\n") == "/opt/venv/lib/python3.11/site-packages"
    assert place("USER app\nRUN pip install six\n") == "/home/app/.local/lib/python3.11/site-packages"


def test_uv_writes_no_byte_code_unless_asked() -> None:
    pip = part(last(PYTHON + "RUN pip install django==5.0.6\n"), "python").disk
    uv = part(last(PYTHON + "RUN uv pip install --system django==5.0.6\n"), "python").disk
    asked = part(last(PYTHON + "RUN uv pip install --system --compile-bytecode django==5.0.6\n"), "python").disk
    assert pip is not None
    assert uv is not None
    assert uv.bytes < 0.8 * pip.bytes
    assert asked == pip


def test_compiled_packages_are_an_assumption() -> None:
    one = part(last(PYTHON + "RUN pip install --no-cache-dir --no-binary :all: psycopg2\n"), "python").disk
    assert one is not None
    assert one.basis == "assumed"
    assert one.high > 2 * one.low


# The build context


def test_copies_come_through_the_ignore_file() -> None:
    files = {".dockerignore": "*.log\nsecret/\n!keep.log\n", "a.txt": "12345", "b.log": "x" * 99, "keep.log": "123",
             "secret/key": "y" * 50}  # fmt: skip
    one = last(SLIM + "COPY . /app\n", files)
    assert one.disk.bytes == 5 + 3 + len(files[".dockerignore"])
    assert last(SLIM + "COPY *.txt keep.log /app/\n", files).disk.bytes == 8
    assert whats(last(SLIM + "COPY b.log /app/\n", files)) == ["copy-ignored"]
    assert whats(last(SLIM + "COPY a.txt /app/\n")) == ["copy-no-context"]


def test_heredocs_are_exact() -> None:
    assert last(SLIM + "COPY <<EOF /etc/app.conf\nkey = 1\nEOF\n").disk.bytes == len("key = 1\n")


def test_chown_stores_files_again() -> None:
    one = lines(SLIM + "COPY a /app/a\nCOPY b /other/b\nRUN chown -R app:app /app\n", {"a": "x" * 4000, "b": "y"})[2]
    assert one.disk.bytes == 4000
    assert not last(SLIM + "COPY a /app/a\nRUN chown app /app\n", {"a": "x"}).adds
    assert not last(SLIM + "COPY a /app/a\nRUN mkdir /data && chown -R app /data\n", {"a": "x"}).adds


def test_later_deletes_save_nothing() -> None:
    image = sized(SLIM + "COPY a /app/a\nRUN rm -rf /app\n", {"a": "x" * 4000})
    assert image.disk.bytes == image.final.base.disk.bytes + 4000


# COPY --from


def test_copy_from_takes_what_lies_below_the_path() -> None:
    text = """
FROM python:3.11-bookworm AS build
COPY src /src
RUN pip install --no-cache-dir --prefix=/install flask==3.0.3
FROM python:3.11-slim-bookworm
COPY --from=build /install /usr/local
COPY --from=build /src/app /app
COPY --from=build /nowhere /x
"""
    image = sized(text, {"src/app/main.py": "1234", "src/tests/test.py": "x" * 1000})
    packages, app, nowhere = image.final.instructions
    built = image.stages[0].instructions[1]
    assert packages.disk == part(built, "python").disk
    assert part(packages, "python").path == "/usr/local/lib/python3.11/site-packages"
    assert app.disk.bytes == 4
    assert [item.what for item in nowhere.unknown] == ["from-stage"]


@pytest.mark.parametrize(
    ("image", "command", "packages", "path"),
    [
        ("php:8.4-cli", "docker-php-ext-install -j4 gd zip", "gd, zip", "/usr/local/lib/php/extensions"),
        ("php:8.4-cli", "pecl install redis-6.0.2", "redis", "/usr/local/lib/php/extensions"),
        ("php:8.4-cli", "composer install --no-dev", "composer.json", "/app/vendor"),
        ("ruby:3.4", "bundle install", "Gemfile", "/usr/local/bundle"),
    ],
)
def test_what_nobody_measured_is_named(image: str, command: str, packages: str, path: str) -> None:
    found = part(last(f"FROM {image}\nWORKDIR /app\nRUN {command}"), "packages-no-table")
    assert (found.args["packages"], found.path, found.disk) == (packages, path, None)


def test_a_distribution_writes_nothing_below_usr_local() -> None:
    text = """
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends libpq5
FROM debian:bookworm-slim
COPY --from=build /usr/local/lib/x /usr/local/lib/x
COPY --from=build /usr/lib /usr/lib
"""
    mine, theirs = sized(text).final.instructions
    assert mine.disk.high == 0
    assert theirs.disk.high > 0


def test_what_a_stage_deleted_is_not_copied() -> None:
    text = """
FROM debian:bookworm-slim AS a
COPY big /w/big
COPY small /w/small
RUN rm /w/big
FROM scratch
COPY --from=a /w /w
"""
    assert sized(text, {"big": "x" * 999, "small": "12"}).disk.bytes == 2


def test_copy_from_a_prefix_of_names_is_no_folder() -> None:
    text = "FROM debian:bookworm-slim AS a\nCOPY x /app2/x\nCOPY y /app/y\nFROM scratch\nCOPY --from=a /app /app\n"
    assert sized(text, {"x": "x" * 999, "y": "12"}).disk.bytes == 2


def test_a_built_site_is_looked_up_in_the_context() -> None:
    text = """
FROM node:20-slim AS build
WORKDIR /app
COPY . .
RUN npm run build
FROM nginx:1.27
COPY --from=build /app/dist /usr/share/nginx/html
"""
    files = {"package.json": "{}", ".dockerignore": "dist\n", "dist/index.js": "x" * 5000}
    one = last(text, files)
    assert whats(one) == ["built"]
    assert one.disk.bytes == 5000
    del files["dist/index.js"]
    assert whats(last(text, files)) == ["built-assumed"]


# Node

LOCK = """{"lockfileVersion": 3, "packages": {"": {"name": "x"},
  "node_modules/express": {"version": "4.19.2"},
  "node_modules/prettier": {"version": "3.3.2", "dev": true},
  "node_modules/@esbuild/win32-x64": {"version": "0.21.5", "os": ["win32"], "cpu": ["x64"], "optional": true},
  "node_modules/nobody-measured-this": {"version": "1.0.0"}}}"""


def test_npm_by_its_lock_file() -> None:
    files = {"package.json": "{}", "package-lock.json": LOCK}
    base = "FROM node:20-slim\nWORKDIR /app\nCOPY package*.json ./\n"
    everything = part(last(base + "RUN npm ci\n", files), "node-unknown")
    production = part(last(base + "RUN npm ci --omit=dev\n", files), "node-unknown")
    assert everything.args["count"] == 3
    assert production.args["count"] == 2
    assert production.args["unknown"] == 1
    assert everything.path == "/app/node_modules"
    for other in ("ENV NODE_ENV=production\nRUN npm ci\n", "RUN NODE_ENV=production npm ci\n",
                  "RUN npm ci && npm prune --omit=dev\n"):  # fmt: skip
        assert part(last(base + other, files), "node-unknown").disk == production.disk, other
    assert "node-cache" in whats(last(base + "RUN npm ci\n", files))
    assert "node-cache" not in whats(last(base + "RUN npm ci && npm cache clean --force\n", files))
    assert whats(last(base + "RUN npm ci\n", {"package.json": "{}"})) == ["lock-missing"]


def test_broken_lock_files_are_named() -> None:
    base = "FROM node:20-slim\nWORKDIR /app\nCOPY . .\n"
    for text in ("", "{", "[]", '{"lockfileVersion": 99}', '{"packages": []}'):
        assert whats(last(base + "RUN npm ci\n", {"package-lock.json": text})) == ["lock-missing"], text


# Reuse


def test_what_did_not_change_is_kept() -> None:
    text = SLIM + "RUN apt-get install -y make\nRUN apt-get install -y curl\nCOPY a /a\n"
    context = DictContext({"a": "x"})
    tree = parse(text)
    model = Model(tree, knowledge(), context)
    before = estimate(model)
    assert before is not None
    assert estimate(model).final is before.final  # type: ignore[union-attr]
    at = text.index("curl")
    changed = reparse(tree, Span(at, at + 4), "wget")
    after = estimate(Model(changed, knowledge(), context, previous=model))
    assert after is not None
    assert after.final.instructions[0] is before.final.instructions[0]
    assert after.final.instructions[1] is not before.final.instructions[1]
    assert after.disk != before.disk


def test_a_new_context_is_looked_at_again() -> None:
    tree = parse(SLIM + "COPY a /a\n")
    model = Model(tree, knowledge(), DictContext({"a": "x"}))
    assert estimate(model).final.instructions[0].disk.bytes == 1  # type: ignore[union-attr]
    other = Model(tree, knowledge(), DictContext({"a": "xyz"}), previous=model)
    assert estimate(other).final.instructions[0].disk.bytes == 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "FROM\nRUN\nCOPY\nADD\n",
        "FROM $X\nRUN apt-get install $(cat x)\n",
        "FROM a AS a\nCOPY --from=a / /\n",
        "FROM scratch\nCOPY --from=7 a b\nCOPY --from=$X a b\n",
        "FROM python:3\nRUN pip install -r\nRUN pip install -e\nRUN cd && rm -rf\n",
        "FROM node\nRUN npm ci && chown -R && mv a && cp\n",
        'FROM x\nSHELL ["pwsh"]\nRUN Get-Thing\n',
        "FROM x\nRUN tar c . | tar x -C /y && git clone && curl\n",
    ],
)
def test_nothing_a_user_types_raises(text: str) -> None:
    sized(text, {})
    sized(text)


def test_an_ignore_file_of_the_dockerfiles_own_goes_first() -> None:
    files = {".dockerignore": "a\n", "slim.Dockerfile.dockerignore": "b\n", "a": "1", "b": "22"}
    model = Model(parse("FROM scratch\nCOPY a b /x/\n"), knowledge(), DictContext(files))
    assert estimate(model).disk.bytes == 2  # type: ignore[union-attr]
    model = Model(parse("FROM scratch\nCOPY a b /x/\n"), knowledge(), DictContext(files), name="slim.Dockerfile")
    assert estimate(model).disk.bytes == 1  # type: ignore[union-attr]


def test_known_programs_of_other_images() -> None:
    one = last("FROM scratch\nCOPY --from=node:20 /usr/local/bin/node /node\n")
    assert 80_000_000 < one.disk.bytes < 130_000_000
    assert last("FROM scratch\nCOPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/\n").disk.bytes > 20_000_000
    assert whats(last("FROM scratch\nCOPY --from=some/where:1 /a /a\n")) == ["from-image"]


def test_a_script_of_the_project_is_not_taken_for_a_tool_of_its_name() -> None:
    assert whats(last(SLIM + "RUN ./install\n")) == ["command"]
    assert whats(last(SLIM + "RUN ./gradlew build\n"))[0] == "built-assumed"


def test_npm_without_a_lock_file_takes_what_the_packages_need() -> None:
    files = {"package.json": '{"dependencies": {"express": "^4.19.2"}, "devDependencies": {"typescript": "5.4.5"}}'}
    base = "FROM node:20-slim\nWORKDIR /app\nCOPY . .\n"
    everything = part(last(base + "RUN npm install\n", files), "node-closure")
    production = part(last(base + "RUN npm install --omit=dev\n", files), "node-closure")
    assert everything.args["count"] > 50
    assert everything.disk is not None
    assert production.disk is not None
    assert everything.disk.bytes > production.disk.bytes + 30_000_000  # the compiler
    assert everything.disk.basis == "assumed"
    named = part(last("FROM node:20-slim\nRUN npm install -g typescript@5.4.5\n"), "node-closure")
    assert named.path == "/usr/local/lib/node_modules"
    assert whats(last("FROM node:20-slim\nRUN npm install -g nobody-measured-this\n")) == ["packages"]


def test_a_branch_may_not_be_taken() -> None:
    sure = part(last(SLIM + "RUN apt-get install -y git\n"), "apt").disk
    maybe = part(last(SLIM + 'RUN if [ "$DEV" = 1 ]; then apt-get install -y git; fi\n'), "apt").disk
    assert sure is not None
    assert maybe is not None
    assert (maybe.low, maybe.high) == (0, sure.high)
    fallback = part(last(PYTHON + "RUN true || pip install --no-cache-dir flask\n"), "python").disk
    assert fallback is not None
    assert fallback.low == 0


def test_another_processor_widens_the_base() -> None:
    model = Model(parse(SLIM), knowledge())
    own, other = estimate(model), estimate(model, "linux/arm64")
    assert own is not None
    assert other is not None
    assert other.disk.low < own.disk.low < own.disk.high < other.disk.high


def test_a_source_that_depends_on_an_unknown_variable_is_named() -> None:
    one = last("ARG P\nFROM debian:bookworm-slim\nARG P\nCOPY ${P} /a\n", {"a": "x"})
    assert [(item.what, dict(item.args)) for item in one.unknown] == [("copy-variable", {"source": "${P}"})]


def test_a_comment_between_backticks_is_no_package() -> None:
    one = last(SLIM + "RUN apt-get update && apt-get install -y libpq5 `# for psycopg2` \\\n  curl\n")
    assert one.unknown == ()
    assert part(one, "apt").args["packages"] == "libpq5, curl"


def test_corepack_has_verbs_of_its_own() -> None:
    node = "FROM node:22-slim\n"
    assert last(node + "RUN corepack enable\n").unknown == ()
    (unknown,) = last(node + "RUN corepack enable && corepack install\n").unknown
    assert unknown.args["command"] == "corepack install"


def test_what_the_context_holds_is_not_taken_for_the_product_of_a_build() -> None:
    text = "FROM node:22-slim AS b\nWORKDIR /app\nCOPY . .\nRUN npm run build\n"
    text += "FROM node:22-slim\nCOPY --from=b /app/{} /x\n"
    files = {"package.json": '{"scripts": {"build": "next build"}}', "scripts/a.js": "x" * 500}
    known, product, standalone = (
        last(text.format(name), files).disk for name in ("scripts", "made", ".next/standalone")
    )
    assert (known.bytes, known.low) == (500, 500)
    assert product.bytes > known.bytes
    assert known.high > product.bytes
    assert standalone.low > product.bytes


def test_wheels_of_a_folder_are_named() -> None:
    (unknown,) = last(PYTHON + "RUN pip install --no-cache-dir /wheels/*\n", {"a": ""}).unknown
    assert (unknown.what, unknown.args["path"]) == ("packages-of", "/wheels/*")
