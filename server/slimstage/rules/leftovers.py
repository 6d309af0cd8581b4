"""What the rules about left-over caches share: which later command of a RUN, or which mount, clears a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slimstage.model import Model, Stage
from slimstage.model.leftovers import is_cleared, is_mounted
from slimstage.model.runs import Run, RunOperation
from slimstage.rewrites import ships_for_development
from slimstage.rules.base import Edit
from slimstage.syntax.nodes import Place
from slimstage.text import Span

__all__ = ["append_command", "is_cleared", "is_mounted", "shipped_runs"]


def shipped_runs(model: Model) -> Iterator[tuple[Stage, Run]]:
    """Every RUN whose layer is in the image, unless that image is for development."""
    if model.final_stage is None or ships_for_development(model):
        return
    for stage in reversed(model.shipped_stages):
        for run in stage.runs:
            yield stage, run


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
    behind = re.search(rf"&&[ \t]*{re.escape(escape)}[ \t]*\r?\n([ \t]*)(?=[^\s#])", item.text)
    if behind is not None and not re.search(r"\n[ \t]*&&", item.text):  # `&&` stands at the ends of lines
        joined = f" && {escape}{newline}{behind[1]}{command}"
    elif f"{escape}\n" in item.text or f"{escape}\r\n" in item.text:
        joined = f" {escape}{newline}    && {command}"
    return (Edit(Place(item, Span(end, end)), joined),)
