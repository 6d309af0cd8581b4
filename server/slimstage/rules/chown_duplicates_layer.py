"""`RUN chown -R` over what an earlier layer holds stores all of it a second time."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.flow import is_below
from slimstage.model.runs import Run
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.leftovers import shipped_runs
from slimstage.shell import SimpleCommand
from slimstage.syntax.nodes import Instruction, LogicalText, Place
from slimstage.text import Span


class ChownDuplicatesLayer(Rule):
    """Advice, because how much is stored twice depends on files nobody sees here."""

    id = "chown-duplicates-layer"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a command."""
        for stage, run in shipped_runs(model):
            told: set[object] = set()  # a layer holds a file once, however often it is touched
            for command, text in run.commands:
                if command.name in ("chown", "chmod") and not command.context and _recursive(command):
                    for finding in self._check(stage, run, command, text):
                        if finding.args["path"] not in told:
                            told.add(finding.args["path"])
                            yield finding

    def _check(self, stage: Stage, run: Run, command: SimpleCommand, text: LogicalText) -> Iterable[Finding]:
        if any(word.raw.startswith(("--from", "--reference")) for word in command.words[1:]):
            return  # only what has a certain owner, or an owner that nobody sees here
        words = [word for word in command.words[1:] if not word.raw.startswith("-")]
        if len(words) < 2:
            return
        workdir = stage.state_before(run.instruction).workdir
        paths = []
        for word in words[1:]:
            if word.value is None or (not word.value.startswith("/") and workdir is None):
                return
            paths.append(posixpath.normpath(posixpath.join(workdir or "/", word.value)))
        writers = [
            (instruction, target)
            for instruction, target in _copies_before(stage, run.instruction)
            if any(target == path or is_below(target, path) for path in paths)
        ]
        if not writers:
            return
        owner = words[0].value
        fixes: tuple[Fix, ...] = ()
        only = len(run.commands) == 1 and command.name == "chown" and len(paths) == 1
        known = owner is not None and (owner.replace(":", "").isdigit() or _user_before(stage, owner, writers[0][0]))
        if only and known and owner is not None and all(item.flag("chown") is None for item, _ in writers):
            edits = [
                Edit(Place(run.instruction, Span(0, len(run.instruction.text))), f"RUN chown {owner} {paths[0]}\n")
            ]
            for item, _ in writers:
                end = item.keyword_span.end
                edits.append(Edit(Place(item, Span(end, end)), f" --chown={owner}"))
            fixes = (Fix("copy-chown", tuple(edits), args={"owner": owner}),)
        yield Finding(
            self.id,
            run.place(command.span, text),
            args={"command": command.name, "path": " ".join(paths)},
            fixes=fixes,
            related=tuple(Related(Place(item, item.keyword_span), "written") for item, _ in writers),
        )


def _recursive(command: SimpleCommand) -> bool:
    flags = [word.raw for word in command.words[1:] if word.raw.startswith("-")]
    return any(flag == "--recursive" or (not flag.startswith("--") and "R" in flag) for flag in flags)


def _copies_before(stage: Stage, before: Instruction) -> Iterable[tuple[Instruction, str]]:
    for instruction in stage.instructions[: stage.position(before)]:
        if instruction.keyword not in ("COPY", "ADD") or len(instruction.arguments) < 2:
            continue
        target = stage.expand(instruction.arguments[-1], instruction)
        workdir = stage.state_before(instruction).workdir
        if target is not None and (target.startswith("/") or workdir is not None):
            yield instruction, posixpath.normpath(posixpath.join(workdir or "/", target))


def _user_before(stage: Stage, owner: str, before: Instruction) -> bool:
    """Whether a RUN above the first COPY creates the user (COPY --chown looks names up in the image)."""
    user = owner.split(":", maxsplit=1)[0]
    for run in stage.runs:
        if stage.position(run.instruction) < stage.position(before):
            for command, _ in run.commands:
                if command.name in ("useradd", "adduser") and any(word.value == user for word in command.words):
                    return True
    return False
