"""What a user may ask of a conversion beside leanness: the family of the base, cache mounts, a user of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slimstage.model.images import parse_image
from slimstage.model.needs import runtime_needs
from slimstage.rewrites.commands import sorted_commands
from slimstage.syntax.nodes import Form
from slimstage.text import Span

if TYPE_CHECKING:
    from slimstage.model import Model, Stage
    from slimstage.model.runs import Run
    from slimstage.rewrites.layout import Layout, Unit

_DOTNET = "mcr.microsoft.com/dotnet/"
ROOT = (None, "root", "0", "root:root", "0:0")
USER, UID = "app", "10001"
# What each program keeps of its downloads, and the variables that move it elsewhere.
_CACHES = {
    "pip": (("/root/.cache/pip",), ("PIP_CACHE_DIR", "PIP_NO_CACHE_DIR")),
    "uv": (("/root/.cache/uv",), ("UV_CACHE_DIR", "UV_NO_CACHE")),
    "poetry": (("/root/.cache/pypoetry",), ("POETRY_CACHE_DIR",)),
    "pdm": (("/root/.cache/pdm",), ("PDM_CACHE_DIR",)),
    "pipenv": (("/root/.cache/pipenv",), ("PIPENV_CACHE_DIR",)),
    "npm": (("/root/.npm",), ("npm_config_cache", "NPM_CONFIG_CACHE")),
    "go": (("/go/pkg/mod", "/root/.cache/go-build"), ("GOPATH", "GOMODCACHE", "GOCACHE")),
    "cargo": (("/usr/local/cargo/registry",), ("CARGO_HOME",)),
    "mvn": (("/root/.m2/repository",), ("MAVEN_OPTS", "MAVEN_CONFIG")),
}
_PIP = ("pip", "pip3")
_SWITCHES = frozenset("gosu su-exec su sudo setpriv runuser s6-setuidgid".split())


def family(model: Model, image: str | None) -> str | None:
    """The distribution of an image ("alpine", "debian", "distroless" ...), or None when nobody knows."""
    reference = parse_image(image) if image else None
    if reference is not None and reference.repository.startswith(_DOTNET):
        # By the tag: these images are known in few versions.
        named = re.search(r"-(?:(alpine)|[a-z]+-chiseled)", reference.tag or "")
        if named is not None:
            return named[1] or "distroless"
    match = model.knowledge.image(reference.repository, reference.tag) if reference is not None else None
    return match.image.distro if match is not None else None


# Cache mounts.


def mount_caches(layout: Layout) -> None:
    """Give the package managers of the builder their caches back, which no image holds."""
    step: int | None = None
    for unit in layout.units[: layout.cut + 1]:
        if unit.fate not in ("builder", "both") or unit.builder_text is not None:
            continue
        run = next((run for run in layout.stage.runs if run.instruction is unit.instruction), None)
        targets = _caches(layout.stage, run) if run is not None else ()
        if run is None or not targets:
            continue
        step = layout.step("cache-mount") if step is None else step
        flags = "".join(f" --mount=type=cache,target={target}" for target in targets)
        at = unit.instruction.keyword_span.end
        unit.edits.append((Span(at, at), flags, step))
        unit.edits += [(span, "", step) for span in _without_cache(run)]


def _caches(stage: Stage, run: Run) -> tuple[str, ...]:
    item = run.instruction
    if run.opaque or item.form is not Form.SHELL or stage.state_before(item).user not in ROOT:
        return ()
    if any(flag.name == "mount" for flag in item.flags):
        return ()
    visible = {definition.name for definition in stage.scope_at(item).visible()} | {"HOME"} & set(stage.definitions)
    found: list[str] = []
    for command in sorted_commands(run):
        words = [word.value or word.raw for word in command.item.command.words]
        programs = {operation.manager for operation in command.operations} | set(words[:1])
        if command.kind == "clean" or "cache" in words[1:3]:
            return ()  # it empties what the mount is to keep, or fails at it
        for program, (targets, moved) in _CACHES.items():
            if program in programs and not visible & {*moved, "HOME"}:
                found += targets
    return tuple(dict.fromkeys(found))


def _without_cache(run: Run) -> list[Span]:
    """The places of `--no-cache-dir`, with the blank before it."""
    return [
        Span(place.span.start - 1, place.span.end)
        for command, text in run.commands
        if command.name in _PIP
        for word in command.words
        if word.value == "--no-cache-dir"
        for place in (run.place(word.span, text),)
        if run.instruction.text[place.span.start - 1] in " \t"
    ]


# A user of its own.


def as_own_user(layout: Layout) -> str | None:
    """The lines that make the final stage run without root's rights; None where it already does, or better should not.

    Notes in the layout's steps what was done, or why root stays.
    """
    stage, image = layout.stage, layout.final_image or layout.stage.image_text
    if stage.final_state.user not in ROOT:
        return None
    reason = _root_stays(layout, image)
    lines = _user_lines(layout.model, image) if reason is None else None
    if lines is None:
        layout.step(f"root-stays-{reason or 'base'}")
        return None
    layout.step("own-user", user=lines.rpartition(" ")[2])
    return lines


def _root_stays(layout: Layout, image: str | None) -> str | None:
    stage = layout.stage
    if image is not None and image.startswith("nginx"):
        return "server"
    for item in stage.instructions:
        if item.keyword == "VOLUME":
            return "volume"
        if item.keyword == "EXPOSE" and any(_privileged(word.value) for word in item.arguments):
            return "port"
    needs = runtime_needs(stage, layout.model.context)
    if needs.programs() & _SWITCHES or any(need.script is not None for need in needs.needs):
        return "script"
    return None


def _privileged(port: str | None) -> bool:
    number = re.match(r"\d+", port or "")
    return number is None or int(number[0]) < 1024


def _user_lines(model: Model, image: str | None) -> str | None:
    reference = parse_image(image) if image else None
    if reference is None:
        return None
    match = model.knowledge.image(reference.repository, reference.tag)
    if reference.repository == "node":
        return "USER node"
    if reference.repository.startswith(_DOTNET) and "-chiseled" in (reference.tag or ""):
        return f"USER {USER}"
    if match is None:
        return None
    if match.image.distro == "distroless":
        return "USER nonroot"
    if match.image.package_manager == "apk":
        return f"RUN adduser -S -D -H -u {UID} {USER}\nUSER {USER}"
    if match.image.package_manager == "apt":
        return f"RUN useradd --system --uid {UID} --no-create-home {USER}\nUSER {USER}"
    return None


def last_root_unit(units: tuple[Unit, ...], start: int) -> int:
    """The position of the last unit at or behind `start` that still needs root, `start - 1` when none does."""
    at = [n for n, unit in enumerate(units) if n >= start and unit.fate != "drop" and _needs_root(unit)]
    return at[-1] if at else start - 1


def _needs_root(unit: Unit) -> bool:
    return unit.instruction.keyword in ("RUN", "COPY", "ADD", "WORKDIR", "USER")
