"""What Gradle and Maven write, as far as a project's build files say it: the names of its archives.

The files are programs, and only their literal parts are read. What a variable, a plugin or another file may decide
makes the result incomplete, and whoever needs certainty asks for `complete`.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from slimstage.context import BuildContext
from slimstage.text import lazy_pattern

_COMMENT = lazy_pattern(r"/\*.*?\*/|(?<![:\"'\w])//[^\n]*", re.DOTALL)
_TASKS = {
    "jar": ("jar",),
    "bootJar": ("boot",),
    "bootWar": ("boot-war",),
    "war": ("war",),
    "shadowJar": ("all",),
    "installDist": ("install",),
    "installShadowDist": ("install",),
    "quarkusBuild": ("quarkus",),
}
# They make every archive that the project's plugins know.
_ALL = ("build", "assemble")
# They write no archive, as far as their names tell.
_NONE = frozenset(
    """clean classes compileJava compileKotlin processResources test check dependencies testClasses tasks help
    resolveDependencies downloadDependencies javadoc kaptKotlin generateProto spotlessApply spotlessCheck""".split()
)
_VALUES = frozenset(
    """-x --exclude-task -p --project-dir -b --build-file -c --settings-file -g --gradle-user-home -I --init-script
    --console --max-workers --warning-mode --project-cache-dir --include-build --tests -P --project-prop -D
    --system-prop --priority""".split()
)
_GRADLE_FILES = ("build.gradle", "build.gradle.kts")


class Archive(NamedTuple):
    """Something a build writes; `path` is below the project's root folder.

    `kind`: "jar" an ordinary jar, "plain" the one beside an executable one, "boot", "boot-war", "war", "all" a jar
    with its dependencies, "install" a folder with start scripts, "quarkus" a folder.
    """

    path: str
    kind: str


class Archives(NamedTuple):
    """What one call writes. `complete` is False when it may write others, or the same under other names."""

    items: tuple[Archive, ...]
    complete: bool

    def matching(self, pattern: str) -> tuple[Archive, ...]:
        """Those that a shell pattern below the project's root matches."""
        return tuple(item for item in self.items if _matches(pattern, item.path))


def _matches(pattern: str, path: str) -> bool:
    parts, names = pattern.split("/"), path.split("/")
    return len(parts) == len(names) and all(
        fnmatch.fnmatchcase(name, part) for name, part in zip(names, parts, strict=True)
    )


# Gradle.


class GradleCall(NamedTuple):
    """The words of a Gradle call: tasks as (project path or "", task), the `-x` ones, the folder and properties."""

    tasks: tuple[tuple[str, str], ...]
    excluded: frozenset[str]
    folder: str | None
    properties: dict[str, str]


def read_gradle_call(words: Sequence[str]) -> GradleCall:
    """Read the words behind `gradle` or `./gradlew`."""
    tasks: list[tuple[str, str]] = []
    excluded: set[str] = set()
    folder: str | None = None
    properties: dict[str, str] = {}
    at = 0
    while at < len(words):
        word = words[at]
        value = words[at + 1] if at + 1 < len(words) else ""
        if word in _VALUES:
            at += 1
            if word in ("-x", "--exclude-task"):
                excluded.add(value.rsplit(":", 1)[-1])
            elif word in ("-p", "--project-dir"):
                folder = value
            elif word in ("-P", "--project-prop"):
                name, _, text = value.partition("=")
                properties[name] = text
        elif word.startswith("-P"):
            name, _, text = word[2:].partition("=")
            properties[name] = text
        elif word.startswith(("--project-dir=", "--exclude-task=")):
            option, _, text = word.partition("=")
            folder = text if option == "--project-dir" else folder
            excluded |= {text.rsplit(":", 1)[-1]} if option == "--exclude-task" else set()
        elif not word.startswith("-"):
            project, _, task = word.rpartition(":")
            tasks.append((project.strip(":"), task))
        at += 1
    return GradleCall(tuple(tasks), frozenset(excluded), folder, properties)


def gradle_archives(context: BuildContext, words: Sequence[str], folder: str, root_name: str) -> Archives:
    """What a Gradle call writes; `folder` is the root project's in the context, `root_name` its name in the image.

    A project without `rootProject.name` is called as its folder is.
    """
    call = read_gradle_call(words)
    settings = _text(context, folder, ("settings.gradle", "settings.gradle.kts"))
    projects = dict(_projects(context, folder, settings))
    named = re.search(r"rootProject\.name\s*=\s*(['\"])([^'\"$]+)\1", settings)
    complete = "rootProject.name" not in settings or named is not None
    projects[""] = (folder, named[2] if named else root_name)
    shared = _shared(_code(context, folder))
    items: list[Archive] = []
    for path, task in call.tasks:
        wanted = [path.replace(":", "/")] if path else list(projects)
        for project in wanted:
            if project not in projects:
                complete = False
                continue
            found, sure = _project_archives(context, *projects[project], project, task, call, shared)
            items += found
            complete = complete and sure
    return Archives(tuple(dict.fromkeys(items)), complete and (bool(call.tasks) or "--version" in words))


def _projects(context: BuildContext, folder: str, settings: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The sub-projects that `include` names, by path with slashes: their folders and names."""
    for call in re.findall(r"\binclude\s*\(?((?:\s*['\"][^'\"]+['\"]\s*,?)+)", settings):
        for word in re.findall(r"['\"]([^'\"]+)['\"]", call):
            path = word.strip(":").replace(":", "/")
            yield path, (posixpath.join(folder, path), posixpath.basename(path))


def _project_archives(
    context: BuildContext,
    folder: str,
    name: str,
    below: str,
    task: str,
    call: GradleCall,
    shared: str,
) -> tuple[list[Archive], bool]:
    code = _code(context, folder)
    if not code:
        return [], below != "" or task in _NONE
    if re.search(r"\bbuildDir\s*=|layout\.buildDirectory(?:\.set|\s*=)|\bapply\s*\(?\s*from\b", code + shared):
        return [], False
    made = _Project(code, shared, name, below, _text(context, "", ("gradle.properties",)), call)
    kinds: tuple[str, ...]
    if task in _ALL:
        kinds = made.assembled()
    elif task in _TASKS:
        kinds = _TASKS[task]
    else:
        return [], task in _NONE
    items, sure = [], True
    for kind in kinds:
        if not made.knows(kind):
            continue
        path = made.path(kind)
        if path is None:
            sure = False
        else:
            items.append(Archive(path, made.kind_of_jar() if kind == "jar" else kind))
    return items, sure


class _Project:
    """One project's build file, and what the root's `allprojects` and `subprojects` say."""

    def __init__(self, code: str, shared: str, name: str, below: str, properties: str, call: GradleCall) -> None:
        self.code, self.shared, self.name, self.below = code, shared, name, below
        self.properties, self.call = properties, call

    def has(self, plugin: str) -> bool:
        pattern = rf"['\"]{re.escape(plugin)}['\"]|`{re.escape(plugin)}`"
        short = rf"^\s*{re.escape(plugin)}\s*$"
        return any(
            re.search(pattern, text) or re.search(short, text, re.MULTILINE) for text in (self.code, self.shared)
        )

    @property
    def is_boot(self) -> bool:
        applied = re.search(
            r"org\.springframework\.boot['\"]\)?(?:\s*version\s*\(?['\"][^'\"]*['\"]\)?)?(?!.*\bapply\s*\(?false)",
            self.code,
        )
        return applied is not None or "org.springframework.boot" in self.shared

    @property
    def boot_version(self) -> tuple[int, int] | None:
        found = re.search(r"org\.springframework\.boot['\"]\)?\s*version\s*\(?['\"](\d+)\.(\d+)", self.code)
        return (int(found[1]), int(found[2])) if found else None

    def off(self, task: str) -> bool:
        return any(re.search(r"\benabled\s*(?:=|\.set\()?\s*\(?\s*false", block) for block in self.blocks(task))

    def blocks(self, task: str) -> list[str]:
        """The bodies of what configures a task."""
        by_name = rf"(?:named|getByName)\s*(?:<[\w.]+>)?\s*\(\s*['\"]{task}['\"][^)]*\)"
        names = rf"(?:tasks\.)?(?:{task}|{by_name})"
        found = [_body(self.code, match.end()) for match in re.finditer(rf"(?<![\w.])(?:{names})\s*\{{", self.code)]
        assigned = re.findall(rf"^\s*(?:tasks\.)?{task}\.([^\n]+)", self.code, re.MULTILINE)
        return [*found, *assigned]

    def assembled(self) -> tuple[str, ...]:
        """What `assemble` makes, by the plugins that are applied."""
        kinds = ["jar"]
        if self.has("war"):
            kinds = ["war"]
        if self.is_boot:
            kinds += ["boot-war"] if self.has("war") else ["boot"]
        if "com.github.johnrengelman.shadow" in self.code or "com.gradleup.shadow" in self.code:
            kinds.append("all")
        return tuple(kinds)

    def knows(self, kind: str) -> bool:
        """Whether the project has the task behind a kind of archive, and it is not switched off."""
        if kind == "jar":
            old = self.boot_version is not None and self.boot_version < (2, 5)
            return not self.off("jar") and not (self.is_boot and old)
        if kind == "war":
            return self.has("war") and not self.off("war")
        if kind == "install":
            return self.has("application") or self.has("distribution")
        task = {"boot": "bootJar", "boot-war": "bootWar"}.get(kind)
        if task is None:
            return True
        return (self.is_boot or re.search(rf"\b{task}\b", self.code) is not None) and not self.off(task)

    def kind_of_jar(self) -> str:
        return "plain" if self.is_boot else "jar"

    def path(self, kind: str) -> str | None:
        """Where an archive goes, below the root project; None when its name is not literal."""
        base, version = self.base_name(), self.version()
        if kind == "install":
            name = self.value(("applicationName", "distributionBaseName", "executableDir"), self.code)
            return None if name is None or base is None else self.below_root(f"build/install/{name or base}")
        if kind == "quarkus":
            return self.below_root("build/quarkus-app")
        task = {"boot": "bootJar", "boot-war": "bootWar", "all": "shadowJar"}.get(kind, kind)
        blocks = "\n".join(self.blocks(task))
        if re.search(r"destinationDir|destinationDirectory|\barchivePath\b", blocks):
            return None
        whole = self.value(("archiveFileName", "archiveName"), blocks)
        if whole != "":
            return None if whole is None else self.below_root(f"build/libs/{whole}")
        own_base = self.value(("archiveBaseName", "baseName"), blocks)
        own_version = self.value(("archiveVersion", "version"), blocks)
        classifier = self.value(("archiveClassifier", "classifier"), blocks)
        if re.search(r"(?:archiveClassifier|classifier)\s*(?:=|\.set\(|\.convention\()?\s*\(?\s*(?:''|\"\")", blocks):
            default = ""
        else:
            default = {"all": "all", "jar": "plain" if self.is_boot else ""}.get(kind, "")
        base = own_base or base if own_base is not None else None
        if re.search(r"(?:archiveVersion|\bversion)\s*(?:=|\.set\()?\s*\(?\s*(?:''|\"\"|null)", blocks):
            version = ""
        else:
            version = own_version or version if own_version is not None else None
        if base is None or version is None or classifier is None:
            return None
        name = "-".join(part for part in (base, version, classifier or default) if part)
        ending = "war" if kind in ("war", "boot-war") else "jar"
        return self.below_root(f"build/libs/{name}.{ending}")

    def below_root(self, path: str) -> str:
        return posixpath.join(self.below, path)

    def base_name(self) -> str | None:
        found = self.value(("archivesBaseName", "archivesName"), self.code)
        return found or (None if found is None else self.name)

    def version(self) -> str | None:
        """The project's version; "" when it has none, None when it is not literal."""
        if "version" in self.call.properties:
            given = self.call.properties["version"]
            return None if "$" in given else given
        for text in (self.code, self.shared):
            top = _outside(text)
            found = re.search(r"^\s*(?:project\.)?version\s*(?:=|\s)\s*(.+?)\s*$", top, re.MULTILINE)
            if found is not None:
                return _literal(found[1])
        listed = re.search(r"^version\s*[=:]\s*(\S+)\s*$", self.properties, re.MULTILINE)
        return listed[1] if listed else ""

    @staticmethod
    def value(names: Sequence[str], text: str) -> str | None:
        """The literal that one of the properties is set to; "" when none is set, None when it is not literal."""
        for name in names:
            found = re.search(rf"\b{name}\s*(?:=|\.set\(|\.convention\(|\()?\s*([^\n;}})]+)", text)
            if found is not None:
                return _literal(found[1])
        return ""


def _literal(text: str) -> str | None:
    found = re.fullmatch(r"(['\"])([^'\"$]*)\1\)?", text.strip())
    return found[2] if found else None


def _body(text: str, start: int) -> str:
    """What stands behind an opening brace, up to the closing one."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    return text[start:]


def _outside(text: str) -> str:
    """The text without what stands in braces."""
    kept: list[str] = []
    depth = 0
    for character in text:
        depth = max(0, depth + {"{": 1, "}": -1}.get(character, 0))
        if depth == 0 or character == "\n":
            kept.append(character)
    return "".join(kept)


def _shared(code: str) -> str:
    """What a root project says for all, or for its sub-projects."""
    return "\n".join(_body(code, match.end()) for match in re.finditer(r"\b(?:allprojects|subprojects)\s*\{", code))


def _code(context: BuildContext, folder: str) -> str:
    return _COMMENT.sub("", _text(context, folder, _GRADLE_FILES))


def _text(context: BuildContext, folder: str, names: Sequence[str]) -> str:
    for name in names:
        text = context.read_text(posixpath.join(folder, name))
        if text is not None:
            return text
    return ""


# Maven.


def maven_archive(context: BuildContext, folder: str = "") -> Archive | None:
    """What `mvn package` writes for the module in a folder; None when its name is not literal or not there."""
    text = context.read_text(posixpath.join(folder, "pom.xml"))
    if text is None:
        return None
    values = dict(_leaves(_XML_COMMENT.sub("", text)))
    packaging = values.get("project/packaging", "jar")
    artifact = values.get("project/artifactId", "")
    version = values.get("project/version") or values.get("project/parent/version") or ""
    if packaging not in ("jar", "war") or not artifact:
        return None
    known = {path.rpartition("/")[2]: value for path, value in values.items() if path.startswith(_PROPERTIES)}
    known |= {"project.artifactId": artifact, "artifactId": artifact, "project.version": version}
    name = values.get("project/build/finalName") or "${project.artifactId}-${project.version}"
    for _ in range(3):
        name = re.sub(r"\$\{([^}]+)\}", lambda match: known.get(match[1], match[0]), name)
    if "${" in name or name.endswith("-"):
        return None
    return Archive(f"target/{name}.{packaging}", packaging)


_XML_COMMENT = lazy_pattern(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_TAG = lazy_pattern(r"<(/?)([\w.:-]+)[^>]*?(/?)>([^<]*)")
_PROPERTIES = "project/properties/"


def _leaves(text: str) -> Iterator[tuple[str, str]]:
    """The texts of an XML document's elements by path (`project/build/finalName`), the first of a path last."""
    path: list[str] = []
    found: list[tuple[str, str]] = []
    for closing, name, empty, inner in _TAG.findall(text):
        if closing:
            while path and path.pop() != name:
                pass
        elif not empty:
            path.append(name)
            if inner.strip() and len(path) <= 4:
                found.append(("/".join(path), inner.strip()))
    yield from reversed(found)
