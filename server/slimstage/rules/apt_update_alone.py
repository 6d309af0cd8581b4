"""`apt-get update` in a RUN of its own: its cached layer goes stale, and the install below fails some day."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.runs import Run
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.syntax.nodes import Form, Place
from slimstage.text import Span


class AptUpdateAlone(Rule):
    """Fires when a later RUN of the stage installs without an update of its own."""

    id = "apt-update-alone"
    severity = "warning"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a lonely update, at its `update`."""
        kinds: list[tuple[Run, set[str]]] = []
        for run in stage.runs:
            actions: set[str] = {operation.action for operation, _ in run.operations if operation.manager == "apt"}
            if actions:
                kinds.append((run, actions))
        for index, (run, actions) in enumerate(kinds):
            if actions != {"update"} or run.mounts("cache"):
                continue
            later = next((pair for pair in kinds[index + 1 :] if "install" in pair[1]), None)
            if later is None or "update" in later[1]:
                continue
            operation, text = next(pair for pair in run.operations if pair.operation.manager == "apt")
            install = later[0]
            fix = _merge(stage, run, install)
            place = Place(install.instruction, install.instruction.keyword_span)
            fixes = () if fix is None else (fix,)
            related = (Related(place, "install"),)
            yield Finding(self.id, run.place(operation.verb_span, text), fixes=fixes, related=related)


def _merge(stage: Stage, run: Run, install: Run) -> Fix | None:
    """Put the update before the install's commands; None unless the update is all that its RUN does."""
    first, second = run.instruction, install.instruction
    plain = all(item.form is Form.SHELL and not item.heredocs and not item.flags for item in (first, second))
    if not plain or len(run.commands) != 1 or stage.position(second) != stage.position(first) + 1:
        return None
    update = " ".join(word.raw for word in run.commands[0].command.words)
    at = second.body.to_item(0)
    edits = (
        Edit(Place(first, Span(0, len(first.text))), ""),
        Edit(Place(second, Span(at, at)), f"{update} && "),
    )
    return Fix("merge", edits)
