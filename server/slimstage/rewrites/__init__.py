"""Rewrites a file into a lean multi-stage one: a planner, not templates.

`plan` decides for each instruction of the final stage who needs it, the builder or the image that ships, and
writes that down with as few edits as possible. It offers nothing it did not check (`verify.py`), and says why
it refuses. Imports the model and sizes; rules import this room, never the other way round.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from slimstage.rewrites.conversion import (
    NAMELESS,
    Change,
    Conversion,
    ConversionOptions,
    Refusal,
    Refused,
    Step,
)
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.model import Model, Stage
    from slimstage.rewrites import node_static, python_pip, split
    from slimstage.rewrites.layout import Layout
    from slimstage.sizes import Size
    from slimstage.sizes.records import ImageEstimate

    Planner = python_pip.Plan | node_static.Plan | split.SplitPlan

__all__ = ["Change", "Conversion", "ConversionOptions", "Refusal", "Step", "plan"]


class Ecosystem(Protocol):
    """A module of this room: the knowledge base's pattern, whether it has a say about a stage, and its plan."""

    PATTERN: str

    def applies(self, model: Model, stage: Stage) -> bool:
        """Whether the stage builds what this module knows."""

    def Plan(self, model: Model, stage: Stage, options: ConversionOptions) -> Planner:  # noqa: N802  (a class there)
        """The plan for the stage; raises `Refused`."""


# The first that applies has the say. By name, since most files are checked without ever planning a conversion.
ECOSYSTEMS = (
    "node_static",
    "node_server",
    "shipped",
    "go",
    "java",
    "dotnet",
    "python_managers",
    "python_pip",
    "php_composer",
    "ruby_bundler",
    "native",
)
LEAST_BYTES = 20_000_000
LEAST_SHARE = 0.10
_NAME_ENDS = lazy_pattern(r"[._-]")  # Dockerfile.dev, dev.Dockerfile, Dockerfile-dev
_WORKSPACE = lazy_pattern(r"(?:^|/)(?:vscode/)?devcontainers/|^gitpod/workspace-")
_DEVELOPMENT = frozenset(
    "dev devel develop development devcontainer dev-container dev-env dev-envs test tests ci debug sdk".split()
)


def plan(model: Model, options: ConversionOptions | None = None) -> Conversion | Refusal:
    """The conversion of the stage that ships, or why there is none. Takes milliseconds, reads only the model.

    Kept with the model: a rule, the editor's list of actions and the report all ask.
    """
    options = options or ConversionOptions.of(model.wishes)
    found: Conversion | Refusal | None = model.facts.get(options)
    if found is None:
        try:
            found = _plan(model, options)
        except Refused as refused:
            found = refused.refusal
        model.facts[options] = found
    return found


def _plan(model: Model, options: ConversionOptions) -> Conversion | Refusal:
    stage = model.final_stage
    if stage is None:
        return Refusal("no-stage")
    if stage is not model.stages[-1]:
        return Refusal("target-not-last", {"stage": stage.label}, stage.place())
    if is_development(stage):
        return Refusal("development-image", {"stage": stage.label}, stage.place())
    if any(item.problems for item in model.dockerfile.items):
        return Refusal("problems")
    if stage.base_stage is not None:
        found = _plan_merged(model, stage, options)
        if found is not None:
            return found
    kind = next((kind for kind in ecosystems() if kind.applies(model, stage)), None)
    if kind is None and options.layered_jar:
        from slimstage.rewrites import java_layers

        if java_layers.applies(model, stage):
            kind, options = java_layers, options._replace(force=True)  # it is for pulls, not for the size
    if kind is None:
        from slimstage.rewrites.reasons import no_pattern

        return no_pattern(model, stage)
    from slimstage.rewrites import node_static
    from slimstage.rewrites.verify import failure

    pattern, planner = kind.PATTERN, kind.Plan(model, stage, options)
    try:
        changes = planner.changes()
    except Refused as refused:
        from slimstage.rewrites.reasons import weightier

        return weightier(model, stage, refused.refusal)
    if not _is_as_asked(model, planner.layout):
        return Refusal("base-not-possible", {"base": options.base}, stage.place())
    text = _applied(model, changes)
    wrong = failure(
        model,
        text,
        new_server=pattern == node_static.PATTERN,
        new_command=planner.new_command,
        new_user=planner.layout.new_user,
        new_entrypoint=planner.layout.new_entrypoint,
    )
    if wrong is not None:
        return Refusal("verification", {"check": wrong}, stage.place())
    gain = gain_of(model, text)
    if gain.saving is not None and gain.complete and not options.force:
        share = LEAST_SHARE * gain.before.bytes if gain.before is not None else 0
        if gain.saving.bytes < max(LEAST_BYTES, share):
            return Refusal("gain-too-small", {"saving": gain.saving}, stage.place())
    steps, likely = tuple(planner.layout.steps), not planner.known
    return Conversion(pattern, text, changes, steps, gain.before, gain.after, likely, gain.saving, gain.unknown)


def _plan_merged(model: Model, stage: Stage, options: ConversionOptions) -> Conversion | Refusal | None:
    """What is planned for the final stage and the one it is built on as if they were one; None when they are not."""
    from slimstage.rewrites.chains import merged

    chain = merged(model, stage)
    if chain is None:
        return None
    name = options.final_name or (stage.name_word.raw if stage.name_word is not None else "")
    found = plan(chain.model, options._replace(final_name=name or NAMELESS))
    if isinstance(found, Refusal):
        return found._replace(place=chain.place(found.place) if found.place is not None else None)
    steps = (*found.steps, Step("merge-stages", {"stage": stage.image_text}))
    changes = chain.changes(found.changes, len(steps) - 1)
    if _applied(model, changes) != found.text:
        return Refusal("verification", {"check": "chain"}, stage.place())
    return found._replace(changes=changes, steps=steps)


def ecosystems() -> tuple[Ecosystem, ...]:
    """The modules of `ECOSYSTEMS`, imported when first asked for."""
    return tuple(cast("Ecosystem", import_module(f"{__name__}.{name}")) for name in ECOSYSTEMS)


def _is_as_asked(model: Model, layout: Layout) -> bool:
    """Whether the final image is of the family that the user asked for."""
    from slimstage.rewrites.wishes import family

    base, image = layout.options.base, layout.final_image or layout.stage.image_text
    if base == "auto":
        return True
    wanted = family(model, layout.stage.image_text) if base == "keep" else base
    return wanted is not None and family(model, image) == wanted


def is_development(stage: Stage) -> bool:
    """Whether the stage's name says that its image is meant for development, tests or CI."""
    return (stage.name or "").lower() in _DEVELOPMENT


def ships_for_development(model: Model) -> bool:
    """Whether the image is a place to develop or test in, by its stage, its file's name and folder, or its base."""
    final = model.final_stage
    if final is None:
        return False
    if is_development(final):
        return True
    *folders, name = model.path.lower().split("/")
    if ".devcontainer" in folders or not _DEVELOPMENT.isdisjoint(_NAME_ENDS.split(name)):
        return True
    base = final.lineage[-1].image
    return base is not None and _WORKSPACE.search(base.repository) is not None


def _applied(model: Model, changes: tuple[Change, ...]) -> str:
    tree = model.dockerfile
    return tree.source.edited((tree.span_of(change.place), change.new) for change in changes).text


class Gain(NamedTuple):
    """What the image weighs before and after, on disk; None where the base of either is not known, and `unknown` names
    that base. `complete` is False when the gain is a lower bound: system packages that nobody can size are among what
    goes, or modules that only one image holds.
    """

    before: Size | None
    after: Size | None
    saving: Size | None
    complete: bool
    unknown: tuple[str, ...]


def gain_of(model: Model, text: str) -> Gain:
    """What a rewrite saves.

    Parts that nobody can size are missing in both: they are the application's, which both images hold. A base that
    both stand on cancels out, known or not.
    """
    from slimstage.model.installed import SYSTEM_MANAGERS
    from slimstage.rewrites.verify import rewritten
    from slimstage.sizes.estimate import estimate

    images = estimate(model), estimate(rewritten(model, text))
    if images[0] is None or images[1] is None:
        return Gain(None, None, None, False, ())
    bases = [[part for part in image.final.unknown if part.what == "base"] for image in images if image is not None]
    before, after = (
        None if base else image.final.disk for image, base in zip(images, bases, strict=True) if image is not None
    )
    left, kept = images[0].final.unknown, images[1].final.unknown
    modules = [sum(p.what in ("lock-missing", "packages") for p in parts) for parts in (left, kept)]
    system = any(p.what.startswith("package") and p.args.get("manager") in SYSTEM_MANAGERS for p in left)
    saving = before - after if before is not None and after is not None else None
    if images[0].final.stage.root.image_text == images[1].final.stage.root.image_text:
        saving = _layers(images[0]) - _layers(images[1])
    unknown = tuple(dict.fromkeys(str(part.args.get("image", "")) for parts in bases for part in parts))
    return Gain(before, after, saving, not system and modules[0] <= modules[1], unknown)


def _layers(image: ImageEstimate) -> Size:
    """What a file's own instructions add to the image that ships, without the base below them."""
    from slimstage.sizes.records import total

    lineage = {id(stage) for stage in image.final.stage.lineage}
    return total(one.disk for stage in image.stages if id(stage.stage) in lineage for one in stage.instructions)
