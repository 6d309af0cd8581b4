"""A Node server on Alpine or distroless, when the user asks for it: only where all that the program needs is there.

The builder stays what it was, so on Alpine (musl) only modules without compiled code run, and on distroless (Node and
the C and C++ libraries, no shell) only what `node` starts by itself. What cannot be told is a refusal with its reason.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from slimstage.context.manifests import read_json_object
from slimstage.context.node_locks import NodePlatform
from slimstage.rewrites.bases import alpine_tag
from slimstage.rewrites.conversion import Refused
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.rewrites.node_server import Plan

DISTROLESS = "gcr.io/distroless/nodejs{major}-debian13"
_CALLS = r"child_process|\bexeca\b|shelljs|cross-spawn|\bzx\b"
_PLAIN = lazy_pattern(r"\s*node( [\w@./:=+,-]+)+\s*")
_MAJOR = lazy_pattern(r"(\d+)(?:\.\d+)*(?:-\w+)*")
_NUMERIC = lazy_pattern(r"[\d:]+|root(:root)?|nonroot(:nonroot)?")
_WITH_LIBC = NodePlatform()


class Bases:
    """What the plan of a Node server asks about the base that the user wants."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.stage = plan, plan.stage
        self.wanted = plan.options.base

    def _refused(self, because: str, item: Instruction | None = None, **args: Any) -> Refused:
        place = Place(item, item.keyword_span) if item is not None else self.stage.place()
        return Refused("base-not-possible", place, base=self.wanted, because=because, **args)

    def _check_programs(self) -> None:
        """Refuse what calls programs or needs packages that only the distribution of the builder is known to have."""
        plan = self.plan
        packages = [*plan.extra, *(package.name for package in plan.installed if not _builds(package.record))]
        packages = [name for name in packages if name not in plan.build_only()]
        if packages:
            raise self._refused("packages", packages=", ".join(dict.fromkeys(packages)))
        if plan.called() or plan.program.speaks_of(_CALLS):
            raise self._refused("calls")

    def image(self) -> str:
        """The final image; raises `Refused`."""
        check = self.stage.last("HEALTHCHECK")
        if check is not None and check.inner is not None:
            raise self._refused("check", check)
        return self._alpine() if self.wanted == "alpine" else self._distroless()

    def finish(self) -> None:
        """Refuse instructions of the final stage that its image cannot run; on distroless, whose entrypoint is Node,
        CMD names the file alone.
        """
        units = [unit for unit in self.plan.layout.units if unit.fate in ("final", "both")]
        for unit in units:
            if unit.instruction.keyword in ("RUN", "SHELL"):
                raise self._refused("commands", unit.instruction)
        if self.wanted == "alpine":
            return
        names = [flag.value for unit in units for flag in unit.instruction.flags if flag.name == "chown"]
        for name in (self.stage.final_state.user, self.plan.owner, *names):
            if name is not None and not _NUMERIC.fullmatch(name):
                raise self._refused("user", self.stage.last("USER"), user=name)
        self.plan.start_by_entrypoint(self._start()[1:])

    # Alpine.

    def _alpine(self) -> str:
        stage, plan = self.stage, self.plan
        self._check_programs()
        words = {posixpath.basename(word) for word in plan.program.used.words} | plan.words
        starts = [item for item in map(stage.last, ("CMD", "ENTRYPOINT")) if item is not None]
        if any(word.endswith(".sh") or word in ("bash", "perl") for word in words):
            raise self._refused("shell", starts[0] if starts else None)
        self._check_modules()
        word, image = stage.image_word, stage.base_image
        version = _MAJOR.fullmatch(image.tag or "") if image is not None else None
        if word is None or word.variables or image is None or image.digest is not None or version is None:
            raise self._refused("version")
        tag = alpine_tag(plan.model.knowledge, "node", (image.tag or "").partition("-")[0])
        if tag is None:
            raise self._refused("version")
        return f"{word.raw.partition(':')[0]}:{tag}"

    def _check_modules(self) -> None:
        """Refuse modules with compiled code: the builder gets them for the C library of its own distribution."""
        managers = {o.manager for run in self.stage.runs for o, _ in run.operations if o.action in ("install", "sync")}
        folder = self.plan.project.root.folder
        context = self.plan.context
        data = read_json_object(context, posixpath.join(folder, "package-lock.json")) if context is not None else None
        rows = data.get("packages") if data is not None else None
        if not isinstance(rows, dict) or managers - {"npm", "apt"}:
            raise self._refused("lock")
        own = posixpath.join(folder, "binding.gyp")
        exists = context is not None and context.exists(own)
        compiled = own if exists else next(self._compiled(rows), None)
        if compiled is not None:
            raise self._refused("native", package=compiled)

    def _compiled(self, rows: Mapping[str, Any]) -> Iterator[str]:
        """Modules outside of development that are installed on Linux and may hold compiled code."""
        plain = self.plan.facts["script-only"]
        for path, row in rows.items():
            if not path or not isinstance(row, dict) or row.get("dev") is True or not _WITH_LIBC.takes(row):
                continue
            name = path.rpartition("node_modules/")[2]
            if (row.get("hasInstallScript") and name not in plain) or row.get("cpu") or row.get("libc"):
                yield name

    # Distroless.

    def _distroless(self) -> str:
        plan = self.plan
        if plan.base.libc != "glibc" or plan.base.release not in plan.facts["distroless-builders"]:
            raise self._refused("libc")
        image = self.stage.base_image
        version = _MAJOR.fullmatch(image.tag or "") if image is not None else None
        final = DISTROLESS.format(major=version[1]) if version is not None else ""
        if not final or plan.model.knowledge.image(final, "latest") is None:
            raise self._refused("version")
        self._start()
        self._check_programs()
        return final

    def _start(self) -> tuple[str, ...]:
        """The words that start the program: `node`, its options and a file."""
        stage, plan = self.stage, self.plan
        command, entrypoint = stage.last("CMD"), stage.last("ENTRYPOINT")
        if entrypoint is not None or command is None:
            raise self._refused("shell", entrypoint)
        words: tuple[str, ...] | None
        if command.form is Form.JSON:
            words = tuple(word.value or "" for word in command.arguments)
        else:
            words = tuple(command.body.text.split()) if _PLAIN.fullmatch(command.body.text) else ()
        if words[:1] != ("node",):
            words = plan.program.direct_start(plan.folder)
        if words is None or words[:1] != ("node",) or len(words) < 2 or "" in words:
            raise self._refused("shell", command)
        return words


def _builds(record: Any) -> bool:
    """Whether a distribution package is a tool of the build alone."""
    return record is not None and record.role == "build"


def wanted_base(plan: Plan) -> Bases | None:
    """The base that the user asks for; None where nothing is asked that the builder's own family does not hold."""
    moves = plan.options.base == "alpine" and plan.base.libc == "glibc"
    return Bases(plan) if moves or plan.options.base == "distroless" else None
