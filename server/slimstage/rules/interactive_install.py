"""A package install that asks, where nobody answers."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.nodes import Place
from slimstage.text import Span

_ALIASES = {"apt": "DL3014", "yum": "DL3030", "zypper": "DL3034", "dnf": "DL3038"}
_YES = ("yes", "assumeyes", "assume-yes", "non-interactive", "no-confirm", "force-yes", "simulate", "dry-run")


class InteractiveInstall(Rule):
    """Silent where something answers: `yes |`, an apt option or a configuration with Assume-Yes."""

    id = "interactive-install"
    severity = "error"
    aliases = ("DL3014", "DL3030", "DL3034", "DL3038")

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a call."""
        answered: bool | None = None
        for run in stage.runs:
            for operation, text in run.operations:
                manager = operation.manager
                if manager not in ("apt", "dnf", "zypper") or operation.action != "install" or not operation.packages:
                    continue
                names = {word.value for word in operation.command.words[:6]}
                if "microdnf" in names or operation.has(*_YES) or operation.command.guard == "|":
                    continue
                if manager == "apt" and len(operation.options.get("quiet", ())) > 1:
                    continue  # -qq means yes
                if answered is None:
                    answered = _is_answered(stage)
                if answered:
                    continue
                edit, new = _edit(run.place(operation.verb_span, text), manager == "zypper")
                program = "yum" if "yum" in names else manager
                yield Finding(
                    self.id,
                    run.place(operation.verb_span, text),
                    args={"option": new, "manager": "apt-get" if program == "apt" else program},
                    aliases=(_ALIASES[program],),
                    fixes=(Fix("insert", (edit,), Safety.SAFE, {"option": new}),),
                )


def _edit(verb: Place, before: bool) -> tuple[Edit, str]:
    """Where the option goes, before or behind the verb, and the option; an item of its own in the exec form."""
    item, (start, end) = verb
    option = "--non-interactive" if before else "-y"
    quoted = f'"{option}"' if item.text[start] == '"' else option
    comma = "," if quoted != option else ""
    if before:
        return Edit(Place(item, Span(start, start)), f"{quoted}{comma} "), option
    return Edit(Place(item, Span(end, end)), f"{comma} {quoted}"), option


def _is_answered(stage: Stage) -> bool:
    """Whether some instruction of the lineage configures the package manager to say yes."""
    for below in stage.lineage:
        for instruction in below.instructions:
            text = instruction.text.lower()
            if "assume-yes" in text or "assumeyes" in text:
                return True
            if instruction.keyword in ("COPY", "ADD") and any(
                (word.value or "").startswith(("/etc/apt", "/etc/dnf", "/etc/yum", "/etc/zypp"))
                for word in instruction.arguments[-1:]
            ):
                return True
    return False
