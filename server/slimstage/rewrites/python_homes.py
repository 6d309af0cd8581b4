"""Where pip installs when the file itself says so: a virtual environment that is first in PATH, or root's own folder.

Both are copied as they are, to the same path: scripts carry the path of the environment's interpreter, and the
interpreter that an environment points to lies at the same place in the slim image.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from slimstage.model.expansion import expand
from slimstage.model.python import PipInstall, is_uv_pip
from slimstage.model.runs import Run
from slimstage.rewrites.commands import Sorted
from slimstage.rewrites.conversion import Refused
from slimstage.shell.nodes import ShellWord

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.rewrites.python_pip import Plan
    from slimstage.syntax.nodes import Instruction

USER = "/root/.local"


class Environment(NamedTuple):
    """A virtual environment of the file's own, and the command that makes it."""

    path: str
    run: Run
    command: Sorted


_SHARED = ("/", "/usr", "/usr/local", "/opt", "/root", "/home")


def own_home(plan: Plan) -> str | None:
    """The folder that all products go to by the file's own will; None when it wants none. Raises `Refused`."""
    if plan.distribution or any(is_uv_pip(install.operation) for install in plan.products):
        return None
    made = _environment(plan)
    if made is not None:
        if not all(_goes_to(plan.stage, install, made) for install in plan.products):
            return None
        commands = plan.kinds[id(made.run.instruction)]
        plan.kinds[id(made.run.instruction)] = tuple(
            found._replace(kind="pip") if found is made.command else found for found in commands
        )
        return made.path
    asked = [install.operation.has("user") for install in plan.products]
    if not any(asked):
        return None
    first = plan.products[0]
    if (
        not all(asked)
        or plan.options.non_root
        or plan.is_shadowed
        or {"PYTHONUSERBASE", "HOME"} & set(plan.stage.definitions)
    ):
        raise Refused("install-location", first.run.place(first.operation.verb_span, first.text))
    return USER


def _environment(plan: Plan) -> Environment | None:
    """The one virtual environment that the stage makes, by a call without options; None for none or several."""
    found: list[Environment] = []
    for run in plan.stage.runs:
        for command in plan.kinds[id(run.instruction)]:
            words = command.item.command.words
            if [word.value for word in words[:3]] not in (["python", "-m", "venv"], ["python3", "-m", "venv"]):
                continue
            path = _value(plan.stage, words[3], run.instruction) if len(words) == 4 else None
            folder = plan.stage.state_before(run.instruction).workdir or "/"
            path = posixpath.normpath(posixpath.join(folder, path)) if path else None
            if path is None or path in _SHARED:
                return None
            found.append(Environment(path, run, command))
    return found[0] if len(found) == 1 else None


def _goes_to(stage: Stage, install: PipInstall, made: Environment) -> bool:
    """Whether an install goes to the environment: it is called from there, or found there first."""
    called = install.operation.command.words[0].value or ""
    path = made.path
    if stage.position(install.run.instruction) < stage.position(made.run.instruction):
        return False
    if "/" in called:
        return posixpath.dirname(called) == f"{path}/bin"
    item = install.run.instruction
    first: str | None = None
    for other in stage.instructions[: stage.position(item)]:
        for pair in other.pairs if other.keyword == "ENV" else ():
            if (pair.key.value or pair.key.raw) == "PATH" and pair.value is not None:
                start = pair.value.raw.strip("\"'").partition(":")[0]
                first = expand(start, stage.scope_at(item).value, stage.escape).value
    return first == f"{path}/bin"


def _value(stage: Stage, word: ShellWord, item: Instruction) -> str | None:
    """A shell's word, with the variables that the file sets."""
    if word.value is not None:
        return word.value
    return expand(word.raw.strip('"'), stage.scope_at(item).value, stage.escape).value
