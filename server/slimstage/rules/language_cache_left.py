"""The download cache of pip, npm or yarn stays in a layer that ships."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.runs import Run, RunOperation
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.rules.leftovers import append_command, is_cleared, is_mounted, shipped_runs
from slimstage.syntax.nodes import Place
from slimstage.text import Span

_FOLDERS = {
    "pip": ("/root/.cache/pip",),
    "npm": ("/root/.npm", "/root/.cache"),
    "yarn": ("/usr/local/share/.cache", "/root/.yarn", "/root/.cache"),
}
_CLEAN = {"npm": "npm cache clean --force", "yarn": "yarn cache clean"}
_CODES = {"pip": "DL3042", "yarn": "DL3060"}


class LanguageCacheLeft(Rule):
    """Advice: the cache speeds up a second install, and an image layer never sees one."""

    id = "language-cache-left"
    severity = "info"
    aliases = ("DL3042", "DL3060")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding an install (pip), one a RUN (npm, yarn)."""
        for stage, run in shipped_runs(model):
            for manager, folders in _FOLDERS.items():
                installs = [
                    item
                    for item in run.operations
                    if item.operation.manager == manager and item.operation.action in ("install", "sync")
                ]
                if not installs or is_mounted(run, *folders) or self._is_off(manager, stage, run):
                    continue
                last = installs[-1]
                if is_cleared(run, last, folders) or _cleaned(run, last, manager):
                    continue
                if manager == "pip":
                    for item in installs:
                        if not item.operation.has("no-cache-dir", "cache-dir") and item.operation.verb == "install":
                            yield self._pip(run, item)
                else:
                    edits = append_command(run, last, _CLEAN[manager], stage.escape)
                    yield Finding(
                        self.id,
                        run.place(last.operation.command.span, last.text),
                        "default",
                        {"manager": manager},
                        aliases=(_CODES[manager],) if manager in _CODES else (),
                        fixes=(Fix("clean", edits, Safety.SAFE, {"command": _CLEAN[manager]}),) if edits else (),
                    )

    def _pip(self, run: Run, item: RunOperation) -> Finding:
        place = run.place(item.operation.verb_span, item.text)
        edit = Edit(Place(place.item, Span(place.span.end, place.span.end)), " --no-cache-dir")
        return Finding(
            self.id,
            run.place(item.operation.command.span, item.text),
            "default",
            {"manager": "pip"},
            aliases=("DL3042",),
            fixes=(Fix("no-cache-dir", (edit,), Safety.SAFE),),
        )

    def _is_off(self, manager: str, stage: Stage, run: Run) -> bool:
        """Whether a variable turns pip's cache off or moves it; pip turns it off for any value (pip source)."""
        if manager != "pip":
            return False
        scope = stage.scope_at(run.instruction)
        if scope.lookup("PIP_NO_CACHE_DIR") is not None or scope.lookup("PIP_CACHE_DIR") is not None:
            return True
        return any(
            name in ("PIP_NO_CACHE_DIR", "PIP_CACHE_DIR")
            for command, _ in run.commands
            for name, _ in command.assignments
        )


def _cleaned(run: Run, after: RunOperation, manager: str) -> bool:
    start = after.operation.command.span.start
    return any(
        item.operation.manager == manager
        and item.operation.action == "clean"
        and item.operation.command.span.start > start
        for item in run.operations
    )
