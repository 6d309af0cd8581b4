"""The plan that compiled ecosystems share: build in the stage as it was, ship named folders or files of it.

A subclass says which commands build, on which image the result runs, and what is copied; this class gives every
instruction its stage. Whatever it cannot place is a refusal.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from functools import cached_property

from slimstage.context.ignore import VisibleContext, visible_context
from slimstage.model import Model, Stage
from slimstage.model.images import parse_image
from slimstage.model.installed import InstalledPackage, installed_packages
from slimstage.model.needs import runtime_needs
from slimstage.model.packages.prefixes import target_of
from slimstage.model.python import BaseFacts, base_facts
from slimstage.model.runs import RunCommand
from slimstage.rewrites.commands import Sorted, creating_part, sorted_commands
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.layout import PACKAGES_HERE, Fate, Layout, Unit
from slimstage.rewrites.needs import called_words, run_time_words, source_texts, start_words
from slimstage.rewrites.packages import RuntimePackages, install_line, runtime_packages
from slimstage.shell import read_script
from slimstage.sizes.apt import closure
from slimstage.syntax.nodes import Form, Instruction, Place

_METADATA = frozenset("LABEL EXPOSE VOLUME HEALTHCHECK STOPSIGNAL CMD ENTRYPOINT MAINTAINER".split())
# Programs that the full variants hold and a start script may call; each bears its package's name.
_TOOLS_OF_FULL = ("curl", "wget", "git", "file", "unzip", "gnupg", "procps", "netcat-openbsd")
_MAX_ENTRIES = 400
_WITHOUT_CERTIFICATES = ("debian", "ubuntu", "node")
_CERTIFICATES, _ANY_DEBIAN = "ca-certificates", "bookworm"
SHELLS = ("sh", "bash", "ash", "dash")


class SplitPlan:
    """One conversion in the making."""

    ecosystem = ""
    names_owner = True  # whether copies are given to the user who built, instead of keeping each file's owner
    searched: tuple[str, ...] = ("/usr/local/bin", "/usr/bin", "/bin")  # where the base image looks for programs
    has_certificates = False  # whether the language's own programs bring theirs
    # Where packages go that are no build tools and are installed before the last build step.
    run_time_packages: Fate = "both"

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model, self.stage, self.options = model, stage, options
        self.layout = Layout(model, stage, options)
        self.base: BaseFacts = base_facts(stage, model.knowledge)
        self.facts = model.knowledge.conversions[self.ecosystem]
        self.context: VisibleContext | None = visible_context(model.context, model.name)
        self.words = run_time_words(stage, model)
        self.runs = {id(run.instruction): run for run in stage.runs}
        self.kinds = {id(run.instruction): sorted_commands(run) for run in stage.runs}
        self.installed = installed_packages(stage, model.knowledge)
        self.known = True
        self.new_command = ""  # the keyword of the one that is written anew
        self.last = -1
        self.owner: str | None = None
        self.extra: list[str] = []
        self.build_runs: set[int] = set()
        self.prepares: set[int] = set()  # RUNs that install packages and prepare the image, too

    # What a subclass says.

    def builds(self, command: RunCommand) -> bool:
        """Whether a command makes something below the folder it runs in, and nothing elsewhere."""
        target = target_of(command.command.words)
        return target is not None and target.program in self.facts["tools"]

    def final_contents(self) -> frozenset[str]:
        """The distribution packages and programs that the final image is known to hold."""
        return frozenset()

    # What a subclass calls.

    def check_user(self, image: str) -> None:
        """Refuse a user that only the image of the build has: neither a kept RUN nor the final image makes it."""
        name = (self.stage.final_state.user or "root").split(":")[0]
        if name in ("root", "nobody", "") or re.fullmatch(r"\d+|\$.*", name):
            return
        made = re.compile(rf"\b(?:useradd|adduser)\b[^\n]*\b{re.escape(name)}\b")
        if any(
            unit.instruction.keyword == "RUN" and made.search(unit.instruction.body.text) for unit in self.layout.units
        ):
            return
        repository, _, tag = image.partition(":")
        known = self.model.knowledge.image(repository, tag or None)
        if known is None or name not in known.image.users:
            raise Refused("user-of-the-builder", self.stage.place(), user=name, image=image)

    def split(self) -> None:
        """Find the last build step and give each instruction its stage."""
        stage = self.stage
        if stage.base_stage is not None:
            raise Refused("built-on-stage", stage.place(), stage=stage.base_stage.label)
        self.check_script()
        self.read_builds()
        user = stage.state_before(self.layout.units[self.last].instruction).user
        self.owner = user if user not in (None, "root", "0", "root:root", "0:0") else None
        if self.names_owner and self.owner is not None and "$" in self.owner:
            raise Refused("install-as-user", stage.place(), user=self.owner)
        for at, unit in enumerate(self.layout.units):
            self._decide(unit, before=at <= self.last)
        self._repeat_arguments()

    def read_builds(self) -> None:
        """Find the build steps; refuses when there is none or one that cannot be followed."""
        for unit in self.layout.units:
            if unit.instruction.keyword == "RUN":
                self._read_run(unit.instruction)
        positions = [at for at, unit in enumerate(self.layout.units) if id(unit.instruction) in self.build_runs]
        if not positions:
            raise Refused("nothing-is-built-here", self.stage.place())
        self.last = positions[-1]

    def leave_folders(self) -> None:
        """WORKDIRs that only the build works in stay there, when a later one with an absolute path follows."""
        waiting: list[Unit] = []
        for unit in self.layout.units:
            item = unit.instruction
            if item.keyword == "WORKDIR" and unit.fate in ("both", "final"):
                path = self.stage.expand(item.arguments[0], item) if item.arguments else None
                if path is not None and path.startswith("/"):
                    for left in waiting:
                        left.fate = "builder"
                    waiting = []
                waiting += [unit] if unit.fate == "both" else []
            elif item.keyword in ("RUN", "COPY", "ADD") and unit.fate in ("both", "final"):
                waiting = []

    @property
    def workdir(self) -> str:
        """The folder in which the last build step runs; refuses when it is not known or the root."""
        found = self.stage.state_before(self.layout.units[self.last].instruction).workdir
        if found is None or found == "/":
            raise Refused("folder-unknown", self.stage.place())
        return found

    def copy(self, source: str, target: str | None = None, *, as_step: bool = True) -> None:
        """Copy a file or folder of the builder to the same place, or to `target`; noted as a step of its own or not."""
        own = f" --chown={self.owner}" if self.owner is not None and self.names_owner else ""
        line = f"COPY --from={self.layout.builder}{own} {source} {target or source}"
        if line not in self.layout.products:
            self.layout.products.append(line)
            if as_step:
                self.layout.step("copy-build", path=source)

    def build_only(self) -> frozenset[str]:
        """Packages that only the build calls, although they are no build tools by themselves."""
        return frozenset(self.facts.get("build-packages", ())) - set(self.extra)

    def place_packages(self) -> bool:
        """Keep run-time packages in the final stage; returns whether build packages stay behind. A RUN that only
        refreshes the index stays behind, too, when nothing in the final stage needs it.
        """
        before = [p for p in self.installed if self.stage.position(p.run.instruction) <= self.last]
        base = self.base._replace(contents=self.final_contents())
        extra = tuple(dict.fromkeys(self.extra))
        runtime = runtime_packages(before, self.model.knowledge, base, self.words, extra, self.build_only())
        if self.loses_certificates(before, runtime):
            runtime = runtime._replace(names=(*runtime.names, _CERTIFICATES))
        units = [
            u for u in self.layout.units[: self.last + 1] if any(p.run.instruction is u.instruction for p in before)
        ]
        left = {id(p.run.instruction) for p in before if p.name in runtime.dropped} - self.prepares
        for unit in units:
            if unit.fate == "both" and unit.final_text is None and id(unit.instruction) in left:
                unit.fate = "builder"
        kept = [unit for unit in units if unit.fate in ("both", "final") and unit.final_text is None]
        covered = {p.word.raw for p in before if any(p.run.instruction is unit.instruction for unit in kept)}
        missing = [name for name in runtime.names if name not in covered]
        if runtime.dropped:
            step = self.layout.step("build-packages", packages=", ".join(runtime.dropped))
            for unit in units:
                unit.step = step
        if missing:
            self._install_anew(runtime, before, units, kept)
        self._leave_refreshes()
        return bool(runtime.dropped)

    def loses_certificates(self, before: list[InstalledPackage], runtime: RuntimePackages) -> bool:
        """Whether the certificates of authorities, which a build tool or the full base brought along, would be gone."""
        image = parse_image(self.layout.final_image or self.stage.image_text or "")
        if image is None or image.repository not in _WITHOUT_CERTIFICATES or _CERTIFICATES in runtime.names:
            return False
        if self.base.manager != "apt" or (self.has_certificates and not runtime.names):
            return False
        knowledge = self.model.knowledge
        # Some releases have no table here; what brings the certificates is much the same in all.
        found = knowledge.debian(self.base.release) or knowledge.debian(_ANY_DEBIAN)
        if found is None:
            return False
        names = {package.name for package in before}
        recommends = any(not package.operation.has("no-install-recommends") for package in before)
        held = _CERTIFICATES in closure(found.table, sorted(names), found.slim, recommends=recommends).added
        kept = closure(found.table, runtime.names, found.slim, recommends=runtime.recommends).added
        return (held or _CERTIFICATES in self.base.contents) and _CERTIFICATES not in kept

    def _leave_refreshes(self) -> None:
        runs = [
            (unit, {operation.action for operation, _ in self.runs[id(unit.instruction)].operations})
            for unit in self.layout.units
            if unit.instruction.keyword == "RUN" and unit.fate in ("both", "final") and unit.final_text is None
        ]
        if any("install" in actions for _, actions in runs):
            return
        for unit, actions in runs:
            kinds = {command.kind for command in self.kinds[id(unit.instruction)]}
            if actions == {"update"} and kinds <= {"system", "neutral", "clean"}:
                unit.fate = "builder" if unit in self.layout.units[: self.last + 1] else "drop"

    def _install_anew(
        self, runtime: RuntimePackages, before: list[InstalledPackage], units: list[Unit], kept: list[Unit]
    ) -> None:
        """One RUN for the run-time packages in place of the first one; those that prepare the image, too, stay."""
        whole = [unit for unit in kept if id(unit.instruction) in self.prepares]
        stays = {p.word.raw for p in before if any(p.run.instruction is unit.instruction for unit in whole)}
        names = [name for name in runtime.names if name not in stays]
        self.layout.packages = install_line(
            self.base.manager or "apt", names, self.layout.newline, self.stage.escape, recommends=runtime.recommends
        )
        self.layout.step("runtime-packages", packages=", ".join(names))
        for unit in kept:
            if unit not in whole:
                unit.fate = "builder" if unit.fate == "both" else "drop"
        places = [unit for unit in units if unit not in whole]
        if places:
            places[0].final_text = PACKAGES_HERE + (places[0].final_text or "")

    def tools_of_full(self, held: frozenset[str]) -> None:
        """Keep the tools that the start instructions or the sources call and only the full base holds."""
        self.extra += [tool for tool in _TOOLS_OF_FULL if tool in self.words and tool not in held]
        for package in self.called():
            if package in ("gcc", "g++", "make"):
                raise Refused("tool-needed-at-run-time", self.stage.place(), package=package)
            if package not in held:
                self.extra.append(package)

    def called(self) -> tuple[str, ...]:
        """The packages of the full base's programs that the project's sources call."""
        programs = dict(entry.split("=", 1) for entry in self.model.knowledge.conversions["full"]["programs"])
        return tuple(dict.fromkeys(programs[word] for word in self.called_words if word in programs))

    @cached_property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Names and texts of the project's own sources."""
        return tuple(source_texts(self.context))

    @cached_property
    def called_words(self) -> tuple[str, ...]:
        """What the sources that start programs have in quotes."""
        return called_words(self.sources)

    def data_entries(self) -> list[str]:
        """Absolute paths, in the builder, of copied files that a program may read when it runs, the build's own not.

        Refuses without a build context: then nobody can say.
        """
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        found: list[str] = []
        for unit in self.layout.units[: self.last + 1]:
            item = unit.instruction
            if item.keyword not in ("COPY", "ADD"):
                continue
            if item.flag("from") is not None or item.heredocs:
                # Not of the context: taken again in the final stage, from where it came.
                unit.fate = "both"
                continue
            words = [self.stage.expand(word, item) for word in item.arguments]
            folder = self.stage.state_before(item).workdir or "/"
            if len(words) < 2 or any(word is None for word in words):
                raise Refused("folder-unknown", Place(item, item.keyword_span))
            target = posixpath.normpath(posixpath.join(folder, words[-1] or "."))
            if unit.fate == "both":
                continue  # the final stage copies it by itself
            into = (words[-1] or "").endswith(("/", ".")) or len(words) > 2
            for source in words[:-1]:
                found += self._entries(source or ".", target, into=into)
        return list(dict.fromkeys(found))

    def _entries(self, source: str, target: str, *, into: bool) -> list[str]:
        context = self.context
        assert context is not None
        plain = posixpath.normpath(source.lstrip("/") or ".")
        if any(character in plain for character in "*?["):
            return []  # manifests, as a rule: `package*.json`, `go.*`
        if plain == ".":
            return [posixpath.join(target, name) for name in context.list() if self._is_data(name)]
        if not self._is_data(plain):
            return []
        if context.list(plain) and not into:
            names = [name for name in context.list(plain) if self._is_data(posixpath.join(plain, name))]
            return [target] if len(names) == len(context.list(plain)) else [posixpath.join(target, n) for n in names]
        if context.list(plain):
            return [posixpath.join(target, n) for n in context.list(plain) if self._is_data(posixpath.join(plain, n))]
        return [posixpath.join(target, posixpath.basename(plain)) if into else target]

    def _is_data(self, path: str) -> bool:
        """Whether something at `path` of the context may be read by the program when it runs."""
        assert self.context is not None
        if path.split("/", maxsplit=1)[0] in self.facts["build-files"]:
            return False
        left, waiting = _MAX_ENTRIES, [path]
        while waiting:
            entry = waiting.pop()
            names = self.context.list(entry)
            waiting += [posixpath.join(entry, name) for name in names]
            left -= 1
            if left < 0 or (not names and not entry.endswith(self.facts["endings"])):
                return True
        return False

    def start(self) -> list[str] | None:
        """The words of ENTRYPOINT and CMD when both are exec form or one plain command; None when not readable."""
        return start_words(self.stage)

    def start_commands(self, words: list[str]) -> list[list[str]]:
        """The commands of the start instructions, or of the shell script that they start, as words."""
        needs = runtime_needs(self.stage, self.model.context).needs
        script = next((need.script for need in needs if need.script is not None), None)
        if script is not None and self.model.context is not None:
            text = self.model.context.read_text(script) or ""
        elif posixpath.basename(words[0]) in SHELLS and words[1:2] and re.fullmatch(r"-[a-z]*c", words[1]):
            text = " ".join(words[2:3])
        else:
            found = [self.stage.last(keyword) for keyword in ("ENTRYPOINT", "CMD")]
            if all(item is None or item.form is Form.JSON for item in found):
                return [words]
            text = "\n".join(item.body.text for item in found if item is not None and item.form is not Form.JSON)
        return [[word.value or word.raw for word in command.words] for command in read_script(text).commands]

    def written_program(self, started: str, written: Sequence[str]) -> str:
        """The path among `written` that the container starts as `started`; refuses when none surely is it."""
        path = posixpath.normpath(posixpath.join(self.stage.final_state.workdir or "/", started))
        if path in written:
            return path
        if "/" not in started:
            named = [made for made in written if posixpath.basename(made) == started]
            if len(named) == 1 and posixpath.dirname(named[0]) in self.searched:
                return named[0]
        raise Refused("product-unknown", self.stage.place(), product=started)

    @property
    def starts_in_shell(self) -> bool:
        """Whether a shell starts the program."""
        found = [self.stage.last(keyword) for keyword in ("ENTRYPOINT", "CMD", "HEALTHCHECK")]
        items = [item.inner or item for item in found if item is not None]
        return any(item.form is Form.SHELL for item in items) or any(
            word in ("sh", "bash", "/bin/sh", "/bin/bash") or word.endswith(".sh") for word in self.start() or []
        )

    @property
    def programs(self) -> frozenset[str]:
        """The programs that the start instructions and their scripts call, without folders."""
        return runtime_needs(self.stage, self.model.context).programs()

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        raise NotImplementedError

    def check_script(self) -> None:
        """Refuse when the container starts a shell script that nobody can read here: it may call anything."""
        scripts = [word for word in self.start() or [] if word.strip("\"'").endswith(".sh")]
        needs = runtime_needs(self.stage, self.model.context).needs
        if scripts and not any(need.script is not None for need in needs):
            raise Refused("start-unread", self.stage.place(), script=scripts[0])

    def only_ships(self) -> bool:
        """Whether the stage takes what other stages built and runs nothing but package managers and plain commands."""
        taken = any(item.keyword == "COPY" and item.flag("from") is not None for item in self.stage.instructions)
        kinds = {command.kind for commands in self.kinds.values() for command in commands}
        opaque = any(run.opaque for run in self.stage.runs)
        return taken and not opaque and kinds <= {"system", "plain", "neutral", "clean"}

    def other_base(self, image: str) -> tuple[Change, ...]:
        """The same stage on another base, for one that builds nothing itself."""
        self.check_script()
        word = self.stage.image_word
        if word is None or any(package.is_build for package in self.installed):
            raise Refused("nothing-is-built-here", self.stage.place())
        self.layout.steps.clear()
        step = self.layout.step("other-base", image=image)
        return (Change(Place(self.stage.instruction, word.span), image, step),)

    def finish(self, key: str = "final-stage-build") -> tuple[Change, ...]:
        """The edits of the finished plan; `key` names the reason for the final stage."""
        image = self.layout.final_image or self.stage.image_text or ""
        return self.layout.changes(self.layout.step(key, image=image))

    # Where each instruction goes.

    def _read_run(self, item: Instruction) -> None:
        run = self.runs[id(item)]
        if run.opaque or any(flag.name == "mount" and flag.option("from") for flag in item.flags):
            raise Refused("opaque-run", Place(item, item.keyword_span))
        commands = self.kinds[id(item)]
        built = [command for command in commands if self.builds(command.item)]
        if not built:
            return
        self.build_runs.add(id(item))
        for command in commands:
            if command in built or command.kind in ("neutral", "clean") or self._stays_inside(command, item):
                continue
            if command.kind == "system" and all(o.action != "install" for o in command.operations):
                continue
            raise Refused("mixed-run", Place(item, item.keyword_span))

    def _stays_inside(self, command: Sorted, item: Instruction) -> bool:
        """Whether a plain command (`cp`, `mkdir`, `rm` ...) touches only the folder the build works in."""
        if command.kind != "plain":
            return False
        folder = self.stage.state_before(item).workdir
        return folder not in (None, "/") and all(
            word.value is not None
            and (not word.value.startswith(("/", "~", "..")) or word.value.startswith(f"{folder}/"))
            for word in command.item.command.words[1:]
        )

    def _decide(self, unit: Unit, *, before: bool) -> None:
        item = unit.instruction
        keyword = item.keyword
        if keyword == "ONBUILD":
            raise Refused("onbuild", Place(item, item.keyword_span))
        if keyword in _METADATA:
            unit.fate = "final"
        elif keyword in ("WORKDIR", "SHELL", "USER"):
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
        build = self.facts["build-variables"]
        only = bool(names) and all(name in build or name.startswith("PIP_") for name in names)
        unit.fate = "builder" if before and only else "both" if before else "final"

    def _decide_copy(self, unit: Unit, before: bool) -> None:
        if not before:
            return
        item = unit.instruction
        words = [self.stage.expand(word, item) for word in item.arguments]
        target = words[-1] if words else None
        folder = self.stage.state_before(item).workdir or "/"
        if target is None:
            raise Refused("folder-unknown", Place(item, item.keyword_span))
        path = posixpath.normpath(posixpath.join(folder, target))
        unit.fate = "builder" if self._is_built_at(path) else "both"

    def _is_built_at(self, path: str) -> bool:
        """Whether what is copied to an absolute path before the build is there for the build."""
        return path == self.workdir or path.startswith(self.workdir + "/")

    def _decide_run(self, unit: Unit, before: bool) -> None:
        item = unit.instruction
        commands = self.kinds[id(item)]
        kinds = {command.kind for command in commands}
        if id(item) in self.build_runs:
            unit.fate = "builder"
        elif "system" in kinds:
            if kinds - {"system", "clean", "neutral", "plain"}:
                raise Refused("mixed-run", Place(item, item.keyword_span))
            mine = [package for package in self.installed if package.run.instruction is item]
            if "plain" in kinds and (mine or not before):
                self._decide_mixed(unit, mine, before)
            elif "plain" in kinds:
                raise Refused("mixed-run", Place(item, item.keyword_span))
            else:
                self._decide_system(unit, mine, before)
        elif kinds <= {"clean", "neutral"}:
            unit.fate = "builder" if before else "drop" if "clean" in kinds else "final"
            if unit.fate == "drop":
                unit.step = self.layout.step("dropped-cleanup")
        elif kinds <= {"plain", "neutral", "clean"}:
            self._decide_plain(unit, before)
        else:
            culprit = next(c for c in commands if c.kind not in ("plain", "neutral", "clean", "system"))
            words = culprit.item.command.words
            place = self.runs[id(item)].place(culprit.item.command.span, culprit.item.text)
            raise Refused("opaque-script", place, command=words[0].raw if words else "")

    def _decide_plain(self, unit: Unit, before: bool) -> None:
        """`mkdir`, `useradd`, `chown` ...: in both stages when it comes before the build is done."""
        unit.fate = "both" if before else "final"
        if before and self._prepares_sources(unit):
            unit.fate = "builder"
            return
        text = unit.instruction.text
        if before and re.search(r"\b(chown|chgrp|chmod)\b", text) and self._after_first_build(unit):
            raise Refused("owner-changed-in-build", Place(unit.instruction, unit.instruction.keyword_span))

    def _prepares_sources(self, unit: Unit) -> bool:
        """Whether a RUN only sets modes below the build's folder, which a copy keeps, or mends build files there."""
        found = False
        for command in self.kinds[id(unit.instruction)]:
            words = [word.value or word.raw for word in command.item.command.words]
            if command.kind != "plain":
                continue
            files = [word.removeprefix("./") for word in words[1:] if not word.startswith(("-", "+", "u+", "a+", "s/"))]
            on_build_files = bool(files) and files[-1].split("/")[0] in self.facts.get("build-files", ())
            if not self._stays_inside(command, unit.instruction):
                return False
            if words[0] != "chmod" and not (words[0] in ("sed", "rm") and on_build_files):
                return False
            found = True
        return found

    def _after_first_build(self, unit: Unit) -> bool:
        first = next(at for at, other in enumerate(self.layout.units) if id(other.instruction) in self.build_runs)
        return self.stage.position(unit.instruction) > first

    def _decide_system(self, unit: Unit, mine: list[InstalledPackage], before: bool) -> None:
        run = self.runs[id(unit.instruction)]
        if any(package.is_build for package in mine):
            if not before:
                raise Refused("tools-after-install", mine[0].place)
            unit.fate = "builder"
        elif mine:
            unit.fate = self.run_time_packages if before else "final"
        elif all(operation.action in ("remove", "clean") for operation, _ in run.operations):
            unit.fate = "drop"
            unit.step = self.layout.step("dropped-purge")
        else:
            unit.fate = "both" if before else "final"

    def _decide_mixed(self, unit: Unit, mine: list[InstalledPackage], before: bool) -> None:
        """A RUN that installs packages and prepares the image, too: whole where it was when no build tool is among
        them, else whole in the builder, and what makes users and folders in the final stage.
        """
        self._decide_system(unit, mine, before)
        if unit.fate == "builder":
            self.keep_creating_part(unit)
        else:
            self._decide_plain(unit, before)
            self.prepares.add(id(unit.instruction))

    def keep_creating_part(self, unit: Unit) -> None:
        """Leave a RUN in the builder and repeat, in the final stage, what makes users and folders."""
        part = creating_part(self.runs[id(unit.instruction)], self.layout.newline, self.stage.escape)
        if part is None:
            raise Refused("mixed-run", Place(unit.instruction, unit.instruction.keyword_span))
        unit.fate, unit.final_text = "both", part
        unit.step = self.layout.step("divided-run")

    def _repeat_arguments(self) -> None:
        for unit in self.layout.units[: self.last + 1]:
            if unit.instruction.keyword != "ARG":
                continue
            names = {pair.key.raw for pair in unit.instruction.pairs}
            others = [other for other in self.layout.units if other.fate in ("final", "both")]
            if any(re.search(rf"\$\{{?{re.escape(n)}\b", other.instruction.text) for n in names for other in others):
                unit.fate = "both"
