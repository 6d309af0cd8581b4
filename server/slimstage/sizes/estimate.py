"""Bytes per instruction, stage and image: the walk over a model.

`estimate(model)` computes nothing twice: what an instruction adds is kept with it, as long as the files below it, the
stages it copies from and the build context are the same objects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from slimstage.context.ignore import visible_context
from slimstage.sizes import base, commands, files, transfer
from slimstage.sizes.records import (
    ImageEstimate,
    InstructionEstimate,
    Part,
    StageEstimate,
    estimate_of,
    total,
)
from slimstage.sizes.state import Surroundings

if TYPE_CHECKING:
    from slimstage.model import Model, Stage
    from slimstage.sizes.state import Files
    from slimstage.syntax.nodes import Instruction

__all__ = ["ImageEstimate", "InstructionEstimate", "Part", "StageEstimate", "estimate"]


def estimate(model: Model, platform: str | None = None) -> ImageEstimate | None:
    """What the image and every stage weigh; None without a stage to build.

    `platform` is "linux/amd64" by default.
    """
    final = model.final_stage
    if final is None:
        return None
    around = Surroundings(model, visible_context(model.context, model.name), _machine(platform))
    found: list[StageEstimate] = []
    for stage in model.stages:
        found.append(_of_stage(stage, around, found))
    return ImageEstimate(tuple(found), found[final.index])


def _machine(platform: str | None) -> str:
    return "aarch64" if platform is not None and ("arm64" in platform or "aarch64" in platform) else "x86_64"


def _of_stage(stage: Stage, around: Surroundings, before: list[StageEstimate]) -> StageEstimate:
    below = before[stage.base_stage.index] if stage.base_stage is not None else None
    first, state = base.start(stage, around, below)
    estimates: list[InstructionEstimate] = []
    for instruction in stage.instructions:
        made, state = _of_instruction(stage, instruction, state, around, before)
        estimates.append(made)
    kept: StageEstimate | None = stage.facts.get("estimate")
    if (
        kept is not None
        and kept.end is state
        and kept.base is first
        and len(kept.instructions) == len(estimates)
        and all(one is other for one, other in zip(kept.instructions, estimates, strict=True))
    ):
        return kept
    layers = [first, *estimates]
    result = StageEstimate(
        stage,
        first,
        tuple(estimates),
        total(one.disk for one in layers),
        total(one.download for one in layers),
        tuple(part for one in layers for part in one.unknown),
        state,
    )
    stage.facts["estimate"] = result
    return result


def _of_instruction(
    stage: Stage, instruction: Instruction, state: Files, around: Surroundings, before: list[StageEstimate]
) -> tuple[InstructionEstimate, Files]:
    source = transfer.source_of(stage, instruction, around, before)
    kept = instruction.facts.get("estimate")
    # What an instruction adds depends on these objects only: the state is a new one after every instruction, so it
    # stands for all of them before, variables and working directory included.
    files: object = source.end if isinstance(source, StageEstimate) else source
    label = source.stage.index if isinstance(source, StageEstimate) else None
    model = around.model
    inputs = (state, stage.globals, files, label, model.context, model.knowledge, around.machine)
    if kept is not None and all(one is other for one, other in zip(kept[0], inputs, strict=True)):
        return kept[1], kept[2]
    parts, after = _parts(stage, instruction, state, around, source)
    made = estimate_of(instruction, parts)
    after = after if after is not state else replace(after)
    instruction.facts["estimate"] = (inputs, made, after)
    return made, after


def _parts(
    stage: Stage,
    instruction: Instruction,
    state: Files,
    around: Surroundings,
    source: StageEstimate | transfer.Elsewhere | None,
) -> tuple[list[Part], Files]:
    if instruction.keyword == "RUN":
        return commands.run(stage, instruction, state, around)
    if instruction.keyword in ("COPY", "ADD"):
        if source is not None:
            parts = transfer.copied(stage, instruction, source, around)
        else:
            parts = files.copied(stage, instruction, around)
        return parts, state.with_parts(parts)
    return [], state
