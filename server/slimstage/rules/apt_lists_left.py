"""apt's package lists stay in a layer that ships."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.python import base_facts
from slimstage.model.runs import Run, RunOperation
from slimstage.rules.base import Finding, Fix, Rule, Safety
from slimstage.rules.leftovers import append_command, is_cleared, is_mounted, shipped_runs
from slimstage.sizes.packages import apt_lists

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
                fixes=(Fix("remove", edits, Safety.SAFE),) if edits else (),
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
