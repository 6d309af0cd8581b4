"""Python with uv, poetry, pdm or pipenv: a virtual environment in the project's folder, shipped on the slim image.

The environment lies at the same path in both stages, since its scripts carry that path. The manager itself stays in
the builder, so a start command that goes through it (`uv run`) is written without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from slimstage.context.manifests import read_toml
from slimstage.model import Model, Stage
from slimstage.model.python import base_facts, is_uv_pip
from slimstage.model.runs import Run, RunCommand
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.python_plan import PythonPlan, Wanted, slim_tag
from slimstage.shell import SimpleCommand
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import Span, lazy_pattern

PATTERN = "python-venv"
_MANAGERS = ("uv", "poetry", "pdm", "pipenv")
# What makes each manager put the environment into the project's folder.
_IN_PROJECT = {
    "uv": "ENV UV_PYTHON_DOWNLOADS=never",
    "poetry": "ENV POETRY_VIRTUALENVS_CREATE=true POETRY_VIRTUALENVS_IN_PROJECT=true",
    "pdm": "ENV PDM_IGNORE_SAVED_PYTHON=1 PDM_IGNORE_ACTIVE_VENV=1",
    "pipenv": "ENV PIPENV_VENV_IN_PROJECT=1",
}
# Where each has names that `run` takes before programs of the environment.
_SCRIPTS = {
    "uv": ("pyproject.toml", ("project.scripts",)),
    "poetry": ("pyproject.toml", ("project.scripts", "tool.poetry.scripts")),
    "pdm": ("pyproject.toml", ("project.scripts", "tool.pdm.scripts")),
    "pipenv": ("Pipfile", ("scripts",)),
}
_RUN_FLAGS = ("--no-sync", "--frozen", "--no-dev", "--locked", "--")
_LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "pipenv": "Pipfile.lock"}
_UV_IMAGE = lazy_pattern(r"python(?P<version>3\.\d+)-(?P<release>bookworm|trixie)(?P<slim>-slim)?")


def applies(model: Model, stage: Stage) -> bool:
    """Whether one of these managers installs a project in the stage."""
    return manager_of(stage) is not None


def manager_of(stage: Stage) -> str | None:
    """The manager whose install or sync the stage runs; None without one, and for `uv pip`, which is as pip."""
    for run in stage.runs:
        for operation, _ in run.operations:
            installs = operation.manager in _MANAGERS and operation.action in ("install", "sync")
            if installs and not is_uv_pip(operation):
                return operation.manager
    return None


class Plan(PythonPlan):
    """One conversion in the making."""

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        super().__init__(model, stage, options)
        self.manager = manager_of(stage) or "uv"
        self.base = base_facts(stage, model.knowledge)
        self.full = False
        self.installers = frozenset(id(command) for run in stage.runs for command in self.installer(run))

    def installer(self, run: Run) -> Iterator[SimpleCommand]:
        """The commands that fetch the manager's own installer and run it: `curl URL | python3 -`."""
        commands = [command for command, _ in run.commands]
        for fetch, start in pairwise(commands):
            urls = {f"{self.manager}={(word.value or '').rpartition('://')[2]}" for word in fetch.words}
            known = fetch.name in ("curl", "wget") and not urls.isdisjoint(self.facts["installers"])
            words = [word.value for word in start.words]
            plain = start.guard == "|" and not start.redirects and not fetch.redirects
            if known and plain and words[:1] and words[0] in ("sh", "bash", "python3", "python"):
                yield from (fetch, start)

    def builds(self, command: RunCommand) -> bool:
        """The manager's own calls, and the pip or pipx call that installs it."""
        name = command.command.name
        words = [word.value or "" for word in command.command.words]
        if name == self.manager or id(command.command) in self.installers:
            return True
        if name in ("pip", "pip3", "pipx", "python", "python3") and "install" in words:
            raw = [word.raw.strip("\"'") for word in command.command.words[words.index("install") + 1 :]]
            wanted = [word for word in raw if not word.startswith("-")]
            return all(re.split(r"[=<>~!\[]", w)[0] in (self.manager, "pip", "setuptools", "wheel") for w in wanted)
        return False

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        self.layout.final_image = self.slim_image()
        self.split()
        self.check_installs()
        self.check_interpreter()
        self.check_packages()
        if self.full:
            self.tools_of_full(frozenset())
        left = self.place_packages()
        if not (self.full or left):
            raise Refused("nothing-to-leave-behind", self.stage.place())
        self.into_project()
        self.start_without_manager()
        home = self.workdir
        self.copy(home)
        self.layout.products.append(f'ENV PATH="{home}/.venv/bin:$PATH"')
        return self.finish()

    def slim_image(self) -> str:
        """The slim variant of the stage's python image; of uv's own image, the python image below it."""
        image, word = self.stage.base_image, self.stage.image_word
        text = self.stage.image_text or ""
        if self.stage.base_stage is not None:
            raise Refused("built-on-stage", self.stage.place(), stage=self.stage.base_stage.label)
        if image is None or word is None or word.variables or image.digest is not None or image.tag is None:
            raise Refused("unknown-base", self.stage.place(), image=text)
        if image.repository.endswith("astral-sh/uv"):
            found = _UV_IMAGE.fullmatch(image.tag)
            if found is None:
                raise Refused("unknown-base", self.stage.place(), image=text)
            self.full = True
            self.base = self.base._replace(python=found["version"], manager="apt", release=found["release"])
            return f"python:{found['version']}-slim-{found['release']}"
        if image.repository != "python":
            raise Refused("base-not-python", self.stage.place(), image=text)
        if self.base.kind == "full" and self.base.python is not None:
            self.full = True
            return word.raw.replace(":" + image.tag, ":" + slim_tag(image.tag))
        if self.base.kind not in ("slim", "alpine"):
            raise Refused("unknown-base", self.stage.place(), image=text)
        return word.raw

    def check_installs(self) -> None:
        """Refuse what goes elsewhere than to the project's own environment."""
        for run in self.stage.runs:
            for command, text in run.commands:
                words = [word.value or "" for word in command.words]
                place = run.place(command.span, text)
                if command.name != self.manager:
                    continue
                known = {"uv": ("sync", "--version"), "pdm": ("install", "sync", "--version")}.get(self.manager)
                if known is not None and words[1:2] not in [[verb] for verb in known]:
                    verb = " ".join(words[: 3 if words[1:2] == ["pip"] else 2])
                    raise Refused("manager-verb", place, command=verb)
                if {"--target", "--prefix", "--user", "-g", "--global"} & set(words):
                    raise Refused("install-location", place)
        names = ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "POETRY_VIRTUALENVS_PATH", "PDM_USE_VENV", "WORKON_HOME")
        scope = self.stage.scope_at(self.layout.units[self.last].instruction)
        if any(definition.name in names for definition in scope.visible()):
            raise Refused("install-location", self.stage.place())

    def check_interpreter(self) -> None:
        """Refuse when the project asks for another Python than the image has: then the manager would fetch one."""
        asked = self.text(".python-version").strip()
        if asked and self.base.python is not None and not asked.startswith(self.base.python):
            raise Refused("interpreter-differs", self.stage.place(), version=asked)

    def check_packages(self) -> None:
        """Add the run-time libraries of the locked packages; refuse what is compiled from source on the full image."""
        # Read where it is needed: it takes a library that most files do without.
        from slimstage.context import locks

        readers = {
            "uv": locks.read_uv_lock,
            "poetry": locks.read_poetry_lock,
            "pdm": locks.read_pdm_lock,
            "pipenv": locks.read_pipfile_lock,
        }
        path = _LOCKS[self.manager]
        lock = readers[self.manager](self.context, path) if self.context is not None else None
        if lock is None:
            if self.full:
                raise Refused("manifest-needed", self.stage.place(), file=path)
            self.known = False
            return
        text = self.text(path)
        wanted = [
            Wanted(
                locked.name,
                locked.name,
                self.stage.place(),
                must_be_known=self.full and (self.manager == "pipenv" or not _has_wheel(text, locked.name)),
            )
            for locked in lock.packages
            if not locked.groups or "main" in locked.groups
        ]
        self.check_compilers(wanted)
        self.extra += self.library_needs(wanted)
        known = self.model.knowledge.python_package
        if not self.full and any(
            known(one.name) is None and not _has_wheel(text, one.name) for one in wanted if one.name
        ):
            self.keep_compiler_libraries()

    def into_project(self) -> None:
        """Tell the manager, right before its first call, where the environment belongs."""
        step = self.layout.step("in-project", path=f"{self.workdir}/.venv")
        for unit in self.layout.units:
            run = self.runs.get(id(unit.instruction))
            if run is None or not any(command.name == self.manager for command, _ in run.commands):
                continue
            unit.edits.append((Span(0, 0), _IN_PROJECT[self.manager] + self.layout.newline, step))
            break
        for unit in self.layout.units:
            run = self.runs.get(id(unit.instruction))
            for command, text in run.commands if run is not None else ():
                for before, word in zip(command.words, command.words[1:], strict=False):
                    if command.name == "pipenv" and word.value == "--system":
                        gone = Span(before.span.end, word.span.end)
                        unit.edits.append((text.span(gone.start, gone.end), "", step))

    def start_without_manager(self) -> None:
        """Write `uv run X` as `X`; refuse another use of the manager at run time."""
        if self.manager not in self.words:
            return
        command, entrypoint = self.stage.last("CMD"), self.stage.last("ENTRYPOINT")
        if entrypoint is not None and entrypoint.form is Form.JSON and not entrypoint.arguments:
            entrypoint = None  # it clears that of the base
        found, check = entrypoint or command, self.stage.last("HEALTHCHECK")
        others = (item for item in (command, check) if item is not None and item is not found)
        if found is None or any(self.manager in item.text for item in others):
            raise Refused("manager-at-start", self.stage.place(), command=self.manager)
        unit = next((unit for unit in self.layout.units if unit.instruction is found), None)
        text = self.without_manager(found)
        if text is None or unit is None:
            raise Refused("manager-at-start", _place(found), command=self.manager)
        unit.final_text = f"{found.keyword} {text}"
        unit.step = self.layout.step("start-directly", command=self.manager)
        self.new_command = found.keyword

    def without_manager(self, item: Instruction) -> str | None:
        """What a start instruction says without `poetry run`, in the form it has; None where that is not the same."""
        if item.form is not Form.JSON:
            return None if "\n" in item.text.strip() else self.line_without_manager(item.body.text.strip())
        words = [word.value or "" for word in item.arguments]
        if words[:1] in (["sh"], ["bash"], ["/bin/sh"], ["/bin/bash"]) and words[1:2] == ["-c"] and len(words) == 3:
            line = self.line_without_manager(words[2])
            return None if line is None else json.dumps([*words[:2], line], ensure_ascii=False)
        rest = words[2:]
        while rest and rest[0] in _RUN_FLAGS:
            rest = rest[1:]
        if words[:2] != [self.manager, "run"] or "" in words or not rest or self.manager in rest:
            return None
        start = self.direct_start(rest[0])
        return None if start is None else json.dumps([*start, *rest[1:]], ensure_ascii=False)

    def line_without_manager(self, line: str) -> str | None:
        """A shell's line without `poetry run`, wherever it stands."""
        flags = "|".join(map(re.escape, _RUN_FLAGS))
        words: list[tuple[str, ...] | None] = []

        def direct(found: re.Match[str]) -> str:
            words.append(self.direct_start(found[1]))
            return " ".join(words[-1] or ())

        call = rf"(?<![^\s;&|(]){self.manager} +run +(?:(?:{flags}) +)*([^\s;&|()]+)"
        text = re.sub(call, direct, line)
        return text if words and None not in words and not re.search(rf"\b{self.manager}\b", text) else None

    def direct_start(self, word: str) -> tuple[str, ...] | None:
        """What starts when the manager's `run` is told that word; None for scripts and what nobody can tell."""
        if word.endswith(".py"):
            return ("python", word)
        if self.manager == "uv" and word == "-m":
            return ("python", "-m")
        return None if not word or word[0] in "-$\"'(`" or self.is_script(word) else (word,)

    def is_script(self, name: str) -> bool:
        """Whether `run` may take the word for a script of the project; so it may where its file cannot be read."""
        path, tables = _SCRIPTS[self.manager]
        if self.context is None or not self.context.exists(path):
            return False
        data = read_toml(self.context, path)
        for table in tables:
            found: Any = data
            for key in table.split("."):
                found = found.get(key, {}) if isinstance(found, dict) else None
            if not isinstance(found, dict) or name in found:
                return True
        return False

    def text(self, path: str) -> str:
        """A file of the context, or nothing."""
        return (self.context.read_text(path) or "") if self.context is not None else ""


def _has_wheel(lock: str, name: str) -> bool:
    """Whether a lock file lists a wheel of the package that Linux can take: pure, or with its libraries inside."""
    pattern = re.sub(r"[-_.]+", "[-_.]", re.escape(name).replace("\\-", "-"))
    return re.search(rf"\b{pattern}-.*(?:none-any|manylinux)", _wheels(lock), re.IGNORECASE) is not None


@lru_cache(maxsize=4)
def _wheels(lock: str) -> str:
    """The names of the wheels that a lock file lists, one a line."""
    return "\n".join(dict.fromkeys(re.findall(r"[^\s\"'/]+\.whl", lock, re.IGNORECASE)))


def _place(item: Instruction) -> Place:
    return Place(item, item.keyword_span)
