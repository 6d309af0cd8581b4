"""Python with pip on an official python image: install in a builder, ship the result on the slim image.

The products go to a prefix that is copied over the interpreter's own (`--prefix=/install` -> `/usr/local`),
which holds for python:* images; with several installs a virtual environment at one path takes its place,
because pip leaves out of a prefix what an earlier install already put beside it (measured 2026-11-24). On Debian,
Ubuntu and Alpine with their own python3 it is always a virtual environment: Debian's pip changes what a prefix means.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re

from slimstage.model import Model, Stage
from slimstage.model.installed import InstalledPackage, installed_packages
from slimstage.model.python import BaseFacts, base_facts, pip_installs
from slimstage.model.runs import Run
from slimstage.rewrites.commands import Sorted, sorted_commands
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import PACKAGES_HERE, Layout, Unit
from slimstage.rewrites.needs import called_programs, run_time_words
from slimstage.rewrites.packages import RuntimePackages, install_line, runtime_packages
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span

PATTERN = "python-pip"
# Programs of buildpack-deps that bear their package's name.
_FULL_TOOLS = ("curl", "wget", "git", "file", "unzip", "gnupg")
_DISTRIBUTION_PYTHON = frozenset(
    """python3 python3-pip python3-dev python3-venv python3-setuptools python3-wheel python3-virtualenv virtualenv
    py3-pip py3-setuptools py3-wheel py3-virtualenv python-is-python3""".split()
)
PREFIX, VENV = "/install", "/opt/venv"
_METADATA = frozenset("LABEL EXPOSE VOLUME USER HEALTHCHECK STOPSIGNAL CMD ENTRYPOINT MAINTAINER".split())


def applies(model: Model, stage: Stage) -> bool:
    """Whether this pattern has a say: pip installs something in the stage."""
    return any(not install.is_self_update for install in pip_installs(stage, model))


class Plan:
    """One conversion in the making."""

    new_command = False

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model, self.stage, self.options = model, stage, options
        self.layout = Layout(model, stage, options)
        self.base = base_facts(stage, model.knowledge)
        self.installs = pip_installs(stage, model)
        self.products = tuple(install for install in self.installs if not install.is_self_update)
        self.known = all(install.known for install in self.products)
        self.words = run_time_words(stage, model)
        self.runs = {id(run.instruction): run for run in stage.runs}
        self.kinds = {id(run.instruction): sorted_commands(run) for run in stage.runs}
        self.installed = installed_packages(stage, model.knowledge)
        self.full_base = False
        self.distribution = False
        self.before: list[InstalledPackage] = []
        self.runtime: RuntimePackages | None = None

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        self.check_base()
        self.check_installs()
        last = max(self.stage.position(install.run.instruction) for install in self.products)
        for at, unit in enumerate(self.layout.units):
            self.decide(unit, before=at <= last)
        self.runtime = self.choose_packages(last)
        self.place_packages(last)
        self.place_products()
        self.repeat_arguments(last)
        head = self.layout.step("final-stage", image=self.layout.final_image or self.stage.image_text or "")
        return self.layout.changes(head)

    def check_base(self) -> None:
        """The stage must stand on an official python image whose slim variant we know."""
        stage, base = self.stage, self.base
        if stage.base_stage is not None:
            raise Refused("built-on-stage", stage.place(), stage=stage.base_stage.label)
        image = stage.base_image
        if image is not None and image.repository in ("debian", "ubuntu", "alpine"):
            self.distribution = self.has_python_of_the_distribution()
        if self.distribution:
            return
        if image is None or image.repository != "python":
            if all(package.record is not None and not package.is_build for package in self.installed):
                raise Refused("no-tools-on-other-base", stage.place(), image=stage.image_text or "")
            raise Refused("base-not-python", stage.place(), image=stage.image_text or "")
        if base.python is None or base.libc is None:
            raise Refused("unknown-base", stage.place(), image=stage.image_text or "")
        if stage.image_word is None or base.kind not in ("full", "slim", "alpine"):
            raise Refused("unknown-base", stage.place(), image=stage.image_text or "")
        if base.kind == "full":
            if image.digest is not None or stage.image_word.variables or image.tag is None:
                raise Refused("unknown-base", stage.place(), image=stage.image_text or "")
            if not self.known:
                raise Refused("requirements-unknown", stage.place())
            self.full_base = True
            self.layout.final_image = stage.image_word.raw.replace(":" + image.tag, ":" + slim_tag(image.tag))

    def has_python_of_the_distribution(self) -> bool:
        """Whether the stage installs the distribution's own python3, and no other Python."""
        names = {package.name for package in self.installed}
        others = any(re.match(r"python(2|3\.\d|-|$)|miniconda|pypy", name) for name in names)
        return bool(names & _DISTRIBUTION_PYTHON) and not others

    def check_installs(self) -> None:
        """Refuse what cannot go to a prefix or a virtual environment."""
        for install in self.products:
            place = install.run.place(install.operation.verb_span, install.text)
            called = install.operation.command.words[0].raw
            if install.operation.has("user", "target", "prefix", "root", "python") or "/" in called or called == "sudo":
                raise Refused("install-location", place)
            if install.editable or any(
                requirement.raw.startswith(".") and not read.complete
                for read in install.read
                for requirement in read.items
            ):
                raise Refused("editable-install", place)
            user = self.stage.state_before(install.run.instruction).user
            if user not in (None, "root", "0", "root:root", "0:0"):
                raise Refused("install-as-user", place, user=user)
            for requirement in install.requirements:
                package = self.model.knowledge.python_package(requirement.name) if requirement.name else None
                if package is not None and package.compiles_at_run_time:
                    raise Refused("compiles-at-run-time", place, package=package.name)

    # Where each instruction goes.

    def decide(self, unit: Unit, *, before: bool) -> None:
        """Set the fate of one unit; `before` says whether it stands before the last install."""
        item = unit.instruction
        keyword = item.keyword
        if keyword == "ONBUILD":
            raise Refused("onbuild", _place(item))
        if keyword in _METADATA:
            unit.fate = "final"
        elif keyword in ("WORKDIR", "SHELL"):
            unit.fate = "both" if before else "final"
        elif keyword == "ARG":
            unit.fate = "builder" if before else "final"
        elif keyword == "ENV":
            self._decide_env(unit, before)
        elif keyword in ("COPY", "ADD"):
            self._decide_copy(unit, before)
        elif keyword == "RUN":
            self._decide_run(unit, before)

    def _decide_env(self, unit: Unit, before: bool) -> None:
        names = [pair.key.value or pair.key.raw for pair in unit.instruction.pairs]
        build_only = bool(names) and all(name.startswith("PIP_") for name in names)
        if before:
            unit.fate = "builder" if build_only else "both"

    def _decide_copy(self, unit: Unit, before: bool) -> None:
        item = unit.instruction
        if not before:
            return
        if item.flag("from") is not None or item.heredocs:
            unit.fate = "both"
            return
        words = [self.stage.expand(word, item) for word in item.arguments]
        if len(words) < 2 or any(word is None for word in words):
            unit.fate = "both"
            return
        sources = [word or "" for word in words[:-1]]
        wanted = self.requirement_files()
        if not sources:
            return
        if wanted is None:
            # Nobody can say which files the install reads: a plain requirements file is enough for itself.
            plain = all(_is_requirements_file(source) for source in sources)
            unit.fate = "builder" if plain else "both"
            return
        if any(requirement.kind == "path" for install in self.products for requirement in install.requirements):
            unit.fate = "both"
            return
        inside = [path for path in wanted if any(_covers(source, path) for source in sources)]
        if not inside:
            unit.fate = "final"
            unit.step = self.layout.step("moved-copy", sources=" ".join(sources))
        elif all(_is_requirements_file(source) or posixpath.normpath(source) in wanted for source in sources):
            unit.fate = "builder"
        elif len(sources) == 1 and posixpath.normpath(sources[0]) == ".":
            unit.fate = "both"
            unit.final_text = item.text
            unit.builder_text = _copy_lines(inside, words[-1] or ".", self.layout.newline)
            unit.step = self.layout.step("narrowed-copy", files=", ".join(inside))
        else:
            unit.fate = "both"

    def requirement_files(self) -> tuple[str, ...] | None:
        """The context files the installs read, or None when that is not known."""
        if not self.known or self.model.context is None:
            return None
        if any(install.operation.has("constraint") for install in self.products):
            return None
        return tuple(dict.fromkeys(path for install in self.products for read in install.read for path in read.files))

    def _decide_run(self, unit: Unit, before: bool) -> None:
        commands = self.kinds[id(unit.instruction)]
        kinds = {command.kind for command in commands}
        self._refuse_unknown(unit.instruction, commands)
        if "pip" in kinds:
            if kinds - {"pip", "system", "clean", "neutral"}:
                raise Refused("mixed-run", _place(unit.instruction))
            unit.fate = "builder"
        elif "system" in kinds:
            if kinds - {"system", "clean", "neutral"}:
                raise Refused("mixed-run", _place(unit.instruction))
            self._decide_system(unit, before)
        elif kinds <= {"clean", "neutral"}:
            if before:
                unit.fate = "builder"
            elif "clean" in kinds:
                unit.fate = "drop"
                unit.step = self.layout.step("dropped-cleanup")
        elif "program" in kinds and before:
            raise Refused("program-before-install", _place(unit.instruction))

    def _refuse_unknown(self, item: Instruction, commands: tuple[Sorted, ...]) -> None:
        run = self.runs[id(item)]
        if run.opaque or any(flag.name == "mount" and flag.option("from") for flag in item.flags):
            raise Refused("opaque-run", _place(item))
        for command in commands:
            place = run.place(command.item.command.span, command.item.text)
            name = command.item.command.words[0].raw if command.item.command.words else ""
            if command.kind == "other-manager":
                raise Refused("other-manager", place, command=command.operations[0].manager)
            if command.kind == "compile":
                raise Refused("compiles-in-run", place, command=name)
            if command.kind == "opaque":
                raise Refused("opaque-script", place, command=name)

    def _decide_system(self, unit: Unit, before: bool) -> None:
        mine = [package for package in self.installed if package.run.instruction is unit.instruction]
        if any(package.is_build for package in mine):
            if not before:
                raise Refused("tools-after-install", mine[0].place)
            unit.fate = "builder"
        elif mine:
            unit.fate = "final"
        elif self._only_removes(self.runs[id(unit.instruction)]):
            unit.fate = "drop"
            unit.step = self.layout.step("dropped-purge")
        else:
            unit.fate = "both" if before else "final"

    @staticmethod
    def _only_removes(run: Run) -> bool:
        return all(operation.action in ("remove", "clean") for operation, _ in run.operations)

    # Packages, products, arguments.

    def choose_packages(self, last: int) -> RuntimePackages:
        """The distribution packages of the final stage; refuses when there is nothing to leave behind."""
        before = [p for p in self.installed if self.stage.position(p.run.instruction) <= last]
        left = any(package.is_build or package.name in self.pip_packages() for package in before)
        if not self.full_base and not left:
            raise Refused("nothing-to-leave-behind", self.stage.place())
        extra = (*self.library_needs(), *self.tools_of_the_full_base(), *(("python3",) if self.distribution else ()))
        runtime = runtime_packages(
            before,
            self.model.knowledge,
            self.final_base(),
            self.words,
            extra,
            self.vcs_tools(before) | self.pip_packages(),
        )
        self.before = before
        return runtime

    def library_needs(self) -> tuple[str, ...]:
        """Run-time packages that the requirements want and no wheel bundles: until now the build tools or the full
        base brought them along (`gcc` brings libgomp1, which LightGBM loads).
        """
        manager = self.base.manager or "apt"
        names: list[str] = []
        for install in self.products:
            for requirement in install.requirements:
                package = self.model.knowledge.python_package(requirement.name) if requirement.name else None
                if package is None:
                    if self.full_base and requirement.kind == "package":
                        raise Refused("requirement-unknown", self.stage.place(), package=requirement.raw)
                    continue
                if requirement.applies(self.base.python):
                    names += package.runtime_needs.get(manager, ())
        return tuple(dict.fromkeys(names))

    def final_base(self) -> BaseFacts:
        """Facts about the final stage's base; the slim variant holds less than the builder's."""
        image = self.stage.base_image
        if not self.full_base or image is None or image.tag is None:
            return self.base
        slim = self.model.knowledge.image(image.repository, slim_tag(image.tag))
        return self.base._replace(contents=slim.image.contents if slim is not None and slim.exact else frozenset())

    def tools_of_the_full_base(self) -> tuple[str, ...]:
        """Tools that the start instructions or the sources call and only the full base holds."""
        if not self.full_base:
            return ()
        programs = dict(entry.split("=", 1) for entry in self.model.knowledge.conversions["full"]["programs"])
        called = called_programs(self.model.context, programs)
        compilers = [package for package in called if package in ("gcc", "g++", "make")]
        if compilers:
            raise Refused("tool-needed-at-run-time", self.stage.place(), package=compilers[0])
        started = [tool for tool in _FULL_TOOLS if tool in self.words]
        return tuple(dict.fromkeys((*started, *(package for package in called if package != "python3"))))

    def pip_packages(self) -> frozenset[str]:
        """What only installing packages needs of the distribution's Python."""
        return _DISTRIBUTION_PYTHON - {"python3", "python-is-python3"} if self.distribution else frozenset()

    def vcs_tools(self, packages: list[InstalledPackage]) -> frozenset[str]:
        """git, when it is there for `pip install git+https://…` only."""
        if not self.known or "git" in self.words:
            return frozenset()
        names = {requirement.name for install in self.products for requirement in install.requirements}
        uses = any(requirement.kind == "vcs" for install in self.products for requirement in install.requirements)
        reads_git = names & {"gitpython", "pre-commit", "pygit2", "setuptools-scm", "dvc", "mlflow"}
        return frozenset({"git"}) if uses and not reads_git else frozenset()

    def place_packages(self, last: int) -> None:
        """One RUN for the run-time packages at the place of the first apt RUN, unless an original RUN is enough."""
        runtime = self.runtime
        assert runtime is not None
        system = [unit for unit in self.layout.units[: last + 1] if self._installs_system(unit)]
        moved = [unit for unit in system if unit.fate == "final"]
        kept = {
            package.word.raw for package in self.before if package.run.instruction in [u.instruction for u in moved]
        }
        missing = [name for name in runtime.names if name not in kept]
        for unit in system:
            if unit.fate == "builder":
                step = self.layout.step("build-packages", packages=", ".join(runtime.dropped))
                unit.step = step
        if not missing:
            return
        self.layout.packages = install_line(
            self.base.manager or "apt",
            runtime.names,
            self.layout.newline,
            self.stage.escape,
            recommends=runtime.recommends,
        )
        self.layout.step("runtime-packages", packages=", ".join(runtime.names))
        for unit in moved:
            unit.fate = "drop"
        if system:
            system[0].final_text = PACKAGES_HERE

    def _installs_system(self, unit: Unit) -> bool:
        return any(package.run.instruction is unit.instruction for package in self.before)

    def place_products(self) -> None:
        """Send the installs to a prefix or a virtual environment, and copy that."""
        if len(self.products) == 1 and not self._shadowed() and not self.distribution:
            install = self.products[0]
            unit = next(unit for unit in self.layout.units if unit.instruction is install.run.instruction)
            step = self.layout.step("prefix", path=PREFIX)
            end = install.run.place(install.operation.verb_span, install.text).span.end
            unit.edits.append((Span(end, end), f" --prefix={PREFIX}", step))
            self.layout.products = [f"COPY --from={self.layout.builder} {PREFIX} /usr/local"]
            self.layout.step("copy-products", path="/usr/local")
            return
        if any("/usr/local/" in text or "/usr/bin/python" in text for text in self._start_texts()):
            raise Refused("absolute-interpreter", self.stage.place())
        first = min(self.stage.position(install.run.instruction) for install in self.installs)
        unit = self.layout.units[first]
        step = self.layout.step("venv", path=VENV)
        newline = self.layout.newline
        path = f'ENV PATH="{VENV}/bin:$PATH"'
        make = f"RUN python -m venv {VENV}"
        if self.distribution:
            # What the distribution's own packages bring for Python stays visible.
            make = f"RUN python3 -m venv --system-site-packages {VENV}"
            if self.base.manager == "apt" and not any(p.name == "python3-venv" for p in self.installed):
                names = ["python3-venv"]
                make = f"{install_line('apt', names, newline, self.stage.escape, recommends=False)}{newline}{make}"
        unit.edits.append((Span(0, 0), f"{make}{newline}{path}{newline}", step))
        self.layout.products = [f"COPY --from={self.layout.builder} {VENV} {VENV}", path]
        self.layout.step("copy-products", path=VENV)

    def _shadowed(self) -> bool:
        """Whether an update of setuptools or wheel in the builder could hide that the project asks for it."""
        updates = {r.name for install in self.installs if install.is_self_update for r in install.requirements}
        updates -= {"pip"}
        if not updates:
            return False
        wanted = {r.name for install in self.products for r in install.requirements}
        return not self.known or bool(updates & wanted)

    def _start_texts(self) -> list[str]:
        found = (self.stage.inherited_last(keyword) for keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"))
        return [item[1].text for item in found if item is not None]

    def repeat_arguments(self, last: int) -> None:
        """Declare an ARG in the final stage too when something there uses it."""
        for unit in self.layout.units[: last + 1]:
            if unit.instruction.keyword != "ARG":
                continue
            names = {pair.key.raw for pair in unit.instruction.pairs}
            if any(self._uses(other, names) for other in self.layout.units if other.fate in ("final", "both")):
                unit.fate = "both"

    def _uses(self, unit: Unit, names: set[str]) -> bool:
        return any(re.search(rf"\$\{{?{re.escape(name)}\b", unit.instruction.text) for name in names)


def slim_tag(tag: str) -> str:
    """The slim variant of a full python tag: `3.11` -> `3.11-slim`, `3.11-bookworm` -> `3.11-slim-bookworm`."""
    version, _, release = tag.partition("-")
    return f"{version}-slim-{release}" if release else f"{version}-slim"


def _place(item: Instruction) -> Place:
    return Place(item, item.keyword_span)


def _is_requirements_file(source: str) -> bool:
    name = posixpath.basename(source)
    return name.endswith((".txt", ".in")) and ("require" in name or "constraint" in name or name == "deps.txt")


def _covers(source: str, path: str) -> bool:
    normal = posixpath.normpath(source.lstrip("/") or ".")
    if normal in (".", path) or path.startswith(normal + "/"):
        return True
    return fnmatch.fnmatchcase(path, normal)


def _copy_lines(files: list[str], target: str, newline: str) -> str:
    base = target.rstrip("/") or ""
    top = [path for path in files if "/" not in path]
    lines = []
    if top:
        lines.append(f"COPY {' '.join(top)} {base}/" if base not in (".", "") else f"COPY {' '.join(top)} ./")
    for folder in dict.fromkeys(path.split("/")[0] for path in files if "/" in path):
        lines.append(f"COPY {folder}/ {base or '.'}/{folder}/")
    return newline.join(lines)
