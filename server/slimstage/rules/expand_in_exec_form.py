"""A variable in the exec form: no shell is there to expand it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.shell.dialect import program_name
from slimstage.syntax.nodes import Form, Place, Word
from slimstage.text import Span, lazy_pattern

_VARIABLE = lazy_pattern(r"\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})")
_PLAIN = lazy_pattern(r"[\w./:=@%+,-]*")
_EXPANDS = frozenset("sh bash ash dash zsh ksh busybox pwsh powershell cmd cmd.exe eval envsubst awk sed perl".split())


class ExpandInExecForm(Rule):
    """Silent for shells, for programs with variables of their own, and for a CMD that an ENTRYPOINT reads."""

    id = "expand-in-exec-form"
    severity = "warning"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction, at its first such item."""
        for instruction in stage.instructions:
            if instruction.keyword not in ("CMD", "ENTRYPOINT", "RUN") or instruction.form is not Form.JSON:
                continue
            words = instruction.arguments
            values = [word.value or "" for word in words]
            found = next((word for word in words if _VARIABLE.search(word.value or "")), None)
            if found is None or "-c" in values or any(program_name(value) in _EXPANDS for value in values):
                continue
            if instruction.keyword == "CMD" and stage.inherited_last("ENTRYPOINT") is not None:
                continue
            match = _VARIABLE.search(found.value or "")
            name = match[0] if match is not None else ""
            fixes: tuple[Fix, ...] = ()
            script = _script(words)
            if script is not None:
                span = Span(instruction.body.to_item(0), words[-1].span.end)
                closing = instruction.text.find("]", span.end)
                if closing >= 0:
                    new = json.dumps(["sh", "-c", script], ensure_ascii=False)
                    edit = Edit(Place(instruction, Span(span.start, closing + 1)), new)
                    fixes = (Fix("shell", (edit,), args={"new": new}),)
            yield Finding(self.id, Place(instruction, found.span), args={"variable": name}, fixes=fixes)


def _script(words: tuple[Word, ...]) -> str | None:
    parts = ["exec"]
    for word in words:
        value = word.value or ""
        if not value or _PLAIN.fullmatch(_VARIABLE.sub("", value)) is None:
            return None
        parts.append(f'"{value}"' if "$" in value else value)
    return " ".join(parts)
