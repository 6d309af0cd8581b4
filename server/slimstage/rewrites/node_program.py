"""What a Node program uses when it runs: the packages that its start command, its scripts and its sources name.

The start command is followed through package scripts, also into the members of a workspace. What cannot be followed
counts as used.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from slimstage.context import BuildContext
from slimstage.context.node_project import NodePackage, NodeProject
from slimstage.text import lazy_pattern

MANAGERS = ("npm", "yarn", "pnpm", "bun")
_LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")
_IMPORT = lazy_pattern(
    r"""(?:\bfrom|\bimport|\bimport\(|\brequire\(|\brequire\.resolve\()\s*["']((?:@[\w.-]+/)?[\w.-]+)(?:/[^"']*)?["']"""
)
_TYPES_ONLY = lazy_pattern(r"\bimport\s+type\b[^;]*?;|\bimport\s+type\b[^\n]*", re.DOTALL)
_SOURCES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_NOT_RUN = ("node_modules", "test", "tests", "__tests__", "e2e", "cypress", "dist", "coverage", ".git", ".github")
_TEST = lazy_pattern(r"\.(test|spec|d)\.[a-z]+$")
# Files at a package's root that only its tools read.
_TOOLS_FILE = lazy_pattern(
    r"\.(config|conf)\.[a-z]+$|^(gulpfile|gruntfile|webpack|rollup|jest|vitest|karma)\b", re.IGNORECASE
)
_NAME = lazy_pattern(r"(?:.*node_modules/(?:\.bin/)?)?((?:@[\w.-]+/)?[\w.-]+)")
_FOLDER_OPTIONS = ("--filter", "-F", "-w", "--workspace", "--prefix", "-C", "--dir", "--cwd")
_MAX_FILES = 600


class Call(NamedTuple):
    """A package's script that a package manager runs: `packages` has all of them when it is not known which."""

    packages: tuple[NodePackage, ...]
    script: str


class Used(NamedTuple):
    """What the start command leads to: its words and those of the scripts it runs, and the packages they belong to."""

    words: tuple[str, ...]
    packages: tuple[NodePackage, ...]


class NodeProgram:
    """One project and how its container starts it.

    `words` are the start instructions' own, `more` those of the entry scripts and of NODE_OPTIONS; `folder` is the
    folder of the context that corresponds to the working directory. `facts` is the knowledge base's list.
    """

    def __init__(
        self,
        context: BuildContext,
        project: NodeProject,
        facts: Mapping[str, Sequence[str]],
        words: Sequence[str],
        more: Sequence[str] = (),
        folder: str = "",
    ) -> None:
        self.context, self.project, self.facts = context, project, facts
        self.start = tokens(words)
        self.home = self._package_of(self.start, folder)
        self.used = self._follow((*self.start, *tokens(more)))
        self._read: dict[str, list[str] | None] = {}

    # The start command.

    def _package_of(self, words: Sequence[str], folder: str) -> NodePackage:
        """The package whose folder the program runs in; a path below a member's folder names that member."""
        found = self.project.at(folder)
        for word in words:
            if found is self.project.root and "/" in word and not word.startswith(("-", "/", "@")):
                path = posixpath.normpath(posixpath.join(folder, word))
                found = self.project.at(posixpath.dirname(path)) or found
        return found or self.project.root

    def _follow(self, words: Sequence[str]) -> Used:
        found, waiting = list(words), [(tuple(words), self.home)]
        packages: dict[str, NodePackage] = {p.folder: p for p in self.project.closure(self.home)}
        seen: set[tuple[str, str]] = set()
        while waiting:
            current, home = waiting.pop()
            for at, word in enumerate(current):
                if word not in MANAGERS:
                    continue
                call = self.call(current[at:], home)
                for package in call.packages:
                    packages.update({p.folder: p for p in self.project.closure(package)})
                    for script in (f"pre{call.script}", call.script, f"post{call.script}"):
                        text = package.manifest.scripts.get(script)
                        if text is not None and (package.folder, script) not in seen:
                            seen.add((package.folder, script))
                            inner = tokens((text,))
                            found += inner
                            waiting.append((inner, package))
        return Used(tuple(found), tuple(packages.values()))

    def call(self, words: Sequence[str], home: NodePackage) -> Call:
        """What a package manager's command line, `words`, runs in the folder of `home`."""
        manager = words[0]
        rest: list[str] = []
        packages: tuple[NodePackage, ...] = (home,)
        at = 1
        while at < len(words):
            name, separator, value = words[at].partition("=")
            if manager == "pnpm" and name == "-w":
                packages = (self.project.root,)
            elif name in _FOLDER_OPTIONS or (manager == "yarn" and name == "workspace" and not rest):
                if not separator:
                    at += 1
                    value = words[at] if at < len(words) else ""
                packages = self._selected(value, home)
            elif words[at] == "--":
                break
            elif not name.startswith("-"):
                rest.append(words[at])
            at += 1
        if rest[:1] and rest[0] in ("run", "run-script") and len(rest) > 1:
            rest = rest[1:]
        return Call(packages, rest[0] if rest else "")

    def _selected(self, text: str, home: NodePackage) -> tuple[NodePackage, ...]:
        named = self.project.named(text)
        if named is not None:
            return (named,)
        path = posixpath.normpath(posixpath.join(home.folder, text))
        if text.startswith((".", "/")) or "/" in text or any(p.folder == path for p in self.project.packages):
            inside = next((p for p in self.project.packages if p.folder == path), None)
            if inside is not None:
                return (inside,)
        tail = [p for p in self.project.members if p.manifest.name.partition("/")[2] == text]
        return tuple(tail) if len(tail) == 1 else self.project.packages

    def development_server(self) -> str | None:
        """The word of the start command that is a development server, or None."""
        words = self.used.words
        for at, word in enumerate(words):
            name = posixpath.basename(word) if "node_modules/" in word else word
            if name in self.facts["development"]:
                return name
            if name in self.facts["frameworks"] and words[at + 1 : at + 2] == ("dev",):
                return f"{name} dev"
        return None

    def development_package(self) -> str | None:
        """A development dependency that the start command uses, or None."""
        programs = dict(entry.split("=", 1) for entry in self.facts["programs"])
        development = self.development
        for word in self.used.words:
            for part in re.split(r"[=,]", word):
                match = _NAME.match(part)
                for name in (match[1], programs.get(match[1], "")) if match else ():
                    if name in development:
                        return name
        compiled = (name for name in development if name == "typescript" or name.startswith("@types/"))
        needed = compiled if self.compiles else iter(development) if self.builds else iter(())
        return next(needed, None)

    @property
    def compiles(self) -> bool:
        """Whether TypeScript is compiled when the container starts."""
        return any(posixpath.basename(word) in self.facts["compiling"] or "ts-node" in word for word in self.used.words)

    @property
    def builds(self) -> bool:
        """Whether a build runs when the container starts: with loaders and plugins that nobody names here."""
        words = self.used.words
        return any(
            word in self.facts["building"]
            or (
                words[at + 1 : at + 2] == ("build",) and word in (*self.facts["frameworks"], *self.facts["development"])
            )
            for at, word in enumerate(words)
        )

    @property
    def development(self) -> dict[str, None]:
        """The names of the development dependencies of the packages in use, which are not dependencies, too."""
        packages = {p.folder: p for p in (*self.used.packages, self.project.root)}.values()
        kept = {name for package in packages for name in package.manifest.dependencies}
        return {name: None for p in packages for name in p.manifest.dev_dependencies if name not in kept}

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The names of the dependencies of the packages in use."""
        return tuple(dict.fromkeys(name for p in self.used.packages for name in p.manifest.dependencies))

    @property
    def has_lifecycle(self) -> bool:
        """Whether the project has scripts that an install runs."""
        return any(name in package.manifest.scripts for package in self.project.packages for name in _LIFECYCLE)

    @property
    def writes_into_modules(self) -> bool:
        """Whether something other than the package manager writes into node_modules: a code generator, a patch."""
        scripts = any(name in p.manifest.scripts for p in self.project.packages for name in ("install", "postinstall"))
        return scripts or any(p.manifest.has(*self.facts["writers"]) for p in self.project.packages)

    @property
    def has_development_dependencies(self) -> bool:
        """Whether any package of the project has some."""
        return any(package.manifest.dev_dependencies for package in self.project.packages)

    # The sources.

    def imports_development(self) -> bool:
        """Whether the sources in use import a development dependency; True, too, when there are too many to read."""
        if "next" in self.used.words and "typescript" in self.development:
            # Next.js 16 compiles a configuration in TypeScript with the project's own compiler (transpile-config.js).
            folders = [package.folder for package in self.used.packages]
            if any(
                self.context.exists(posixpath.join(f, f"next.config.{end}")) for f in folders for end in ("ts", "mts")
            ):
                return True
        for package in self.used.packages:
            texts = self._sources(package)
            if texts is None:
                return True
            kept = set(package.manifest.dependencies) | set(self.project.root.manifest.dependencies)
            listed = {*package.manifest.dev_dependencies, *self.project.root.manifest.dev_dependencies} - kept
            if any(listed & set(_IMPORT.findall(_TYPES_ONLY.sub("", text))) for text in texts):
                return True
        return False

    def speaks_of(self, pattern: str) -> bool:
        """Whether a source in use matches a regular expression; True, too, when there are too many to read."""
        found = re.compile(pattern)
        for package in self.used.packages:
            texts = self._sources(package)
            if texts is None or any(found.search(text) for text in texts):
                return True
        return False

    def _sources(self, package: NodePackage) -> list[str] | None:
        """The texts of a package's sources, without tests and what only its tools read; None when too many files."""
        if package.folder not in self._read:
            self._read[package.folder] = self._read_sources(package)
        return self._read[package.folder]

    def _read_sources(self, package: NodePackage) -> list[str] | None:
        texts: list[str] = []
        others = {p.folder for p in self.project.packages} - {package.folder}
        tools = self._named_by_other_scripts(package)
        waiting, count = [package.folder], 0
        while waiting:
            folder = waiting.pop()
            for name in self.context.list(folder):
                path = posixpath.join(folder, name)
                if name in _NOT_RUN or path in others or path in tools:
                    continue
                count += 1
                if count > _MAX_FILES:
                    return None
                if not name.endswith(_SOURCES):
                    if "." not in name.lstrip("."):
                        waiting.append(path)
                    continue
                if (
                    _TEST.search(name)
                    or name.startswith(".")
                    or (folder == package.folder and self._is_tools_file(name))
                ):
                    continue
                text = self.context.read_text(path)
                if text is not None:
                    texts.append(text)
        return texts

    def _is_tools_file(self, name: str) -> bool:
        """Whether only tools read a file at a package's root; a framework reads its own when it starts."""
        framework = name.partition(".")[0]
        read = framework in self.facts["frameworks"] and framework in self.used.words
        return _TOOLS_FILE.search(name) is not None and not read

    def _named_by_other_scripts(self, package: NodePackage) -> set[str]:
        """Files that package scripts name which do not run at the start: `build.js` of `node build.js`."""
        named = {
            posixpath.normpath(posixpath.join(package.folder, word))
            for text in package.manifest.scripts.values()
            for word in tokens((text,))
            if word.endswith(_SOURCES)
        }
        return named - {
            posixpath.normpath(posixpath.join(package.folder, word))
            for word in self.used.words
            if word.endswith(_SOURCES)
        }

    # How to start it without the package manager.

    def direct_start(self, folder: str) -> tuple[str, ...] | None:
        """The words that start the program as its script does, from `folder`; None when that is not plain."""
        call = self.call(self.start, self.home) if self.start and self.start[0] in MANAGERS else None
        if call is None or len(call.packages) != 1:
            return None
        package, script = call.packages[0], call.script
        scripts = package.manifest.scripts
        if f"pre{script}" in scripts or f"post{script}" in scripts or "--" in self.start:
            return None
        text = scripts.get(script, "")
        if not re.fullmatch(r"node( [\w@./:=+,-]+)+", text) or self.speaks_of(r"npm_(package|config|lifecycle)_"):
            return None
        if package.folder == folder:
            return tuple(text.split())
        inside = posixpath.relpath(package.folder or ".", folder or ".")
        return ("sh", "-c", f"cd {inside} && exec {text}")


def tokens(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of command lines, without quotes and what stands between commands."""
    return tuple(word.strip("\"'()") for text in texts for word in re.split(r"[\s;&|]+", text) if word.strip("\"'()"))
