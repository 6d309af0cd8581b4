"""What a rule is, what it finds, and how a finding offers a fix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from slimstage.syntax.nodes import Place

if TYPE_CHECKING:
    from slimstage.model import Model, Stage

Severity = Literal["error", "warning", "info", "hint", "off"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info", "hint", "off")


class Safety(str, Enum):
    """`SAFE` fixes are applied by `--fix` and fix-all; `CONFIRM` ones only when chosen."""

    SAFE = "safe"
    CONFIRM = "confirm"


class Edit(NamedTuple):
    """Replace the text at `place` by `new`; an empty span inserts."""

    place: Place
    new: str


class NewLines(NamedTuple):
    """Put `lines` behind a file of the build context, which is made when it is not there; `path` as in the context."""

    path: str
    lines: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Fix:
    """One way to mend a finding.

    `title` is a key of the rule's `fixes` texts in `knowledge/rules/<id>.yaml`, filled with
    `args`. `edits` do not overlap. A fix with `beside` changes another file instead and has no edits: never a
    safe one, since `--fix` writes nothing but the Dockerfile.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.CONFIRM
    args: Mapping[str, Any] = field(default_factory=dict)
    preferred: bool = True
    beside: NewLines | None = None


class LazyFix(Fix):
    """A fix whose edits cost too much to compute on every keystroke (a whole conversion).

    Read it like any `Fix`: `edits` runs `compute` once, when somebody first asks. Empty edits mean
    that there is no such fix after all (`Analysis.verified_fixes` drops it), so list titles only
    after verifying, or resolve the edits when the user chooses the action.
    """

    __slots__ = ("_compute", "_computed")

    def __init__(
        self,
        title: str,
        compute: Callable[[], tuple[Edit, ...]],
        safety: Safety = Safety.CONFIRM,
        args: Mapping[str, Any] | None = None,
        preferred: bool = True,
    ) -> None:
        super().__init__(title, (), safety, args or {}, preferred)
        object.__setattr__(self, "_compute", compute)
        object.__setattr__(self, "_computed", None)

    def __getattribute__(self, name: str) -> Any:
        if name != "edits":
            return object.__getattribute__(self, name)
        if object.__getattribute__(self, "_computed") is None:
            object.__setattr__(self, "_computed", object.__getattribute__(self, "_compute")())
        return object.__getattribute__(self, "_computed")


class Related(NamedTuple):
    """Another place that explains the finding; `label` is a key of the rule's `labels` texts."""

    place: Place
    label: str
    args: Mapping[str, Any] = {}


class Finding(NamedTuple):
    """What a rule found. `message` is a key of the rule's `messages` texts, filled with `args`.

    `aliases` are the names under which other tools know this variant (`DL3006`); `severity` None
    means the rule's own. `tags` holds "unnecessary" or "deprecated", as editors draw them.
    """

    rule: str
    place: Place
    message: str = "default"
    args: Mapping[str, Any] = {}
    severity: Severity | None = None
    aliases: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    related: tuple[Related, ...] = ()
    tags: tuple[str, ...] = ()


class Rule:
    """Base of all rules: one file each, registered by `slimstage.rules.ALL_RULES`.

    `hides` marks a fault behind which others cannot look: a fix of it may uncover errors that were there all along.
    `plans` marks a rule that plans a whole conversion and whose findings are never errors unless the user says so:
    whether another rule's fix holds is told without it.

    Exactly one of the two methods is overridden. `check_stage` sees one stage and what that stage
    is built on; its findings are cached with the stage, so it must not look at later stages or at
    whether the stage ships (`check` does that). `check` sees the whole model on every edit.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity]
    aliases: ClassVar[tuple[str, ...]] = ()
    hides: ClassVar[bool] = False
    plans: ClassVar[bool] = False

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """Findings that depend on this stage, its base stages and the global scope only."""
        return ()

    def check(self, model: Model) -> Iterable[Finding]:
        """Findings that depend on the whole file."""
        return ()
