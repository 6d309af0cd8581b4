"""Mistakes that a conversion could make: the comparison must see each of them.

Each control takes the converted file of a case and breaks it on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from slimstage.analysis import Analysis
from slimstage.context.folder import FolderContext
from slimstage.knowledge import KnowledgeBase
from slimstage.rewrites import Conversion, Refusal
from slimstage.text import SourceText
from tests.realbuild.docker import Docker, Unavailable
from tests.realbuild.harness import Behaviour, Case, build, convert, observe, prepared, read_case

pytestmark = pytest.mark.realbuild


def without_run(text: str, word: str) -> str:
    """The file without the RUN of several lines that speaks of `word`."""
    kept: list[str] = []
    block: list[str] = []
    for line in text.splitlines(keepends=True):
        block.append(line)
        if not line.rstrip().endswith("\\"):
            joined = "".join(block)
            if not (joined.startswith("RUN") and word in joined and "AS builder" not in joined):
                kept.append(joined)
            block = []
    return "".join(kept)


def forgotten_libpq(text: str) -> str:
    return without_run(text, "libpq5")


def forgotten_libzip(text: str) -> str:
    return without_run(text, "libzip4")


def lost_extension_settings(text: str) -> str:
    """The extension is there, and nothing tells PHP to load it."""
    place = "/usr/local/etc/php/conf.d"
    return text.replace(f"COPY --from=builder {place} {place}\n", "")


def lost_fallback(text: str) -> str:
    return text.replace("$uri/ /index.html", "$uri/ =404")


def moved_environment(text: str) -> str:
    """The environment at another path: its scripts still name the old one."""
    head, final = text.rsplit("FROM ", 1)
    final = final.replace("builder /opt/venv /opt/venv", "builder /opt/venv /srv/venv")
    return head + "FROM " + final.replace("/opt/venv/bin:", "/srv/venv/bin:")


def into_scratch(text: str) -> str:
    head, final = without_run(text, "ca-certificates").rsplit("FROM ", 1)
    return head + "FROM scratch\n" + final.split("\n", 1)[1]


def lost_certificates(text: str) -> str:
    """The program on an image of its own C library, but without CA certificates."""
    return text.replace("FROM gcr.io/distroless/static-debian12", "FROM debian:bookworm-slim")


def pruned_what_starts(text: str) -> str:
    return text.replace("RUN npm prune --omit=dev", "RUN npm prune --omit=dev && rm -r node_modules/express")


def without_asp(text: str) -> str:
    """A web application on the image that holds .NET, but not ASP.NET Core."""
    return text.replace("dotnet/core/aspnet:", "dotnet/core/runtime:")


def lost_settings(text: str) -> str:
    """The published folder alone: the program reads its settings where it starts."""
    return text.replace("COPY --from=builder /app/appsettings.json /app/appsettings.json\n", "")


def plain_jar(text: str) -> str:
    """The jar beside the one that runs."""
    return text.replace("gradle clean bootJar", "gradle clean jar")


def lost_libraries(text: str) -> str:
    """The start scripts without the folder of libraries beside them."""
    return text.replace("build/install/greeter /", "build/install/greeter/bin /").replace(
        "/src/greeter/build/install/greeter\n", "/src/greeter/build/install/greeter/bin\n"
    )


CONTROLS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("flask-psycopg2", forgotten_libpq),
    ("php-apache-composer", forgotten_libzip),
    ("php-builtin-pgsql", lost_extension_settings),
    ("ruby-slim-pg", forgotten_libpq),
    ("vite-like-site", lost_fallback),
    ("go-cgo", into_scratch),
    ("go-tls", lost_certificates),
    ("go-tls", into_scratch),
    ("express-typescript", pruned_what_starts),
    ("dotnet-web", without_asp),
    ("dotnet-web", lost_settings),
    ("gradle-boot-jar", plain_jar),
    ("gradle-install-dist", lost_libraries),
)


@pytest.mark.parametrize(("name", "mistake"), CONTROLS, ids=lambda value: getattr(value, "__name__", value))
def test_mistake_is_seen(
    name: str, mistake: Callable[[str], str], docker: Docker, knowledge: KnowledgeBase, cache: Path
) -> None:
    case = read_case(name)
    context = prepared(case, cache / "contexts")
    found = convert(case, knowledge, context)
    assert isinstance(found, Conversion)
    broken = mistake(found.text)
    assert broken != found.text
    try:
        before = build(docker, case, context, "before", case.dockerfile, cache)
        after = build(docker, case, context, mistake.__name__.replace("_", "-"), broken, cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    old = observe(docker, case, before)
    assert old.code in (None, 0) and not old.output.startswith("no answer"), old.output
    assert observe_or_failure(docker, case, after) != old


def observe_or_failure(docker: Docker, case: Case, tag: str) -> Behaviour | str:
    """What a broken image shows; a container that does not even start shows that."""
    try:
        return observe(docker, case, tag)
    except AssertionError as error:
        return str(error)


def test_a_moved_environment_is_seen(docker: Docker, knowledge: KnowledgeBase, cache: Path) -> None:
    """A console script of a virtual environment that lies elsewhere does not start."""
    case = read_case("two-installs")
    context = prepared(case, cache / "contexts")
    found = convert(case, knowledge, context)
    assert isinstance(found, Conversion)
    good = found.text.replace('CMD ["python", "check.py"]', 'CMD ["pip", "--version"]')
    try:
        right = build(docker, case, context, "venv-in-place", good, cache)
        moved = build(docker, case, context, "venv-moved", moved_environment(good), cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    assert observe(docker, case, right).code == 0
    assert observe(docker, case, moved).code != 0


def test_a_pruned_module_that_starts_is_seen(docker: Docker, knowledge: KnowledgeBase, cache: Path) -> None:
    """A development dependency that the start command preloads: refused, and dead when it is pruned all the same."""
    case = read_case("express-typescript")
    context = prepared(case, cache / "contexts")
    found = convert(case, knowledge, context)
    assert isinstance(found, Conversion)
    start = '"node", "dist/server.js"', '"node", "-r", "typescript", "dist/server.js"'
    original = case.dockerfile.replace(*start)
    refused = Analysis(SourceText(original), knowledge, FolderContext(context)).conversion
    assert isinstance(refused, Refusal) and refused.reason == "start-needs-development-dependency"
    try:
        before = build(docker, case, context, "preload-before", original, cache)
        after = build(docker, case, context, "preload-pruned", found.text.replace(*start), cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    old = observe(docker, case, before)
    assert old.answers and old.answers[0][1] == 200
    assert observe_or_failure(docker, case, after) != old
