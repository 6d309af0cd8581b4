"""Which ARG and ENV variables are visible where, with value and origin.

Scopes follow BuildKit (dockerfile2llb/convert.go, read 2026-11): an ARG before the first FROM is seen
by FROM lines only; `ARG X` inside a stage takes the global value when it has no default of its own;
ARG and ENV write into one environment in file order, so the later of the two counts. A stage built on
another one inherits both, but gets the ENVs anew from the image's configuration: an ENV of a base stage
counts there even when an ARG followed it. The pairs of one ENV see what stood before it; the defaults of
one ARG see the names to their left too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from slimstage.model.expansion import Lookup, Unset, expand
from slimstage.syntax.grammar import PLATFORM_ARGS, PREDEFINED_ARGS
from slimstage.syntax.nodes import Instruction, Place, Word
from slimstage.text import Span

if TYPE_CHECKING:
    from slimstage.model.stages import Stage

Origin = Literal["env", "arg", "global", "predefined"]


@dataclass(slots=True, frozen=True, eq=False)
class Definition:
    """Where a variable comes from. `value` is `Unset.UNKNOWN` when only the build knows it.

    `stage` is None for a global ARG. `inherited` is the global ARG a bare `ARG X` takes its value
    from. `instruction` is None for a predefined variable.
    """

    name: str
    origin: Origin
    value: str | Unset
    instruction: Instruction | None = None
    name_span: Span = Span(0, 0)
    stage: Stage | None = None
    inherited: Definition | None = None
    has_default: bool = True

    @property
    def is_given(self) -> bool:
        """Whether the definition sets a value, known here or not; False for `ARG X` that nothing fills."""
        if self.value is not Unset.UNKNOWN or self.origin == "env" or self.has_default:
            return True
        return self.inherited is not None and (self.inherited.origin == "predefined" or self.inherited.is_given)

    @property
    def place(self) -> Place | None:
        """The place of the name where it is defined; None for a predefined variable."""
        return None if self.instruction is None else Place(self.instruction, self.name_span)


_PREDEFINED = {name: Definition(name, "predefined", Unset.UNKNOWN) for name in PREDEFINED_ARGS}
# Those that have a value without a --build-arg: a FROM line may use them, `ARG TARGETARCH` fetches them.
_GIVEN = {name: _PREDEFINED[name] for name in PLATFORM_ARGS}


class GlobalScope:
    """The ARGs before the first FROM, in order; what FROM lines may use."""

    def __init__(self, instructions: tuple[Instruction, ...], build_args: Mapping[str, str], escape: str) -> None:
        self.instructions = instructions
        self.definitions: dict[str, Definition] = {}
        for instruction in instructions:
            if instruction.keyword != "ARG":
                continue
            for name, name_span, value in arg_pairs(instruction):
                known: str | Unset = Unset.UNKNOWN
                if name in build_args:
                    known = build_args[name]
                elif value is not None:
                    known = _expanded(value, self.value, escape)
                if name not in build_args and value is None and name in self.definitions:
                    continue  # an `ARG X` without a value leaves the earlier one in force
                self.definitions[name] = Definition(
                    name, "global", known, instruction, name_span, has_default=value is not None
                )

    def lookup(self, name: str) -> Definition | None:
        """The definition a FROM line sees, or None."""
        return self.definitions.get(name) or _GIVEN.get(name)

    def value(self, name: str) -> str | Unset:
        """The value a FROM line sees; a global ARG that nothing fills is UNKNOWN (a --build-arg may)."""
        found = self.lookup(name)
        return Unset.UNDEFINED if found is None else found.value


class Scope:
    """The variables one instruction of a stage can see."""

    __slots__ = ("position", "stage")

    def __init__(self, stage: Stage, position: int) -> None:
        self.stage = stage
        self.position = position

    def lookup(self, name: str) -> Definition | None:
        """The definition in force here, or None when no ARG or ENV of this file defines the name.

        An `ARG X` that got no value does not hide an earlier value, as in BuildKit.
        """
        found, bare = _last(self.stage, name, self.position, envs_only=False)
        if found is not None:
            return found
        stage = self.stage.base_stage
        while stage is not None:
            found, _ = _last(stage, name, END, envs_only=True)
            if found is not None:
                return found
            stage = stage.base_stage
        stage = self.stage.base_stage
        while stage is not None:
            found, also_bare = _last(stage, name, END, envs_only=False)
            bare = bare or also_bare
            if found is not None:
                return found
            stage = stage.base_stage
        return bare

    def value(self, name: str) -> str | Unset:
        """The value in force here; undefined only when nothing can define it, the base image included."""
        found = self.lookup(name)
        if found is not None:
            return found.value
        return Unset.UNDEFINED if self.stage.root.is_scratch else Unset.UNKNOWN

    def visible(self) -> Iterator[Definition]:
        """All definitions in force here, each name once, the stage's own first."""
        seen: set[str] = set()
        stage: Stage | None = self.stage
        position = self.position
        while stage is not None:
            for name, entries in stage.definitions.items():
                if name not in seen and any(at < position for at, _ in entries):
                    seen.add(name)
                    found = self.lookup(name)
                    if found is not None:
                        yield found
            stage, position = stage.base_stage, END


END = 1 << 60


def _last(stage: Stage, name: str, position: int, *, envs_only: bool) -> tuple[Definition | None, Definition | None]:
    """The last definition of a stage before a position that gives a value; and the last that does not."""
    bare: Definition | None = None
    for at, definition in reversed(stage.definitions.get(name, ())):
        if at >= position or (envs_only and definition.origin != "env"):
            continue
        if definition.is_given:
            return definition, None
        bare = bare or definition
    return None, bare


def stage_definitions(
    stage: Stage, instructions: tuple[Instruction, ...], build_args: Mapping[str, str], escape: str
) -> None:
    """Fill `stage.definitions` with the ARGs and ENVs of its instructions, in order."""
    for position, instruction in enumerate(instructions):
        if instruction.keyword == "ARG":
            for definition in _args(stage, instruction, Scope(stage, position), build_args, escape):
                stage.definitions.setdefault(definition.name, []).append((position, definition))
        elif instruction.keyword == "ENV":
            scope = Scope(stage, position)
            for pair in instruction.pairs:
                name = pair.key.value if pair.key.value is not None else pair.key.raw
                known = _expanded(pair.value, scope.value, escape) if pair.value is not None else Unset.UNKNOWN
                stage.definitions.setdefault(name, []).append(
                    (position, Definition(name, "env", known, instruction, pair.key.span, stage))
                )


def _args(
    stage: Stage, instruction: Instruction, scope: Scope, build_args: Mapping[str, str], escape: str
) -> Iterator[Definition]:
    known_here: dict[str, str | Unset] = {}

    def lookup(name: str) -> str | Unset:
        return known_here[name] if name in known_here else scope.value(name)

    for name, name_span, value in arg_pairs(instruction):
        inherited = None if value is not None else stage.globals.lookup(name)
        known: str | Unset = Unset.UNKNOWN
        if name in build_args:
            known = build_args[name]
        elif value is not None:
            known = _expanded(value, lookup, escape)
        elif inherited is not None:
            known = inherited.value
        found = Definition(name, "arg", known, instruction, name_span, stage, inherited, has_default=value is not None)
        if found.is_given:
            known_here[name] = known
        yield found


def arg_pairs(instruction: Instruction) -> Iterator[tuple[str, Span, Word | None]]:
    """The names an ARG declares, each with the span of the name and its default."""
    for pair in instruction.pairs:
        yield pair.key.raw, pair.key.span, pair.value


def is_predefined(name: str) -> bool:
    """Whether BuildKit knows the ARG without a declaration (platform, proxy, BUILDKIT_*)."""
    return name in _PREDEFINED


def predefined(name: str) -> Definition | None:
    """The predefined ARG of that name, or None."""
    return _PREDEFINED.get(name)


def _expanded(word: Word, lookup: Lookup, escape: str) -> str | Unset:
    value = expand(word.raw, lookup, escape).value
    return Unset.UNKNOWN if value is None else value
