"""A script in a heredoc of RUN that goes on after a command failed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.runs import Run
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.shell import SimpleCommand
from slimstage.syntax.nodes import Form, Place
from slimstage.text import Span, lazy_pattern

_NEVER_FAIL = frozenset({"echo", "printf", ":", "true", "export", "tr"})
_ERREXIT = lazy_pattern(r"-[a-z]*e[a-z]*")


class HeredocWithoutSetE(Rule):
    """Silent when `-e` stands anywhere, when `&&` joins all commands, and when nothing before the end can fail."""

    id = "heredoc-without-set-e"
    severity = "warning"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a RUN."""
        for run in stage.runs:
            instruction = run.instruction
            if len(instruction.heredocs) != 1 or instruction.form is not Form.SHELL or run.opaque:
                continue
            heredoc = instruction.heredocs[0]
            written = instruction.text[heredoc.marker_span.start : heredoc.marker_span.end]
            if not heredoc.terminated or instruction.body.text.strip() != written:
                continue
            shell = stage.state_before(instruction).shell
            if any(_ERREXIT.fullmatch(word) for word in shell[1:]) or not _may_hide_a_failure(run):
                continue
            first_line, _, _ = heredoc.content.partition("\n")
            at = heredoc.body_span.start
            line_end = "\r\n" if "\r\n" in instruction.text else "\n"
            if first_line.startswith("#!"):
                if " -" in first_line and "e" in first_line.rpartition(" -")[2]:
                    continue
                at = instruction.text.index("\n", at) + 1
            indent = re.match(r"[ \t]*(?=\S)", instruction.text[at:])
            new = f"{indent[0] if indent else ''}set -e{line_end}"
            fix = Fix("insert", (Edit(Place(instruction, Span(at, at)), new),), Safety.SAFE)
            yield Finding(self.id, Place(instruction, heredoc.marker_span), fixes=(fix,))


def _may_hide_a_failure(run: Run) -> bool:
    commands = [command for command, _ in run.commands]
    for command in commands:
        if command.name == "set" and any(
            _ERREXIT.fullmatch(word.raw) or word.value == "errexit" for word in command.words[1:]
        ):
            return False
    outer = [at for at, command in enumerate(commands) if at and command.guard == ";" and not command.context]
    if not outer:
        return False
    goes_on = any(command.context and command.context[0] != "substitution" for command in commands[outer[-1] + 1 :])
    return any(_may_fail(command) for command in commands[: outer[-1] + goes_on])


def _may_fail(command: SimpleCommand) -> bool:
    """Whether a failure can be missed: of a condition it cannot, plain assignments and what only prints have none."""
    if command.context and command.context[-1].endswith("condition"):
        return False
    return (bool(command.words) and command.name not in _NEVER_FAIL) or any(
        ">" in redirect.operator for redirect in command.redirects
    )
