"""A Go binary that needs a C library is copied to an image that has none."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.expansion import Unset
from slimstage.model.runs import Run
from slimstage.rules.base import Edit, Finding, Fix, Related, Rule
from slimstage.rules.copied_products import StageCopy, stage_copies
from slimstage.syntax.nodes import Place
from slimstage.text import Span


class DynamicBinaryInScratch(Rule):
    """Golang images on Debian hold gcc, so cgo is on unless CGO_ENABLED=0; `net` and `os/user` then link libc."""

    id = "dynamic-binary-in-scratch"
    severity = "warning"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY of the binary."""
        for copy in stage_copies(model, model.shipped_stages):
            if not _has_no_libc(copy.into) or copy.source is None:
                continue
            built = dynamic_go_build(copy)
            if built is None:
                continue
            run, span = built
            edit = Edit(Place(run.instruction, Span(span.start, span.start)), "CGO_ENABLED=0 ")
            yield Finding(
                self.id,
                Place(copy.instruction, copy.word.span),
                args={"path": copy.source, "image": copy.into.root.image_text or ""},
                fixes=(Fix("static", (edit,)),),
                related=(Related(Place(run.instruction, span), "built"),),
            )


def _has_no_libc(stage: Stage) -> bool:
    """Whether the image is empty but for what is copied: scratch, or distroless/static."""
    if stage.root.is_scratch:
        return True
    image = stage.base_image
    return image is not None and "distroless/static" in image.repository


def dynamic_go_build(copy: StageCopy) -> tuple[Run, Span] | None:
    """The `go build` that made the copied file, when nothing turns cgo off or links statically.

    Only golang images on Debian count: golang:alpine has no gcc, so cgo is off there (Go 1.20 and later).
    """
    source = copy.source or ""
    image = copy.source_stage.base_image
    if image is None or image.repository != "golang" or "alpine" in (image.tag or ""):
        return None
    if copy.source_stage.root.platform is not None:
        return None  # a cross build turns cgo off
    for stage in copy.source_stage.lineage:
        for run in stage.runs:
            for command, text in run.commands:
                words = [word.value for word in command.words]
                if command.name != "go" or len(words) < 2 or words[1] not in ("build", "install"):
                    continue
                if not any(word is not None and word.rsplit("/", 1)[-1] == source.rsplit("/", 1)[-1] for word in words):
                    continue
                if any("static" in word.raw or "netgo" in word.raw for word in command.words) or _is_off(stage, run):
                    return None
                if any(name == "CGO_ENABLED" for name, _ in command.assignments):
                    return None
                place = run.place(command.words[0].span, text)
                return run, place.span
    return None


def _is_off(stage: Stage, run: Run) -> bool:
    """Whether CGO_ENABLED is set for the RUN, to whatever value: then the author has decided."""
    if stage.scope_at(run.instruction).value("CGO_ENABLED") not in (Unset.UNDEFINED, Unset.UNKNOWN):
        return True
    return "CGO_ENABLED" in run.instruction.text or stage.scope_at(run.instruction).lookup("CGO_ENABLED") is not None
