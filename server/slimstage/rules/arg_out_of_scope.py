"""A global ARG used in a stage that does not declare it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimstage.model import Model, Stage
from slimstage.rules.base import Finding, Fix, Related, Rule, Safety
from slimstage.rules.declare import declared_below
from slimstage.rules.variables import PROVIDED, base_may_define, expanded_variables
from slimstage.syntax.nodes import Form, Instruction, Place, VariableReference


class ArgOutOfScope(Rule):
    """The first use of each name in a stage: in what BuildKit expands, and in RUN."""

    id = "arg-out-of-scope"
    severity = "warning"
    aliases = ("UndefinedVar",)

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a name."""
        declared = stage.globals.definitions
        if not declared:
            return
        seen: set[str] = set()
        for instruction in stage.instructions:
            for reference in _uses(instruction):
                name = reference.name
                if name in seen or name not in declared:
                    continue
                if stage.scope_at(instruction).lookup(name) is not None:
                    seen.add(name)
                    continue
                if base_may_define(stage, name) or _set_by_shell(instruction, name):
                    continue
                seen.add(name)
                fix = Fix("declare", (declared_below(stage.instruction, name),), Safety.SAFE, {"name": name})
                origin = declared[name].place
                related = () if origin is None else (Related(origin, "declared", {"name": name}),)
                place = Place(instruction, reference.name_span)
                yield Finding(self.id, place, args={"name": name}, fixes=(fix,), related=related)


def _uses(instruction: Instruction) -> Iterator[VariableReference]:
    yield from expanded_variables(instruction)
    if instruction.keyword == "RUN" and instruction.form is Form.SHELL:
        for word in instruction.arguments:
            for reference in word.variables:
                if reference.modifier not in PROVIDED:
                    yield reference


def _set_by_shell(instruction: Instruction, name: str) -> bool:
    """Whether a RUN may set the variable itself; the loop variable of `for` is no command, so look at the text."""
    text = instruction.body.text if instruction.keyword == "RUN" else ""
    return f"{name}=" in text or f"for {name} " in text or "read " in text
