"""Python on Alpine or distroless, when the user asks for it: only where all that the program needs is there.

On Alpine both stages stand on its Python, so that pip takes wheels for its C library: only where every requirement,
and what that requires, is known to have one, and nothing else is wanted of the distribution. Distroless has one Python
of Debian, in another place than the official images, and no program beside it: nothing is moved there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from slimstage.context.manifests import Requirement, parse_requirement
from slimstage.model.python import wheel_verdict
from slimstage.rewrites.bases import alpine_tag
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.needs import is_wanted
from slimstage.sizes.python import measured
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.rewrites.python_pip import Plan

_CALLS = lazy_pattern(r"\bsubprocess\b|os\.system|os\.popen|create_subprocess|\bpexpect\b|\bctypes\b|\bcffi\b")
_VERSION = lazy_pattern(r"(3\.\d+(?:\.\d+)?)(?:-slim)?(?:-(?:bullseye|bookworm|trixie))?")
_ITSELF = frozenset({"pip", "setuptools", "wheel"})
_MOST = 500


class Bases:
    """What the plan of pip asks about the base that the user wants."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.stage = plan, plan.stage
        self.wanted = plan.options.base
        self.alpine = ""
        self.likely = False  # whether the requirements of another version stand for those of the one asked for

    def _refused(self, because: str, item: Instruction | None = None, **args: Any) -> Refused:
        place = Place(item, item.keyword_span) if item is not None else self.stage.place()
        return Refused("base-not-possible", place, base=self.wanted, because=because, **args)

    @property
    def is_smaller(self) -> bool:
        """Whether the base alone makes the image smaller."""
        return self.wanted == "alpine"

    def choose(self) -> None:
        """Set the final image, and leave the packages of the distribution out; raises `Refused`."""
        if self.wanted == "distroless":
            raise self._refused("interpreter")
        plan = self.plan
        self.alpine = self._image()
        self._check_start()
        self._check_wheels()
        self._check_system()
        plan.known = plan.known and not self.likely
        plan.layout.final_image = self.alpine
        for unit in plan.layout.units:
            if id(unit.instruction) not in plan.runs:
                continue
            kinds = {command.kind for command in plan.kinds[id(unit.instruction)]}
            if kinds <= {"system", "clean", "neutral"}:
                unit.fate = "drop"
                unit.step = plan.layout.step("wheels-of-alpine")
            elif unit.fate != "builder" or kinds - {"pip", "clean", "neutral"}:
                raise self._refused("commands", unit.instruction)

    def changes(self, found: tuple[Change, ...]) -> tuple[Change, ...]:
        """The plan's edits with the builder on Alpine, too."""
        word = self.stage.image_word
        assert word is not None
        step = self.plan.layout.step("builder-on-alpine", image=self.alpine)
        return (Change(Place(self.stage.instruction, word.span), self.alpine, step), *found)

    def _image(self) -> str:
        plan, word, image = self.plan, self.stage.image_word, self.stage.base_image
        known = word is not None and not word.variables and image is not None and image.repository == "python"
        version = _VERSION.fullmatch(image.tag or "") if image is not None else None
        if not known or word is None or image is None or image.digest is not None or version is None:
            raise self._refused("python-version")
        tag = alpine_tag(plan.model.knowledge, "python", version[1])
        if tag is None:
            raise self._refused("python-version")
        return f"{word.raw.partition(':')[0]}:{tag}"

    def _check_start(self) -> None:
        check = self.stage.last("HEALTHCHECK")
        if check is not None and check.inner is not None:
            raise self._refused("check", check)
        shell = self.stage.last("SHELL")
        if shell is not None:
            raise self._refused("commands", shell)
        if any(word in ("bash", "perl") or word.endswith(".sh") for word in self.plan.words):
            raise self._refused("script", self.stage.last("ENTRYPOINT") or self.stage.last("CMD"))

    def _check_system(self) -> None:
        """Refuse what calls programs, loads libraries by itself or needs packages of the builder's distribution."""
        plan = self.plan
        packages = [p.name for p in plan.installed if not p.is_build or is_wanted(p.name, plan.words)]
        packages = [name for name in packages if name not in plan.build_only()]
        packages += [name for name in plan.extra if name not in packages]
        if packages:
            raise self._refused("packages", packages=", ".join(packages))
        if any(_CALLS.search(text) for name, text in plan.sources if name.endswith(".py")):
            raise self._refused("calls-or-loads")

    def _check_wheels(self) -> None:
        """Refuse unless pip finds a wheel for Alpine of everything it is told to install, and of what that requires."""
        plan = self.plan
        if plan.context is None or not plan.known:
            raise self._refused("requirements")
        waiting: list[Requirement] = []
        for install in plan.products:
            read = install.read
            if install.operation.has("no-binary", "index-url", "extra-index-url", "find-links", "no-index"):
                raise self._refused("requirements")
            if any(one.other_index or one.no_binary for one in read):
                raise self._refused("requirements")
            waiting += install.requirements
        if plan.base.python is None or "PIP_NO_BINARY" in self.stage.definitions:
            raise self._refused("requirements")
        seen: set[tuple[str, tuple[str, ...]]] = set()
        while waiting:
            asked = waiting.pop()
            if not asked.applies(plan.base.python, "musl") or (asked.name or "") in _ITSELF:
                continue
            if asked.name is None or not self._has_wheel(asked) or len(seen) > _MOST:
                raise self._refused("no-wheel", package=asked.name or asked.raw)
            if (asked.name, asked.extras) not in seen:
                seen.add((asked.name, asked.extras))
                waiting += self._required(asked)

    def _has_wheel(self, asked: Requirement) -> bool:
        knowledge, python = self.plan.model.knowledge, self.plan.base.python or ""
        package = knowledge.python_package(asked.name or "")
        if package is not None:
            verdict = wheel_verdict(knowledge, asked, python, "musl")
            libraries = package.runtime_needs.get("apk") or package.runtime_needs.get("apt")
            return not libraries and (verdict == "wheel" or (package.pure and verdict == "likely"))
        rows = knowledge.measured_wheels.get(asked.name or "", ())
        return asked.kind == "package" and bool(rows) and all(row.platform == "any" for row in rows)

    def _required(self, asked: Requirement) -> list[Requirement]:
        """What the package itself requires, as the measured version nearest to the one asked for says it."""
        row = measured(self.plan.model.knowledge, asked.name or "", asked.pinned)
        if row is None:
            raise self._refused("no-wheel", package=asked.name)
        self.likely = self.likely or asked.pinned not in (None, row.version)
        return [one for one in map(parse_requirement, row.requires) if self._wanted(one, asked.extras)]

    @staticmethod
    def _wanted(one: Requirement, extras: tuple[str, ...]) -> bool:
        """Whether a requirement counts: one of an extra only when the extra is asked for."""
        extra = re.search(r"extra\s*==\s*[\"']([\w.-]+)[\"']", one.marker or "")
        return extra is None or extra[1] in extras


def wanted_base(plan: Plan) -> Bases | None:
    """The base that the user asks for; None where nothing is asked that the builder's own family does not hold."""
    moves = plan.options.base == "alpine" and plan.base.libc == "glibc"
    return Bases(plan) if moves or plan.options.base == "distroless" else None
