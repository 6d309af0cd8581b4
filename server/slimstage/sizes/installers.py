"""From one call of a language's package manager to parts: what it installs, where, and what it leaves in caches."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from slimstage.context import locks
from slimstage.context.manifests import Requirement, read_package_json, read_pyproject, read_requirements
from slimstage.model.packages.prefixes import program_name
from slimstage.model.python import context_path, read_install
from slimstage.sizes import NOTHING, Size
from slimstage.sizes.environment import home, is_set, variable, virtual_environment
from slimstage.sizes.files import absolute
from slimstage.sizes.node import archives, closure, evidence, modules
from slimstage.sizes.python import (
    CACHE_PER_PACKAGE,
    PIP,
    STANDARD_LIBRARY,
    Installation,
    Platform,
    install,
    locked,
)
from slimstage.sizes.records import Part, between, scaled
from slimstage.sizes.state import Files, Surroundings

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.context.locks import Lock, Locked
    from slimstage.model import Stage
    from slimstage.model.packages import PackageOperation
    from slimstage.model.runs import Run, RunOperation

_NAMES_SHOWN = 4
_DEBIAN_PYTHON = {"buster": "3.7", "bullseye": "3.9", "bookworm": "3.11", "trixie": "3.13"}


def python_parts(
    stage: Stage,
    run: Run,
    one: RunOperation,
    state: Files,
    around: Surroundings,
    folder: str | None,
    before: Sequence[Part],
) -> list[Part]:
    """The parts of a call of pip, uv, poetry, pdm or pipenv; `before` are those the RUN has already."""
    operation = one.operation
    if operation.manager == "pip" and operation.verb == "wheel":
        return _wheels(stage, run, one, state, around, folder)
    if operation.action not in ("install", "sync"):
        return []
    return _PythonInstall(stage, run, one, state, around, folder, before).parts()


class _PythonInstall:
    def __init__(
        self,
        stage: Stage,
        run: Run,
        one: RunOperation,
        state: Files,
        around: Surroundings,
        folder: str | None,
        before: Sequence[Part],
    ) -> None:
        self.stage, self.run, self.state, self.around = stage, run, state, around
        self.operation: PackageOperation = one.operation
        self.one = one
        self.folder = folder
        self.before = before
        self.platform = _platform(state, around)
        self.extra: list[Part] = []

    def parts(self) -> list[Part]:
        manager = self.operation.manager
        by_name = manager == "pip" or (manager == "uv" and not self.is_project())
        found = self.requirements() if by_name else self.lock()
        if found is None:
            return self.extra
        self.extra += [Part("package-unknown", {"name": name}) for name in found.unknown]
        place = self.place()
        known = [one for one in found.distributions if one.unpacked is not None]
        parts: list[Part] = []
        if known:
            disk = found.disk(compiled=self.compiles())
            largest = sorted(known, key=lambda one: -(one.unpacked.bytes if one.unpacked is not None else 0))
            args = {
                "manager": manager,
                "count": len(known),
                "largest": ", ".join(one.name for one in largest[:_NAMES_SHOWN]),
            }
            download = found.download + scaled(disk - found.disk(compiled=False), 0.4, 0.3, 0.5)
            parts.append(Part("python", args, disk, download, place))
            parts += self.cache(found)
        return [*parts, *self.first_run(), *self.extra]

    def is_project(self) -> bool:
        return self.operation.verb in ("sync", "add") and "pip" not in {w.value for w in self.operation.command.words}

    def set(self, *names: str) -> bool:
        assigned = {name for name, _ in self.operation.command.assignments}
        return bool(assigned & set(names)) or is_set(self.stage, self.run.instruction, *names)

    # What is installed

    def requirements(self) -> Installation | None:
        model = self.around.model
        found = read_install(self.stage, model, self.run, self.operation, self.one.text)
        for word in self.operation.packages:
            if word.name is None and word.kind == "package":
                self.extra.append(Part("package-variable", {"name": word.raw}))
        for name in self.operation.requirements:
            if name is None:
                self.extra.append(Part("requirements-missing", {"file": "$"}))
        if len(found.read) < len(self.operation.requirements):
            read = {path for one in found.read for path in one.files[:1]}
            for name in self.operation.requirements:
                if name is not None and not any(path.endswith(posixpath.basename(name)) for path in read):
                    self.extra.append(Part("requirements-missing", {"file": name}))
        wanted = list(found.requirements)
        if found.editable or any(one.kind == "path" for one in wanted):
            wanted += self.project(wanted)
        no_binary = frozenset(name for one in found.read for name in one.no_binary)
        for value in self.operation.options.get("no-binary", ()):
            no_binary |= frozenset(value.split(","))
        return install(
            model.knowledge,
            wanted,
            self.platform,
            constraints=self.constraints(found.read),
            no_binary=no_binary,
            dependencies=not self.operation.has("no-deps"),
        )

    def constraints(self, read: Sequence[object]) -> list[Requirement]:
        """The pins of constraint files, named on the command line or in a requirements file."""
        context = self.around.model.context
        if context is None:
            return []
        paths: dict[str, None] = {}
        for name in self.operation.options.get("constraint", ()):
            found = context_path(self.stage, self.around.model, self.run.instruction, name)
            if found is not None:
                paths.setdefault(found)
        for one in read:
            for path in getattr(one, "files", ())[1:]:
                paths.setdefault(path)
        items: list[Requirement] = []
        for path in paths:
            parsed = read_requirements(context, path)
            items += parsed.items if parsed is not None else ()
        return items

    def project(self, wanted: Sequence[Requirement]) -> list[Requirement]:
        """The dependencies of the project itself (`pip install .`)."""
        model = self.around.model
        context = model.context
        if context is None:
            return []
        path = context_path(self.stage, model, self.run.instruction, "pyproject.toml")
        found = read_pyproject(context, path) if path is not None else None
        size = between(300_000, 0, 6_000_000)
        self.extra.append(Part("project", {}, size, scaled(size, 0.3, 0.2, 0.6), self.place()))
        if found is None:
            self.extra.append(Part("requirements-missing", {"file": "pyproject.toml"}))
            return []
        return list(found.dependencies)

    def lock(self) -> Installation | None:
        manager = self.operation.manager
        name, read = {
            "uv": ("uv.lock", locks.read_uv_lock),
            "poetry": ("poetry.lock", locks.read_poetry_lock),
            "pdm": ("pdm.lock", locks.read_pdm_lock),
            "pipenv": ("Pipfile.lock", locks.read_pipfile_lock),
        }[manager]
        found = self.read(name, read)
        if found is None:
            self.extra.append(Part("lock-missing", {"file": name, "manager": manager}))
            return None
        wanted = [one for one in found.packages if self.wants(one)]
        return locked(self.around.model.knowledge, wanted, self.platform)

    def read(self, name: str, read: Callable[[BuildContext, str], Lock | None]) -> Lock | None:
        context = self.around.model.context
        if context is None:
            return None
        path = context_path(self.stage, self.around.model, self.run.instruction, name)
        return read(context, path or name)

    def wants(self, one: Locked) -> bool:
        """Whether the command line asks for a locked package's group."""
        if not one.groups:
            return True
        operation, manager = self.operation, self.operation.manager
        options = operation.options
        if manager == "pipenv":
            return "main" in one.groups or (operation.has("dev") and "dev" in one.groups)
        listed = {part for value in options.get("only", ()) + options.get("only-group", ()) for part in _split(value)}
        if listed:
            return bool(one.groups & listed)
        if operation.has("no-dev", "prod", "production") or self.set("UV_NO_DEV"):
            return "main" in one.groups
        without = {part for value in options.get("without", ()) + options.get("no-group", ()) for part in _split(value)}
        if without:
            return bool(one.groups - without)
        if manager == "uv":
            wanted = {"main", "dev", *(part for value in options.get("group", ()) for part in _split(value))}
            return bool(one.groups & wanted) or operation.has("all-groups")
        return True

    # Where, and what else

    def place(self) -> str | None:
        """The site-packages folder that gets the files, or the environment that holds it."""
        options, instruction = self.operation.options, self.run.instruction
        library = f"lib/python{self.platform.python or '3'}/site-packages"

        def option(name: str) -> str | None:
            values = options.get(name)
            return absolute(values[-1], self.folder) if values and "$" not in values[-1] else None

        target = option("target")
        if target is not None:
            return target
        for name in ("prefix", "root"):
            found = option(name)
            if found is not None:
                return posixpath.join(found, library if name == "prefix" else "usr/local/" + library)
        venv = self.venv()
        if venv is not None:
            return posixpath.join(venv, library)
        if self.operation.has("user") or (self.operation.manager == "pip" and home(self.stage, instruction) != "/root"):
            return posixpath.join(home(self.stage, instruction), ".local", library)
        if self.state.python is None and self.state.packages is not None:
            return f"/usr/local/lib/python{self.platform.python or '3'}/dist-packages"
        return "/usr/local/" + library

    def venv(self) -> str | None:
        """The virtual environment that is written to, or None."""
        word = self.operation.command.words[0].value if self.operation.command.words else None
        if word is not None and word.startswith("/") and "/bin/" in word:
            folder = word.rpartition("/bin/")[0]
            return None if folder in ("/usr", "/usr/local", "") else folder
        for command, _ in self.run.commands:
            if command is self.operation.command:
                break
            if command.name in (".", "source", "activate") and len(command.words) > 1:
                path = absolute(command.words[1].value, self.folder)
                if path is not None and path.endswith("/bin/activate"):
                    return path.removesuffix("/bin/activate")
        return self.own_environment()

    def own_environment(self) -> str | None:
        """The environment that the manager itself makes or finds."""
        instruction = self.run.instruction
        manager = self.operation.manager
        if manager == "uv":
            if self.operation.has("system") or (not self.is_project() and self.set("UV_SYSTEM_PYTHON")):
                return None
            if self.is_project():
                given = variable(self.stage, instruction, "UV_PROJECT_ENVIRONMENT")
                return absolute(given, self.folder) if given else absolute(".venv", self.folder)
        if manager == "poetry":
            created = variable(self.stage, instruction, "POETRY_VIRTUALENVS_CREATE") or ""
            if created.lower() in ("false", "0") or self.configures("virtualenvs.create", "false"):
                return None
            if self.set("POETRY_VIRTUALENVS_IN_PROJECT") or self.configures("virtualenvs.in-project", "true"):
                return absolute(".venv", self.folder)
            return posixpath.join(home(self.stage, instruction), ".cache/pypoetry/virtualenvs")
        if manager == "pipenv":
            if self.operation.has("system"):
                return None
            if self.set("PIPENV_VENV_IN_PROJECT"):
                return absolute(".venv", self.folder)
            return posixpath.join(home(self.stage, instruction), ".local/share/virtualenvs")
        if manager == "pdm":
            return absolute(".venv", self.folder)
        return virtual_environment(self.stage, instruction)

    def configures(self, name: str, value: str) -> bool:
        """Whether `poetry config NAME VALUE` ran before in this stage."""
        for item in self.stage.runs:
            for command, _ in item.commands:
                words = [word.value for word in command.words]
                if name in words and value in words:
                    return True
            if item is self.run:
                break
        return False

    def compiles(self) -> bool:
        """Whether byte code is written at install: pip does, uv, poetry and pdm only when asked."""
        if self.operation.manager in ("pip", "pipenv"):
            return not self.operation.has("no-compile") and not self.set("PIP_NO_COMPILE")
        if self.operation.has("compile", "compile-bytecode"):
            return True
        return self.operation.manager == "uv" and self.set("UV_COMPILE_BYTECODE")

    def cache(self, found: Installation) -> list[Part]:
        """What the manager keeps of the downloads."""
        manager = self.operation.manager
        folder = posixpath.join(home(self.stage, self.run.instruction), ".cache", _CACHES.get(manager, manager))
        if self.operation.has("no-cache-dir", "no-cache") or self.set(
            "PIP_NO_CACHE_DIR", "UV_NO_CACHE", "POETRY_NO_CACHE", "PIPENV_NO_CACHE_DIR"
        ):
            return []
        count = len(found.distributions)
        pages = between(count * CACHE_PER_PACKAGE, 0, count * CACHE_PER_PACKAGE * 3)
        size = pages
        if manager != "uv":  # uv links its cache and the environment: the files are there once
            size = found.download + pages
            # Nothing stays when the index, or a proxy before it, forbids keeping its answers.
            size = Size(size.bytes, 0, size.high, size.basis, size.sources)
        return [Part("python-cache", {"manager": manager}, size, size, folder)]

    def first_run(self) -> list[Part]:
        """The byte code of pip and the standard library, which official images do not hold."""
        if (
            self.operation.manager not in ("pip", "pipenv")
            or self.state.python is None
            or self.state.pip_ran
            or any(part.what == "byte-code" and part.args["program"] == "pip" for part in self.before)
            or self.set("PYTHONDONTWRITEBYTECODE")
            or self.is_of_environment()
        ):
            return []
        library = f"/usr/local/lib/python{self.state.python}"
        parts = [byte_code("pip", PIP * self.platform.code, library + "/site-packages/pip")]
        if any(word.name == "pip" for word in self.operation.packages):
            parts = []  # the old pip goes, and its byte code with it
        if not any(part.what == "byte-code" for part in (*self.before, *self.state.parts)):
            parts.append(byte_code("python", STANDARD_LIBRARY * self.platform.code, library))
        return parts

    def is_of_environment(self) -> bool:
        """Whether the pip that runs is a virtual environment's own, compiled when that was made."""
        return self.venv() is not None


def byte_code(program: str, count: float, place: str) -> Part:
    """Byte code that a first run writes, in bytes for that Python."""
    size = between(count, count * 0.75, count * 1.3, "realbuild")
    return Part("byte-code", {"program": program}, size, scaled(size, 0.45, 0.35, 0.6), place)


_CACHES = {"poetry": "pypoetry", "pipenv": "pipenv"}


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _platform(state: Files, around: Surroundings) -> Platform:
    python = state.python
    if python is None and state.packages is not None and "python3" in state.packages:
        python = _DEBIAN_PYTHON.get(state.facts.release or "")
    return Platform(python, state.facts.libc or "glibc", around.machine)


def _wheels(
    stage: Stage, run: Run, one: RunOperation, state: Files, around: Surroundings, folder: str | None
) -> list[Part]:
    """`pip wheel`: the archives in a folder."""
    operation = one.operation
    found = read_install(stage, around.model, run, operation, one.text)
    made = install(around.model.knowledge, found.requirements, _platform(state, around))
    values = operation.options.get("wheel-dir", ("",))
    place = absolute(values[-1] or ".", folder)
    parts = [Part("package-unknown", {"name": name}) for name in made.unknown]
    if made.distributions:
        args = {"count": len(made.distributions)}
        parts.append(Part("python-wheels", args, made.download, made.download, place))
    return parts


def node_parts(
    stage: Stage, run: Run, one: RunOperation, around: Surroundings, folder: str | None, *, production: bool = False
) -> list[Part]:
    """The parts of a call of npm, yarn, pnpm or bun; `production` leaves development packages out."""
    operation = one.operation
    manager = operation.manager
    context = around.model.context
    names = [word.name or word.raw for word in operation.packages]
    if names or operation.has("global"):
        return _node_by_name(stage, run, operation, around, folder)
    place = absolute("node_modules", folder)
    production = production or _is_production(stage, run, operation)
    readers: dict[str, tuple[str, Callable[[BuildContext, str], Lock | None]]] = {
        "npm": ("package-lock.json", locks.read_package_lock),
        "yarn": ("yarn.lock", locks.read_yarn_lock),
        "pnpm": ("pnpm-lock.yaml", locks.read_pnpm_lock),
        "bun": ("bun.lock", lambda context, path: None),
    }
    name, read = readers[manager]
    found: Lock | None = None
    path: str | None = None
    if context is not None:
        path = context_path(stage, around.model, run.instruction, name) or (name if context.exists(name) else None)
        found = read(context, path) if path is not None else None
    root = posixpath.dirname(path) if path is not None else ""
    beside = posixpath.join(root, "node_modules")
    if found is None:
        seen = evidence(context, beside) if not production else None
        args = {"manager": manager, "file": name}
        if seen is None:
            return _without_lock(stage, run, operation, around, place, production=production)
        return [Part("node-evidence", args, seen, archives(seen), place)]
    wanted = [package for package in found.packages if not production or _ships(package, found, context, root)]
    weighed = modules(around.model.knowledge, wanted, context, beside)
    seen = evidence(context, beside) if weighed.unknown and not production else None
    disk = seen if seen is not None else weighed.disk
    counts: dict[str, object] = {"manager": manager, "count": weighed.packages, "unknown": len(weighed.unknown)}
    download = archives(disk)
    what = "node-unknown" if weighed.unknown else "node"
    records = _node_records(context, path, len(wanted), len(found.packages))
    parts = [Part(what, counts, disk + records, download + records, place)]
    cache = _node_cache(stage, run, operation, disk, weighed.packages, located=found.located)
    return [*parts, *cache]


def _node_by_name(
    stage: Stage, run: Run, operation: PackageOperation, around: Surroundings, folder: str | None
) -> list[Part]:
    """`npm install -g typescript`: the packages named on the command line and what they need."""
    hidden = [word.raw for word in operation.packages if word.name is None or word.kind != "package"]
    parts = [Part("package-variable", {"name": raw}) for raw in hidden]
    wanted = {
        word.name: word.version or "" for word in operation.packages if word.name is not None and word.kind == "package"
    }
    place = "/usr/local/lib/node_modules" if operation.has("global") else absolute("node_modules", folder)
    return [*parts, *_node_closure(stage, run, operation, around, wanted, place)] if wanted else parts


def _without_lock(
    stage: Stage, run: Run, operation: PackageOperation, around: Surroundings, place: str | None, *, production: bool
) -> list[Part]:
    """`npm install` by package.json alone: today's newest versions of what it asks for."""
    context = around.model.context
    missing = [Part("lock-missing", {"manager": operation.manager, "file": "package.json"}, path=place)]
    if context is None:
        return missing
    path = context_path(stage, around.model, run.instruction, "package.json") or "package.json"
    manifest = read_package_json(context, path)
    if manifest is None or operation.action == "sync":
        return missing
    wanted = dict(manifest.dependencies)
    if not production:
        wanted.update(manifest.dev_dependencies)
    return _node_closure(stage, run, operation, around, wanted, place) if wanted else []


def _node_closure(
    stage: Stage,
    run: Run,
    operation: PackageOperation,
    around: Surroundings,
    wanted: Mapping[str, str],
    place: str | None,
) -> list[Part]:
    packages, complete = closure(around.model.knowledge, wanted)
    if not any(name in around.model.knowledge.node_packages for name in wanted):
        names = list(wanted)
        return [
            Part("packages", {"manager": operation.manager, "packages": ", ".join(names[:_NAMES_SHOWN])}, path=place)
        ]
    weighed = modules(around.model.knowledge, packages, None, None)
    size = weighed.disk
    # Versions move between our measurement and the build, and what an unknown package needs is unknown too.
    disk = Size(
        size.bytes, round(size.low * 0.85), round(size.high * (1.25 if complete else 1.7)), "assumed", size.sources
    )
    counts = {"manager": operation.manager, "count": weighed.packages, "unknown": len(weighed.unknown)}
    parts = [Part("node-closure", counts, disk, archives(disk), place)]
    return [*parts, *_node_cache(stage, run, operation, disk, weighed.packages, located=False)]


def _is_production(stage: Stage, run: Run, operation: PackageOperation) -> bool:
    if operation.has("production", "prod") or "dev" in operation.options.get("omit", ()):
        return True
    if "production" in operation.options.get("only", ()) or "prod" in operation.options.get("only", ()):
        return True
    if "dev" in operation.options.get("include", ()):
        return False
    assigned = dict(operation.command.assignments)
    if "NODE_ENV" in assigned:
        return assigned["NODE_ENV"].value == "production"
    given = (variable(stage, run.instruction, "NODE_ENV") or "").strip("\"'")
    omit = variable(stage, run.instruction, "NPM_CONFIG_OMIT") or variable(stage, run.instruction, "npm_config_omit")
    return given == "production" or omit == "dev"


def _ships(package: Locked, lock: Lock, context: BuildContext | None, root: str) -> bool:
    if package.groups:
        return "dev" not in package.groups
    manifest = read_package_json(context, posixpath.join(root, "package.json")) if context is not None else None
    return manifest is None or package.name not in manifest.dev_dependencies


def _node_records(context: BuildContext | None, path: str | None, wanted: int, locked_: int) -> Size:
    """The copy of the lock file that npm keeps in node_modules, and its logs."""
    text = context.read_text(path) if context is not None and path is not None else None
    copy = round(len(text or "") * wanted / max(locked_, 1))
    return Size(copy + 60_000, copy // 2, copy + 300_000, "computed")


# What npm's cache held after `npm ci` of 475 packages (measured 2026-11-25): the archives, 0.25 of node_modules; 8 kB
# of index a file; and 133 kB a package of the index's answers when the lock file does not say where archives lie.
_NPM_INDEX, _NPM_ANSWER = 8_000, 133_000


def _node_cache(
    stage: Stage, run: Run, operation: PackageOperation, disk: Size, count: int, *, located: bool
) -> list[Part]:
    """The archives npm and yarn keep; pnpm links its store into node_modules, so that costs nothing more."""
    if operation.manager not in ("npm", "yarn") or disk is NOTHING:
        return []
    folder = ".npm" if operation.manager == "npm" else ".cache/yarn"
    size = disk  # yarn keeps unpacked copies
    if operation.manager == "npm":
        each = _NPM_INDEX + (0 if located else _NPM_ANSWER + _NPM_INDEX)
        size = archives(disk) + between(count * each, count * each * 0.5, count * each * 1.8)
        size = Size(size.bytes, 0, size.high, size.basis, size.sources)
    place = posixpath.join(home(stage, run.instruction), folder)
    return [Part("node-cache", {"manager": operation.manager}, size, size, place)]


__all__ = ["node_parts", "program_name", "python_parts"]
