"""Checks a rewritten file against the one it came from, before anybody sees it."""

from __future__ import annotations

from collections import Counter

from slimstage.model import Model, Stage
from slimstage.rewrites.second_opinion import agrees
from slimstage.syntax import parse
from slimstage.syntax.nodes import Comment, Dockerfile, Instruction

_METADATA = ("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "USER", "VOLUME")


def rewritten(model: Model, text: str) -> Model:
    """The meaning of a rewrite of a file; the last one is kept, since the checks, the gain and the rules all ask."""
    kept: tuple[str, Model] | None = model.facts.get("rewritten")
    if kept is None or kept[0] != text:
        kept = model.facts["rewritten"] = text, model.of(parse(text))
    return kept[1]


def failure(
    before: Model,
    after_text: str,
    *,
    new_server: bool = False,
    new_command: str = "",
    new_user: bool = False,
    new_entrypoint: bool = False,
) -> str | None:
    """What is wrong with a rewrite of `before`, as a short code, or None when nothing is.

    Checked: it parses without new problems, a second parser reads the same instructions, no comment is lost, and
    the shipped image starts the same way (metadata, variables, working folder, user, shell). With `new_server`
    another program takes over on purpose: then CMD, variables and folder may differ. `new_command` is the keyword of
    the start that is written anew on purpose; with `new_user` root gives way to a user of its own, with
    `new_entrypoint` the one of the final base is cleared.
    """
    after = rewritten(before, after_text)
    tree = after.dockerfile
    if _problems(tree) - _problems(before.dockerfile):
        return "problems"
    if agrees(tree) is False and agrees(before.dockerfile) is not False:
        return "second-opinion"
    old, new = before.final_stage, after.final_stage
    if old is None or new is None:
        return "no-stage"
    lists = before.knowledge.conversions.values()
    build_only = frozenset(
        name for names in lists for name in (*names.get("build-variables", ()), *names.get("restated-variables", ()))
    )
    left_out = (new_command, *(("CMD",) if new_server else ()), *(("USER",) if new_user else ()))
    cleared = ("ENTRYPOINT", "ENTRYPOINT []") if new_entrypoint else None
    if [item for item in _metadata(old) if item[0] not in left_out] != [
        item for item in _metadata(new) if item[0] not in left_out and item != cleared
    ]:
        return "metadata"
    if not new_server and _environment(old, build_only) != _environment(new, build_only):
        return "environment"
    user = new.final_state.user if new_user else old.final_state.user
    if not new_server and old.final_state._replace(user=user) != new.final_state:
        return "state"
    if _dangling(after):
        return "dangling-reference"
    return None


def lost_comments(before: Dockerfile, after: Dockerfile) -> Counter[str]:
    """The comments that a rewrite lost."""
    return _comments(before) - _comments(after)


def _comments(tree: Dockerfile) -> Counter[str]:
    return Counter(item.content for item in tree.items if isinstance(item, Comment))


def _problems(tree: Dockerfile) -> Counter[str]:
    return Counter(problem.code for item in tree.items for problem in item.problems)


def _metadata(stage: Stage) -> list[tuple[str, str]]:
    """The instructions that say how the container runs; of those that replace each other the last."""
    found: list[tuple[str, str]] = []
    for keyword in _METADATA:
        texts = [_normal(item) for item in _instructions(stage) if item.keyword == keyword]
        if keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "USER"):
            texts = texts[-1:]
        found += [(keyword, text) for text in texts]
    return found


def _instructions(stage: Stage) -> list[Instruction]:
    """What makes the stage, with the stages of this file that it is built on."""
    return [item for one in reversed(stage.lineage) for item in one.instructions]


def _normal(item: Instruction) -> str:
    return " ".join(item.text.split())


def _environment(stage: Stage, build_only: frozenset[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in _instructions(stage):
        if item.keyword == "ENV":
            for pair in item.pairs:
                name = pair.key.value or pair.key.raw
                # How a package manager or compiler works does not matter at run time; PATH grows by the environment.
                if name not in build_only and not name.startswith("PIP_") and name != "PATH":
                    values[name] = pair.value.raw if pair.value is not None else ""
    return values


def _dangling(model: Model) -> bool:
    return any(
        reference.kind == "copy" and reference.target in ("forward", "self", "index-out-of-range")
        for reference in model.references
    )
