"""One call of a language's package manager in a RUN, and where it happens."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimstage.context.node_locks import NodePlatform
from slimstage.model.python import context_path
from slimstage.sizes.python import Platform
from slimstage.sizes.state import Files, Surroundings

if TYPE_CHECKING:
    from slimstage.knowledge import KnowledgeBase
    from slimstage.model import Stage
    from slimstage.model.packages import PackageOperation
    from slimstage.model.runs import Run, RunOperation
    from slimstage.syntax.nodes import Instruction

_ALPINE_PYTHON = {"3.18": "3.11", "3.19": "3.11", "3.20": "3.12", "3.21": "3.12", "3.22": "3.12"}
_DEBIAN_PYTHON = {
    "buster": "3.7",
    "bullseye": "3.9",
    "bookworm": "3.11",
    "trixie": "3.13",
    "jammy": "3.10",
    "noble": "3.12",
}


@dataclass(slots=True, frozen=True)
class Call:
    """`one` is what is called, `state` the files before the RUN, `folder` the working directory at that moment."""

    stage: Stage
    run: Run
    one: RunOperation
    state: Files
    around: Surroundings
    folder: str | None

    @property
    def operation(self) -> PackageOperation:
        """The manager, its verb, options and packages."""
        return self.one.operation

    @property
    def instruction(self) -> Instruction:
        """The RUN."""
        return self.run.instruction

    @property
    def knowledge(self) -> KnowledgeBase:
        """What is known of packages."""
        return self.around.model.knowledge

    def file(self, name: str) -> str | None:
        """The context's file that lies at a path, seen from the working directory of the call."""
        seen = posixpath.join(self.folder, name) if self.folder is not None else name
        return context_path(self.stage, self.around.model, self.instruction, seen)

    @property
    def node_platform(self) -> NodePlatform:
        """Where Node's packages land."""
        return NodePlatform("arm64" if self.around.machine == "aarch64" else "x64", self.state.facts.libc or "glibc")

    @property
    def platform(self) -> Platform:
        """Where Python's packages land."""
        state = self.state
        python = state.python
        if python is None and state.packages is not None and "python3" in state.packages:
            python = _DEBIAN_PYTHON.get(state.facts.release or "")
        table = self.knowledge.alpine if state.alpine is not None else None
        if python is None and state.alpine is not None and table and "python3" in state.alpine.installed(table):
            python = _ALPINE_PYTHON.get(state.facts.release or "")
        return Platform(python, state.facts.libc or "glibc", self.around.machine)
