"""HEALTHCHECK calls a tool that the image which ships does not have."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model
from slimstage.model.flow import Write, flow_of
from slimstage.model.installed import SYSTEM_MANAGERS, installed_packages
from slimstage.rules.base import Finding, Related, Rule
from slimstage.shell import read_script
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import Span

# A tool, and the packages that bring it.
_TOOLS = {
    "curl": ("curl",),
    "wget": ("wget",),
    "nc": ("netcat-openbsd", "netcat-traditional", "netcat", "busybox", "nmap-ncat"),
    "pg_isready": ("postgresql-client",),
}
# busybox brings these to every Alpine image.
_BUSYBOX = ("wget", "nc")


class HealthcheckToolMissing(Rule):
    """Only for images whose contents are known, and when nothing in the stage may have brought the tool."""

    id = "healthcheck-tool-missing"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """At most one finding a tool."""
        final = model.final_stage
        found = final.inherited_last("HEALTHCHECK") if final is not None else None
        if final is None or found is None or found[1].inner is None or flow_of(final).opaque:
            return
        image = final.base_image
        match = model.knowledge.image(image.repository, image.tag) if image is not None else None
        if match is None or match.image.kind in ("full", "sdk", "server", None):
            return
        packages = {p.name for stage in final.lineage for p in installed_packages(stage, model.knowledge)}
        unsure = any(
            word.name is None
            for stage in final.lineage
            for run in stage.runs
            for operation, _ in run.operations
            if operation.manager in SYSTEM_MANAGERS
            for word in operation.packages
        )
        if unsure:
            return
        contents = match.image.contents
        for name, place in _programs(found[1]):
            if name not in _TOOLS or name in contents or (name in _BUSYBOX and match.image.libc == "musl"):
                continue
            if any(package.startswith(tool) for package in packages for tool in _TOOLS[name]):
                continue
            if any(_may_bring(write, name) for write in flow_of(final).writes):
                continue
            yield Finding(
                self.id,
                place,
                args={"tool": name, "image": str(image)},
                related=(Related(final.root.place(), "base", {"image": str(image)}),),
            )


def _may_bring(write: Write, name: str) -> bool:
    """Whether a program of that name may be among what is written: by its own name, or in a copied folder."""
    if write.path.endswith("/" + name):
        return True
    copied = write.instruction.keyword in ("COPY", "ADD")
    return copied and (write.path in ("/", "/usr") or write.path.endswith(("/bin", "/sbin", "/usr/local")))


def _programs(instruction: Instruction) -> list[tuple[str, Place]]:
    inner = instruction.inner
    if inner is None or inner.keyword == "NONE":
        return []
    if inner.form is Form.JSON:
        first = inner.arguments[0] if inner.arguments else None
        return [(first.value, Place(instruction, first.span))] if first is not None and first.value else []
    found = []
    for command in read_script(inner.body.text).commands:
        if command.name is not None and command.words:
            span = command.words[0].span
            found.append((command.name, Place(instruction, Span(*inner.body.span(span.start, span.end)))))
    return found
