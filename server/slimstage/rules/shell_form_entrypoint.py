"""CMD or ENTRYPOINT in shell form: the shell is process 1, and signals do not reach the program."""

from __future__ import annotations

import json
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.runs import read_run
from slimstage.model.stages import DEFAULT_SHELL
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import lazy_pattern

_PLAIN = lazy_pattern(r"[^$|&;<>*?`~#(){}\[\]!\\\n]+")
_BUILTINS = frozenset(
    ". : alias bg builtin cd command echo eval exec exit export fg hash jobs let printf pwd read readonly return set "
    "shift source test times trap type ulimit umask unalias unset wait".split()
)


class ShellFormEntrypoint(Rule):
    """Silent after SHELL (somebody chose it) and for `exec program`; HEALTHCHECK is another thing."""

    id = "shell-form-entrypoint"
    severity = "info"
    aliases = ("JSONArgsRecommended", "DL3025")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction; the fix is offered for plain words."""
        for instruction in stage.instructions:
            if instruction.keyword not in ("CMD", "ENTRYPOINT") or instruction.form is not Form.SHELL:
                continue
            text = instruction.body.text
            if not text or text.startswith(("[", "exec ")) or stage.state_before(instruction).shell != DEFAULT_SHELL:
                continue
            words = _plain_words(instruction)
            fixes: tuple[Fix, ...] = ()
            if words is not None:
                new = json.dumps(words, ensure_ascii=False)
                place = Place(instruction, instruction.body.span(0, len(text)))
                fixes = (Fix("exec-form", (Edit(place, new),), Safety.SAFE, {"new": new}),)
            place = Place(instruction, instruction.keyword_span)
            message = "default" if fixes else "exec"
            yield Finding(self.id, place, message, {"instruction": instruction.keyword}, fixes=fixes)


def _plain_words(instruction: Instruction) -> list[str] | None:
    """The words of a single command without anything a shell is needed for."""
    text = instruction.body.text
    start, end = instruction.body.span(0, len(text))
    if _PLAIN.fullmatch(text) is None or "\n#" in instruction.text[start:end].replace(" ", "").replace("\t", ""):
        return None
    commands = read_run(instruction, DEFAULT_SHELL).commands
    if len(commands) != 1:
        return None
    command = commands[0].command
    words = [word.value for word in command.words]
    if command.assignments or command.redirects or not words or None in words or words[0] in _BUILTINS:
        return None
    return [word for word in words if word is not None]
