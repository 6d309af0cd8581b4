"""What the size engine says: parts of an instruction, instructions of a stage, stages of an image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from slimstage.sizes import NOTHING, Size

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.sizes.state import Files
    from slimstage.syntax.nodes import Instruction


class Part(NamedTuple):
    """One thing that an instruction adds, or that a base image holds.

    `what` is a message key below `size.part`, filled with `args`. `disk` are bytes in the image, `download` those
    bytes compressed as a registry keeps them; None is unknown, and then the part is only named. The files lie at or
    below `path` (absolute; None when they are spread or nobody knows). `origin` is the place in the build context
    they are a copy of, so that a part of them can be looked up.
    """

    what: str
    args: Mapping[str, Any] = {}
    disk: Size | None = None
    download: Size | None = None
    path: str | None = None
    origin: str | None = None


@dataclass(slots=True, frozen=True, eq=False)
class InstructionEstimate:
    """The layer of one instruction. Sums leave out what is unknown; `unknown` lists it."""

    instruction: Instruction
    parts: tuple[Part, ...]
    disk: Size
    download: Size
    unknown: tuple[Part, ...]

    @property
    def adds(self) -> bool:
        """Whether there is anything to show: bytes, or something unknown."""
        return bool(self.disk.high or self.unknown)


@dataclass(slots=True, frozen=True, eq=False)
class StageEstimate:
    """One stage as an image of its own: its base and its layers.

    `base` is the estimate of the FROM line, all layers of the stage below included. `end` are the files of the stage
    after its last instruction, for COPY --from and for the stages built on it.
    """

    stage: Stage
    base: InstructionEstimate
    instructions: tuple[InstructionEstimate, ...]
    disk: Size
    download: Size
    unknown: tuple[Part, ...]
    end: Files


@dataclass(slots=True, frozen=True, eq=False)
class ImageEstimate:
    """The image that ships, and every stage on the way to it."""

    stages: tuple[StageEstimate, ...]
    final: StageEstimate

    @property
    def disk(self) -> Size:
        """Bytes of the final image on disk, as image tools show it."""
        return self.final.disk

    @property
    def download(self) -> Size:
        """Bytes of the final image in a registry."""
        return self.final.download

    @property
    def unknown(self) -> tuple[Part, ...]:
        """What the sums do not hold."""
        return self.final.unknown

    def of(self, instruction: Instruction) -> InstructionEstimate | None:
        """The estimate of one instruction, FROM included; None for one that belongs to no stage."""
        for stage in self.stages:
            if stage.base.instruction is instruction:
                return stage.base
            for estimate in stage.instructions:
                if estimate.instruction is instruction:
                    return estimate
        return None


def total(sizes: Iterable[Size | None]) -> Size:
    """The sum of what is known; 0 bytes when nothing is."""
    result = NOTHING
    for size in sizes:
        if size is not None and (size.high or size.bytes):
            result = size if result is NOTHING else result + size
    return result


def estimate_of(instruction: Instruction, parts: Iterable[Part]) -> InstructionEstimate:
    """An instruction's estimate from its parts."""
    parts = tuple(parts)
    return InstructionEstimate(
        instruction,
        parts,
        total(part.disk for part in parts),
        total(part.download for part in parts),
        tuple(part for part in parts if part.disk is None),
    )


def scaled(size: Size, factor: float, low: float, high: float) -> Size:
    """A size derived from another by a ratio that is only known to lie between `low` and `high`."""
    return Size(round(size.bytes * factor), round(size.low * low), round(size.high * high), _weaker(size), size.sources)


def between(value: float, low: float, high: float, *sources: str) -> Size:
    """A stated assumption in bytes."""
    return Size(round(value), round(low), round(high), "assumed", sources)


def _weaker(size: Size) -> Any:
    return "assumed" if size.basis == "assumed" else "computed"
