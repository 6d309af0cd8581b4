"""A FROM line with a variable that no ARG before the first FROM declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from slimstage.model import Model, Stage
from slimstage.model.images import parse_image
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.declare import declared_above
from slimstage.rules.variables import PROVIDED
from slimstage.syntax.grammar import PLATFORM_ARGS
from slimstage.syntax.nodes import Place, VariableReference
from slimstage.syntax.spelling import closest_names


class UndefinedBaseArg(Rule):
    """An error when no image is left without the variable."""

    id = "undefined-base-arg"
    severity = "error"
    aliases = ("UndefinedArgInFrom", "BASE_NAME_EMPTY")

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a use."""
        for stage in model.stages:
            for reference, is_platform in _variables(stage):
                if reference.modifier in PROVIDED or stage.globals.lookup(reference.name) is not None:
                    continue
                image = None if is_platform or not stage.image_text else parse_image(stage.image_text)
                yield Finding(
                    self.id,
                    Place(stage.instruction, reference.name_span),
                    args={"name": reference.name},
                    severity=None if image is None else "warning",
                    fixes=tuple(_fixes(stage, reference, model)),
                )


def _variables(stage: Stage) -> Iterator[tuple[VariableReference, bool]]:
    """The variables of the image, and those of --platform (True); an empty platform stops the build."""
    if stage.image_word is not None:
        for reference in stage.image_word.variables:
            yield reference, False
    platform = stage.instruction.flag("platform")
    if platform is not None:
        for reference in platform.variables:
            yield reference, True


def _fixes(stage: Stage, reference: VariableReference, model: Model) -> Iterator[Fix]:
    name = reference.name
    near = closest_names(name, (*stage.globals.definitions, *PLATFORM_ARGS))
    for other in near[:1]:
        yield Fix("replace", (Edit(Place(stage.instruction, reference.name_span), other),), args={"name": other})
    for other_stage in model.stages:
        for _, definition in other_stage.definitions.get(name, ()):
            if definition.origin == "arg" and definition.instruction is not None and definition.has_default:
                for pair in definition.instruction.pairs:
                    if pair.key.raw == name and pair.value is not None and not pair.value.variables:
                        above = declared_above(model.stages[0].instruction, f"{name}={pair.value.raw}")
                        yield Fix("declare", (above,), args={"name": name})
                        return
    above = declared_above(model.stages[0].instruction, name)
    yield Fix("declare", (above,), args={"name": name}, preferred=not near)
