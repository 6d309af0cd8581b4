"""What environment variables and working directories mean to the commands of a RUN."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from slimstage.syntax.nodes import Instruction

if TYPE_CHECKING:
    from slimstage.model import Stage

_OFF = ("", "0", "false", "no", "off")


def variable(stage: Stage, instruction: Instruction, name: str) -> str | None:
    """The text of an ENV or ARG in force at an instruction, variables in it as written; None when not set here."""
    found = stage.scope_at(instruction).lookup(name)
    if found is None:
        return None
    if isinstance(found.value, str):
        return found.value
    if found.instruction is not None:
        for pair in found.instruction.pairs:
            if pair.key.raw == name and pair.value is not None:
                return pair.value.raw
    return None


def is_set(stage: Stage, instruction: Instruction, *names: str) -> bool:
    """Whether any of these variables is set to something that means yes."""
    return any((variable(stage, instruction, name) or "").lower() not in _OFF for name in names)


def home(stage: Stage, instruction: Instruction) -> str:
    """The home folder of the user in force, by convention."""
    user = (stage.state_before(instruction).user or "root").partition(":")[0]
    return "/root" if user in ("root", "0") else posixpath.join("/home", user)


def virtual_environment(stage: Stage, instruction: Instruction) -> str | None:
    """The virtual environment that ENV puts first: VIRTUAL_ENV, or the first folder of PATH when it looks like one."""
    given = variable(stage, instruction, "VIRTUAL_ENV")
    path = variable(stage, instruction, "PATH") or ""
    first = path.strip("\"'").split(":")[0]
    if given is not None and given.startswith("/"):
        return given
    if first.startswith(("$VIRTUAL_ENV", "${VIRTUAL_ENV}")):
        return given
    if first.endswith("/bin") and re.search(r"env", first) and first.startswith("/"):
        return first.removesuffix("/bin")
    return None
