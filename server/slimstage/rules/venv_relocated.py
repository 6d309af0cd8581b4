"""A virtual environment is copied to another path than the one it was made at."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import stage_copies, virtual_environments
from slimstage.syntax.nodes import Place


def _starts_python(stage: Stage) -> bool:
    """Whether the container starts the interpreter itself, which finds its packages at any path."""
    started = stage.inherited_last("ENTRYPOINT") or stage.inherited_last("CMD")
    if started is None or not started[1].arguments:
        return False
    first = started[1].arguments[0].value or started[1].body.text.split(" ")[0]
    return first.rsplit("/", 1)[-1].startswith("python")


class VenvRelocated(Rule):
    """Its console scripts carry the old path in their first line and do not start ("required file not found")."""

    id = "venv-relocated"
    severity = "error"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY."""
        for copy in stage_copies(model, model.stages):
            if copy.source is None or copy.target is None:
                continue
            made = {
                path: run for stage in copy.source_stage.lineage for path, run in virtual_environments(stage).items()
            }
            if copy.source not in made or copy.target == copy.source:
                continue
            last = copy.instruction.arguments[-1]
            fix = Fix("same-path", (Edit(Place(copy.instruction, last.span), copy.source),), args={"path": copy.source})
            run = made[copy.source]
            yield Finding(
                self.id,
                Place(copy.instruction, last.span),
                args={"path": copy.source, "target": copy.target},
                severity="hint" if _starts_python(copy.into) else None,
                fixes=() if last.variables else (fix,),
                related=(Related(Place(run, run.keyword_span), "made", {"path": copy.source}),),
            )
