"""Stages: what each is built on, what its instructions see, and what they refer to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from slimstage.model.expansion import expand
from slimstage.model.images import ImageReference, parse_image
from slimstage.model.runs import Run, read_run
from slimstage.model.scopes import Definition, GlobalScope, Scope, stage_definitions
from slimstage.syntax.nodes import Form, Instruction, Place, Word
from slimstage.text import Span

DEFAULT_SHELL = ("/bin/sh", "-c")


class StageState(NamedTuple):
    """What WORKDIR, USER and SHELL amount to before an instruction; None when not known here."""

    workdir: str | None
    user: str | None
    shell: tuple[str, ...]


@dataclass(slots=True, frozen=True, eq=False)
class RawReference:
    """A stage or image named by an instruction, not yet looked up; `text` is None when it holds variables."""

    kind: Literal["copy", "mount"]
    instruction: Instruction  # the item, even when an ONBUILD trigger holds the reference
    span: Span
    text: str | None
    onbuild: bool = False


class Stage:
    """One FROM and what follows it. Stages are reused between versions of a document, so nothing here
    may depend on later stages; `Model` knows what refers to a stage and whether it ships.
    """

    def __init__(
        self,
        index: int,
        instruction: Instruction,
        instructions: tuple[Instruction, ...],
        earlier: Mapping[str, Stage],
        global_scope: GlobalScope,
        build_args: Mapping[str, str],
        escape: str,
    ) -> None:
        self.index = index
        self.instruction = instruction
        self.instructions = instructions
        self.globals = global_scope
        self.escape = escape
        self.facts: dict[str, Any] = {}
        words = instruction.arguments
        self.image_word: Word | None = words[0] if words else None
        self.name_word: Word | None = words[2] if len(words) >= 3 and words[1].raw.lower() == "as" else None
        self.image_text: str | None = None
        if self.image_word is not None:
            self.image_text = expand(self.image_word.raw, global_scope.value, escape).value
        # BuildKit lower-cases the name after AS but not the one FROM asks for: `FROM Builder` is an image.
        self.base_stage: Stage | None = earlier.get(self.image_text) if self.image_text else None
        # The last of the lineage: the stage that names an image.
        self.root: Stage = self if self.base_stage is None else self.base_stage.root
        self.definitions: dict[str, list[tuple[int, Definition]]] = {}
        stage_definitions(self, instructions, build_args, escape)

    @property
    def name(self) -> str | None:
        """The name after AS, as written, or None."""
        return self.name_word.raw if self.name_word else None

    @property
    def label(self) -> str:
        """What to call the stage: its name, or its index."""
        return self.name or str(self.index)

    @cached_property
    def image(self) -> ImageReference | None:
        """The base image named by FROM; None for a stage, a variable nobody knows, or a bad reference."""
        if self.base_stage is not None or not self.image_text:
            return None
        return parse_image(self.image_text)

    @property
    def lineage(self) -> tuple[Stage, ...]:
        """This stage, the stage it is built on, and so on."""
        chain: list[Stage] = []
        stage: Stage | None = self
        while stage is not None:
            chain.append(stage)
            stage = stage.base_stage
        return tuple(chain)

    @property
    def base_image(self) -> ImageReference | None:
        """The external image below the whole lineage, or None when it is not known."""
        return self.root.image

    @property
    def is_scratch(self) -> bool:
        """Whether FROM names the empty image."""
        return self.image_text == "scratch" and self.base_stage is None

    @property
    def platform(self) -> str | None:
        """The raw value of FROM --platform, or None."""
        flag = self.instruction.flag("platform")
        return flag.value if flag else None

    @cached_property
    def _positions(self) -> dict[int, int]:
        return {id(instruction): at for at, instruction in enumerate(self.instructions)}

    def position(self, instruction: Instruction) -> int:
        """The instruction's position in the stage; -1 for its FROM. KeyError for a stranger."""
        return -1 if instruction is self.instruction else self._positions[id(instruction)]

    def scope_at(self, instruction: Instruction) -> Scope:
        """The variables `instruction` sees (those defined before it)."""
        return Scope(self, self.position(instruction))

    def expand(self, word: Word, instruction: Instruction) -> str | None:
        """A word's value at `instruction`, or None when it is not known before the build."""
        if word.value is not None and not word.variables:
            return word.value
        return expand(word.raw, self.scope_at(instruction).value, self.escape).value

    @cached_property
    def _states(self) -> tuple[StageState, ...]:
        """The state before each instruction, and after the last one."""
        if self.base_stage is not None:
            # From the root up, so that a long chain of stages costs no Python stack.
            waiting: list[Stage] = []
            below: Stage | None = self.base_stage
            while below is not None and "_states" not in below.__dict__:
                waiting.append(below)
                below = below.base_stage
            for stage in reversed(waiting):
                state = stage.final_state
            state = self.base_stage.final_state
        else:
            state = StageState("/" if self.is_scratch else None, None, DEFAULT_SHELL)
        states = [state]
        for instruction in self.instructions:
            if instruction.keyword == "WORKDIR" and instruction.arguments:
                path = self.expand(instruction.arguments[0], instruction)
                if path is not None and not path.startswith("/"):
                    path = posixpath.join(state.workdir, path) if state.workdir is not None else None
                workdir = "/" + posixpath.normpath(path).lstrip("/") if path else path
                state = StageState(workdir, state.user, state.shell)
            elif instruction.keyword == "USER" and instruction.arguments:
                state = StageState(state.workdir, self.expand(instruction.arguments[0], instruction), state.shell)
            elif instruction.keyword == "SHELL" and instruction.form is Form.JSON:
                shell = tuple(word.value or word.raw for word in instruction.arguments)
                state = StageState(state.workdir, state.user, shell or state.shell)
            states.append(state)
        return tuple(states)

    def state_before(self, instruction: Instruction) -> StageState:
        """WORKDIR, USER and SHELL as `instruction` finds them."""
        return self._states[max(self.position(instruction), 0)]

    @property
    def final_state(self) -> StageState:
        """WORKDIR, USER and SHELL at the stage's end."""
        return self._states[-1]

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Every RUN of this stage, read by the shell it names."""
        return tuple(
            read_run(instruction, self.state_before(instruction).shell)
            for instruction in self.instructions
            if instruction.keyword == "RUN"
        )

    @cached_property
    def raw_references(self) -> tuple[RawReference, ...]:
        """What COPY/ADD --from= and RUN --mount=from= name, in order."""
        return tuple(reference for instruction in self.instructions for reference in _references(instruction))

    def last(self, keyword: str) -> Instruction | None:
        """The last instruction with that keyword in this stage, or None."""
        return next((item for item in reversed(self.instructions) if item.keyword == keyword), None)

    def inherited_last(self, keyword: str) -> tuple[Stage, Instruction] | None:
        """The instruction in force at the end: this stage's last one, or its base stage's."""
        for stage in self.lineage:
            found = stage.last(keyword)
            if found is not None:
                return stage, found
        return None

    def place(self) -> Place:
        """The place to point at when the stage itself is meant: its name, else its image, else FROM."""
        word = self.name_word or self.image_word
        return Place(self.instruction, word.span if word else self.instruction.keyword_span)


def _references(instruction: Instruction) -> tuple[RawReference, ...]:
    cached = instruction.facts.get("references")
    if cached is None:
        cached = instruction.facts["references"] = tuple(_find_references(instruction))
    return cached


def _find_references(item: Instruction) -> Iterator[RawReference]:
    instruction = item
    onbuild = item.keyword == "ONBUILD" and item.inner is not None
    if onbuild and item.inner is not None:
        instruction = item.inner
    if instruction.keyword in ("COPY", "ADD"):
        flag = instruction.flag("from")
        if flag is not None and flag.value and flag.value_span is not None:
            text = None if flag.variables else flag.value
            yield RawReference("copy", item, flag.value_span, text, onbuild)
    elif instruction.keyword == "RUN":
        for flag in instruction.flags:
            option = flag.option("from") if flag.name == "mount" else None
            if option is not None and option.value and option.value_span is not None:
                text = None if "$" in option.value else option.value
                yield RawReference("mount", item, option.value_span, text, onbuild)
