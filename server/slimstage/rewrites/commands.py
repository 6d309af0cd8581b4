"""Sorts the commands of a RUN by what they are for: which stage of a split wants them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from slimstage.model.installed import SYSTEM_MANAGERS
from slimstage.model.packages import PackageOperation, package_operations
from slimstage.model.python import is_uv_pip
from slimstage.model.runs import Run, RunCommand
from slimstage.syntax.nodes import Form

Kind = Literal["system", "pip", "other-manager", "clean", "neutral", "plain", "program", "compile", "opaque"]

_NEUTRAL = frozenset(
    """: cd cat date echo exit export false getconf hash id ls nproc printenv printf pwd set sleep true umask uname
    unset which yes""".split()
)
# They change files the running container sees, and need nothing but the base image for it.
_PLAIN = frozenset(
    """[ a2disconf a2dismod a2dissite a2enconf a2enmod a2ensite addgroup adduser chgrp chmod chown cp
    dpkg-reconfigure fc-cache find groupadd groupmod install ldconfig ln locale-gen mkdir mv passwd rm rmdir sed setcap
    tee test touch update-ca-certificates update-locale useradd usermod""".split()
)
_COMPILE = frozenset(
    """ant bazel c++ cargo cc clang clang++ cmake configure cython dotnet g++ gcc gfortran go gradle gradlew javac make
    meson mvn mvnw ninja rustc sbt""".split()
)
_CACHES = tuple(
    """/var/lib/apt/lists /var/cache /root/.cache ~/.cache $HOME/.cache /tmp /var/tmp /var/log /usr/share/doc
    /usr/share/man""".split()
)
_PYTHONS = ("python", "python3", "django-admin")
# Plain commands that need nothing which a package brings, and touch nothing but what they make themselves.
_CREATING = frozenset("addgroup adduser groupadd mkdir useradd usermod".split())


class Sorted(NamedTuple):
    """One command and what it is for."""

    kind: Kind
    item: RunCommand
    operations: tuple[PackageOperation, ...]


def sorted_commands(run: Run) -> tuple[Sorted, ...]:
    """The commands of a RUN with their kinds, in order."""
    return tuple(_sort(item) for item in run.commands)


def creating_part(run: Run, newline: str, escape: str) -> str | None:
    """A RUN with only those commands of `run` that make users and folders; None when it cannot be told apart.

    That is when another plain command is among them, when they hang together other than by `&&` and `;`, or when a
    command before them moves to another folder or sets a variable.
    """
    item = run.instruction
    if item.heredocs or item.form is not Form.SHELL:
        return None
    kept: list[str] = []
    made: list[str] = []
    for kind, found, _ in sorted_commands(run):
        command = found.command
        name, words = command.name, [word.value for word in command.words[1:]]
        if command.context or command.negated or command.guard not in ("", "&&", ";"):
            return None
        if kind == "neutral" and name not in (":", "echo", "set", "true"):
            return None
        if kind != "plain":
            continue
        paths = [word for word in words if word is not None and not word.startswith("-")]
        if command.redirects or None in words or name not in (*_CREATING, "chown"):
            return None
        if name == "mkdir":
            made += paths
        if name == "chown" and not all(_is_below(path, made) for path in paths[1:]):
            return None
        place = run.place(command.span, found.text)
        kept.append(item.text[place.span.start : place.span.end])
    return f"RUN {f' {escape}{newline}    && '.join(kept)}" if kept else None


def _is_below(path: str, folders: list[str]) -> bool:
    return any(
        path.rstrip("/") == folder.rstrip("/") or path.startswith(folder.rstrip("/") + "/") for folder in folders
    )


def _sort(item: RunCommand) -> Sorted:
    command = item.command
    operations = tuple(package_operations(command))
    return Sorted(_kind(item, operations), item, operations)


def _kind(item: RunCommand, operations: tuple[PackageOperation, ...]) -> Kind:
    command = item.command
    if operations:
        managers = {operation.manager for operation in operations}
        if managers <= set(SYSTEM_MANAGERS):
            return "system"
        if all(operation.manager == "pip" or is_uv_pip(operation) for operation in operations):
            actions = {operation.action for operation in operations}
            if actions == {"install"}:
                return "pip"
            return "clean" if actions == {"clean"} else "opaque"
        if all(operation.action == "clean" for operation in operations):
            return "clean"
        return "other-manager"
    name = command.name
    if not command.words:
        return "neutral"
    if name is None:
        return "opaque"
    words = [word.value for word in command.words]
    if name in ("apt-get", "apt", "apk", "apt-mark", "dpkg"):
        return "system" if name != "dpkg" else "opaque"
    if name == "rm" and all(_is_cache(word.raw) for word in command.words[1:] if not word.raw.startswith("-")):
        return "clean"
    if name in _NEUTRAL:
        return "plain" if any(r.operator.startswith((">", "&>")) for r in command.redirects) else "neutral"
    if name in _PLAIN:
        return "plain"
    if name in _COMPILE:
        return "compile"
    if name in _PYTHONS or name.startswith("python3."):
        if "setup.py" in words or words[1:3] == ["-m", "build"]:
            return "compile"
        return "opaque" if command.guard == "|" or words[1:3] == ["-m", "venv"] or "-" in words else "program"
    return "opaque"


def _is_cache(word: str) -> bool:
    text = word.strip("'\"")
    return any(text == cache or text.startswith((cache + "/", cache + "*")) for cache in _CACHES)
