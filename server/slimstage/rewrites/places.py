"""The plan of PHP and Ruby: build steps write into named places of the base image and below the project's folder.

The places (extensions, gems) and the folder are copied as a whole, so that the final stage holds what the builder held
there, with owners and modes. A RUN may install distribution packages and build in one: it stays in the builder, and its
run-time packages are installed anew. Whatever writes elsewhere in such a RUN is a refusal.
"""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from slimstage.model import Model, Stage
from slimstage.model.installed import InstalledPackage
from slimstage.model.packages import PackageOperation
from slimstage.model.packages.prefixes import target_of
from slimstage.model.python import context_path
from slimstage.model.runs import RunCommand
from slimstage.rewrites.commands import Sorted
from slimstage.rewrites.conversion import ConversionOptions, Refused
from slimstage.rewrites.layout import Unit
from slimstage.rewrites.needs import called_programs
from slimstage.rewrites.packages import indexed_twins
from slimstage.rewrites.split import SplitPlan
from slimstage.shell import ShellWord
from slimstage.sizes.apt import closure
from slimstage.syntax.nodes import Instruction, Place

_WRITERS = frozenset("chgrp chmod chown cp find install ln mkdir mv rm rmdir sed tee touch [ test".split())
_FETCHERS = frozenset("curl wget tar unzip gzip gunzip git".split())
_FIRST_IS_NO_PATH = frozenset(("chgrp", "chmod", "chown"))
_WRITES = (">", ">>", "&>", ">|", "&>>")


class PlacesPlan(SplitPlan):
    """One conversion in the making."""

    names_owner = False

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        super().__init__(model, stage, options)
        self.folder_runs: dict[int, str] = {}
        self.places: dict[str, None] = {}
        self.repeated: dict[int, list[str]] = {}

    # What a subclass says.

    def in_folder(self, command: RunCommand) -> bool:
        """Whether a build command reads or writes the project's folder."""
        raise NotImplementedError

    def repeats(self, command: RunCommand) -> bool:
        """Whether a build command changes something outside of the places, so that the final stage runs it, too."""
        return False

    def places_written_by(self, command: RunCommand) -> tuple[str, ...]:
        """The places that a build command writes."""
        raise NotImplementedError

    def ships_folder(self) -> bool:
        """Whether the project's folder is copied from the builder."""
        return self.home is not None

    def is_build_copy(self, item: Instruction) -> bool:
        """Whether a COPY brings a tool that only the build wants."""
        return False

    # Folders and places.

    def folder_before(self, item: Instruction) -> str | None:
        """The working folder an instruction runs in."""
        return self.stage.state_before(item).workdir

    @cached_property
    def home(self) -> str | None:
        """The project's folder: where its build steps run; None when none does."""
        found = sorted(set(self.folder_runs.values()), key=len)
        if not found:
            return None
        if any(path != found[0] and not path.startswith(found[0] + "/") for path in found):
            raise Refused("folder-unknown", self.stage.place())
        return found[0]

    def place_of(self, path: str) -> str | None:
        """The place that holds a path; None when none does."""
        return next((place for place in self.facts["places"] if _is_in(path, place)), None)

    def is_scratch(self, path: str) -> bool:
        """Whether a path lies where only the build looks."""
        return any(_is_in(path, folder) for folder in self.facts["scratch"])

    def is_projects(self, path: str) -> bool:
        """Whether a path lies in the project's folder, or in a working folder when nothing is built there."""
        if self.home is not None:
            return _is_in(path, self.home)
        states = [self.stage.state_before(unit.instruction) for unit in self.layout.units]
        folders = {state.workdir for state in (*states, self.stage.final_state)} - {None, "/"}
        return any(folder is not None and _is_in(path, folder) for folder in (*folders, "/var/www"))

    # The instructions.

    def _read_run(self, item: Instruction) -> None:
        run = self.runs[id(item)]
        commands = self.kinds[id(item)]
        if not any(self.builds(command.item) for command in commands):
            return
        if run.opaque or any(flag.name == "mount" and flag.option("from") for flag in item.flags):
            raise Refused("opaque-run", Place(item, item.keyword_span))
        self.build_runs.add(id(item))
        folder = self.folder_before(item)
        for command in commands:
            words = command.item.command.words
            if command.item.command.name == "cd":
                folder = self.absolute(words[-1], folder) if len(words) == 2 else None
            elif self.builds(command.item):
                self._note_build(command, item, folder)
            elif command.kind not in ("neutral", "clean", "system") and not self.stays(command, folder):
                raise Refused("mixed-run", Place(item, item.keyword_span))

    def _note_build(self, command: Sorted, item: Instruction, folder: str | None) -> None:
        self.places.update((place, None) for place in self.places_written_by(command.item))
        if self.repeats(command.item):
            self.repeated.setdefault(id(item), []).append(_text(command))
        if not self.in_folder(command.item):
            return
        if folder is None or folder == "/":
            raise Refused("folder-unknown", Place(item, item.keyword_span))
        self.folder_runs[id(item)] = min(folder, self.folder_runs.get(id(item), folder), key=len)

    def stays(self, command: Sorted, folder: str | None) -> bool:
        """Whether a command of a build RUN writes into the folder, a place or a scratch folder only; notes places."""
        if command.kind != "plain" and command.item.command.name not in _FETCHERS:
            return False
        paths = self.touched(command, folder)
        for path in paths:
            if path is None:
                return False
            place = self.place_of(path)
            if place is not None:
                self.places[place] = None
            elif not self.is_scratch(path) and not (folder not in (None, "/") and _is_in(path, folder or "")):
                return False
        return True

    def touched(self, command: Sorted, folder: str | None) -> list[str | None]:
        """The absolute paths that a plain command names; None inside for what cannot be told."""
        simple = command.item.command
        paths = [
            self.absolute(redirect.target, folder)
            for redirect in simple.redirects
            if redirect.target is not None and redirect.operator in _WRITES and redirect.target.raw != "/dev/null"
        ]
        name = simple.name or ""
        if command.kind == "neutral" or name in ("echo", "printf", "cat"):
            return paths
        if name.startswith("a2"):
            return [*paths, "/etc/apache2/mods-enabled"]
        words = [word for word in simple.words[1:] if not word.raw.startswith("-") and "://" not in word.raw]
        if name in _FETCHERS:
            written = [word for word in words if word.raw.startswith(("/", "~", "$"))]
            return [*paths, *(self.absolute(word, folder) for word in written)]
        if name not in _WRITERS:
            return [*paths, None]
        if name in _FIRST_IS_NO_PATH or (name == "sed" and not any(w.raw in ("-e", "-f") for w in simple.words)):
            words = words[1:]
        if name == "find":
            words = words[:1]
        return [*paths, *(self.absolute(word, folder) for word in words if word.raw != "]")]

    def absolute(self, word: ShellWord, folder: str | None) -> str | None:
        """A word as an absolute path; None when it holds a variable that is not known."""
        text = word.raw.strip("\"'") if word.value is None else word.value
        for name, value in (entry.split("=", 1) for entry in self.facts.get("variables", ())):
            text = text.replace(f"${{{name}}}", value).replace(f"${name}", value)
        if re.search(r"[$`]", text):
            return None
        if text.startswith("~"):
            text = "/root" + text[1:]
        if not text.startswith("/"):
            if folder is None:
                return None
            text = posixpath.join(folder, text)
        return posixpath.normpath(text)

    def _decide_copy(self, unit: Unit, before: bool) -> None:
        if not before:
            return
        item = unit.instruction
        if self.is_build_copy(item):
            unit.fate = "builder"
            return
        words = [self.stage.expand(word, item) for word in item.arguments]
        target = words[-1] if words else None
        if target is None:
            raise Refused("folder-unknown", Place(item, item.keyword_span))
        folder = self.folder_before(item)
        if folder is None and not target.startswith("/"):
            raise Refused("folder-unknown", Place(item, item.keyword_span))
        path = posixpath.normpath(posixpath.join(folder or "/", target))
        if self.is_projects(path):
            unit.fate = "builder" if self.home is not None else "final"
        else:
            unit.fate = "builder" if self.is_scratch(path) else "both"

    def _decide_plain(self, unit: Unit, before: bool) -> None:
        """`mkdir`, `useradd`, `chown` ...: where the files are that they change, else in both stages."""
        if not before:
            unit.fate = "final"
            return
        item = unit.instruction
        if self.home is None:
            paths = [path for _, found in self.plain_commands(item) for path in found]
            known = [path for path in paths if path is not None]
            inside = any(self.is_projects(path) for path in known)
            scratch = bool(known) and len(known) == len(paths) and all(self.is_scratch(path) for path in known)
            unit.fate = "final" if inside else "builder" if scratch else "both"
            return
        again, stays = self.divided(item)
        unit.fate = "both" if again else "builder"
        if again and stays:
            unit.final_text = "RUN " + " && ".join(again)
            unit.step = self.layout.step("divided-run")

    def plain_commands(self, item: Instruction) -> list[tuple[Sorted, list[str | None]]]:
        """The commands of a RUN that change files by themselves, with the absolute paths they name."""
        folder = self.folder_before(item)
        found: list[tuple[Sorted, list[str | None]]] = []
        for command in self.kinds[id(item)]:
            words = command.item.command.words
            if command.item.command.name == "cd":
                folder = self.absolute(words[-1], folder) if len(words) == 2 else None
            elif command.kind == "plain" and not self.builds(command.item):
                found.append((command, self.touched(command, folder)))
        return found

    def divided(self, item: Instruction) -> tuple[list[str], bool]:
        """The commands of a RUN that the final stage repeats, and whether others stay in the builder.

        A COPY brings what lies in a folder with its owners and modes, but leaves a folder that is there as it was:
        what changes the project's folder itself, or a place, is repeated.
        """
        again: list[str] = []
        stays = False
        loose = False
        for command, paths in self.plain_commands(item):
            simple = command.item.command
            loose = loose or bool(simple.context) or simple.guard not in ("", "&&", ";")
            if self.is_inner(item, simple.name or "", paths):
                stays = True
            else:
                again.append(_text(command))
        moves = any(command.item.command.name == "cd" for command in self.kinds[id(item)])
        if again and stays and (loose or moves):
            raise Refused("mixed-run", Place(item, item.keyword_span))
        return again, stays

    def is_inner(self, item: Instruction, name: str, paths: list[str | None]) -> bool:
        """Whether a command changes only what is copied anyway; refuses what does both at once."""
        roots = {path for path in paths if path is not None and (path == self.home or path in self.places)}
        inner = [
            path
            for path in paths
            if path is not None and path not in roots and (self.is_projects(path) or self.place_of(path) in self.places)
        ]
        rest = [path for path in paths if path not in roots and path not in inner]
        outside = [path for path in rest if path is None or not self.is_scratch(path)]
        if not self.ships_folder() and any(path is not None and self.is_projects(path) for path in paths):
            if name != "mkdir":
                raise Refused("mixed-run", Place(item, item.keyword_span))
            return False
        if inner and outside:
            places = [self.place_of(path) if path is not None else None for path in outside]
            if None in places:
                raise Refused("mixed-run", Place(item, item.keyword_span))
            self.places.update((place, None) for place in places if place is not None)
            return True
        if inner and roots and name != "mkdir":
            raise Refused("owner-changed-in-build", Place(item, item.keyword_span))
        return not roots and not outside and bool(paths)

    def _decide_run(self, unit: Unit, before: bool) -> None:
        item = unit.instruction
        if id(item) in self.build_runs:
            again = [*self.repeated.get(id(item), ()), *(self.divided(item)[0] if self.home is not None else ())]
            unit.fate = "both" if again else "builder"
            unit.final_text = "RUN " + " && ".join(again) if again else None
            return
        super()._decide_run(unit, before)

    def _decide_system(self, unit: Unit, mine: list[InstalledPackage], before: bool) -> None:
        if not before and any(package.is_build or package.name in self.build_only() for package in mine):
            raise Refused("tools-after-install", mine[0].place)
        super()._decide_system(unit, mine, before)

    # Packages and products.

    def keep_called(self) -> None:
        """Keep the packages whose programs the project's sources or the start instructions call."""
        programs = dict(entry.split("=", 1) for entry in self.facts["programs"])
        called = {*called_programs(self.context, programs), *(programs[w] for w in self.words if w in programs)}
        installed = {package.name for package in self.installed}
        self.extra += [name for name in installed & called if name not in self.extra]
        self.known = self.known and self.context is not None

    def copy_places(self) -> None:
        """Copy the places that were written, without those inside another, and the project's folder."""
        found = list(self.places)
        for place in found:
            if not any(place != other and _is_in(place, other) for other in found):
                self.copy(place)
        if self.home is not None and self.ships_folder():
            self.copy(self.home)

    def pulled_in(self, wanted: frozenset[str]) -> list[str]:
        """Run-time libraries of development packages that others pulled in, where nothing else brings them.

        `libgd-dev` brings `libpng-dev`, say, and an extension links that, too.
        """
        found = self.model.knowledge.debian(self.base.release) if self.base.manager == "apt" else None
        if found is None:
            return []
        named = {package.name for package in self.installed}
        pulled = set(closure(found.table, named, found.slim, recommends=False).added) - named
        twins = [twin for name in sorted(named) for twin in self.twins_of(name)]
        brought = set(closure(found.table, twins, found.slim, recommends=False).added)
        libraries: list[str] = []
        for name in sorted(pulled & wanted):
            own = self.twins_of(name)
            # The first is the library itself; what stands beside it in the same package is used by few.
            if own and own[0] not in brought and own[0] not in found.slim:
                libraries += own
        return libraries

    def twins_of(self, name: str) -> tuple[str, ...]:
        """The run-time packages of a development package; empty when unknown or when it is none."""
        manager = self.base.manager or "apt"
        found = self.model.knowledge.twins(manager, name, self.base.release)
        if found or not name.endswith("-dev"):
            return found
        return indexed_twins(self.model.knowledge, name, self.base.release) or ()

    def source_of(self, item: Instruction, path: str) -> str | None:
        """The context's file that lies at a path of the stage when `item` runs."""
        return context_path(self.stage, self.model, item, path)

    def operations_of(self, *managers: str) -> list[tuple[Instruction, PackageOperation]]:
        """The operations of these managers, each with its instruction."""
        return [
            (run.instruction, operation)
            for run in self.stage.runs
            for operation, _ in run.operations
            if operation.manager in managers
        ]


def program_words(command: RunCommand) -> tuple[str, list[str]]:
    """The program that a command really runs and the words behind it, as written where they hold a variable."""
    target = target_of(command.command.words)
    if target is None:
        return "", []
    return target.program, [word.value if word.value is not None else word.raw for word in target.words[1:]]


def _text(command: Sorted) -> str:
    """A command as written."""
    span = command.item.command.span
    return command.item.text.text[span.start : span.end]


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
