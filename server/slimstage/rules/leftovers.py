"""What the rules about left-over caches share: which later command of a RUN, or which mount, clears a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slimstage.model import Model, Stage
from slimstage.model.runs import Run, RunOperation
from slimstage.rewrites import is_development
from slimstage.rules.base import Edit
from slimstage.syntax.nodes import Place
from slimstage.text import Span


def shipped_runs(model: Model) -> Iterator[tuple[Stage, Run]]:
    """Every RUN whose layer is in the image, unless that image is for development."""
    if model.final_stage is None or is_development(model.final_stage):
        return
    for stage in reversed(model.shipped_stages):
        for run in stage.runs:
            yield stage, run


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
        elif seen and command.name in ("rm", "find"):
            for word in command.words[1:]:
                raw = word.raw.strip("'\"").replace("${HOME}", "/root").replace("$HOME", "/root")
                raw = "/root" + raw[1:] if raw.startswith("~") else raw
                # A brace list such as /var/lib/{apt,dpkg} counts as all it may name.
                head = raw.split("{")[0].rstrip("*").rstrip("/")
                for folder in folders:
                    if head == folder or head.startswith(folder + "/"):
                        return True
                    if folder.startswith(head + "/") and (
                        "{" in raw or raw.endswith("*") or "-r" in _flags(command.words)
                    ):
                        return True
    return False


def _flags(words: Sequence[object]) -> str:
    letters = "".join(getattr(word, "raw", "")[1:] for word in words if getattr(word, "raw", "").startswith("-"))
    return "-r" if "r" in letters.lower() else ""


def append_command(run: Run, after: RunOperation, command: str, escape: str) -> tuple[Edit, ...]:
    """The edit that runs `command` right after an operation of a RUN; empty when that is not plainly possible."""
    target = after.operation.command
    if target.context:
        return ()
    following = [c for c, text in run.commands if text is after.text and c.span.start >= target.span.end]
    if following and following[0].guard == "|":
        return ()
    item = run.instruction
    place = run.place(target.span, after.text)
    end = place.span.end
    if any(redirect.span.end > target.span.end for redirect in target.redirects):
        return ()
    newline = "\r\n" if "\r\n" in item.text else "\n"
    if item.heredocs:
        return (Edit(Place(item, Span(end, end)), f"{newline}{command}"),)
    tail = item.text[end : item.end].lstrip()
    if tail.startswith(("|", "&")) and not tail.startswith(("||", "&&")):
        return ()
    joined = f" && {command}"
    if f"{escape}\n" in item.text or f"{escape}\r\n" in item.text:
        joined = f" {escape}{newline}    && {command}"
    return (Edit(Place(item, Span(end, end)), joined),)
