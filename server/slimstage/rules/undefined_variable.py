"""A variable that nothing defines."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.declare import declared_below
from slimstage.rules.variables import base_may_define, expanded_variables
from slimstage.syntax.grammar import PLATFORM_ARGS, PREDEFINED_ARGS
from slimstage.syntax.nodes import Instruction, Place, VariableReference
from slimstage.syntax.spelling import closest_names


class UndefinedVariable(Rule):
    """The first use of each name in a stage; only where a base image is not likely to define it.

    For an image we do not know, only names close to a defined one and the platform's are reported.
    """

    id = "undefined-variable"
    severity = "warning"
    aliases = ("UndefinedVar",)

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a name."""
        if stage.escape != "\\":
            return  # Windows: names do not differ by case, and the base has many of its own
        seen: set[str] = set()
        for instruction in stage.instructions:
            for reference in expanded_variables(instruction):
                name = reference.name
                if name in seen or not (name[:1].isalpha() or name[:1] == "_"):
                    continue
                seen.add(name)
                if name in stage.globals.definitions or stage.scope_at(instruction).lookup(name) is not None:
                    continue
                finding = self._judge(stage, instruction, reference, model)
                if finding is not None:
                    yield finding

    def _judge(
        self, stage: Stage, instruction: Instruction, reference: VariableReference, model: Model
    ) -> Finding | None:
        name = reference.name
        place = Place(instruction, reference.name_span)
        if name in PLATFORM_ARGS:
            fix = Fix("declare", (declared_below(stage.instruction, name),), args={"name": name})
            return Finding(self.id, place, "platform", {"name": name}, fixes=(fix,))
        if name in PREDEFINED_ARGS or base_may_define(stage, name):
            return None
        visible = [definition.name for definition in stage.scope_at(instruction).visible()]
        if instruction.keyword == "ENV" and any(
            pair.key.raw == name and reference.span.start not in range(*pair.span) for pair in instruction.pairs
        ):
            return None  # env-self-reference says it
        near = closest_names(name, visible)
        if near:
            fixes = tuple(
                Fix("replace", (Edit(place, other),), args={"name": other}, preferred=index == 0)
                for index, other in enumerate(near[:2])
            )
            return Finding(self.id, place, "did-you-mean", {"name": name, "candidate": near[0]}, fixes=fixes)
        image = stage.base_image
        known = stage.root.is_scratch or (
            image is not None and image.repository in model.knowledge.official_repositories()
        )
        if not known:
            return None
        appends = instruction.keyword == "ENV" and any(pair.key.raw == name for pair in instruction.pairs)
        return Finding(self.id, place, "default", {"name": name}, "hint" if appends else None)
