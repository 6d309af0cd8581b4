"""What a conversion is: the new text, the edits that make it, and why each was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from slimstage.sizes import Size
from slimstage.syntax.nodes import Place


class Change(NamedTuple):
    """Replace the text at `place` by `new`; `step` is the index of the reason in the conversion's steps."""

    place: Place
    new: str
    step: int


class Step(NamedTuple):
    """One thing done: texts `conversion.step.<key>.what` and `.why`, filled with `args`."""

    key: str
    args: Mapping[str, Any] = {}


class Conversion(NamedTuple):
    """A verified rewrite. `before` and `after` are what the whole image takes on disk, without the parts that nobody
    can size; None when the size of a base image is not known: `unknown` names it. `saving` may be known all the same,
    when both images stand on that base.
    """

    pattern: str
    text: str
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    before: Size | None = None
    after: Size | None = None
    likely: bool = False
    saving: Size | None = None
    unknown: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """Why no conversion is offered: text `conversion.refusal.<reason>`, filled with `args`."""

    reason: str
    args: Mapping[str, Any] = {}
    place: Place | None = None


class Refused(Exception):
    """Raised inside a planner to give up with a reason; never leaves `plan`."""

    def __init__(self, reason: str, place: Place | None = None, **args: Any) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, args, place)


class ConversionOptions(NamedTuple):
    """What a user may ask for. `builder_name` is the wanted name of the new stage; `force` ignores the gain.

    `base` is the family of the final image: "auto" the smallest that is safe, "keep" that of the original base,
    "distroless" or "alpine" where that is safe, a refusal elsewhere. `non_root` gives the container a user of its
    own, `cache_mounts` gives the builder's package managers their caches, `layered_jar` copies Spring Boot's jar as
    one layer a kind of content. `final_name` is what the final stage is called when that is not its own name,
    `NAMELESS` for none.
    """

    builder_name: str = "builder"
    force: bool = False
    base: str = "auto"
    non_root: bool = False
    cache_mounts: bool = False
    layered_jar: bool = False
    final_name: str = ""

    @classmethod
    def of(cls, wishes: Mapping[str, Any]) -> ConversionOptions:
        """The options that a user's settings name."""
        return cls(**{key: value for key, value in wishes.items() if key in WISHES})


NAMELESS = "\0"
BASES = ("auto", "keep", "distroless", "alpine")
WISHES = ("base", "non_root", "cache_mounts", "layered_jar")
