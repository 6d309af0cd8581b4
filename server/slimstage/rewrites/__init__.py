"""Rewrites a file into a lean multi-stage one: a planner, not templates.

`plan` decides for each instruction of the final stage who needs it, the builder or the image that ships, and
writes that down with as few edits as possible. It offers nothing it did not check (`verify.py`), and says why
it refuses. Imports the model and sizes; rules import this room, never the other way round.
"""

from __future__ import annotations

from slimstage.model import Model, Stage
from slimstage.model.installed import installed_packages
from slimstage.model.python import base_facts
from slimstage.rewrites import node_static, python_pip
from slimstage.rewrites.conversion import Change, Conversion, ConversionOptions, Refusal, Refused, Step
from slimstage.rewrites.verify import failure
from slimstage.sizes import Size
from slimstage.sizes.packages import added_by_apt, apt_lists, image_size

__all__ = ["Change", "Conversion", "ConversionOptions", "Refusal", "Step", "plan"]

LEAST_BYTES = 20_000_000
LEAST_SHARE = 0.10
_DEVELOPMENT = ("dev", "devel", "develop", "development", "devcontainer", "test", "tests", "ci", "debug", "sdk")


def plan(model: Model, options: ConversionOptions | None = None) -> Conversion | Refusal:
    """The conversion of the stage that ships, or why there is none. Takes milliseconds, reads only the model."""
    options = options or ConversionOptions()
    try:
        return _plan(model, options)
    except Refused as refused:
        return refused.refusal


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
    planner: python_pip.Plan | node_static.Plan
    if node_static.applies(model, stage):
        pattern, planner = node_static.PATTERN, node_static.Plan(model, stage, options)
    elif python_pip.applies(model, stage):
        pattern, planner = python_pip.PATTERN, python_pip.Plan(model, stage, options)
    else:
        return Refusal("no-pattern", {}, stage.place())
    changes = planner.changes()
    text = _applied(model, changes)
    wrong = failure(model, text, new_server=pattern == node_static.PATTERN)
    if wrong is not None:
        return Refusal("verification", {"check": wrong}, stage.place())
    before, after = _sizes(model, planner) if isinstance(planner, python_pip.Plan) else planner.sizes()
    if before is not None and after is not None and not options.force:
        saved = before.high - after.low
        if saved < max(LEAST_BYTES, LEAST_SHARE * before.bytes):
            return Refusal("gain-too-small", {"saving": before - after}, stage.place())
    return Conversion(pattern, text, changes, tuple(planner.layout.steps), before, after, not planner.known)


def is_development(stage: Stage) -> bool:
    """Whether the stage's name says that its image is meant for development, tests or CI."""
    return (stage.name or "").lower() in _DEVELOPMENT


def _applied(model: Model, changes: tuple[Change, ...]) -> str:
    tree = model.dockerfile
    return tree.source.edited((tree.span_of(change.place), change.new) for change in changes).text


def _sizes(model: Model, planner: python_pip.Plan) -> tuple[Size | None, Size | None]:
    """Base image and distribution packages before and after; None where a figure is missing."""
    stage, knowledge = planner.stage, model.knowledge
    base, runtime = base_facts(stage, knowledge), planner.runtime
    image = stage.base_image
    if image is None or runtime is None:
        return None, None
    old = image_size(knowledge, image.repository, image.tag)
    new = old
    if planner.full_base and image.tag is not None:
        new = image_size(knowledge, image.repository, python_pip.slim_tag(image.tag))
    if old is None or new is None:
        return None, None
    if base.manager == "apt":
        packages = installed_packages(stage, knowledge)
        names = [package.name for package in packages]
        recommends = any(not package.operation.has("no-install-recommends") for package in packages)
        if names and not planner.full_base:
            added = added_by_apt(knowledge, base.release, names, recommends=recommends)
            if added is None:
                return None, None
            old = old + added
            lists = apt_lists(knowledge, base.release) if not _cleans_lists(stage) else None
            old = old + lists if lists is not None else old
        if runtime.names:
            kept = added_by_apt(knowledge, base.release, runtime.names, recommends=runtime.recommends)
            new = new + kept if kept is not None else new
    elif base.manager is not None and not planner.full_base:
        return None, None
    return old, new


def _cleans_lists(stage: Stage) -> bool:
    return any("/var/lib/apt/lists" in run.instruction.text for run in stage.runs)
