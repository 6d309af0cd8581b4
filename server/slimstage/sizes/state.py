"""What the walk knows of a stage's files at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from slimstage.model.flow import is_below
from slimstage.model.python import BaseFacts
from slimstage.sizes.apk import World
from slimstage.sizes.records import Part

if TYPE_CHECKING:
    from slimstage.context.ignore import VisibleContext
    from slimstage.model import Model


@dataclass(slots=True, frozen=True, eq=False)
class Surroundings:
    """What does not change during a walk. `machine` is "x86_64" or "aarch64"."""

    model: Model
    context: VisibleContext | None
    machine: str


@dataclass(slots=True, frozen=True, eq=False)
class Files:
    """The parts that lie in the file system, and what package managers would find there.

    `packages` are the Debian packages present, None when nobody knows them; `alpine` is what apk holds, None where
    there is no apk. `python` is the version of the Python
    that `pip` belongs to; `pip_ran` says whether its byte code has been written already.
    """

    facts: BaseFacts
    parts: tuple[Part, ...] = ()
    packages: frozenset[str] | None = None
    alpine: World | None = None
    python: str | None = None
    pip_ran: bool = False
    variables: frozenset[str] = frozenset()

    def with_parts(self, parts: Iterable[Part]) -> Files:
        """The files after an instruction added these."""
        new = tuple(parts)
        return replace(self, parts=(*self.parts, *new)) if new else self

    def without(self, path: str) -> Files:
        """The files after `path` was deleted."""
        left = tuple(part for part in self.parts if not lies_in(part.path, path))
        return self if len(left) == len(self.parts) else replace(self, parts=left)


def lies_in(path: str | None, folder: str) -> bool:
    """Whether a path is the folder or below it; False for an unknown path."""
    return path is not None and (path == folder or is_below(path, folder))
