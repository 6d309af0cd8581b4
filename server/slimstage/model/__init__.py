"""What a Dockerfile means: stages, references, scopes, runs, and what ships."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from slimstage.model.images import ImageReference, parse_image
from slimstage.model.scopes import Definition, GlobalScope, Scope
from slimstage.model.stages import RawReference, Stage, StageState
from slimstage.syntax.nodes import Dockerfile, Instruction, Place
from slimstage.text import Span

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.knowledge import KnowledgeBase

__all__ = [
    "Definition",
    "GlobalScope",
    "ImageReference",
    "Model",
    "Reference",
    "Scope",
    "Stage",
    "StageState",
    "build_model",
]

TargetKind = Literal["stage", "forward", "self", "index-out-of-range", "image", "unknown"]


@dataclass(slots=True, frozen=True, eq=False)
class Reference:
    """What an instruction of `stage` takes from: another stage, an image, or nobody knows.

    `kind` says how it is written ("base" for FROM). `target` says what it is: a "stage" before this
    one; "forward" a later stage (BuildKit refuses it: stages are built in file order); "self" (refused too);
    "index-out-of-range"; "image" when it can only be an image
    (it holds `/`, `:`, `@` or `.`); "unknown" when a variable hides it or a bare word matches no stage.
    """

    kind: Literal["base", "copy", "mount"]
    stage: Stage
    instruction: Instruction
    span: Span
    text: str | None
    target: TargetKind
    target_stage: Stage | None = None
    image: ImageReference | None = None
    by_index: bool = False
    onbuild: bool = False

    @property
    def place(self) -> Place:
        """Where the name is written."""
        return Place(self.instruction, self.span)


class Model:
    """One file's meaning. Stages that did not change are taken over from `previous`.

    `wishes` are what the user asks of conversions; the model only hands them on.
    `unfinished` says that somebody is writing the text: what it lacks may be about to come. A text of more than
    `longest` characters is not read.
    `name` is the file's path in the context, whose own ignore file (`<name>.dockerignore`) goes before the general one;
    `path` is its whole path with `/`, as far as it is known.
    """

    def __init__(
        self,
        dockerfile: Dockerfile,
        knowledge: KnowledgeBase,
        context: BuildContext | None = None,
        *,
        target: str | None = None,
        build_args: Mapping[str, str] | None = None,
        name: str = "Dockerfile",
        wishes: Mapping[str, Any] | None = None,
        unfinished: bool = False,
        path: str = "",
        longest: int | None = None,
        previous: Model | None = None,
    ) -> None:
        self.dockerfile = dockerfile
        self.name = name
        self.unfinished = unfinished
        self.path = path or name
        self.longest = longest
        self.wishes: Mapping[str, Any] = wishes or {}
        self.knowledge = knowledge
        self.context = context
        self.target = target
        self.build_args = build_args or {}
        self.facts: dict[Any, Any] = {}  # what several ask about the whole file, computed once
        groups: list[list[Instruction]] = [[]]
        for instruction in dockerfile.instructions:
            if instruction.keyword == "FROM":
                groups.append([])
            groups[-1].append(instruction)
        self.preamble: tuple[Instruction, ...] = tuple(groups[0])
        self.globals = self._global_scope(previous)
        self.stages: tuple[Stage, ...] = self._stages(groups[1:], previous)

    def of(self, dockerfile: Dockerfile) -> Model:
        """The meaning of another text in the place of this file."""
        return Model(
            dockerfile,
            self.knowledge,
            self.context,
            target=self.target,
            build_args=self.build_args,
            name=self.name,
            wishes=self.wishes,
            path=self.path,
        )

    def _global_scope(self, previous: Model | None) -> GlobalScope:
        if (
            previous is not None
            and _same(previous.preamble, self.preamble)
            and previous.dockerfile.escape == self.dockerfile.escape
            and previous.build_args == self.build_args
        ):
            return previous.globals
        return GlobalScope(self.preamble, self.build_args, self.dockerfile.escape)

    def _stages(self, groups: list[list[Instruction]], previous: Model | None) -> tuple[Stage, ...]:
        old = previous.stages if previous is not None else ()
        stages: list[Stage] = []
        by_name: dict[str, Stage] = {}
        for index, group in enumerate(groups):
            stage = old[index] if index < len(old) else None
            rest = tuple(group[1:])
            if (
                stage is None
                or stage.instruction is not group[0]
                or stage.globals is not self.globals
                or not _same(stage.instructions, rest)
                or stage.base_stage is not (by_name.get(stage.image_text) if stage.image_text else None)
            ):
                stage = Stage(index, group[0], rest, by_name, self.globals, self.build_args, self.dockerfile.escape)
            stages.append(stage)
            if stage.name:
                by_name[stage.name.lower()] = stage
        return tuple(stages)

    @cached_property
    def _stage_by_instruction(self) -> dict[int, Stage]:
        found: dict[int, Stage] = {}
        for stage in self.stages:
            found[id(stage.instruction)] = stage
            for instruction in stage.instructions:
                found[id(instruction)] = stage
        return found

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """The stage an instruction belongs to; None before the first FROM."""
        return self._stage_by_instruction.get(id(instruction))

    @cached_property
    def stage_names(self) -> dict[str, Stage]:
        """Stages by lower-cased name; of two with one name the later, as COPY --from sees it."""
        return {stage.name.lower(): stage for stage in self.stages if stage.name}

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All references to stages and images, in file order."""
        found: list[Reference] = []
        for stage in self.stages:
            word = stage.image_word
            if word is not None:
                found.append(
                    Reference(
                        "base",
                        stage,
                        stage.instruction,
                        word.span,
                        stage.image_text,
                        "stage" if stage.base_stage else "image" if stage.image else "unknown",
                        stage.base_stage,
                        stage.image,
                    )
                )
            found += (self._resolve(stage, raw) for raw in stage.raw_references)
        return tuple(found)

    def _resolve(self, stage: Stage, raw: RawReference) -> Reference:
        target: TargetKind = "unknown"
        found: Stage | None = None
        image: ImageReference | None = None
        by_index = False
        if raw.text is not None:
            if raw.text.isascii() and raw.text.isdecimal() and raw.kind == "copy":
                by_index = True
                found = self._by_index(raw.text)
                if found is None:
                    target = "index-out-of-range"
            else:
                found = self.stage_names.get(raw.text.lower())
            if found is not None:
                target = "stage" if found.index < stage.index else "self" if found is stage else "forward"
            elif not by_index:
                image = parse_image(raw.text)
                if any(character in raw.text for character in "/:@."):
                    target = "image"
        return Reference(
            raw.kind, stage, raw.instruction, raw.span, raw.text, target, found, image, by_index, raw.onbuild
        )

    def _by_index(self, text: str) -> Stage | None:
        if not (text.isascii() and text.isdecimal() and len(text) < 9):
            return None
        return self.stages[int(text)] if int(text) < len(self.stages) else None

    @cached_property
    def references_to(self) -> dict[int, tuple[Reference, ...]]:
        """References by the index of the stage they name."""
        found: dict[int, list[Reference]] = {}
        for reference in self.references:
            if reference.target_stage is not None:
                found.setdefault(reference.target_stage.index, []).append(reference)
        return {index: tuple(references) for index, references in found.items()}

    @property
    def final_stage(self) -> Stage | None:
        """The stage that ships: the target, else the last one; None without a FROM or for an unknown target."""
        if not self.stages:
            return None
        if self.target is None:
            return self.stages[-1]
        return self.stage_names.get(self.target.lower())  # BuildKit looks a target up by name only

    @cached_property
    def shipped_stages(self) -> tuple[Stage, ...]:
        """The final stage and the stages it is built on: their layers are in the image."""
        return self.final_stage.lineage if self.final_stage else ()

    def is_shipped(self, stage: Stage) -> bool:
        """Whether the stage's layers are in the final image."""
        return stage.index in self._shipped_indices and self.stages[stage.index] is stage

    @cached_property
    def _shipped_indices(self) -> frozenset[int]:
        return frozenset(stage.index for stage in self.shipped_stages)

    @cached_property
    def needed_stages(self) -> frozenset[int]:
        """Indices of the stages that the final stage needs, itself included.

        An ONBUILD trigger is needed by the stages built directly on its own, not by its own (convert.go).
        """
        if self.final_stage is None:
            return frozenset()
        by_stage: dict[int, set[int]] = {}
        triggers: dict[int, set[int]] = {}
        for reference in self.references:
            if reference.target_stage is not None:
                needs = triggers if reference.onbuild else by_stage
                needs.setdefault(reference.stage.index, set()).add(reference.target_stage.index)
        for stage in self.stages:
            if stage.base_stage is not None and stage.base_stage.index in triggers:
                by_stage.setdefault(stage.index, set()).update(triggers[stage.base_stage.index])
        seen: set[int] = set()
        waiting = [self.final_stage.index]
        while waiting:
            index = waiting.pop()
            if index not in seen:
                seen.add(index)
                waiting += by_stage.get(index, ())
        return frozenset(seen)


def build_model(
    dockerfile: Dockerfile, knowledge: KnowledgeBase, context: BuildContext | None = None, previous: Model | None = None
) -> Model:
    """The model of a tree, reusing what did not change since `previous`."""
    return Model(dockerfile, knowledge, context, previous=previous)


def _same(left: tuple[Instruction, ...], right: tuple[Instruction, ...]) -> bool:
    return len(left) == len(right) and all(a is b for a, b in zip(left, right, strict=True))
