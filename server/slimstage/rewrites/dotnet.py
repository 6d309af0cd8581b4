""".NET: publish on the SDK's image, ship the published folder on ASP.NET Core's, .NET's or the dependencies' image.

The project file decides which: the web SDK and whatever asks for ASP.NET Core get aspnet, a program that needs nothing
but .NET gets runtime, one that carries its own .NET gets runtime-deps. The version and the system of the tag are kept.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from slimstage.context.dotnet_projects import DotnetProject, project_files, read_project
from slimstage.model import Model, Stage
from slimstage.model.needs import runtime_needs
from slimstage.model.packages.prefixes import target_of
from slimstage.model.python import context_path
from slimstage.model.runs import RunCommand
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.dotnet_bases import on_asked_base
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Instruction
from slimstage.text import lazy_pattern

PATTERN = "dotnet"
_REPOSITORY = lazy_pattern(r"(mcr\.microsoft\.com/dotnet/(?:core/|nightly/)?)sdk")
_TAG = lazy_pattern(
    r"(?P<version>\d+\.\d+)(?:\.\d+)?(?P<system>-(?:alpine[\d.]*|(?:trixie|bookworm|bullseye|buster|stretch)(?:-slim)?"
    r"|resolute|noble|jammy|focal|bionic|azurelinux[\d.]+|cbl-mariner[\d.]+))?(?P<arch>-(?:amd64|arm64v8|arm32v7))?"
)
# Subcommands that work below the folder they run in.
_BUILDING = frozenset("restore build publish clean test msbuild format pack sln nuget workload new add".split())
_STARTED = lazy_pattern(
    r"\bdotnet(?:\s+-\S+)*\s+(?:run|watch|build|publish|test|restore|ef|fsi|script|msbuild)(?![\w./-])|\bdotnet-ef\b"
)
_VALUES = frozenset(
    """-o --output -c --configuration -f --framework -r --runtime -v --verbosity --os -a --arch --version-suffix
    --manifest --source -s --packages --artifacts-path --property -p""".split()
)
_LISTENS = lazy_pattern(
    r"\bUseUrls\s*\(|\bListen(?:AnyIP|Localhost|UnixSocket)?\s*\(|\.Urls\.Add\s*\(|\.Run\(\s*\"http"
)
_SOURCES = (".cs", ".fs", ".vb")
_GLOBALIZATION = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"
_MAX_FILES = 400


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an image of the .NET SDK."""
    image = stage.base_image
    return image is not None and image.repository.startswith("mcr.microsoft.com/dotnet/") and _is_sdk(image.repository)


def _is_sdk(repository: str) -> bool:
    return _REPOSITORY.fullmatch(repository) is not None


class Publish(NamedTuple):
    """A `dotnet publish` or `build`: where it writes (None by default below bin), its project and its words."""

    command: str
    output: str | None
    project: str | None
    words: tuple[str, ...]


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "dotnet"

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        self.check_start()
        if self.only_ships():
            return self.other_base(self.image_of_shipped())
        self.split()
        self.leave_folders()
        self.check_folder()
        self.base = self.base._replace(manager=self.manager())
        words = self.start() or []
        publish, product, project = self.published(words)
        self.check_project(project)
        image = self.image(project, publish, words)
        self.check_user(image)
        self.check_port(project, words)
        self.layout.final_image = image
        self.tools_of_full(self.base.contents & {"ca-certificates"})
        if self.is_alpine:
            self.keep_globalization(project)
        self.place_packages()
        copied = [product, *self.other_outputs(product), *self.files_beside(product)]
        for path in copied:
            if not any(path.startswith(f"{other}/") for other in copied):
                self.copy(path)
        runtime = _option(list(publish.words), "-r", "--runtime") or project.value("RuntimeIdentifier")
        portable = self.started(words)[1] and runtime == ""
        self.layout.final_image = on_asked_base(self, image, project.packages, portable=portable)
        return self.finish()

    # What it starts.

    def check_start(self) -> None:
        """Refuse what the SDK runs: `dotnet run`, `watch`, `ef`, also in the entry script."""
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        needs = runtime_needs(self.stage, self.model.context).needs
        scripts = [need.script for need in needs if need.script is not None]
        context = self.model.context
        texts = [" ".join(words), *((context.read_text(path) or "") for path in scripts if context is not None)]
        for text in texts:
            found = _STARTED.search(text)
            if found is not None:
                raise Refused("builds-at-start", self.stage.place(), command=" ".join(found[0].split()))

    def started(self, words: list[str]) -> tuple[str, bool]:
        """The path of what is started, and whether `dotnet` starts it: `dotnet App.dll` or `./App`."""
        commands = self.start_commands(words)
        found: list[tuple[str, bool]] = []
        for words_of in commands:
            command = words_of[1:] if words_of[:1] == ["exec"] else words_of
            if command[:1] and posixpath.basename(command[0]) == "dotnet":
                found += [(word, True) for word in command[1:] if word.endswith(".dll")][:1]
            elif command[:1] and len(commands) == 1:
                found.append((command[0], False))
        if len(found) != 1 or any(command[:1] == ["cd"] for command in commands):
            raise Refused("start-unknown", self.stage.place())
        return found[0]

    def published(self, words: list[str]) -> tuple[Publish, str, DotnetProject]:
        """The publish that writes what the container starts, the folder it writes, and its project."""
        program, _ = self.started(words)
        if "$" in program:
            raise Refused("start-unknown", self.stage.place())
        folder = self.stage.final_state.workdir or "/"
        path = posixpath.normpath(posixpath.join(folder, program))
        for publish in reversed(self.publishes):
            if publish.command != "publish" or publish.output != posixpath.dirname(path):
                continue
            project = self.project_of(publish)
            name = posixpath.basename(path)
            if project.assembly is None or name not in (project.assembly, f"{project.assembly}.dll"):
                raise Refused("product-unknown", self.stage.place(), product=name)
            return publish, publish.output, project
        raise Refused("not-published", self.stage.place(), product=program)

    @property
    def publishes(self) -> list[Publish]:
        """The publish and build commands, in order, with absolute paths."""
        found: list[Publish] = []
        for unit in self.layout.units:
            if id(unit.instruction) not in self.build_runs:
                continue
            folder = self.stage.state_before(unit.instruction).workdir or "/"
            for command in self.kinds[id(unit.instruction)]:
                words = [
                    word.value if word.value is not None else self.expanded(word.raw, unit.instruction)
                    for word in command.item.command.words
                ]
                name = command.item.command.name
                if name == "cd" and len(words) > 1:
                    folder = posixpath.normpath(posixpath.join(folder, words[1]))
                elif name == "dotnet" and words[1:2] and words[1] in ("publish", "build"):
                    found.append(self.publish(words, folder, unit.instruction))
        return found

    def expanded(self, raw: str, at: Instruction) -> str:
        """A shell word with the literal values of ARG and ENV filled in where they are known."""
        scope = self.stage.scope_at(at)

        def value(match: re.Match[str]) -> str:
            known = scope.value(match[1])
            return known if isinstance(known, str) and known else match[0]

        return re.sub(r"\$\{?(\w+)\}?", value, raw).strip("\"'")

    def publish(self, words: list[str], folder: str, at: Instruction) -> Publish:
        """One publish or build by its words, which run in `folder`."""
        output: str | None = None
        project: str | None = None
        position = 2
        while position < len(words):
            word = words[position]
            option, _, value = word.partition("=")
            if word in _VALUES:
                position += 1
                value = words[position] if position < len(words) else ""
                output = value if word in ("-o", "--output") else output
            elif option in ("-o", "--output") and value:
                output = value
            elif (
                not word.startswith(("-", "/p:", "/property:", "/t:", "/v:"))
                and project is None
                and word not in ("true", "false")
            ):
                project = word
            position += 1
        here = posixpath.normpath(posixpath.join(folder, project or "."))
        source = here if project is not None and project.endswith(("proj", ".sln", ".slnx")) else None
        where = posixpath.dirname(source) if source else here
        if source is None:
            source = self.only_project(where)
        if output is None and source is not None:
            output = self.default_output(words, where, source, at)
        elif output is not None:
            # Before .NET 3 the project's folder counted, since then the one the command runs in.
            base = where if self.version < 3 else folder
            output = None if "$" in output else posixpath.normpath(posixpath.join(base, output))
        return Publish(words[1], output, source, tuple(words))

    def only_project(self, folder: str) -> str | None:
        """The path of the one project file in a folder of the builder."""
        place = self.context_folder(folder)
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        names = project_files(self.context.list(place)) if place is not None else []
        return posixpath.join(folder, names[0]) if len(names) == 1 else None

    def context_folder(self, folder: str) -> str | None:
        """The context's folder that was copied to a folder of the builder."""
        if self.context is None:
            return None
        for unit in reversed(self.layout.units):
            item = unit.instruction
            if item.keyword not in ("COPY", "ADD") or item.flag("from") is not None:
                continue
            words = [self.stage.expand(word, item) or "" for word in item.arguments]
            target = posixpath.normpath(posixpath.join(self.stage.state_before(item).workdir or "/", *words[-1:]))
            for source in words[:-1]:
                plain = posixpath.normpath(source.strip("/") or ".")
                if any(character in plain for character in "*?[") and folder == target:
                    return posixpath.dirname(plain)
                if folder == target or folder.startswith(target.rstrip("/") + "/"):
                    inside = posixpath.normpath(posixpath.join(plain, posixpath.relpath(folder, target)))
                    inside = "" if inside == "." else inside
                    if self.context.list(inside):
                        return inside
        return None

    def source_of(self, path: str, at: Instruction) -> str | None:
        """The context's file that lies at a path of the builder."""
        return context_path(self.stage, self.model, at, path)

    def default_output(self, words: list[str], folder: str, source: str, at: Instruction) -> str | None:
        """`bin/<configuration>/<framework>[/<runtime>]/publish`; None when a part is not known."""
        place = self.source_of(source, at)
        project = read_project(self.context, place) if place is not None and self.context is not None else None
        framework = _option(words, "-f", "--framework") or (project.value("TargetFramework") if project else None)
        runtime = _option(words, "-r", "--runtime") or (project.value("RuntimeIdentifier") if project else None)
        if not framework or runtime is None:
            return None
        # Since .NET 8 `publish` takes the Release configuration by itself.
        default = "Release" if self.version >= 8 and words[1] == "publish" else "Debug"
        configuration = _option(words, "-c", "--configuration") or default
        parts = ["bin", configuration, framework, runtime, "publish" if words[1] == "publish" else ""]
        return posixpath.join(folder, *(part for part in parts if part))

    def project_of(self, publish: Publish) -> DotnetProject:
        """The project that a publish names; refuses a solution and what the context does not hold."""
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        source = publish.project
        at = self.layout.units[self.last].instruction
        place = self.source_of(source, at) if source is not None else None
        found = read_project(self.context, place) if place is not None else None
        if found is None or source is None or source.endswith((".sln", ".slnx")):
            raise Refused("manifest-needed", self.stage.place(), file=posixpath.basename(source or "*.csproj"))
        return found

    # On what it runs.

    def check_project(self, project: DotnetProject) -> None:
        """Refuse a project that is no program or compiles when it runs."""
        if not project.is_program or not project.complete:
            raise Refused("product-unknown", self.stage.place(), product=project.assembly or project.path)
        for name in sorted(project.packages):
            if name.startswith(tuple(self.facts["compiling"])):
                raise Refused("compiles-at-run-time", self.stage.place(), package=name)
        called = [word for word in self.called_words if word in ("dotnet", "msbuild", "csc", "pwsh")]
        if called:
            raise Refused("tool-needed-at-run-time", self.stage.place(), package=called[0])

    def check_user(self, image: str) -> None:
        """All images of .NET 8 and later have the user `app`, also of versions that are not known one by one."""
        name = (self.stage.final_state.user or "").partition(":")[0]
        if name != self.facts["user"][0] or self.version < float(self.facts["user-since"][0]):
            super().check_user(image)

    def check_folder(self) -> None:
        """Refuse a build in the root or in a folder that is not known."""
        if not self.workdir:
            raise Refused("folder-unknown", self.stage.place())

    @property
    def is_alpine(self) -> bool:
        """Whether the stage stands on Alpine."""
        image = self.stage.base_image
        return image is not None and "alpine" in (image.tag or "")

    def manager(self) -> str | None:
        """The package manager of the system that the tag names; those of Azure Linux are not written here."""
        system = self.parts()[2]
        if system.startswith(("-azurelinux", "-cbl-mariner")):
            if self.installed:
                raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
            return None
        return "apk" if self.is_alpine else "apt"

    @property
    def version(self) -> float:
        """The SDK's major and minor version."""
        return float(self.parts()[1])

    def parts(self) -> tuple[str, str, str, str]:
        """The registry and path before `sdk`, the version, the system and the architecture of the base image."""
        image, word = self.stage.base_image, self.stage.image_word
        if image is None or word is None or word.variables or image.digest is not None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        repository = _REPOSITORY.fullmatch(image.repository)
        tag = _TAG.fullmatch(image.tag or "")
        if repository is None or tag is None:
            raise Refused("no-runtime-image", self.stage.place(), image=self.stage.image_text or "")
        return repository[1], tag["version"], tag["system"] or "", tag["arch"] or ""

    def image(self, project: DotnetProject, publish: Publish, words: list[str]) -> str:
        """The image of the SDK's version and system that holds what the published program lacks."""
        prefix, version, system, arch = self.parts()
        framework = _option(list(publish.words), "-f", "--framework") or project.value("TargetFramework")
        target = re.fullmatch(r"net(?:coreapp)?(\d+\.\d+)", framework or "")
        if target is None or (target[1] != version and not project.value("RollForward")):
            raise Refused("framework-differs", self.stage.place(), framework=framework or "?", version=version)
        whole = self.is_self_contained(project, publish)
        by_dotnet = self.started(words)[1]
        if whole is None or (whole and by_dotnet):
            raise Refused("product-unknown", self.stage.place(), product=project.assembly or "")
        kind = "runtime-deps" if whole else "aspnet" if self.needs_asp(project) else "runtime"
        return f"{prefix}{kind}:{version}{_slim(system, version)}{arch}"

    def is_self_contained(self, project: DotnetProject, publish: Publish) -> bool | None:
        """Whether the program carries its own .NET; None when that is not known."""
        words = list(publish.words)
        for at, word in enumerate(words):
            name, _, value = word.lstrip("-/").partition("=")
            if word in ("--self-contained", "--sc"):
                following = words[at + 1] if at + 1 < len(words) else ""
                return following.lower() != "false"
            if word == "--no-self-contained":
                return False
            if word.startswith(("--self-contained=", "--sc=")):
                return value.lower() == "true"
            if name.lower() in ("p:selfcontained", "p:publishselfcontained", "p:publishaot", "property:selfcontained"):
                return value.lower() == "true"
        for name in ("PublishAot", "SelfContained", "PublishSelfContained"):
            found = project.is_set(name)
            if found is None or found:
                return found
        runtime = _option(words, "-r", "--runtime") or project.value("RuntimeIdentifier")
        if runtime is None:
            return None
        if runtime:
            musl = "musl" in runtime
            if musl != self.is_alpine or not runtime.startswith("linux"):
                return None
        # Before .NET 6 a runtime identifier alone made the program self-contained.
        return bool(runtime) and self.version < 6

    def needs_asp(self, project: DotnetProject) -> bool:
        """Whether the program may need ASP.NET Core: by its SDK, by what it references, or by packages nobody knows."""
        if project.frameworks or any("AspNetCore" in name for name in project.packages):
            return True
        return any(not name.startswith(tuple(self.facts["without-asp"])) for name in project.packages)

    def image_of_shipped(self) -> str:
        """The image for a stage that takes what another stage published: aspnet, which holds .NET, too."""
        prefix, version, system, arch = self.parts()
        _, by_dotnet = self.started(self.start() or [])
        if not by_dotnet:
            # Whether it carries its own .NET is told by the project, which another stage built.
            raise Refused("start-unknown", self.stage.place())
        if self.is_alpine:
            raise Refused("no-runtime-image", self.stage.place(), image=self.stage.image_text or "")
        if 3 <= self.version < 8 and not self.port_is_given(self.start() or []):
            raise Refused("port-differs", self.stage.place(), version=version)
        image = f"{prefix}aspnet:{version}{_slim(system, version)}{arch}"
        self.check_user(image)
        return image

    def check_port(self, project: DotnetProject, words: list[str]) -> None:
        """Refuse a web server of .NET 3 to 7 that is not told where to listen.

        Their SDK images clear ASPNETCORE_URLS, which the aspnet images set to port 80; older and newer ones agree
        (dotnet-docker, sdk and runtime-deps Dockerfiles of 2019-09, 2022-12, 2024-12 and 2026-08).
        """
        if not 3 <= self.version < 8 or "Microsoft.AspNetCore.App" not in project.frameworks:
            return
        if not self.port_is_given(words) and not self.listens_by_itself(posixpath.dirname(project.path)):
            raise Refused("port-differs", self.stage.place(), version=self.parts()[1])

    def port_is_given(self, words: list[str]) -> bool:
        """Whether ENV or the start command says where the server listens."""
        names = {
            pair.key.value or pair.key.raw
            for item in self.stage.instructions
            if item.keyword == "ENV"
            for pair in item.pairs
        }
        text = " ".join(words)
        return bool(names & set(self.facts["port-variables"])) or "--urls" in text or "ASPNETCORE_URLS" in text

    def listens_by_itself(self, folder: str) -> bool:
        """Whether the project's sources or settings say where the server listens."""
        context = self.context
        assert context is not None
        waiting, left = [folder], _MAX_FILES
        while waiting and left:
            here = waiting.pop()
            for name in context.list(here):
                path, left = posixpath.join(here, name), left - 1
                if name.endswith(_SOURCES) and _LISTENS.search(context.read_text(path) or ""):
                    return True
                if name == "appsettings.json" and '"Kestrel"' in (context.read_text(path) or ""):
                    return True
                if "." not in name and name not in ("bin", "obj"):
                    waiting.append(path)
        return False

    def keep_globalization(self, project: DotnetProject) -> None:
        """On Alpine only the SDK's image holds cultures and time zones and turns them on: so does the final stage."""
        if project.is_set("InvariantGlobalization"):
            self.extra.append("tzdata")
            return
        self.extra += ["icu-data-full", "icu-libs", "tzdata"]
        own = [item for item in self.stage.instructions if item.keyword == "ENV" and _GLOBALIZATION in item.text]
        if not own:
            self.layout.products.append(f"ENV {_GLOBALIZATION}=false")
            self.layout.step("globalization")

    # What is copied.

    def other_outputs(self, product: str) -> list[str]:
        """What other projects publish into folders of their own: the program may load or start it."""
        own = {publish.project for publish in self.publishes if publish.output == product}
        found: list[str] = []
        for publish in self.publishes:
            if publish.project in own or publish.output in (None, product):
                continue
            if publish.command == "publish" or any(word in ("-o", "--output") for word in publish.words):
                found.append(publish.output or "")
        return list(dict.fromkeys(found))

    def files_beside(self, product: str) -> list[str]:
        """Files of the context that the program may read from the folder it starts in, its sources not."""
        folder = self.stage.final_state.workdir or "/"
        place = self.context_folder(folder)
        if folder == product or place is None or self.context is None:
            return []
        return [
            path
            for name in self.context.list(place)
            if name not in self.facts["build-files"] and self._is_data(posixpath.join(place, name))
            if (path := posixpath.join(folder, name)) != product
        ]

    def _is_data(self, path: str) -> bool:
        """A folder with a project file holds sources."""
        assert self.context is not None
        return not project_files(self.context.list(path)) and super()._is_data(path)

    # How the instructions are read.

    def builds(self, command: RunCommand) -> bool:
        """The subcommands that stay below the folder, and tools that the start does not call; certificates do not."""
        target = target_of(command.command.words)
        if target is None or target.program != "dotnet":
            return False
        words = [word.value or "" for word in target.words[1:]]
        name = next((word for word in words if not word.startswith("-")), "--info")
        if name == "tool":
            named = [word for word in words[words.index("tool") + 1 :] if not word.startswith("-")]
            return named[:1] == ["restore"] or (named[:1] == ["install"] and not set(named[1:]) & self.words)
        return name in _BUILDING or name == "--info" or name.startswith("-")

    def _is_built_at(self, path: str) -> bool:
        """Below a folder that a build starts in, or above one."""
        units = [other for other in self.layout.units if id(other.instruction) in self.build_runs]
        folders = {self.stage.state_before(other.instruction).workdir or "/" for other in units}
        return any(
            f"{path}/".startswith(f"{home.rstrip('/')}/") or f"{home}/".startswith(f"{path}/") for home in folders
        )


def _option(words: list[str], *names: str) -> str:
    for at, word in enumerate(words):
        option, _, value = word.partition("=")
        if word in names and at + 1 < len(words):
            return words[at + 1]
        if option in names and value:
            return value
    return ""


def _slim(system: str, version: str) -> str:
    """The SDK's images of Debian before 5.0 stand on the full distribution, the others on its slim variant."""
    plain = re.fullmatch(r"-(stretch|buster|bullseye)", system)
    return f"{system}-slim" if plain is not None and float(version) < 6 else system
