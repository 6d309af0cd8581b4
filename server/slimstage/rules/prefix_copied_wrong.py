"""What pip installed to a prefix is copied to a folder the final interpreter does not look in."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.python import base_facts
from slimstage.rules.base import Edit, Finding, Fix, Rule
from slimstage.rules.copied_products import builder_installs, install_target, stage_copies
from slimstage.syntax.nodes import Place

_PREFIX = "/usr/local"  # sys.prefix of python:* images


class PrefixCopiedWrong(Rule):
    """Only for python:* images, whose prefix is known; silent when PYTHONPATH or PYTHONHOME is set."""

    id = "prefix-copied-wrong"
    severity = "error"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY."""
        for copy in stage_copies(model, model.stages):
            if base_facts(copy.into, model.knowledge).python is None or copy.target is None:
                continue
            prefixes = {
                path
                for install in builder_installs(model, copy.source_stage)
                for kind, path in [install_target(install) or ("", "")]
                if kind == "prefix"
            }
            if copy.source not in prefixes or copy.target == _PREFIX:
                continue
            if any(
                name in stage.definitions
                for stage in copy.into.lineage
                for name in ("PYTHONPATH", "PYTHONHOME", "PATH")
            ):
                continue
            last = copy.instruction.arguments[-1]
            fix = Fix("prefix", (Edit(Place(copy.instruction, last.span), _PREFIX),), args={"prefix": _PREFIX})
            yield Finding(
                self.id,
                Place(copy.instruction, last.span),
                args={"path": copy.source, "target": copy.target, "prefix": _PREFIX},
                fixes=() if last.variables else (fix,),
            )
