"""What a user may ask of a conversion: the family of the base, a user of its own, cache mounts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.features.conversion import refusal_text
from slimstage.rewrites import Conversion, ConversionOptions, Refusal, node_bases
from slimstage.rewrites.conversion import BASES, WISHES
from slimstage.text import SourceText
from tests.rewrites.test_conversions import CONVERTED, convert, knowledge, read


def asked(case: str, **wishes: object) -> Conversion | Refusal:
    return convert(*read(case), ConversionOptions.of(wishes))


def text(case: str, **wishes: object) -> str:
    found = asked(case, **wishes)
    assert isinstance(found, Conversion), found
    return found.text


def final(case: str, **wishes: object) -> str:
    whole = text(case, **wishes)
    return whole[whole.rindex("FROM ") :]


def go(*lines: str) -> Conversion | Refusal:
    """A small Go server on the full image with more instructions, asked for a user of its own."""
    whole = "FROM golang:1.22-bookworm\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /usr/local/bin/app .\n"
    files = {"go.mod": "module example.com/app\n", "main.go": "package main\n"}
    return convert(whole + "\n".join(lines) + "\n", DictContext(files), ConversionOptions(non_root=True))


@pytest.mark.parametrize("case", CONVERTED)
@pytest.mark.parametrize(
    "wishes", [{"base": "keep"}, {"base": "distroless"}, {"base": "alpine"}, {"non_root": True, "cache_mounts": True}]
)
def test_every_wish_is_heeded_or_refused(case: str, wishes: dict[str, object]) -> None:
    source, context = read(case)
    options = AnalysisOptions(conversion=wishes)
    before = Analysis(SourceText(source), knowledge(), context, options)
    found = before.conversion
    if isinstance(found, Refusal):
        assert found.reason == "base-not-possible"
        return
    after = Analysis(SourceText(found.text), knowledge(), context, options)
    assert isinstance(after.conversion, Refusal)  # converting twice changes nothing
    assert not after.error_counts - before.error_counts
    for step in found.steps:
        for part in ("what", "why"):
            for lang in ("en", "ko"):
                assert "{" not in knowledge().text(f"conversion.step.{step.key}.{part}", lang, **step.args)


def test_the_smallest_base_is_taken_when_nothing_is_asked() -> None:
    assert final("go-static-files").startswith("FROM gcr.io/distroless/static-debian12\n")
    assert final("go-static-files", base="auto") == final("go-static-files")


def test_the_family_of_the_base_is_kept() -> None:
    assert final("go-static-files", base="keep").startswith("FROM debian:bookworm-slim\n")
    assert final("node-static-serve").startswith("FROM nginx:alpine\n")
    assert final("node-static-serve", base="keep").startswith("FROM nginx:stable\n")
    assert final("python-seed", base="keep") == final("python-seed")


def test_alpine_takes_what_is_static() -> None:
    found = final("go-static-files", base="alpine")
    assert found.startswith("FROM alpine:") and "apk add --no-cache ca-certificates tzdata" in found
    # Linked with Debian's C library, or an interpreter of Debian's.
    for case in ("go-cgo", "rust", "python-seed", "node-server-typescript"):
        refused = asked(case, base="alpine")
        assert isinstance(refused, Refusal) and refused.reason == "base-not-possible"


def test_distroless_takes_what_needs_no_package_and_no_shell() -> None:
    found = final("rust", base="distroless")
    assert found.startswith("FROM gcr.io/distroless/cc-debian12\n") and "RUN" not in found
    # A shared library of a package, commands of the final stage, an interpreter.
    for case in ("cmake-sqlite", "go-alpine-user", "python-seed"):
        refused = asked(case, base="distroless")
        assert isinstance(refused, Refusal) and refused.reason == "base-not-possible"


@pytest.mark.parametrize(
    ("case", "user"),
    [
        ("go-static-files", "USER nonroot\n"),
        ("python-seed", "RUN useradd --system --uid 10001 --no-create-home app\nUSER app\n"),
        ("node-server-typescript", "USER node\n"),
    ],
)
def test_the_container_gets_a_user_of_its_own(case: str, user: str) -> None:
    found = final(case, non_root=True)
    before, _, behind = found.partition(user)
    assert "COPY" in before and not any(word in behind for word in ("COPY", "RUN", "USER"))
    assert before + behind == final(case)


def test_a_user_that_is_there_stays() -> None:
    assert text("node-server-user", non_root=True) == text("node-server-user")


@pytest.mark.parametrize(
    ("lines", "step"),
    [
        (["EXPOSE 80", 'CMD ["app"]'], "root-stays-port"),
        (["EXPOSE $PORT", 'CMD ["app"]'], "root-stays-port"),
        (["VOLUME /data", 'CMD ["app"]'], "root-stays-volume"),
        (["EXPOSE 8080", 'CMD ["app"]'], "own-user"),
    ],
)
def test_root_stays_where_it_may_be_needed(lines: list[str], step: str) -> None:
    found = go(*lines)
    assert isinstance(found, Conversion), found
    assert step in [one.key for one in found.steps]
    assert ("USER" in found.text) is (step == "own-user")


def test_root_stays_for_a_script_that_may_use_its_rights() -> None:
    source, _ = read("python-seed")
    source = source.replace("COPY . .", 'COPY . .\nENTRYPOINT ["/app/start.sh"]')
    context = DictContext({"requirements.txt": "psycopg2==2.9.9\n", "start.sh": 'chown app /data\nexec "$@"\n'})
    found = convert(source, context, ConversionOptions(non_root=True))
    assert isinstance(found, Conversion), found
    assert "root-stays-script" in [one.key for one in found.steps]
    assert "USER" not in found.text


def test_package_managers_get_their_caches() -> None:
    found = text("go-static-files", cache_mounts=True)
    mounts = "RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build "
    assert found.count(mounts) == 2
    assert found.replace(mounts, "RUN ") == text("go-static-files")


@pytest.mark.parametrize(
    ("run", "mounted"),
    [
        ("RUN pip install -r requirements.txt", True),
        ("RUN pip install --no-cache-dir -r requirements.txt", True),
        ("RUN pip install -r requirements.txt && rm -rf /root/.cache/pip", False),  # a mount cannot be removed
        ("RUN pip install -r requirements.txt && pip cache purge", False),
        ("RUN --mount=type=cache,target=/c pip install -r requirements.txt", False),
        ("ENV PIP_NO_CACHE_DIR=1\nRUN pip install -r requirements.txt", False),
        ("ENV HOME=/home/x\nRUN pip install -r requirements.txt", False),
    ],
)
def test_a_cache_is_mounted_where_it_is_used(run: str, mounted: bool) -> None:
    source, context = read("python-seed")
    source = source.replace("RUN pip install -r requirements.txt", run)
    found = convert(source, context, ConversionOptions(cache_mounts=True))
    assert isinstance(found, Conversion), found
    assert ("--mount=type=cache,target=/root/.cache/pip" in found.text) is mounted
    assert not (mounted and "--no-cache-dir" in found.text)


def test_the_names_of_wishes_are_fields_of_the_options() -> None:
    assert set(WISHES) <= set(ConversionOptions._fields)
    assert ConversionOptions().base == BASES[0]
    assert ConversionOptions.of({"base": "keep", "other": 1}) == ConversionOptions(base="keep")


MODULES = {
    "node_modules/express": {"version": "4.19.2"},
    "node_modules/core-js": {"version": "3.37.1", "hasInstallScript": True},
    "node_modules/fsevents": {"version": "2.3.3", "hasInstallScript": True, "optional": True, "os": ["darwin"]},
    "node_modules/esbuild": {"version": "0.21.5", "dev": True, "hasInstallScript": True},
    "node_modules/@esbuild/linux-x64": {"version": "0.21.5", "dev": True, "cpu": ["x64"], "os": ["linux"]},
}


def node(
    base: str,
    *lines: str,
    image: str = "node:22-bookworm",
    modules: dict[str, dict[str, object]] | None = None,
    server: str = "",
    before: str = "",
    **files: str,
) -> Conversion | Refusal:
    """A small Node server, asked for a base."""
    own = [*lines, 'CMD ["npm", "start"]'] if not any(line.startswith("CMD") for line in lines) else lines
    whole = f"FROM {image}\nWORKDIR /app\n{before}COPY . .\nRUN npm ci\n" + "\n".join(own) + "\n"
    manifest = {
        "name": "a", "version": "1.0.0", "scripts": {"start": "node --enable-source-maps src/index.js"},
        "dependencies": {"express": "4.19.2"}, "devDependencies": {"esbuild": "0.21.5"},
    }  # fmt: skip
    rows = {"": {**manifest}, **MODULES, **(modules or {})}
    texts = {
        "package.json": json.dumps(manifest),
        "package-lock.json": json.dumps({"lockfileVersion": 3, "packages": rows}),
        "src/index.js": "require('express')().listen(8080)\n" + server,
    }
    return convert(whole, DictContext({**texts, **files}), ConversionOptions(base=base))


def test_a_node_server_on_alpine() -> None:
    found = node("alpine", "USER node")
    assert isinstance(found, Conversion), found
    final = found.text[found.text.rindex("FROM ") :]
    assert final == (
        'FROM node:22-alpine\nWORKDIR /app\nCOPY --from=builder /app /app\nUSER node\nCMD ["npm", "start"]\n'
    )
    assert found.text.startswith("FROM node:22-bookworm AS builder\n")
    assert found.before is not None and found.after is not None and found.after.bytes < found.before.bytes
    slim = node("alpine", image="node:24-bookworm-slim")
    assert isinstance(slim, Conversion) and "\nFROM node:24-alpine\n" in slim.text


@pytest.mark.parametrize("start", ['CMD ["npm", "start"]', "CMD node --enable-source-maps src/index.js"])
def test_a_node_server_on_distroless(start: str) -> None:
    found = node("distroless", "USER 1000", start)
    assert isinstance(found, Conversion), found
    assert found.text[found.text.rindex("FROM ") :] == (
        "FROM gcr.io/distroless/nodejs22-debian13\nWORKDIR /app\nCOPY --from=builder /app /app\nUSER 1000\n"
        'CMD ["--enable-source-maps", "src/index.js"]\n'
    )
    assert found.unknown == ("gcr.io/distroless/nodejs22-debian13",)  # nobody measured it
    assert [step.key for step in found.steps].count("start-by-entrypoint") == 1
    with_user = node("distroless", "USER nonroot")
    assert isinstance(with_user, Conversion)


@pytest.mark.parametrize(
    ("asked", "because"),
    [
        (node("alpine", modules={"node_modules/bcrypt": {"version": "5.1.1", "hasInstallScript": True}}), "native"),
        (node("alpine", modules={"node_modules/@img/sharp-linux-x64": {"cpu": ["x64"], "os": ["linux"]}}), "native"),
        (node("alpine", **{"binding.gyp": "{}"}), "native"),
        (node("alpine", **{"package-lock.json": '{"lockfileVersion": 1, "dependencies": {}}'}), "lock"),
        (node("alpine", 'CMD ["bash", "-c", "node src/index.js"]'), "shell"),
        (node("alpine", "HEALTHCHECK CMD node src/check.js"), "check"),
        (node("alpine", server="require('child_process').exec('date')"), "calls"),
        (node("alpine", "RUN groupadd --gid 2000 web"), "commands"),
        (node("alpine", before="RUN apt-get update && apt-get install -y ffmpeg\n"), "packages"),
        (node("alpine", image="node:22.1.2-bookworm"), "version"),
        (node("distroless", 'ENTRYPOINT ["node"]', 'CMD ["src/index.js"]'), "shell"),
        (node("distroless", "CMD node src/index.js --port $PORT"), "shell"),
        (node("distroless", "CMD [\"sh\", \"-c\", \"node src/index.js\"]"), "shell"),
        (node("distroless", "HEALTHCHECK CMD [\"node\", \"src/check.js\"]"), "check"),
        (node("distroless", server="import('execa')"), "calls"),
        (node("distroless", "RUN mkdir /data"), "commands"),
        (node("distroless", before="RUN apt-get update && apt-get install -y libvips-dev\n"), "packages"),
        (node("distroless", "USER node"), "user"),
        (node("distroless", "COPY --chown=node:node src /srv"), "user"),
        (node("distroless", image="node:20-bookworm"), "version"),
        (node("distroless", image="node:22-alpine"), "libc"),
    ],
)  # fmt: skip
def test_a_node_server_stays_off_a_base_that_lacks_something(asked: Conversion | Refusal, because: str) -> None:
    assert isinstance(asked, Refusal) and asked.reason == "base-not-possible", asked
    assert asked.args["because"] == because
    for lang in ("en", "ko"):
        told = refusal_text(knowledge(), asked, lang)
        assert told != knowledge().text(f"conversion.refusal.{asked.reason}", lang, **asked.args)
        assert "{" not in told


def test_what_stands_in_the_way_of_a_wish_is_told_in_both_languages() -> None:
    keys = {key for key in knowledge().messages if key.startswith("conversion.because.")}
    modules = list(Path(node_bases.__file__).parent.glob("*bases.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in modules)
    assert len(modules) == 5
    assert keys == {f"conversion.because.{word}" for word in re.findall(r'refused\((?:plan, )?\s*"([\w-]+)"', source)}


@pytest.mark.parametrize("base", ["alpine", "distroless"])
def test_the_rules_find_nothing_new_on_the_asked_base(base: str) -> None:
    found = node(base)
    assert isinstance(found, Conversion), found
    files = {"package.json": '{"name": "a", "version": "1.0.0"}', "src/index.js": ""}
    after = Analysis(SourceText(found.text), knowledge(), DictContext(files))
    worse = {one.rule for one in after.findings if after.severity(one) in ("error", "warning")}
    assert worse == (set() if base == "alpine" else {"untagged-base-image"})  # distroless names the release in its name


def python(
    requirements: str, *, base: str = "alpine", image: str = "python:3.13", main: str = "print(1)\n", more: str = ""
) -> Conversion | Refusal:
    """A program with requirements for pip, asked for a family of the base."""
    lines = (
        f"FROM {image}\nRUN apt-get update && apt-get install -y gcc libpq-dev\nWORKDIR /app\nCOPY requirements.txt .\n"
        f'RUN pip install -r requirements.txt\nCOPY . .\n{more}CMD ["python", "main.py"]\n'
    )
    files = {"requirements.txt": requirements, "main.py": main}
    return convert(lines, DictContext(files), ConversionOptions(base=base))


def test_python_goes_to_alpine_where_everything_has_a_wheel_for_it() -> None:
    for image in ("python:3.13", "python:3.13-slim-bookworm"):
        found = python("flask\nuvicorn[standard]\n", image=image)
        assert isinstance(found, Conversion), found
        assert not found.likely
        builder, final_stage = found.text.split("\n\n")
        assert builder.startswith("FROM python:3.13-alpine AS builder\n") and "apt-get" not in found.text
        assert final_stage.startswith("FROM python:3.13-alpine\n")
        assert "COPY --from=builder /install /usr/local" in final_stage


def test_python_on_alpine_says_when_another_version_stands_for_the_one_asked_for() -> None:
    found = python("flask==3.0.0\n")
    assert isinstance(found, Conversion) and found.likely


@pytest.mark.parametrize(
    ("requirements", "more", "because"),
    [
        ("psycopg2\n", "", "no-wheel"),  # compiles
        ("opencv-python\n", "", "no-wheel"),  # wheels for glibc only
        ("python-magic\n", "", "no-wheel"),  # wants a library
        ("weasyprint\n", "", "no-wheel"),
        ("nobody-knows-this\n", "", "no-wheel"),
        ("git+https://example.org/x.git\n", "", "no-wheel"),
        ("--no-binary :all:\nflask\n", "", "requirements"),
        ("--index-url https://example.org/simple\nflask\n", "", "requirements"),
        ("-r absent.txt\nflask\n", "", "requirements"),
        ("flask\n", "RUN useradd app\n", "commands"),
        ("flask\n", "HEALTHCHECK CMD curl -f http://localhost/\n", "check"),
        ("flask\n", 'SHELL ["/bin/bash", "-c"]\n', "commands"),
        ("flask\n", "RUN apt-get update && apt-get install -y ffmpeg\n", "packages"),
    ],
)
def test_python_stays_where_alpine_is_not_known_to_do(requirements: str, more: str, because: str) -> None:
    refused = python(requirements, more=more, image="python:3.13-slim")
    assert isinstance(refused, Refusal), refused.text
    assert (refused.reason, refused.args["because"]) == ("base-not-possible", because)
    for lang in ("en", "ko"):
        assert "{" not in refusal_text(knowledge(), refused, lang)


def test_python_stays_where_its_sources_call_programs_or_its_version_has_no_image() -> None:
    for main in ("import subprocess\n", "import ctypes\n"):
        refused = python("flask\n", main=main)
        assert isinstance(refused, Refusal) and refused.args["because"] == "calls-or-loads"
    refused = python("flask\n", image="python:3.99-slim")
    assert isinstance(refused, Refusal)


def test_python_stays_off_distroless_and_says_why() -> None:
    refused = python("flask\n", base="distroless", image="python:3.11-slim-bookworm")
    assert isinstance(refused, Refusal) and refused.args["because"] == "interpreter"
    assert "/usr/bin" in refusal_text(knowledge(), refused, "en")
