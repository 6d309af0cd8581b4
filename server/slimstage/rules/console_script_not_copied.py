"""Only site-packages is copied, but the container starts a script that pip put beside it, in bin."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.flow import exec_words, flow_of
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import builder_installs, stage_copies
from slimstage.syntax.nodes import Instruction, Place, Word

# Scripts that their packages also offer as a module: `python -m gunicorn`.
_AS_MODULE = frozenset("alembic celery flask gunicorn hypercorn pytest streamlit uvicorn".split())


class ConsoleScriptNotCopied(Rule):
    """Fires for scripts that a requirement of the builder is known to bring, or that are well known."""

    id = "console-script-not-copied"
    severity = "error"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding, at the program."""
        final = model.final_stage
        if final is None:
            return
        copies = [copy for copy in stage_copies(model, final.lineage) if copy.source is not None]
        packages = [copy for copy in copies if (copy.source or "").endswith(("site-packages", "dist-packages"))]
        started = final.inherited_last("ENTRYPOINT") or final.inherited_last("CMD")
        if not packages or started is None:
            return
        program = _program(started[1])
        if program is None or program.value is None or "/" in program.value:
            return
        name = program.value
        scripts = set(_AS_MODULE)
        for copy in packages:
            for install in builder_installs(model, copy.source_stage):
                for requirement in install.requirements:
                    known = model.knowledge.python_package(requirement.name) if requirement.name else None
                    scripts.update(known.scripts if known is not None else ())
        if name not in scripts or any("bin" in (copy.source or "") or copy.source == "/usr/local" for copy in copies):
            return
        if any(run.operations for stage in final.lineage for run in stage.runs) or flow_of(final).opaque:
            return  # something installs or may write here too
        fixes: tuple[Fix, ...] = ()
        if name in _AS_MODULE:
            edit = Edit(Place(started[1], program.span), f'"python", "-m", "{name}"')
            fixes = (Fix("module", (edit,), args={"script": name}),)
        yield Finding(
            self.id,
            Place(started[1], program.span),
            args={"script": name},
            fixes=fixes,
            related=tuple(Related(Place(copy.instruction, copy.word.span), "copied") for copy in packages[:1]),
        )


def _program(instruction: Instruction) -> Word | None:
    words = exec_words(instruction)
    return words[0] if words else None
