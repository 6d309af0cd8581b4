"""A RUN that only changes its own shell: nothing of it is left for the next instruction."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.runs import Run
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.declare import keyword_like
from slimstage.shell.nodes import SimpleCommand
from slimstage.syntax.nodes import Form, Place
from slimstage.text import Span, lazy_pattern

_FLEETING = frozenset(("cd", "pushd", "export", "alias", "source", ".", "unset"))
_ASSIGNMENT = lazy_pattern(r"[A-Za-z_]\w*=[\w./:@%+,-]+")


class CdWithoutEffect(Rule):
    """Only when every command of the RUN is of that kind."""

    id = "cd-without-effect"
    severity = "warning"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a RUN, at its first command."""
        for run in stage.runs:
            if run.opaque or not run.commands or run.instruction.form is not Form.SHELL:
                continue
            if any(not _is_fleeting(command) for command, _ in run.commands):
                continue
            command, text = run.commands[0]
            fix = _fix(run, command)
            place = run.place(command.words[0].span, text)
            yield Finding(self.id, place, args={"command": command.name or ""}, fixes=() if fix is None else (fix,))


def _is_fleeting(command: SimpleCommand) -> bool:
    return command.name in _FLEETING and not command.redirects and not command.context


def _fix(run: Run, command: SimpleCommand) -> Fix | None:
    """WORKDIR or ENV for a single command with literal words."""
    instruction = run.instruction
    values = [word.value for word in command.words[1:]]
    if len(run.commands) != 1 or command.assignments or instruction.heredocs or instruction.flags or not values:
        return None
    text = instruction.body.text
    span = Span(instruction.keyword_span.start, instruction.body.span(0, len(text)).end)
    if command.name == "cd" and len(values) == 1 and re.fullmatch(r"/[\w./+-]*", values[0] or ""):
        new = f"{keyword_like(instruction, 'WORKDIR')} {values[0]}"
    elif command.name == "export" and all(_ASSIGNMENT.fullmatch(value or "") for value in values):
        new = f"{keyword_like(instruction, 'ENV')} {' '.join(value or '' for value in values)}"
    else:
        return None
    return Fix("replace", (Edit(Place(instruction, span), new),), args={"new": new})
