"""Why a stage that no pattern has a say about stays as it is: what it does, told by its commands and packages."""

from __future__ import annotations

import json

from slimstage.model import Model, Stage
from slimstage.model.installed import BUILD_ROLES, SYSTEM_MANAGERS, installed_packages
from slimstage.rewrites.commands import Sorted, sorted_commands
from slimstage.rewrites.conversion import Refusal
from slimstage.sizes.node_install import is_production
from slimstage.syntax.nodes import Place

_QUIET = frozenset({"system", "plain", "neutral", "clean"})
# Programs that fetch and unpack what somebody else built.
_FETCH = frozenset(
    """apt-key bunzip2 bzip2 curl dpkg git gpg gpgconf gunzip gzip jar md5sum sha1sum sha256sum sha512sum svn tar unxz
    unzip wget xz yum-config-manager""".split()
)
# Programs that change settings of the distribution, or only ask.
_SETTINGS = frozenset(
    """a2dismod a2enmod a2ensite add-apt-repository apt-add-repository awk basename break chpasswd chsh cut
    debconf-set-selections dirname fix-permissions gosu gpasswd grep getent head jupyter lsb_release mktemp readlink rpm
    service shuf sort tail tr uname update-alternatives update-ca-trust wc which xargs yes""".split()
)
# Reasons that speak of how a file is written: with nothing to gain, writing it anew would be in vain.
_OF_THE_FORM = frozenset(
    "base-not-python compiles-in-run manifest-needed mixed-run opaque-script other-manager".split()
)
# Their build tools bear names that are known; of others' packages nobody can tell whether they are some.
_WELL_KNOWN = ("apt", "apk")
_NODE = ("npm", "yarn", "pnpm", "bun")


def weightier(model: Model, stage: Stage, refusal: Refusal) -> Refusal:
    """The refusal of a pattern, or that there is nothing to gain where the pattern's own reason would only tell how the
    file must change for it.
    """
    image, kind = stage.base_image, _kind(model, stage)
    left = any(
        package.is_build or (package.record is None and package.manager not in _WELL_KNOWN)
        for package in installed_packages(stage, model.knowledge)
    )
    if refusal.reason not in _OF_THE_FORM or image is None or left or kind in ("full", "sdk"):
        return refusal
    commands = [command for run in stage.runs for command in sorted_commands(run)]
    if _may_be_pruned(model, stage) or any(run.opaque for run in stage.runs):
        return refusal
    if _brought_tools(model, stage):
        return Refusal("tools-removed", {}, stage.place())
    known = ("pip", "program", "other-manager", *_QUIET)
    if any(command.kind not in known and not _sets_up(command) for command in commands):
        return refusal
    if kind is None:
        return Refusal("no-tools-on-other-base", {"image": stage.image_text or ""}, stage.place())
    return Refusal("nothing-to-leave-behind", {}, stage.place())


def _may_be_pruned(model: Model, stage: Stage) -> bool:
    """Whether node_modules may hold packages for development, or what else only a build reads."""
    installs = [
        (run, operation)
        for run in stage.runs
        for operation, _ in run.operations
        if operation.manager in _NODE and operation.action != "clean" and not operation.has("global")
    ]
    if all(operation.packages or is_production(stage, run, operation) for run, operation in installs):
        return False
    text = model.context.read_text("package.json") if model.context is not None else None
    try:
        manifest = json.loads(text or "null")
    except (ValueError, RecursionError):
        return True
    return not isinstance(manifest, dict) or bool(manifest.get("devDependencies") or manifest.get("workspaces"))


def no_pattern(model: Model, stage: Stage) -> Refusal:
    """The reason in the words of what the stage does instead of a build that is known."""
    place = stage.place()
    if stage.base_stage is not None:
        return Refusal("built-on-stage", {"stage": stage.base_stage.label}, place)
    opaque = next((run for run in stage.runs if run.opaque), None)
    if opaque is not None:
        return Refusal("opaque-run", {}, Place(opaque.instruction, opaque.instruction.keyword_span))
    commands = [(run, command) for run in stage.runs for command in sorted_commands(run)]
    kinds = {command.kind for _, command in commands}
    left = [package.name for package in installed_packages(stage, model.knowledge) if package.is_build]
    if kinds <= _QUIET:
        return _builds_nothing(stage, left, installs="system" in kinds)
    brought = _brought_tools(model, stage)
    if brought and not left:
        return Refusal("tools-removed", {}, place)
    installs = "other-manager" in kinds and not left
    known = [c.kind in ("other-manager", *_QUIET) or (installs and _sets_up(c)) for _, c in commands]
    if not brought and _kind(model, stage) is None and all(known):
        return Refusal("no-tools-on-other-base", {"image": stage.image_text or ""}, place)
    if not brought and not left and _only_installs(model, stage, [command for _, command in commands]):
        return Refusal("nothing-to-leave-behind", {}, place)
    for run, command in commands:
        if command.kind == "other-manager":
            at = run.place(command.operations[0].verb_span, command.item.text)
            return Refusal("ecosystem-unknown", {"command": command.operations[0].manager}, at)
    for run, command in commands:
        if command.kind == "compile":
            at = run.place(command.item.command.span, command.item.text)
            return Refusal("builds-by-hand", {"command": command.item.command.name or ""}, at)
    unknown = [(run, command) for run, command in commands if command.kind not in _QUIET and not _sets_up(command)]
    if not unknown and not any(_fetches(command) for _, command in commands):
        return _builds_nothing(stage, left, installs="system" in kinds)
    if not unknown:
        return Refusal("only-downloads", {}, place)
    if not brought and _kind(model, stage) != "full":
        return Refusal("no-tools-on-other-base", {"image": stage.image_text or ""}, place)
    run, command = unknown[0]
    words = command.item.command.words
    at = run.place(command.item.command.span, command.item.text)
    return Refusal("opaque-script", {"command": words[0].raw if words else ""}, at)


def _builds_nothing(stage: Stage, left: list[str], *, installs: bool) -> Refusal:
    place, image = stage.place(), stage.image_text or ""
    if left:
        return Refusal("tools-unused", {"packages": ", ".join(dict.fromkeys(left))}, place)
    if installs:
        return Refusal("only-packages", {}, place)
    if any(item.keyword == "COPY" and item.flag("from") is not None for item in stage.instructions):
        return Refusal("only-copies", {}, place)
    return Refusal("only-configured", {"image": image}, place)


def _kind(model: Model, stage: Stage) -> str | None:
    """Whether the base image is a full or a slim one ...; None when nothing is known of it."""
    image = stage.base_image
    if image is None:
        return None
    match = model.knowledge.image(image.repository, image.tag)
    if match is not None:
        return match.image.kind
    layers = model.knowledge.debian_layers(image.repository, None)
    return "full" if layers is not None and "gcc" in layers else None


def _only_installs(model: Model, stage: Stage, commands: list[Sorted]) -> bool:
    """Whether a stage on a base without compilers installs nothing but gems, beside distribution packages."""
    managers = {operation.manager for command in commands for operation in command.operations}
    small = _kind(model, stage) not in (None, "full", "sdk")
    return (
        small and managers <= {"gem", *SYSTEM_MANAGERS} and all(c.kind in ("other-manager", *_QUIET) for c in commands)
    )


def _fetches(command: Sorted) -> bool:
    words = [word.value for word in command.item.command.words]
    return command.item.command.name in _FETCH or words[-3:-1] == ["playwright", "install"]


def _sets_up(command: Sorted) -> bool:
    return _fetches(command) or command.item.command.name in _SETTINGS


def _brought_tools(model: Model, stage: Stage) -> bool:
    """Whether a RUN installs build packages, whatever became of them; those that a variable names when the same RUN
    builds and removes them.
    """
    for run in stage.runs:
        if not any(command.kind in ("compile", "pip", "other-manager") for command in sorted_commands(run)):
            continue
        named: set[str] = set()
        for operation, _ in run.operations:
            words = {word.raw for word in operation.packages if word.name is None}
            if operation.manager in SYSTEM_MANAGERS and operation.action == "install":
                named |= words
            elif operation.manager in SYSTEM_MANAGERS and operation.action == "remove" and named & words:
                return True
    return any(
        record is not None and record.role in BUILD_ROLES
        for run in stage.runs
        for operation, _ in run.operations
        if operation.manager in SYSTEM_MANAGERS and operation.action == "install"
        for word in operation.packages
        for record in (model.knowledge.system_package(operation.manager, word.name) if word.name else None,)
    )
