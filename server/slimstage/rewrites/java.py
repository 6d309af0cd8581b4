"""Java: build with the JDK, Maven or Gradle image, ship the jar on a JRE of the same vendor and major version."""

from __future__ import annotations

import posixpath
import re

from slimstage.model import Model, Stage
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.split import SplitPlan

PATTERN = "java"
_REPOSITORIES = ("eclipse-temurin", "maven", "gradle", "openjdk", "amazoncorretto", "ibm-semeru-runtimes")
_SYSTEM = r"(-(?:alpine|jammy|focal|noble)[\w.-]*)?"
# The JRE of the same vendor and version: Temurin has one for each, OpenJDK's image for 8 and 11 only.
_RUN_TIMES = {
    "eclipse-temurin": ((re.compile(rf"(\d+(?:\.[\w.]+)?)(?:-jdk)?{_SYSTEM}"), r"eclipse-temurin:\1-jre\2"),),
    "maven": (
        (re.compile(rf"[\d.]+-eclipse-temurin-(\d+){_SYSTEM}"), r"eclipse-temurin:\1-jre\2"),
        (re.compile(r"[\d.]+-(?:open)?jdk-(8|11)(-slim)?"), r"openjdk:\1-jre\2"),
        (re.compile(r"[\d.]+-(?:open)?jdk-(8)(-alpine)"), r"openjdk:\1-jre\2"),
    ),
    "gradle": ((re.compile(rf"(?:[\d.]+-)?jdk-?(\d+){_SYSTEM}"), r"eclipse-temurin:\1-jre\2"),),
    "openjdk": (
        (re.compile(r"(8|11)(?:-jdk)?(-slim)?(-(?:buster|bullseye|stretch))?"), r"openjdk:\1-jre\2\3"),
        (re.compile(r"(8)(?:-jdk)?(-alpine)"), r"openjdk:\1-jre\2"),
    ),
}


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an image that holds a JDK."""
    image = stage.base_image
    if image is None or image.repository not in _REPOSITORIES:
        return False
    return "jre" not in (image.tag or "")


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "java"

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        image = self.run_time_image()
        tools = sorted(set(self.facts["jdk-tools"]) & self.programs)
        if tools:
            builds = tools[0] in ("mvn", "mvnw", "gradle", "gradlew")
            if builds:
                raise Refused("builds-at-start", self.stage.place(), command=tools[0])
            raise Refused("tool-needed-at-run-time", self.stage.place(), package=tools[0])
        if self.only_ships():
            return self.other_base(image)
        self.split()
        products = self.products()
        self.layout.final_image = image
        self.tools_of_full(frozenset())
        self.place_packages()
        for path in products:
            self.copy(path)
        return self.finish()

    def run_time_image(self) -> str:
        """The image with the JRE; refuses where there is none of the same vendor and version."""
        image, word = self.stage.base_image, self.stage.image_word
        if image is None or word is None or word.variables or image.digest is not None:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        tag = image.tag or ""
        for pattern, target in _RUN_TIMES.get(image.repository, ()):
            found = pattern.fullmatch(tag)
            if found is not None:
                own = target.split(":")[0] == image.repository
                name = word.raw[: len(word.raw) - len(tag) - 1] if own else target.split(":")[0]
                return f"{name}:" + found.expand(target.split(":", 1)[1])
        raise Refused("no-runtime-image", self.stage.place(), image=self.stage.image_text or "")

    def products(self) -> list[str]:
        """The jar or class folder that the start command names, and the files beside it that it may read."""
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        if len(words) == 1 or (self.starts_in_shell and not any("java" in word for word in words)):
            raise Refused("start-unknown", self.stage.place())
        folder = self.stage.final_state.workdir or "/"
        found: list[str] = []
        for word in self.class_path(words):
            if "$" in word or "*" in word:
                raise Refused("product-unknown", self.stage.place(), product=word)
            found.append(posixpath.normpath(posixpath.join(folder, word)))
        if not found:
            raise Refused("product-unknown", self.stage.place(), product=" ".join(words[-1:]))
        home = self.workdir
        for path in found:
            if path == home:
                return [home]
            if not path.startswith(home + "/"):
                raise Refused("product-unknown", self.stage.place(), product=path)
        if self.loads_beside(found):
            return [home]
        return list(dict.fromkeys([*found, *self.data_entries()]))

    def class_path(self, words: list[str]) -> list[str]:
        """What `-jar` or `-cp` name; the working folder when a class is started without either."""
        found: list[str] = []
        named = False
        for at, word in enumerate(words[:-1]):
            if word in ("-jar", "-cp", "-classpath", "--class-path"):
                named = True
                found += words[at + 1].split(":")
        return found if named else ["."]

    def loads_beside(self, paths: list[str]) -> bool:
        """Whether a jar may load others that lie beside it, by its manifest: then the whole folder is copied."""
        if any(not path.endswith((".jar", ".war")) for path in paths):
            return True
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        for name in ("pom.xml", "build.gradle", "build.gradle.kts"):
            text = self.context.read_text(name) or ""
            if re.search(r"copy-dependencies|addClasspath|Class-Path|classpathPrefix", text):
                return True
        commands = [command for key in self.build_runs for command in self.kinds[key]]
        return any(command.item.command.name == "jar" for command in commands)
