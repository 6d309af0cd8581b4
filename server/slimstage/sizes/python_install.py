"""From one call of pip, uv, poetry, pdm or pipenv to parts: what it installs, where, and what it leaves in caches."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from slimstage.context import locks
from slimstage.context.manifests import Requirement, Requirements, read_pyproject, read_requirements, read_toml
from slimstage.model.python import context_path, read_install
from slimstage.sizes import Size
from slimstage.sizes.calls import Call
from slimstage.sizes.environment import home, is_set, variable, virtual_environment
from slimstage.sizes.files import absolute
from slimstage.sizes.groups import chosen_groups
from slimstage.sizes.python import CACHE_PER_PACKAGE, PIP, STANDARD_LIBRARY, Installation, applies, install, locked
from slimstage.sizes.records import Part, between, scaled
from slimstage.sizes.spelling import similar

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.context.locks import Lock
    from slimstage.model.packages import PackageOperation

_NAMES_SHOWN = 4
LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "pipenv": "Pipfile.lock"}
_OUTPUT = ("-o", "--output", "--output-file")


def python_parts(call: Call, before: Sequence[Part]) -> list[Part]:
    """The parts of a call of pip, uv, poetry, pdm or pipenv; `before` are those the RUN has already."""
    if call.operation.manager == "pip" and call.operation.verb == "wheel":
        return _wheels(call)
    if call.operation.action not in ("install", "sync"):
        return []
    return _PythonInstall(call, before).parts()


class _PythonInstall:
    def __init__(self, call: Call, before: Sequence[Part]) -> None:
        self.call = call
        self.operation = call.operation
        self.before = before
        self.platform = call.platform
        self.extra: list[Part] = []

    def parts(self) -> list[Part]:
        manager = self.operation.manager
        by_name = manager == "pip" or (manager == "uv" and not self.is_project())
        found = self.requirements() if by_name else self.lock()
        if found is None:
            return self.extra
        self.extra += [self.unknown(name) for name in found.unknown]
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

    def unknown(self, name: str) -> Part:
        """A package nobody measured, with the one that may be meant."""
        knowledge = self.call.knowledge
        near = similar(name, {*knowledge.measured_wheels, *knowledge.python_packages})
        return Part("package-unknown-similar" if near else "package-unknown", {"name": name, "similar": near or ""})

    def is_project(self) -> bool:
        return self.operation.verb in ("sync", "add") and "pip" not in {w.value for w in self.operation.command.words}

    def is_on(self, *names: str) -> bool:
        assigned = {name for name, _ in self.operation.command.assignments}
        return bool(assigned & set(names)) or is_set(self.call.stage, self.call.instruction, *names)

    # What is installed

    def requirements(self) -> Installation | None:
        model = self.call.around.model
        asked = read_install(self.call.stage, model, self.call.run, self.operation, self.call.one.text)
        for word in self.operation.packages:
            if word.name is None and word.kind == "package":
                self.extra.append(Part("package-variable", {"name": word.raw}))
        wanted = list(asked.requirements)
        read = list(asked.read)
        seen = {path for one in asked.read for path in one.files[:1]}
        exported: list[Installation] = []
        for name in self.operation.requirements:
            more = self.requirements_of(name, seen)
            written = self.exported(name) if more is None and name is not None else None
            if written is not None:
                exported.append(written)
            elif more is None:
                self.extra.append(Part("requirements-missing", {"file": name or "$"}))
            else:
                wanted += more.items
                read.append(more)
        for one in list(wanted):
            if one.kind == "path":
                wanted += self.project(one.raw)
        if asked.editable:
            wanted += self.project(self.operation.options["editable"][-1])
        no_binary = frozenset(name for one in read for name in one.no_binary)
        for value in self.operation.options.get("no-binary", ()):
            no_binary |= frozenset(value.split(","))
        found = install(
            self.call.knowledge,
            wanted,
            self.platform,
            constraints=self.constraints(read),
            no_binary=no_binary,
            dependencies=not self.operation.has("no-deps"),
        )
        for other in exported:
            found = found.with_others(other)
        return found

    def requirements_of(self, name: str | None, seen: set[str]) -> Requirements | None:
        """What a file of `-r` adds to what was read of it already; None when it cannot be read."""
        context = self.call.around.model.context
        path = self.call.file(name) if name is not None else None
        if context is None or path is None or name is None:
            return None
        if posixpath.basename(name) == "pyproject.toml":
            extras = self.operation.options.get("extra", ())
            listed = self.dependencies(path, extras, everything=self.operation.has("all-extras"))
            return Requirements(tuple(listed), (path,)) if listed is not None else None
        return Requirements((), (path,)) if path in seen else read_requirements(context, path)

    def dependencies(self, path: str, extras: Iterable[str], *, everything: bool = False) -> list[Requirement] | None:
        """What a pyproject.toml asks for, with these extras; None when it cannot be read."""
        context = self.call.around.model.context
        found = read_pyproject(context, path) if context is not None else None
        if found is None:
            return None
        chosen = found.extras if everything else [extra for extra in extras if extra in found.extras]
        return [*found.dependencies, *(one for extra in chosen for one in found.extras[extra])]

    def constraints(self, read: Sequence[object]) -> list[Requirement]:
        """The pins of constraint files, named on the command line or in a requirements file."""
        context = self.call.around.model.context
        if context is None:
            return []
        paths: dict[str, None] = {}
        for name in self.operation.options.get("constraint", ()):
            found = context_path(self.call.stage, self.call.around.model, self.call.instruction, name)
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

    def project(self, raw: str) -> list[Requirement]:
        """The dependencies of a project in a folder (`pip install .`, `./lib[extra]`)."""
        if self.call.around.model.context is None:
            return []
        folder, _, extras = raw.strip("'\"").rstrip("]").partition("[")
        if folder.endswith((".whl", ".zip", ".gz", ".bz2", ".tgz")):
            self.extra.append(Part("package-unknown", {"name": folder}))
            return []
        if folder.endswith("*"):
            self.extra.append(Part("packages-of", {"path": folder}))
            return []
        size = between(300_000, 0, 6_000_000)
        self.extra.append(Part("project", {}, size, scaled(size, 0.3, 0.2, 0.6), self.place()))
        name = posixpath.join(folder, "pyproject.toml")
        path = self.call.file(name)
        listed = self.dependencies(path, [one.strip() for one in extras.split(",")]) if path is not None else None
        if listed is None:
            self.extra.append(Part("requirements-missing", {"file": posixpath.normpath(name)}))
        return listed or []

    def lock(self) -> Installation | None:
        found = self.locked(self.operation)
        if found is None:
            name = LOCKS[self.operation.manager]
            self.extra.append(Part("lock-missing", {"file": name, "manager": self.operation.manager}))
        return found

    def exported(self, name: str) -> Installation | None:
        """What a requirements file holds that a stage writes from a lock file (`poetry export -o`, `uv export >`)."""
        runs = [run for stage in self.call.around.model.stages for run in stage.runs]
        for operation in (one.operation for run in runs for one in run.operations):
            writes = operation.manager in LOCKS and operation.verb in ("export", "requirements")
            if writes and posixpath.basename(name) in map(posixpath.basename, _outputs(operation)):
                return self.locked(operation)
        return None

    def locked(self, operation: PackageOperation) -> Installation | None:
        """What a call of a manager takes from its lock file; None when that cannot be read."""
        readers: dict[str, Callable[[BuildContext, str], Lock | None]] = {
            "uv": partial(locks.read_uv_lock, holds=self.holds),
            "poetry": locks.read_poetry_lock,
            "pdm": locks.read_pdm_lock,
            "pipenv": locks.read_pipfile_lock,
        }
        name = LOCKS[operation.manager]
        context = self.call.around.model.context
        found = readers[operation.manager](context, self.call.file(name) or name) if context is not None else None
        if found is None or context is None:
            return None
        pyproject = read_toml(context, self.call.file("pyproject.toml") or "pyproject.toml")
        groups = chosen_groups(operation, found, pyproject or {}, no_dev=self.is_on("UV_NO_DEV"))
        wanted = [one for one in found.packages if not one.groups or one.groups & groups]
        extras = tuple(sorted(group.removeprefix(locks.EXTRA) for group in groups if group.startswith(locks.EXTRA)))
        return locked(self.call.knowledge, wanted, self.platform, extras)

    def holds(self, marker: str | None) -> bool:
        """Whether a marker of a lock file holds where this installs; True while Python's version is not known."""
        if self.platform.python is None and marker is not None and "python" in marker:
            return locks.on_linux(marker)
        return applies(marker, self.platform, ())

    # Where, and what else

    def place(self) -> str | None:
        """The site-packages folder that gets the files, or the environment that holds it."""
        options, instruction = self.operation.options, self.call.instruction
        library = f"lib/python{self.platform.python or '3'}/site-packages"

        def option(name: str) -> str | None:
            values = options.get(name)
            return absolute(values[-1], self.call.folder) if values and "$" not in values[-1] else None

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
        if self.operation.has("user") or (
            self.operation.manager == "pip" and home(self.call.stage, instruction) != "/root"
        ):
            return posixpath.join(home(self.call.stage, instruction), ".local", library)
        if self.call.state.python is None and self.call.state.packages is not None:
            return f"/usr/local/lib/python{self.platform.python or '3'}/dist-packages"
        return "/usr/local/" + library

    def venv(self) -> str | None:
        """The virtual environment that is written to, or None."""
        word = self.operation.command.words[0].value if self.operation.command.words else None
        if word is not None and word.startswith("/") and "/bin/" in word:
            folder = word.rpartition("/bin/")[0]
            return None if folder in ("/usr", "/usr/local", "") else folder
        for command, _ in self.call.run.commands:
            if command is self.operation.command:
                break
            if command.name in (".", "source", "activate") and len(command.words) > 1:
                path = absolute(command.words[1].value, self.call.folder)
                if path is not None and path.endswith("/bin/activate"):
                    return path.removesuffix("/bin/activate")
        return self.own_environment()

    def own_environment(self) -> str | None:
        """The environment that the manager itself makes or finds."""
        instruction = self.call.instruction
        manager = self.operation.manager
        if manager == "uv":
            if self.operation.has("system") or (not self.is_project() and self.is_on("UV_SYSTEM_PYTHON")):
                return None
            if self.is_project():
                given = variable(self.call.stage, instruction, "UV_PROJECT_ENVIRONMENT")
                return absolute(given, self.call.folder) if given else absolute(".venv", self.call.folder)
        if manager == "poetry":
            created = variable(self.call.stage, instruction, "POETRY_VIRTUALENVS_CREATE") or ""
            if created.lower() in ("false", "0") or self.configures("virtualenvs.create", "false"):
                return None
            if self.is_on("POETRY_VIRTUALENVS_IN_PROJECT") or self.configures("virtualenvs.in-project", "true"):
                return absolute(".venv", self.call.folder)
            return posixpath.join(home(self.call.stage, instruction), ".cache/pypoetry/virtualenvs")
        if manager == "pipenv":
            if self.operation.has("system"):
                return None
            if self.is_on("PIPENV_VENV_IN_PROJECT"):
                return absolute(".venv", self.call.folder)
            return posixpath.join(home(self.call.stage, instruction), ".local/share/virtualenvs")
        if manager == "pdm":
            return absolute(".venv", self.call.folder)
        return virtual_environment(self.call.stage, instruction)

    def configures(self, name: str, value: str) -> bool:
        """Whether `poetry config NAME VALUE` ran before in this stage."""
        for item in self.call.stage.runs:
            for command, _ in item.commands:
                words = [word.value for word in command.words]
                if name in words and value in words:
                    return True
            if item is self.call.run:
                break
        return False

    def compiles(self) -> bool:
        """Whether byte code is written at install: pip does, uv, poetry and pdm only when asked."""
        if self.operation.manager in ("pip", "pipenv"):
            return not self.operation.has("no-compile") and not self.is_on("PIP_NO_COMPILE")
        if self.operation.has("compile", "compile-bytecode"):
            return True
        return self.operation.manager == "uv" and self.is_on("UV_COMPILE_BYTECODE")

    def cache(self, found: Installation) -> list[Part]:
        """What the manager keeps of the downloads."""
        manager = self.operation.manager
        folder = posixpath.join(home(self.call.stage, self.call.instruction), ".cache", _CACHES.get(manager, manager))
        if self.operation.has("no-cache-dir", "no-cache") or self.is_on(
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
            or self.call.state.python is None
            or self.call.state.pip_ran
            or any(part.what == "byte-code" and part.args["program"] == "pip" for part in self.before)
            or self.is_on("PYTHONDONTWRITEBYTECODE")
            or self.is_of_environment()
        ):
            return []
        library = f"/usr/local/lib/python{self.call.state.python}"
        parts = [byte_code("pip", PIP * self.platform.code, library + "/site-packages/pip")]
        if any(word.name == "pip" for word in self.operation.packages):
            parts = []  # the old pip goes, and its byte code with it
        if not any(part.what == "byte-code" for part in (*self.before, *self.call.state.parts)):
            parts.append(byte_code("python", STANDARD_LIBRARY * self.platform.code, library))
        return parts

    def is_of_environment(self) -> bool:
        """Whether the pip that runs is a virtual environment's own, compiled when that was made."""
        return self.venv() is not None


def _outputs(operation: PackageOperation) -> list[str]:
    """The files that a command writes, by its options and redirections."""
    command = operation.command
    found = [one for key in ("o", "output", "output-file") for one in operation.options.get(key, ())]
    words = [word.value or "" for word in command.words]
    found += [word for before, word in pairwise(words) if before in _OUTPUT]
    targets = [redirect.target for redirect in command.redirects if redirect.operator in (">", ">|")]
    return [*found, *(target.value for target in targets if target is not None and target.value is not None)]


def byte_code(program: str, count: float, place: str) -> Part:
    """Byte code that a first run writes, in bytes for that Python."""
    size = between(count, count * 0.75, count * 1.3, "realbuild")
    return Part("byte-code", {"program": program}, size, scaled(size, 0.45, 0.35, 0.6), place)


_CACHES = {"poetry": "pypoetry", "pipenv": "pipenv"}


def _split(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _wheels(call: Call) -> list[Part]:
    """`pip wheel`: the archives in a folder."""
    found = read_install(call.stage, call.around.model, call.run, call.operation, call.one.text)
    made = install(call.knowledge, found.requirements, call.platform)
    values = call.operation.options.get("wheel-dir", ("",))
    place = absolute(values[-1] or ".", call.folder)
    parts = [Part("package-unknown", {"name": name}) for name in made.unknown]
    if made.distributions:
        args = {"count": len(made.distributions)}
        parts.append(Part("python-wheels", args, made.download, made.download, place))
    return parts
