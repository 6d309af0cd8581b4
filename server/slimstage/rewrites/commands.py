"""Sorts the commands of a RUN by what they are for: which stage of a split wants them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from slimstage.model.installed import SYSTEM_MANAGERS
from slimstage.model.packages import PackageOperation, package_operations
from slimstage.model.runs import Run, RunCommand

Kind = Literal["system", "pip", "other-manager", "clean", "neutral", "plain", "program", "compile", "opaque"]

_NEUTRAL = frozenset(": cd cat date echo exit export false hash id ls printenv pwd set sleep true umask unset".split())
# They change files the running container sees, and need nothing but the base image for it.
_PLAIN = frozenset(
    """[ addgroup adduser chgrp chmod chown cp dpkg-reconfigure fc-cache find groupadd groupmod install ldconfig ln
    locale-gen mkdir mv passwd printf rm rmdir sed setcap tee test touch update-ca-certificates update-locale useradd
    usermod""".split()
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


class Sorted(NamedTuple):
    """One command and what it is for."""

    kind: Kind
    item: RunCommand
    operations: tuple[PackageOperation, ...]


def sorted_commands(run: Run) -> tuple[Sorted, ...]:
    """The commands of a RUN with their kinds, in order."""
    return tuple(_sort(item) for item in run.commands)


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
        if managers == {"pip"}:
            actions = {operation.action for operation in operations}
            if actions == {"install"}:
                return "pip"
            return "clean" if actions == {"clean"} else "opaque"
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
