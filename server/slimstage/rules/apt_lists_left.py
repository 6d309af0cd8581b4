"""apt's package lists stay in a layer that ships."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.python import base_facts
from slimstage.model.runs import Run, RunOperation
from slimstage.rules.base import Finding, Fix, Rule, Safety
from slimstage.rules.leftovers import append_command, is_cleared, is_mounted, shipped_runs
from slimstage.shell import SimpleCommand
from slimstage.sizes.packages import apt_lists

_SHELLS = frozenset(("sh", "bash", "dash", "source", "."))
_PROGRAMS = ("/usr/", "/bin/", "/sbin/")
_FOLDERS = ("/var/lib/apt/lists", "/var/lib/apt")


class AptListsLeft(Rule):
    """Not satisfied by a later RUN: what one layer holds, another only hides."""

    id = "apt-lists-left"
    severity = "warning"
    aliases = ("DL3009",)

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a RUN, at its `apt-get update`."""
        left: set[int] = set()  # stages with lists of an earlier RUN: a further update fetches what has changed since
        for stage, run in shipped_runs(model):
            apt = [item for item in run.operations if item.operation.manager == "apt"]
            updates = [item for item in apt if item.operation.action == "update"]
            if not updates or is_mounted(run, *_FOLDERS):
                continue
            last = updates[-1]
            if is_cleared(run, last, _FOLDERS) or _cleans(apt, last):
                continue
            fresh = left.isdisjoint(one.index for one in stage.lineage)
            left.add(stage.index)
            size = apt_lists(model.knowledge, base_facts(stage, model.knowledge).release) if fresh else None
            writes = [item for item in apt if item.operation.action in ("install", "update", "upgrade")]
            edits = (
                ()
                if _lists_wanted_later(model, stage, run)
                else append_command(run, writes[-1], "rm -rf /var/lib/apt/lists/*", stage.escape)
            )
            yield Finding(
                self.id,
                run.place(last.operation.command.span, last.text),
                "default" if size is None else "sized",
                {"size": size},
                fixes=(Fix("remove", edits, _safety(model, stage, run, writes[-1])),) if edits else (),
            )


def _cleans(operations: Iterable[RunOperation], after: RunOperation) -> bool:
    """`apt-get distclean` (apt 2.9 and later) removes the lists too; `clean` only the downloaded packages."""
    start = after.operation.command.span.start
    return any(
        item.operation.verb in ("distclean", "dist-clean") and item.operation.command.span.start > start
        for item in operations
    )


def _lists_wanted_later(model: Model, stage: Stage, run: Run) -> bool:
    """Whether a later RUN, here or in any stage built on this one, installs without an update of its own."""
    for later in model.stages:
        if stage not in later.lineage:
            continue
        for other in later.runs:
            if later is stage and stage.position(other.instruction) <= stage.position(run.instruction):
                continue
            actions = [item.operation.action for item in other.operations if item.operation.manager == "apt"]
            if "install" in actions and "update" not in actions[: actions.index("install")]:
                return True
    return False


def _safety(model: Model, stage: Stage, run: Run, after: RunOperation) -> Safety:
    """Not safe when a script comes later, here or in a stage built on this one: it may install from these lists."""
    for later in model.stages:
        if stage not in later.lineage:
            continue
        for other in later.runs:
            at = stage.position(other.instruction) - stage.position(run.instruction) if later is stage else 1
            if at > 0 and other.opaque:
                return Safety.CONFIRM
            for command, _ in other.commands if at >= 0 else ():
                if (at or command.span.start > after.operation.command.span.start) and _is_script(command):
                    return Safety.CONFIRM
    return Safety.SAFE


def _is_script(command: SimpleCommand) -> bool:
    """`./x`, `/tmp/x`, `bash x`, `curl ... | sh`; not what stands in a folder of programs, and not `sh -c`."""
    if not command.words:
        return False
    path = command.words[0].raw
    if command.name in _SHELLS:
        return len(command.words) < 2 or not command.words[1].raw.startswith(("-c", "--version", "/etc/"))
    return "/" in path and not path.startswith(_PROGRAMS)
