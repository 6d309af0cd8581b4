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
from collections.abc import Iterator

from slimstage.context.manifests import Requirement, read_pyproject, read_toml
from slimstage.model import Model, Stage
from slimstage.model.images import parse_image
from slimstage.model.python import PipInstall, context_path, is_uv_pip, pip_installs, wheel_verdict
from slimstage.rewrites.commands import Sorted
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import Unit
from slimstage.rewrites.packages import install_line
from slimstage.rewrites.python_bases import wanted_base
from slimstage.rewrites.python_homes import USER, own_home
from slimstage.rewrites.python_plan import PythonPlan, Wanted, slim_tag
from slimstage.sizes.apt import closure
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import Span

PATTERN = "python-pip"
_DISTRIBUTION_PYTHON = frozenset(
    """python3 python3-pip python3-dev python3-venv python3-setuptools python3-wheel python3-virtualenv virtualenv
    py3-pip py3-setuptools py3-wheel py3-virtualenv python-is-python3""".split()
)
# What every environment has of its own, and what only building needs.
_OF_PIP = frozenset(
    """python3-pip python3-setuptools python3-pkg-resources python3-wheel python3-distutils python3-lib2to3 python3-venv
    python3-dev python3-pip-whl python3-setuptools-whl""".split()
)
# Ubuntu's releases with the packages of Python as this release of Debian has them.
_SPLIT_LIKE = {"focal": "bullseye", "questing": "trixie", "resolute": "trixie"}
PREFIX, VENV = "/install", "/opt/venv"


def applies(model: Model, stage: Stage) -> bool:
    """Whether this pattern has a say: pip installs something in the stage."""
    return any(not install.is_self_update for install in pip_installs(stage, model))


class Plan(PythonPlan):
    """One conversion in the making."""

    run_time_packages = "final"

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        super().__init__(model, stage, options)
        self.installs = pip_installs(stage, model)
        self.products = tuple(install for install in self.installs if not install.is_self_update)
        self.known = all(install.known for install in self.products)
        self.full_base = False
        self.distribution = False
        self.interpreter = "python3"  # of the distribution
        self.home: str | None = None  # where the file itself wants the products, beside the interpreter

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        self.check_base()
        self.home = own_home(self)
        self.check_installs()
        self.last = max(self.stage.position(install.run.instruction) for install in self.products)
        wanted = wanted_base(self)
        if wanted is None or not wanted.is_smaller:
            self.check_gain()
        for at, unit in enumerate(self.layout.units):
            self._decide(unit, before=at <= self.last)
        self.find_needs()
        if wanted is not None:
            wanted.choose()
        else:
            self.place_packages()
        self.place_products()
        self._repeat_arguments()
        found = self.finish("final-stage")
        return wanted.changes(found) if wanted is not None else found

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
        if image is None:
            word = stage.image_word
            raise Refused("unknown-base", stage.place(), image=word.raw if word is not None else "")
        if image.repository != "python":
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
        """Whether the stage installs the distribution's own python3 and no other Python, or a further version of the
        distribution for which alone pip installs and which alone is started.
        """
        names = {package.name for package in self.installed}
        versions = [name for name in names if re.fullmatch(r"python3\.\d+", name)]
        called = {install.operation.command.words[0].raw for install in self.installs}
        if len(versions) == 1 and called == set(versions) and not self.words & {"python3", "python", "pip", "pip3"}:
            self.interpreter = versions[0]
            names -= {f"{self.interpreter}{ending}" for ending in ("", "-dev", "-venv", "-distutils")}
        others = any(re.match(r"python(2|3\.\d|-|$)|miniconda|pypy", name) for name in names)
        return bool(names & _DISTRIBUTION_PYTHON) and not others

    def check_installs(self) -> None:
        """Refuse what cannot go to a prefix or a virtual environment."""
        for install in self.products:
            place = install.run.place(install.operation.verb_span, install.text)
            called = install.operation.command.words[0].raw
            elsewhere = ("target", "prefix", "root", "python", *(() if self.home == USER else ("user",)))
            away = "/" in called and posixpath.dirname(called) != f"{self.home}/bin"
            if install.operation.has(*elsewhere) or away or called == "sudo":
                raise Refused("install-location", place)
            if is_uv_pip(install.operation):
                self._check_uv(install, place)
            if install.editable or any(read.editable for read in install.read):
                raise Refused("editable-install", place)
            user = self.stage.state_before(install.run.instruction).user
            if user not in (None, "root", "0", "root:root", "0:0"):
                raise Refused("install-as-user", place, user=user)
            self.check_compilers(Wanted(found.name, found.raw, place) for found in install.requirements)

    def _check_uv(self, install: PipInstall, place: Place) -> None:
        """Refuse `uv pip` where it does not install into the interpreter's own folder, or where uv is wanted later."""
        defined = self.stage.definitions
        if "uv" in self.words:
            raise Refused("manager-at-start", place, command="uv")
        if not (install.operation.has("system") or "UV_SYSTEM_PYTHON" in defined) or "VIRTUAL_ENV" in defined:
            raise Refused("install-location", place)

    # Where each instruction goes.

    def _decide_copy(self, unit: Unit, before: bool) -> None:
        item = unit.instruction
        if not before:
            return
        source = item.flag("from")
        if source is not None or item.heredocs:
            unit.fate = "builder" if source is not None and _is_of_uv(source.value or "") else "both"
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
        item = unit.instruction
        kinds = {command.kind for command in self.kinds[id(item)]}
        self._refuse_unknown(item, self.kinds[id(item)])
        if "pip" in kinds and kinds - {"pip", "system", "clean", "neutral"}:
            self.keep_creating_part(unit)
        elif "pip" in kinds:
            unit.fate = "builder"
        elif "program" not in kinds:
            super()._decide_run(unit, before)
        elif "system" in kinds:
            raise Refused("mixed-run", _place(item))
        elif before:
            raise Refused("program-before-install", _place(item))

    def _decide_plain(self, unit: Unit, before: bool) -> None:
        unit.fate = "final"

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

    # Packages, products, arguments.

    def check_gain(self) -> None:
        """Refuse when there is nothing to leave behind."""
        names = self.pip_packages()
        before = [p for p in self.installed if self.stage.position(p.run.instruction) <= self.last]
        if not self.full_base and not any(package.is_build or package.name in names for package in before):
            raise Refused("nothing-to-leave-behind", self.stage.place())

    def find_needs(self) -> None:
        """What the final stage needs of the distribution beside the packages that the file names."""
        self.extra += self.library_needs(self.requirements())
        if self.context is not None and not self.requirements_known():  # without a context all is only likely
            self.keep_compiler_libraries()
        if self.full_base:
            self.tools_of_full(self.final_contents())
            self.extra = [name for name in self.extra if name != "python3"]
        if self.distribution:
            self.extra.append(self.interpreter)
            names = {package.name for package in self.installed}
            if self.base.release in self.facts["distutils-releases"] and names & self.pip_packages():
                self.extra.append("python3-distutils")
            if self.system_modules():
                self.keep_brought_modules()

    def system_modules(self) -> set[str]:
        """The distribution's packages with Python modules that the file names; without any, the environment sees none:
        pip would leave out what its own package brought into the builder and the final stage lacks (`six`, `idna`).
        """
        names = {package.name for package in self.installed if not package.is_build}
        return {name for name in names - _DISTRIBUTION_PYTHON if name.startswith(("python3-", "py3-"))}

    def keep_brought_modules(self) -> None:
        """Keep the modules that pip's own package brought beside those of the distribution that the file names."""
        found = self.model.knowledge.debian(_SPLIT_LIKE.get(self.base.release or "", self.base.release))
        if found is None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        names = {package.name for package in self.installed if found.table.package(package.name) is not None}
        recommends = any(not package.operation.has("no-install-recommends") for package in self.installed)
        held = closure(found.table, sorted(names), found.slim, recommends=recommends).added
        kept = closure(
            found.table, sorted({*self.system_modules(), "python3"}), found.slim, recommends=recommends
        ).added
        brought = {name for name in {*held} - {*kept} if name.startswith("python3-")}
        self.extra += sorted(brought - names - _OF_PIP)

    def requirements_known(self) -> bool:
        """Whether everything that pip is told to install is a package of which it is known what it needs."""
        knowledge = self.model.knowledge
        names = (requirement.name for install in self.products for requirement in install.requirements)
        return self.known and all(
            name is not None and (knowledge.python_package(name) is not None or name in knowledge.measured_wheels)
            for name in names
        )

    def may_be_compiled(self, requirement: Requirement) -> bool:
        """Whether a pinned version may have no wheel for the base's Python, because that moves on with the tag.

        On the full base it is compiled then, against whatever development packages are there.
        """
        tag = (self.stage.base_image.tag or "latest") if self.stage.base_image is not None else ""
        package = self.model.knowledge.python_package(requirement.name or "")
        if re.match(r"\d+\.\d", tag) or requirement.pinned is None or package is None or package.pure:
            return False
        verdict = wheel_verdict(self.model.knowledge, requirement, self.base.python or "", self.base.libc or "glibc")
        return verdict == "unknown"

    def requirements(self) -> Iterator[Wanted]:
        """What the installs ask for, as far as its markers hold."""
        for install in self.products:
            for found in install.requirements:
                if not found.applies(self.base.python, self.base.libc or "glibc"):
                    continue
                inner = self.project_requirements(install, found) if found.kind == "path" else None
                for one in (found,) if inner is None else inner:
                    if one.applies(self.base.python, self.base.libc or "glibc"):
                        if self.full_base and self.may_be_compiled(one):
                            raise Refused("requirement-unknown", self.stage.place(), package=one.raw)
                        yield Wanted(one.name, one.raw, self.stage.place(), must_be_known=self.full_base)

    def project_requirements(self, install: PipInstall, asked: Requirement) -> tuple[Requirement, ...] | None:
        """What a project of the context that pip installs from a folder requires itself; None when not known."""
        folder, _, extras = asked.raw.partition("[")
        path = context_path(self.stage, self.model, install.run.instruction, posixpath.join(folder, "pyproject.toml"))
        data = read_toml(self.context, path) if self.context is not None and path is not None else None
        table = data.get("project") if data is not None else None
        read = read_pyproject(self.context, path) if self.context is not None and path is not None else None
        if read is None or not isinstance(table, dict) or read.compiles or "name" not in table:
            return None
        dynamic = table.get("dynamic", ())
        names = [name.strip() for name in extras.rstrip("]").split(",") if name.strip()]
        if {"dependencies", "optional-dependencies"} & set(dynamic) or any(name not in read.extras for name in names):
            return None
        return (*read.dependencies, *(one for name in names for one in read.extras[name]))

    def final_contents(self) -> frozenset[str]:
        """What the final stage's base holds; the slim variant holds less than the builder's."""
        image = self.stage.base_image
        if not self.full_base or image is None or image.tag is None:
            return self.base.contents
        slim = self.model.knowledge.image(image.repository, slim_tag(image.tag))
        return slim.image.contents if slim is not None and slim.exact else frozenset()

    def pip_packages(self) -> frozenset[str]:
        """What only installing packages needs of the distribution's Python."""
        return _DISTRIBUTION_PYTHON - {"python3", "python-is-python3"} if self.distribution else frozenset()

    def build_only(self) -> frozenset[str]:
        """What only installing calls: pip of the distribution, and git for `pip install git+https://...`."""
        found = self.pip_packages()
        if not self.known or "git" in self.words:
            return found
        names = {requirement.name for install in self.products for requirement in install.requirements}
        uses = any(requirement.kind == "vcs" for install in self.products for requirement in install.requirements)
        reads_git = names & {"gitpython", "pre-commit", "pygit2", "setuptools-scm", "dvc", "mlflow"}
        return found | {"git"} if uses and not reads_git else found

    def place_products(self) -> None:
        """Send the installs to a prefix or a virtual environment where the file has none, and copy that."""
        if self.home is not None:
            self.layout.products = [f"COPY --from={self.layout.builder} {self.home} {self.home}"]
            self.layout.step("copy-products", path=self.home)
            return
        if len(self.products) == 1 and not self.is_shadowed and not self.distribution:
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
        for install in self.products:
            if is_uv_pip(install.operation):  # `--system` passes an environment by
                raise Refused(
                    "manager-verb", install.run.place(install.operation.verb_span, install.text), command="uv pip"
                )
        first = min(self.stage.position(install.run.instruction) for install in self.installs)
        unit = self.layout.units[first]
        step = self.layout.step("venv", path=VENV)
        newline = self.layout.newline
        path = f'ENV PATH="{VENV}/bin:$PATH"'
        make = f"RUN python -m venv {VENV}"
        if self.distribution:
            # What the distribution's own packages bring for Python stays visible.
            option = "--system-site-packages " if self.system_modules() else ""
            make = f"RUN {self.interpreter} -m venv {option}{VENV}"
            names = [f"{self.interpreter}-venv"]
            if self.base.manager == "apt" and not any(p.name == names[0] for p in self.installed):
                make = f"{install_line('apt', names, newline, self.stage.escape, recommends=False)}{newline}{make}"
        unit.edits.append((Span(0, 0), f"{make}{newline}{path}{newline}", step))
        self.layout.products = [f"COPY --from={self.layout.builder} {VENV} {VENV}", path]
        self.layout.step("copy-products", path=VENV)

    @property
    def is_shadowed(self) -> bool:
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


def _place(item: Instruction) -> Place:
    return Place(item, item.keyword_span)


def _is_requirements_file(source: str) -> bool:
    name = posixpath.basename(source)
    return name.endswith((".txt", ".in")) and ("require" in name or "constraint" in name or name == "deps.txt")


def _is_of_uv(image: str) -> bool:
    """Whether a COPY takes from uv's own image, which holds uv alone."""
    reference = parse_image(image)
    return reference is not None and reference.repository == "ghcr.io/astral-sh/uv"


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
