"""The cache of apk, dnf, yum or zypper stays in a layer that ships."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.runs import Run, RunOperation
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.rules.leftovers import append_command, is_cleared, is_mounted, shipped_runs
from slimstage.syntax.nodes import Place
from slimstage.text import Span

_FOLDERS = {
    "apk": ("/var/cache/apk", "/etc/apk/cache"),
    "dnf": ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
    "zypper": ("/var/cache/zypp",),
}
_CODES = {"apk": "DL3019", "dnf": "DL3040", "microdnf": "DL3040", "yum": "DL3032", "zypper": "DL3036"}


class PackageCacheLeft(Rule):
    """Clearing must follow the install in the same RUN; `apk --no-cache` and `--no-network` write none."""

    id = "package-cache-left"
    severity = "warning"
    aliases = ("DL3019", "DL3032", "DL3036", "DL3040")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a RUN, at its last install that leaves a cache."""
        for stage, run in shipped_runs(model):
            for manager, folders in _FOLDERS.items():
                installs = [
                    item
                    for item in run.operations
                    if item.operation.manager == manager
                    and item.operation.action in ("install", "upgrade")
                    and not item.operation.has("no-cache", "no-network")
                ]
                if not installs or is_mounted(run, *folders):
                    continue
                last = installs[-1]
                if is_cleared(run, last, folders) or _cleaned(run, last):
                    continue
                name = last.operation.command.name or manager
                yield Finding(
                    self.id,
                    run.place(last.operation.command.span, last.text),
                    manager,
                    {"command": name},
                    aliases=(_CODES[name],) if name in _CODES else (),
                    fixes=self._fixes(run, installs, name, stage.escape),
                )

    def _fixes(self, run: Run, installs: list[RunOperation], name: str, escape: str) -> tuple[Fix, ...]:
        last = installs[-1]
        if last.operation.manager == "apk":
            edits = []
            for item in installs:
                place = run.place(item.operation.verb_span, item.text)
                edits.append(Edit(Place(place.item, Span(place.span.end, place.span.end)), " --no-cache"))
            return (Fix("no-cache", tuple(edits), Safety.SAFE),)
        command = f"{name} clean -a" if name == "zypper" else f"{name} clean all"
        appended = append_command(run, last, command, escape)
        return (Fix("clean", appended, Safety.SAFE, {"command": command}),) if appended else ()


def _cleaned(run: Run, after: RunOperation) -> bool:
    seen = False
    for item in run.operations:
        if item.operation is after.operation:
            seen = True
        elif seen and item.operation.action == "clean":
            return True
    return False
