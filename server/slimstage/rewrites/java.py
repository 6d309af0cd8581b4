"""Java: build with the JDK, Maven or Gradle image, ship the jar on a JRE of the same vendor and major version.

What is copied is what the start command names: a jar or war, the folder of a fast-jar or of start scripts, the class
folders; a servlet container gets its web applications. Build files that say another name than the start command, and
patterns that two archives match, are refusals.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from slimstage.context.ignore import VisibleContext
from slimstage.context.java_builds import Archives, gradle_archives, maven_archive
from slimstage.model import Model, Stage
from slimstage.model.packages.prefixes import program_name, target_of
from slimstage.model.python import context_path
from slimstage.model.runs import RunCommand
from slimstage.rewrites.commands import Sorted
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.java_bases import on_asked_base
from slimstage.rewrites.layout import Unit
from slimstage.rewrites.split import SHELLS, SplitPlan
from slimstage.rewrites.spring_boot import layers_of_shipped, unpack_jar
from slimstage.syntax.nodes import Instruction
from slimstage.text import lazy_pattern

PATTERN = "java"
_REPOSITORIES = ("eclipse-temurin", "maven", "gradle", "openjdk", "amazoncorretto", "ibm-semeru-runtimes", "tomcat")
_DISTRIBUTIONS = ("debian", "ubuntu", "alpine")
# A distribution's JDK; its JRE is called so with the other ending.
_JDK = lazy_pattern(r"((?:openjdk-?\d+|default))(-jdk)?(-headless)?")
_SYSTEM = r"(-(?:alpine|jammy|focal|noble)[\w.-]*)?"
# The JRE of the same vendor and version: Temurin has one for each, OpenJDK's image for 8 and 11 only.
_RUN_TIMES = {
    "eclipse-temurin": ((rf"(\d+(?:\.[\w.]+)?)(?:-jdk)?{_SYSTEM}", r"eclipse-temurin:\1-jre\2"),),
    "maven": (
        (rf"[\d.]+-eclipse-temurin-(\d+){_SYSTEM}", r"eclipse-temurin:\1-jre\2"),
        (r"[\d.]+-(?:open)?jdk-(8|11)(-slim)?", r"openjdk:\1-jre\2"),
        (r"[\d.]+-(?:open)?jdk-(8)(-alpine)", r"openjdk:\1-jre\2"),
    ),
    "gradle": ((rf"(?:[\d.]+-)?jdk-?(\d+){_SYSTEM}", r"eclipse-temurin:\1-jre\2"),),
    "openjdk": (
        (r"(8|11)(?:-jdk)?(-slim)?(-(?:buster|bullseye|stretch))?", r"openjdk:\1-jre\2\3"),
        (r"(8)(?:-jdk)?(-alpine)", r"openjdk:\1-jre\2"),
    ),
    "ibm-semeru-runtimes": ((r"(open-\d+(?:[\w.]*))-jdk(-[\w.-]+)?", r"ibm-semeru-runtimes:\1-jre\2"),),
}
_GRADLE, _MAVEN = ("gradle", "gradlew"), ("mvn", "mvnw")
# Folders with start scripts, and their programs' libraries beside them.
_SCRIPTS = lazy_pattern(r"(.*/(?:build/install/[^/]+|target/appassembler))/bin/[^/]+")
_GRADLE_FILES = ("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts")
_WEB_APPLICATIONS = "/usr/local/tomcat/webapps"
_LOADS = lazy_pattern(r"copy-dependencies|addClasspath|Class-Path|classpathPrefix")
# The compiler, the attach interface and the shell of the JDK as a library.
_COMPILERS = ("getSystemJavaCompiler", "com.sun.tools.", "jdk.jshell")
_JVM_SOURCES = (".java", ".kt", ".groovy", ".scala")
_BUILD_FOLDERS = ("target", "build")
_WRITES_NO_ARCHIVE = ("cd", "rm", "mkdir", "chmod", "echo", "set", "", "cp", "mv")


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an image that holds a JDK, or installs one and builds with it."""
    image = stage.base_image
    if image is None:
        return False
    if image.repository in _DISTRIBUTIONS:
        names = {
            word.name or "" for run in stage.runs for operation, _ in run.operations for word in operation.packages
        }
        tools = {_tool(command)[0] for run in stage.runs for command in run.commands}
        return any(_JDK.fullmatch(name) for name in names) and bool(tools & {*_GRADLE, *_MAVEN, "javac"})
    if image.repository not in _REPOSITORIES:
        return False
    return "jre" not in (image.tag or "") or image.repository == "tomcat"


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "java"
    named: tuple[str, ...] = ()
    options_name: tuple[str, ...] = ()

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        final = self.final_image()
        self.check_tools()
        self.check_sources()
        return self.shipped(final) if self.only_ships() else self.built(final)

    @property
    def in_container(self) -> bool:
        """Whether a servlet container's own image runs the program."""
        image = self.stage.base_image
        return image is not None and image.repository == "tomcat"

    def shipped(self, final: str) -> tuple[Change, ...]:
        """The edits of a stage that takes what another one built: another base."""
        self.check_shipped()
        if final == self.stage.image_text:
            raise Refused("no-runtime-image", self.stage.place(), image=final)
        self.check_user(final)
        return self.other_base(final) + self.layers_beside()

    def built(self, final: str) -> tuple[Change, ...]:
        """The edits of a stage that builds: a builder and a final stage."""
        self.named = (_WEB_APPLICATIONS,) if self.in_container else self.wanted()
        self.split()
        self.leave_folders()
        self.check_user(final)
        products = self.applications() if self.in_container else self.products()
        self.layout.final_image = final
        self.tools_of_full(self.base.contents if final == self.stage.image_text else frozenset())
        self.extra += [self.jre(package.name) for package in self.installed if _JDK.fullmatch(package.name)]
        self.place_packages()
        unpacked = unpack_jar(self, products) if self.options.layered_jar and not self.in_container else None
        for path in products:
            if path != unpacked:
                self.copy_product(path)
        self.layout.final_image = on_asked_base(self, final)
        return self.finish()

    def check_tools(self) -> None:
        """Refuse start instructions that build, or call another tool of the JDK."""
        tool = min(set(self.facts["jdk-tools"]) & self.programs, default=None)
        if tool in (*_GRADLE, *_MAVEN):
            raise Refused("builds-at-start", self.stage.place(), command=tool)
        if tool is not None:
            raise Refused("tool-needed-at-run-time", self.stage.place(), package=tool)

    def check_sources(self) -> None:
        """Refuse sources that call the JDK's tools, or its compiler, which a JRE does not hold."""
        called = [word for word in self.called_words if word in self.facts["jdk-tools"]]
        if called:
            raise Refused("tool-needed-at-run-time", self.stage.place(), package=called[0])
        for name, text in self.sources:
            found = [word for word in _COMPILERS if word in text] if name.endswith(_JVM_SOURCES) else []
            if found:
                raise Refused("compiles-at-run-time", self.stage.place(), package=found[0])

    def layers_beside(self) -> tuple[Change, ...]:
        """The edits that take a jar in its layers, when that is asked for and plain."""
        if self.options.layered_jar:
            try:
                return layers_of_shipped(self)
            except Refused as refused:
                if refused.refusal.reason.startswith("jar-whole-"):
                    self.layout.step(refused.refusal.reason.replace("whole", "stays-whole"))
        return ()

    def check_shipped(self) -> None:
        """Refuse a stage that starts nothing of Java's, as images for builds do."""
        if self.in_container:
            return
        self.check_script()
        taken = [item.body.text for item in self.stage.instructions if item.flag("from") is not None]
        if not self.java_words() and not any("/install/" in text or "/appassembler" in text for text in taken):
            raise Refused("start-unknown", self.stage.place())

    def copy_product(self, path: str) -> None:
        """Copy one product; a pattern into its folder, and what a RUN only moved straight from its source."""
        unit, source = self.moved().get(path, (None, path))
        target = path
        if unit is None and "*" in path:
            target = posixpath.dirname(path) + "/"
        elif unit is not None and path == _WEB_APPLICATIONS:
            target = path + "/"
        before = len(self.layout.products)
        self.copy(source, target)
        if unit is not None and len(self.layout.products) > before:
            comments = "".join(item.text for item in unit.lead)
            self.layout.products[-1] = comments + self.layout.products[-1]

    # On which image it runs.

    def final_image(self) -> str:
        """The image of the final stage; refuses where there is none."""
        image, word = self.stage.base_image, self.stage.image_word
        if self.in_container:
            return self.container_image()
        if image is None or image.repository not in _DISTRIBUTIONS:
            return self.run_time_image()
        if word is None or word.variables:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        return word.raw

    def jre(self, package: str) -> str:
        """The distribution's package with the JRE of a JDK's package."""
        found = _JDK.fullmatch(package)
        return f"{found[1]}-jre{found[3] or ''}" if found is not None else package

    def build_only(self) -> frozenset[str]:
        """The distribution's JDK stays in the builder."""
        return super().build_only() | {p.name for p in self.installed if _JDK.fullmatch(p.name)}

    def final_contents(self) -> frozenset[str]:
        """What the base holds where the final stage stands on it, too."""
        image = self.stage.base_image
        own = image is not None and image.repository in _DISTRIBUTIONS
        return self.base.contents if own else frozenset()

    def run_time_image(self) -> str:
        """The image with the JRE; refuses where there is none of the same vendor and version."""
        image, word = self.stage.base_image, self.stage.image_word
        if image is None or word is None or word.variables or image.digest is not None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        tag = image.tag or ""
        if image.repository == "gradle":
            tag = self.with_jdk(tag)
        for pattern, target in _RUN_TIMES.get(image.repository, ()):
            found = re.fullmatch(pattern, tag)
            if found is None:
                continue
            repository, _, rest = target.partition(":")
            jre = found.expand(rest)
            version = jre.split("-")[0]
            if repository == "eclipse-temurin" and (
                re.split(r"[._]", version)[0] not in self.facts["temurin-jres"]
                or version in self.facts["temurin-without-jre"]
            ):
                continue
            own = repository == image.repository
            return f"{word.raw[: len(word.raw) - len(tag) - 1] if own else repository}:{jre}"
        raise Refused("no-runtime-image", self.stage.place(), image=self.stage.image_text or "")

    def with_jdk(self, tag: str) -> str:
        """A tag of the gradle image with the JDK that it stands on, where it names none."""
        found = re.fullmatch(r"(\d+)(?:\.(\d+)(?:\.\d+)?)?(?:-jdk)?(-(?:alpine|jammy|focal|noble))?", tag)
        if found is None:
            return tag
        if found[2] is None:
            known = self.model.knowledge.image("gradle", tag)
            version = known.image.language_version if known is not None and known.exact else None
            return f"jdk{version}{found[3] or ''}" if version else tag
        wanted = int(found[1]), int(found[2])
        if f"{wanted[0]}.{wanted[1]}" in self.facts["gradle-unclear"]:
            return tag
        jdk = None
        for entry in self.facts["gradle-jdks"]:
            since, _, named = entry.partition("=")
            major, _, minor = since.partition(".")
            if wanted >= (int(major), int(minor)):
                jdk = named
        return f"jdk{jdk}{found[3] or ''}" if jdk else tag

    def container_image(self) -> str:
        """The servlet container's image with a JRE where there is one of that name, else the image as it is."""
        image, word = self.stage.base_image, self.stage.image_word
        if image is None or word is None or word.variables or image.digest is not None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        tags = {tag for group in self.model.knowledge.official_tags("tomcat") for tag in group}
        slimmer = re.sub(r"\bjdk(?=\d)", "jre", image.tag or "")
        if slimmer != image.tag and slimmer in tags:
            return f"{word.raw[: len(word.raw) - len(image.tag or '') - 1]}:{slimmer}"
        return word.raw

    # What the container starts.

    def java_words(self) -> list[str]:
        """The words of the one `java` command that the container starts; empty when a script of another kind does."""
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        commands = self.start_commands(words)
        found = [command for command in commands if any(posixpath.basename(word) == "java" for word in command)]
        if len(found) > 1 or any(command[:1] == ["cd"] for command in commands):
            raise Refused("start-unknown", self.stage.place())
        return found[0] if found else []

    def class_path(self, words: list[str]) -> list[str]:
        """What `-jar` or `-cp` name; the working folder when a class is started without either."""
        found: list[str] = []
        named = False
        for at, word in enumerate(words[:-1]):
            if word == "-jar":
                return [words[at + 1]]
            if word in ("-cp", "-classpath", "--class-path", "-p", "--module-path"):
                named = True
                found += [entry for entry in words[at + 1].split(":") if entry]
        return found if named else ["."]

    def wanted(self) -> tuple[str, ...]:
        """Absolute paths, patterns among them, that the start command names."""
        folder = self.stage.final_state.workdir or "/"
        words = self.java_words()
        if not words:
            program = next((word for word in self.start() or [] if "/bin/" in word), "")
            path = posixpath.normpath(posixpath.join(folder, program))
            scripts = _SCRIPTS.fullmatch(path)
            if scripts is None:
                raise Refused("start-unknown", self.stage.place())
            return (scripts[1],)
        found = []
        for word in self.class_path(words):
            path = posixpath.normpath(posixpath.join(folder, word))
            if "$" in word:
                raise Refused("product-unknown", self.stage.place(), product=word)
            beside = posixpath.basename(path) == "quarkus-run.jar" or posixpath.dirname(path) in self.extracted()
            if beside or path.endswith("/*"):
                path = posixpath.dirname(path)
            found.append(path)
        self.options_name = tuple(self.named_in_options(words))
        return tuple(found)

    def named_in_options(self, words: list[str]) -> list[str]:
        """Files of the build that options name, as agents are: `-javaagent:target/agent.jar=port`."""
        folder = self.stage.final_state.workdir or "/"
        found: list[str] = []
        for word in words:
            if not word.startswith("-") or "$" in word:
                continue
            for part in re.split(r"[=:,]", word)[1:]:
                path = posixpath.normpath(posixpath.join(folder, part))
                if "/" in part and any(f"/{name}/" in path for name in _BUILD_FOLDERS) and not part.startswith("/dev/"):
                    found.append(path)
        return found

    def extracted(self) -> set[str]:
        """Folders into which `java -Djarmode=tools -jar X extract` unpacks an executable jar and its libraries."""
        found: set[str] = set()
        for run in self.stage.runs:
            folder = self.stage.state_before(run.instruction).workdir or "/"
            for command in run.commands:
                if not _unpacks(command):
                    continue
                words = [word.value or word.raw for word in command.command.words]
                jar = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "-jar"), "")
                tools = any(word == "-Djarmode=tools" for word in words)
                # The older mode unpacks where it runs, the newer one into a folder of the jar's name.
                target = posixpath.splitext(posixpath.basename(jar))[0] if tools else "."
                if "--destination" in words[:-1]:
                    target = words[words.index("--destination") + 1]
                found.add(posixpath.normpath(posixpath.join(folder, target)))
        return found

    # What is copied.

    def products(self) -> list[str]:
        """What the start command names, and the files beside it that it may read."""
        home, found = self.workdir, self.named
        for path in found:
            if path == home:
                return [home]
            if not path.startswith(home + "/") and path not in self.written():
                raise Refused("product-unknown", self.stage.place(), product=path)
        archives = self.archives()
        for path in found:
            self.check_name(path, archives)
        if self.loads_beside(found):
            return [home]
        inside = [path for path in self.options_name if path.startswith(home + "/")]
        return list(dict.fromkeys([*found, *inside, *self.data_entries()]))

    def applications(self) -> list[str]:
        """What build steps put among the web applications of a servlet container."""
        written = self.written()
        if not written:
            raise Refused("product-unknown", self.stage.place(), product=_WEB_APPLICATIONS)
        files = [path for path in sorted(written) if path in self.moved() or path.endswith(".war")]
        return files if len(files) == len(written) else [_WEB_APPLICATIONS]

    def check_name(self, path: str, archives: Archives) -> None:
        """Refuse a name that the build files contradict, and a pattern that two archives match."""
        moved = self.moved().get(path)
        pattern = path if moved is None else moved[1]
        below = posixpath.relpath(pattern, self.home)
        if not pattern.endswith((".jar", ".war")) and "/build/install/" not in pattern:
            if "*" in pattern:
                raise Refused("product-unknown", self.stage.place(), product=pattern)
            return
        if not re.search(r"(^|/)(build/(libs|install)|target)/[^/]+$", below):
            return
        matching = archives.matching(below)
        if len(matching) > 1:
            names = ", ".join(posixpath.basename(item.path) for item in matching)
            raise Refused("several-archives", self.stage.place(), pattern=below, names=names)
        if archives.complete and not matching:
            raise Refused("product-unknown", self.stage.place(), product=below)

    @property
    def home(self) -> str:
        """The folder of the root project: that of the first build step."""
        first = next(unit for unit in self.layout.units if id(unit.instruction) in self.build_runs)
        return self.stage.state_before(first.instruction).workdir or "/"

    def root_in_context(self) -> str | None:
        """The context's folder of the root project."""
        first = next(unit for unit in self.layout.units if id(unit.instruction) in self.build_runs)
        return self.in_context(first.instruction, (*_GRADLE_FILES, "pom.xml"))

    def archives(self) -> Archives:
        """What the calls of Gradle and Maven write, below the folder they run in."""
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        units = [unit for unit in self.layout.units if id(unit.instruction) in self.build_runs]
        commands = [(unit.instruction, command.item) for unit in units for command in self.kinds[id(unit.instruction)]]
        made = [self.archives_of(item, command, self.context) for item, command in commands]
        items = tuple(dict.fromkeys(archive for one in made for archive in one.items))
        moves = any(command.command.name == "cd" for _, command in commands)
        return Archives(items, all(one.complete for one in made) and not moves and bool(items))

    def archives_of(self, item: Instruction, command: RunCommand, context: VisibleContext) -> Archives:
        """What one command of a build step writes."""
        name, words = _tool(command)
        if name in _GRADLE:
            folder = self.in_context(item, _GRADLE_FILES)
            here = posixpath.basename(self.stage.state_before(item).workdir or "/")
            return gradle_archives(context, words, folder, here) if folder is not None else Archives((), False)
        if name in _MAVEN:
            folder = self.in_context(item, ("pom.xml",))
            made = maven_archive(context, folder) if folder is not None else None
            return Archives((made,), True) if made is not None else Archives((), False)
        return Archives((), name in _WRITES_NO_ARCHIVE)

    def in_context(self, at: Instruction, names: tuple[str, ...]) -> str | None:
        """The context's folder that lies where an instruction works, by one of its files."""
        for name in names:
            found = context_path(self.stage, self.model, at, name)
            if found is not None:
                return posixpath.dirname(found)
        return None

    def written(self) -> set[str]:
        """Absolute paths that `cp` and `mv` of build steps write."""
        return {target for key in self.build_runs for target, _ in self.transfers(self.runs[key].instruction)}

    def moved(self) -> dict[str, tuple[Unit, str]]:
        """By target, the RUN that only moves or copies one product there, and its source: the copy takes it from it."""
        found: dict[str, tuple[Unit, str]] = {}
        for unit in self.layout.units:
            if self.is_only_move(unit):
                target, source = self.transfers(unit.instruction)[0]
                found[target] = unit, source
        return found

    def is_only_move(self, unit: Unit) -> bool:
        """Whether the instruction is one `cp` or `mv` of one product to its place, and the last build step."""
        if id(unit.instruction) not in self.build_runs or unit is not self.layout.units[self.last]:
            return False
        commands = self.kinds[id(unit.instruction)]
        return len(commands) == 1 and len(self.transfers(unit.instruction)) == 1 and len(self.build_runs) > 1

    def transfers(self, item: Instruction) -> list[tuple[str, str]]:
        """Target and source of each plain `cp A B` and `mv A B` of an instruction that writes a wanted file."""
        folder = self.stage.state_before(item).workdir or "/"
        found: list[tuple[str, str]] = []
        for command in self.kinds[id(item)]:
            words = [word.value or word.raw for word in command.item.command.words]
            if command.item.command.name not in ("cp", "mv") or any("$" in word for word in words):
                continue
            operands = [word for word in words[1:] if not word.startswith("-")]
            if len(operands) != 2:
                continue
            source, target = (posixpath.normpath(posixpath.join(folder, word)) for word in operands)
            deployed = _WEB_APPLICATIONS in self.named and f"{target}/".startswith(f"{_WEB_APPLICATIONS}/")
            if target in self.named or deployed:
                found.append((target, source))
        return found

    # How the instructions are read.

    def check_script(self) -> None:
        """The servlet container's own start script is known."""
        words = [word for word in self.start() or [] if word.endswith(".sh")]
        if not self.in_container or {posixpath.basename(word) for word in words} - {"catalina.sh"}:
            super().check_script()

    def builds(self, command: RunCommand) -> bool:
        """Gradle and Maven by way of a shell, too: `sh gradlew build`."""
        name, _ = _tool(command)
        return name in (*_GRADLE, *_MAVEN) or _unpacks(command) or super().builds(command)

    def _read_run(self, item: Instruction) -> None:
        super()._read_run(item)
        moves = all(command.item.command.name in ("cp", "mv", "cd") for command in self.kinds[id(item)])
        if self.build_runs and moves and self.transfers(item):
            self.build_runs.add(id(item))

    def _stays_inside(self, command: Sorted, item: Instruction) -> bool:
        if super()._stays_inside(command, item):
            return True
        words = [word.value or word.raw for word in command.item.command.words]
        targets = {target for target, _ in self.transfers(item)}
        folder = self.stage.state_before(item).workdir or "/"
        return len(words) > 2 and posixpath.normpath(posixpath.join(folder, words[-1])) in targets

    def _decide_run(self, unit: Unit, before: bool) -> None:
        super()._decide_run(unit, before)
        if unit.fate == "builder" and self.is_only_move(unit):
            unit.fate = "drop"
            unit.step = self.layout.step("copied-instead", path=self.transfers(unit.instruction)[0][0])

    def _is_data(self, path: str) -> bool:
        """A module's folder holds the same build files as the root."""
        assert self.context is not None
        names = self.context.list(path)
        if any(name in ("build.gradle", "build.gradle.kts", "pom.xml") for name in names):
            return any(self._is_data_of_module(posixpath.join(path, name), name) for name in names)
        return super()._is_data(path)

    def _is_data_of_module(self, path: str, name: str) -> bool:
        return name not in self.facts["build-files"] and self._is_data(path)

    def loads_beside(self, paths: Sequence[str]) -> bool:
        """Whether a jar may load others that lie beside it, by its manifest: then the whole folder is copied."""
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        tools = {_tool(command.item)[0] for key in self.build_runs for command in self.kinds[key]}
        for path in paths:
            inner = posixpath.relpath(path, self.workdir).split("/")
            in_build = len(inner) > 1 and any(part in _BUILD_FOLDERS for part in inner[:-1])
            if path in self.extracted():
                continue
            if path.endswith("-runner.jar"):
                return True
            if not path.endswith((".jar", ".war")) and not (in_build and tools & {*_GRADLE, *_MAVEN}):
                return True
        if all(not path.endswith((".jar", ".war")) for path in paths):
            return False
        for name in ("pom.xml", "build.gradle", "build.gradle.kts"):
            if _LOADS.search(self.context.read_text(name) or ""):
                return True
        return "jar" in tools


def _unpacks(command: RunCommand) -> bool:
    """Whether a command unpacks an executable jar of Spring Boot below the folder it runs in."""
    words = [word.value or "" for word in command.command.words]
    modes = ("-Djarmode=tools", "-Djarmode=layertools")
    if command.command.name != "java" or "extract" not in words or not any(word in modes for word in words):
        return False
    return not any(word.startswith(("/", "~", "..")) for word in words[words.index("extract") :])


def _tool(command: RunCommand) -> tuple[str, list[str]]:
    """The program that a command runs, by way of a shell too, and the words behind it."""
    target = target_of(command.command.words)
    if target is None:
        return command.command.name or "", []
    words = list(target.words)
    if target.program in SHELLS and len(words) > 1:
        inner = program_name(words[1])
        if inner in (*_GRADLE, *_MAVEN):
            return inner, [word.value or word.raw for word in words[2:]]
    return target.program, [word.value or word.raw for word in words[1:]]
