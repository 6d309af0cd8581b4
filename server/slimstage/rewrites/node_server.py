"""A Node server: install and build on the image it had, ship the project's folder on the slim variant.

The folder is copied as a whole, so that whatever the program reads at run time is where it was; what the build alone
needed is pruned before, when the manifests and the sources show that nothing else uses it. An output that frameworks
write with all it needs (Next.js standalone, Nitro) is copied alone.
"""

from __future__ import annotations

import json
import posixpath
from functools import lru_cache

from slimstage.context.manifests import json_object
from slimstage.context.node_project import NodeProject, read_node_project
from slimstage.model import Model, Stage
from slimstage.model.needs import runtime_needs
from slimstage.model.packages import PackageOperation
from slimstage.model.python import context_path
from slimstage.model.runs import Run, RunCommand
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.node_bases import wanted_base
from slimstage.rewrites.node_program import MANAGERS, NodeProgram
from slimstage.rewrites.split import SplitPlan
from slimstage.sizes.node_install import is_production
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import lazy_pattern

PATTERN = "node-server"
_VERSION = lazy_pattern(r"[\w.]+")
_READS_FILES = r"""["'](?:node:)?fs(?:/promises)?["']|\bprocess\.cwd\(|\breadFile"""


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an official Node image and installs modules."""
    image = stage.base_image
    return (
        image is not None
        and image.repository == "node"
        and any(
            o.manager in MANAGERS and o.action in ("install", "sync") for run in stage.runs for o, _ in run.operations
        )
    )


def node_words(stage: Stage, model: Model, words: list[str], root: str) -> tuple[list[str], list[str]]:
    """The words that start the program, paths below the project's folder made relative to it, and those that the entry
    scripts, the health check and NODE_OPTIONS add.
    """
    more: list[str] = []
    for item in stage.instructions:
        if item.keyword == "ENV":
            more += [p.value.value or p.value.raw for p in item.pairs if p.key.raw == "NODE_OPTIONS" and p.value]
        elif item.keyword == "HEALTHCHECK" and item.inner is not None:
            inner = item.inner
            more += [w.value or "" for w in inner.arguments] if inner.form is Form.JSON else [inner.body.text]
    context = model.context
    scripts = dict.fromkeys(need.script for need in runtime_needs(stage, context).needs)
    for script in scripts:
        text = context.read_text(script) if script is not None and context is not None else None
        if text is not None:
            more += [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    folder = stage.final_state.workdir or "/"
    return [
        posixpath.relpath(word, folder) if word.startswith(root + "/") and folder.startswith(root) else word
        for word in words
    ], more


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "node"
    has_certificates = True
    project: NodeProject
    program: NodeProgram

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        image = self.stage.base_image
        if self.stage.base_stage is not None:
            raise Refused("built-on-stage", self.stage.place(), stage=self.stage.base_stage.label)
        if image is None or self.base.libc is None or self.base.kind not in ("full", "slim", "alpine"):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        full = self.base.kind == "full"
        self.split()
        self.read_project()
        self.check_start()
        self.keep_global_tools()
        self.check_modules()
        if full:
            self.layout.final_image = self.slim_image()
            self.tools_of_full(self.final_contents())
        wanted = wanted_base(self)
        if wanted is not None:
            self.layout.final_image = wanted.image()
        left = self.place_packages()
        product = self.self_contained()
        pruned = product is None and self.prune()
        if not (full or left or pruned or product or wanted):
            raise Refused("nothing-to-leave-behind", self.stage.place())
        self.copy(product or self.workdir)
        if wanted is not None:
            wanted.finish()
        return self.finish()

    def builds(self, command: RunCommand) -> bool:
        """Beside the tools `cd`, and `corepack`, whose shims only package managers are started through."""
        return super().builds(command) or command.command.name in ("cd", "corepack")

    @property
    def workdir(self) -> str:
        """The project's folder: the one in which a build step runs and that holds those of all others."""
        folders = {
            self.stage.state_before(unit.instruction).workdir
            for unit in self.layout.units
            if id(unit.instruction) in self.build_runs and not self._is_global(self.runs[id(unit.instruction)])
        }
        if not folders:
            raise Refused("nothing-is-built-here", self.stage.place())
        known = sorted(folder for folder in folders if folder is not None)
        if len(known) != len(folders) or not known or known[0] == "/":
            raise Refused("folder-unknown", self.stage.place())
        if any(folder != known[0] and not folder.startswith(known[0] + "/") for folder in known):
            raise Refused("folder-unknown", self.stage.place())
        return known[0]

    def _is_global(self, run: Run) -> bool:
        """Whether a RUN does nothing in the folder it runs in: global installs, `corepack enable`, settings."""
        for command in self.kinds[id(run.instruction)]:
            words = [word.value for word in command.item.command.words]
            settles = words[:1] == ["corepack"] or words[1:2] in (["config"], ["set"])
            if command.operations:
                settles = all(o.has("global") or o.action == "clean" for o in command.operations)
            if not settles and command.kind not in ("neutral", "clean", "plain"):
                return False
        return True

    def slim_image(self) -> str:
        """The slim variant of the stage's image."""
        word, image = self.stage.image_word, self.stage.base_image
        assert image is not None
        if word is None or word.variables or image.digest is not None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        version, _, release = (image.tag or "latest").partition("-")
        if not _VERSION.fullmatch(version) or "-" in release:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        tag = "slim" if version == "latest" else f"{version}-{release}-slim" if release else f"{version}-slim"
        return word.raw[: len(word.raw) - len(image.tag or "") - 1] + ":" + tag if image.tag else f"{word.raw}:slim"

    def final_contents(self) -> frozenset[str]:
        """What node's slim image holds beside Node: nothing a project relies on."""
        return frozenset() if self.base.kind == "full" else self.base.contents

    def read_project(self) -> None:
        """The project whose package.json was copied to the project's folder, and what its start command uses."""
        last = self.layout.units[self.last].instruction
        place = context_path(self.stage, self.model, last, posixpath.join(self.workdir, "package.json"))
        folder = posixpath.dirname(place) if place is not None else ""
        found = read_node_project(self.context, folder) if self.context is not None else None
        if found is None or self.context is None:
            raise Refused("manifest-needed", self.stage.place(), file="package.json")
        if not found.complete:
            raise Refused("workspaces", self.stage.place())
        managers = {operation.manager for run in self.stage.runs for operation, _ in run.operations}
        if "yarn" in managers and found.yarn != 1 and found.linker != "node-modules":
            raise Refused("plug-and-play", self.stage.place())
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        words, more = node_words(self.stage, self.model, words, self.workdir)
        inside = posixpath.relpath(self.stage.final_state.workdir or "/", self.workdir)
        self.folder = folder if inside.startswith("..") else posixpath.normpath(posixpath.join(folder, inside))
        self.folder = "" if self.folder == "." else self.folder
        self.project = found
        self.program = NodeProgram(self.context, found, self.facts, words, more, self.folder)

    # What the program needs when it runs.

    def check_start(self) -> None:
        """Refuse when a development server or a development dependency starts the program; start without a package
        manager that the final image does not hold.
        """
        found = self.stage.last("CMD") or self.stage.last("ENTRYPOINT")
        place = Place(found, found.keyword_span) if found is not None else self.stage.place()
        server = self.program.development_server()
        if server is not None:
            raise Refused("development-server", place, command=server)
        package = self.program.development_package()
        if package is not None:
            raise Refused("start-needs-development-dependency", place, package=package)
        start = self.program.start
        manager = next((w for w in start if w in ("pnpm", "bun", "corepack") or (w == "yarn" and self.is_berry)), None)
        if manager is None:
            return
        direct = self.program.direct_start(self.folder) if self.stage.last("ENTRYPOINT") is None else None
        if direct is not None:
            self.start_with(direct, manager)
        elif not any(manager in names for names in self.global_tools().values()):
            raise Refused("manager-at-start", place, command=manager)

    @property
    def is_berry(self) -> bool:
        """Whether the project means Yarn 2 or newer, which the image does not hold."""
        return self.project.yarn != 1

    def start_with(self, words: tuple[str, ...], manager: str) -> None:
        """Let CMD start the program without the package manager."""
        unit = next(unit for unit in reversed(self.layout.units) if unit.instruction.keyword == "CMD")
        unit.final_text = f"CMD {json.dumps(words)}"
        unit.step = self.layout.step("start-script", command=manager)
        self.new_command = "CMD"

    def start_by_entrypoint(self, words: tuple[str, ...]) -> None:
        """Let CMD hold what follows `node`, for an image whose entrypoint is Node."""
        unit = next(unit for unit in reversed(self.layout.units) if unit.instruction.keyword == "CMD")
        unit.final_text = f"CMD {json.dumps(words)}"
        unit.step = self.layout.step("start-by-entrypoint")
        self.new_command = "CMD"

    def global_tools(self) -> dict[int, set[str]]:
        """The packages that RUNs install globally, and the programs of other names in them, by the RUN's identity."""
        programs = [entry.split("=", 1) for entry in self.facts["programs"]]
        found: dict[int, set[str]] = {}
        for run in self.stage.runs:
            names = {w.name for o, _ in run.operations if o.has("global") for w in o.packages if w.name}
            names |= {program for program, package in programs if package in names}
            if names:
                found[id(run.instruction)] = names
        return found

    def keep_global_tools(self) -> None:
        """A tool that is installed globally and started at run time is installed in both stages."""
        words = self.words if not self.new_command else frozenset(self.program.start[1:])
        tools = self.global_tools()
        for unit in self.layout.units:
            item = unit.instruction
            names = tools.get(id(item), set())
            if id(item) not in self.build_runs or not any(n in words or f"{n}-runtime" in words for n in names):
                continue
            if not self._is_global(self.runs[id(item)]):
                raise Refused("mixed-run", Place(item, item.keyword_span))
            unit.fate = "both"

    def check_modules(self) -> None:
        """Add what modules load or call from the system; refuse what the final image cannot be known to hold."""
        needs = dict(entry.split("=", 1) for entry in self.facts["needs"])
        installed = {package.name for package in self.installed}
        for name in self.program.dependencies:
            if name in self.facts["refused"]:
                raise Refused("module-needs-system", self.stage.place(), package=name)
            if needs.get(name) and self.base.kind == "full":
                self.extra.append(needs[name])
        if self.base.kind == "full":
            for name in self.scripted():
                if name not in self.facts["self-contained"] and name not in needs and name not in installed:
                    raise Refused("module-needs-system", self.stage.place(), package=name)

    def scripted(self) -> list[str]:
        """Modules of the lock file, outside of development, whose install runs a script: they may compile."""
        path = posixpath.join(self.project.root.folder, "package-lock.json")
        text = self.context.read_text(path) if self.context is not None else None
        if text is None:
            self.known = False
            return []
        return list(_scripted(text))

    # What is copied.

    def self_contained(self) -> str | None:
        """The folder that a framework writes with all that its server needs, when the server in it is started."""
        words = self.program.start
        if words[:1] != ("node",) and not self.new_command and self.stage.last("ENTRYPOINT") is None:
            words = self.program.direct_start(self.folder) or ()
        for output in self.facts["self-contained-outputs"]:
            started = next((word for word in words[1:2] if posixpath.normpath(word).startswith(output + "/")), None)
            if started is None or words[:1] != ("node",):
                continue
            # Next.js makes its own folder the working one (server.js: process.chdir); Nitro does not.
            if not output.startswith(".next") and self.program.speaks_of(_READS_FILES):
                continue
            folder = posixpath.normpath(posixpath.join(self.stage.final_state.workdir or "/", output))
            if not folder.startswith(self.workdir + "/") or not self._completed(folder):
                continue
            if self.program.start[:1] != ("node",) and not self.new_command:
                self.start_with(words, self.program.start[0])
            return folder
        return None

    def _completed(self, output: str) -> bool:
        """Let the builder also run the plain commands behind the build (`cp -r public .next/standalone`); False when
        a later one touches something else of the project.
        """
        follows = True
        for at in range(self.last + 1, len(self.layout.units)):
            unit = self.layout.units[at]
            follows = follows and unit.instruction.keyword not in ("ENV", "ARG", "WORKDIR", "USER", "SHELL")
            commands = self.kinds.get(id(unit.instruction), ())
            if unit.instruction.keyword in ("COPY", "ADD") or not any(c.kind == "plain" for c in commands):
                follows = follows and unit.instruction.keyword not in ("COPY", "ADD", "RUN")
                continue
            plain = [command for command in commands if command.kind == "plain"]
            named = self._named_in(unit.instruction, [command.item for command in plain])
            written = [path == output or path.startswith(output + "/") for path in named]
            if follows and any(written) and all(self._stays_inside(c, unit.instruction) for c in plain):
                unit.fate = "builder"
            elif not all(written):
                return False
        return True

    def _named_in(self, item: Instruction, commands: list[RunCommand]) -> list[str]:
        """The paths in the project's folder that plain commands name."""
        folder = self.stage.state_before(item).workdir or "/"
        words = [
            w.value or w.raw for command in commands for w in command.command.words[1:] if not w.raw.startswith("-")
        ]
        paths = [posixpath.normpath(posixpath.join(folder, word)) for word in words]
        return [path for path in paths if path == self.workdir or path.startswith(self.workdir + "/")]

    def prune(self) -> bool:
        """Remove development dependencies at the end of the build, where it is known that nothing else uses them."""
        runs = [(run, operation) for run in self.stage.runs for operation, _ in run.operations]
        installs = [
            (run, o)
            for run, o in runs
            if o.manager in MANAGERS and o.action in ("install", "sync") and not o.packages and not o.has("global")
        ]
        managers = {operation.manager for _, operation in installs}
        if len(managers) != 1 or not self.program.has_development_dependencies:
            return False
        if any(is_production(self.stage, run, operation) for run, operation in installs):
            return False
        line = prune_command(self.program, [operation for _, operation in installs])
        if line is None or self.program.imports_development():
            return False
        unit = self.layout.units[self.last]
        folder = self.stage.state_before(unit.instruction).workdir
        if folder != self.workdir:
            line = f"cd {self.workdir} && {line}"
        step = self.layout.step("prune")
        unit.builder_text = unit.instruction.text.rstrip("\r\n") + f"\nRUN {line}"
        unit.step = step
        return True


@lru_cache(maxsize=4)
def _scripted(lock: str) -> tuple[str, ...]:
    """The modules of npm's lock file, outside of development, whose install runs a script."""
    packages = (json_object(lock) or {}).get("packages", {})
    rows = packages.items() if isinstance(packages, dict) else ()
    return tuple(
        path.rsplit("node_modules/", 1)[-1]
        for path, row in rows
        if isinstance(row, dict)
        and path
        and row.get("hasInstallScript")
        and not row.get("dev")
        and not row.get("optional")
    )


def prune_command(program: NodeProgram, installs: list[PackageOperation]) -> str | None:
    """What removes the development dependencies that these calls of one package manager installed; None when nobody
    knows. Each was run for real, also beside compiled modules (2026-11-27, npm 10, Yarn 1.22 and 4, pnpm 8 to 10).
    """
    manager, project = installs[0].manager, program.project
    if manager == "npm":
        kept = [f" --{name}" for name in ("legacy-peer-deps", "force") if any(o.has(name) for o in installs)]
        return "npm prune --omit=dev" + "".join(kept)
    if program.writes_into_modules:
        return None  # npm only deletes; the others link anew, and what is not theirs may be gone
    if manager == "yarn" and project.yarn == 1:
        frozen = " --frozen-lockfile" if any(o.has("frozen-lockfile") for o in installs) else ""
        return f"yarn install{frozen} --production --ignore-scripts --prefer-offline"
    if manager == "yarn":
        plain = project.linker == "node-modules" and project.focuses and not program.has_lifecycle
        return "yarn workspaces focus --all --production" if plain else None
    if manager == "pnpm":
        scripts = " --ignore-scripts" if program.has_lifecycle else ""
        if not project.members:
            return f"CI=true pnpm prune --prod{scripts}"
        # `prune` does not look into members; without the age, packages nobody links any more stay for a week.
        return f"CI=true pnpm install --prod{scripts} --config.modules-cache-max-age=0"
    return None
