"""What a RUN does not leave behind: folders that a mount covers, or that a later command of it deletes."""

from __future__ import annotations

from collections.abc import Sequence

from slimstage.model.runs import Run, RunOperation
from slimstage.shell.nodes import SimpleCommand


def is_mounted(run: Run, *folders: str) -> bool:
    """Whether a cache or tmpfs mount covers one of the folders, or lies in it."""
    for kind in ("cache", "tmpfs"):
        for flag in run.mounts(kind):
            target = flag.option("target", "dst", "destination")
            text = (target.value or "").rstrip("/") if target is not None else ""
            if text and any(_overlaps(text, folder) for folder in folders):
                return True
    return False


def _overlaps(target: str, folder: str) -> bool:
    return target == folder or folder.startswith(target + "/") or target.startswith(folder + "/")


def is_cleared(run: Run, after: RunOperation, folders: Sequence[str]) -> bool:
    """Whether a later command of the same RUN deletes one of the folders, by whatever spelling."""
    seen = False
    for command, _ in run.commands:
        if command is after.operation.command:
            seen = True
        elif seen and any(deletes(command, folder) for folder in folders):
            return True
    return False


def deletes(command: SimpleCommand, folder: str) -> bool:
    """Whether an `rm` or `find` deletes a folder, something below it, or what it lies in."""
    if command.name not in ("rm", "find"):
        return False
    for word in command.words[1:]:
        raw = word.raw.strip("'\"").replace("${HOME}", "/root").replace("$HOME", "/root")
        raw = "/root" + raw[1:] if raw.startswith("~") else raw
        # A brace list such as /var/lib/{apt,dpkg} counts as all it may name.
        head = raw.split("{")[0].rstrip("*").rstrip("/")
        if head == folder or head.startswith(folder + "/"):
            return True
        if folder.startswith(head + "/") and ("{" in raw or raw.endswith("*") or _is_recursive(command)):
            return True
    return False


def _is_recursive(command: SimpleCommand) -> bool:
    letters = "".join(word.raw[1:] for word in command.words if word.raw.startswith("-"))
    return "r" in letters.lower()
