"""Why a stage that no pattern has a say about stays as it is: what it does, told by its commands and packages."""

from __future__ import annotations

from slimstage.model import Model, Stage
from slimstage.model.installed import BUILD_ROLES, SYSTEM_MANAGERS, installed_packages
from slimstage.rewrites.commands import Sorted, sorted_commands
from slimstage.rewrites.conversion import Refusal
from slimstage.syntax.nodes import Place

_QUIET = frozenset({"system", "plain", "neutral", "clean"})
# Programs that fetch and unpack what somebody else built.
_FETCH = frozenset(
    """apt-key bunzip2 bzip2 curl dpkg git gpg gpgconf gunzip gzip jar md5sum sha1sum sha256sum sha512sum svn tar unxz
    unzip wget xz yum-config-manager""".split()
)
# Programs that change settings of the distribution, or only ask.
_SETTINGS = frozenset(
    """a2dismod a2enmod a2ensite add-apt-repository apt-add-repository awk basename chpasswd chsh cut
    debconf-set-selections dirname gpasswd grep getent head lsb_release mktemp readlink rpm service sort tail tr uname
    update-alternatives update-ca-trust wc which xargs yes""".split()
)


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
    if not brought and _kind(model, stage) is None and all(c.kind in ("other-manager", *_QUIET) for _, c in commands):
        return Refusal("no-tools-on-other-base", {"image": stage.image_text or ""}, place)
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
    match = model.knowledge.image(image.repository, image.tag) if image is not None else None
    return match.image.kind if match is not None else None


def _fetches(command: Sorted) -> bool:
    return command.item.command.name in _FETCH


def _sets_up(command: Sorted) -> bool:
    return _fetches(command) or command.item.command.name in _SETTINGS


def _brought_tools(model: Model, stage: Stage) -> bool:
    """Whether a RUN installs build packages, whatever became of them."""
    return any(
        record is not None and record.role in BUILD_ROLES
        for run in stage.runs
        for operation, _ in run.operations
        if operation.manager in SYSTEM_MANAGERS and operation.action == "install"
        for word in operation.packages
        for record in (model.knowledge.system_package(operation.manager, word.name) if word.name else None,)
    )
