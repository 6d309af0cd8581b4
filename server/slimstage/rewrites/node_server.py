"""A Node server: install and build on the image it had, ship the project's folder on the slim variant.

The folder is copied as a whole, so that whatever the program reads at run time is where it was; what the build alone
needed is pruned before, when the manifest and the sources show that nothing else uses it.
"""

from __future__ import annotations

import json
import posixpath
import re

from slimstage.context.manifests import PackageJson, read_package_json
from slimstage.model import Model, Stage
from slimstage.model.runs import RunCommand
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.split import SplitPlan
from slimstage.syntax.nodes import Place
from slimstage.text import lazy_pattern

PATTERN = "node-server"
_IMPORT = lazy_pattern(r"""(?:\bfrom|\bimport|\brequire\()\s*["']((?:@[\w.-]+/)?[\w.-]+)(?:/[^"']*)?["']""")
_TYPES_ONLY = lazy_pattern(r"\bimport\s+type\b[^;]*?;|\bimport\s+type\b[^\n]*", re.DOTALL)
_SOURCES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_NOT_RUN = ("node_modules", "test", "tests", "__tests__", "e2e", "cypress", "dist", "coverage", ".git", ".github")
_MAX_FILES = 600
_VERSION = lazy_pattern(r"[\w.]+")


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an official Node image and installs modules."""
    image = stage.base_image
    managers = ("npm", "yarn", "pnpm")
    return (
        image is not None
        and image.repository == "node"
        and any(
            o.manager in managers and o.action in ("install", "sync") for run in stage.runs for o, _ in run.operations
        )
    )


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "node"

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        image = self.stage.base_image
        if self.stage.base_stage is not None:
            raise Refused("built-on-stage", self.stage.place(), stage=self.stage.base_stage.label)
        if image is None or self.base.libc is None or self.base.kind not in ("full", "slim", "alpine"):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        full = self.base.kind == "full"
        self.split()
        manifest = self.manifest()
        self.check_start(manifest)
        self.check_modules(manifest)
        if full:
            self.layout.final_image = self.slim_image()
            self.tools_of_full(self.final_contents())
        left = self.place_packages()
        pruned = self.prune(manifest)
        if not (full or left or pruned):
            raise Refused("nothing-to-leave-behind", self.stage.place())
        self.copy(self.workdir)
        return self.finish()

    def builds(self, command: RunCommand) -> bool:
        """A global install of something the start instructions call belongs to the final stage."""
        return super().builds(command) or command.command.name == "cd"

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

    def manifest(self) -> PackageJson:
        """The package.json that was copied to the project's folder."""
        found = read_package_json(self.context) if self.context is not None else None
        if found is None:
            raise Refused("manifest-needed", self.stage.place(), file="package.json")
        if found.workspaces:
            raise Refused("workspaces", self.stage.place())
        return found

    # What the program needs when it runs.

    def check_start(self, manifest: PackageJson) -> None:
        """Refuse when a development server or a development dependency starts the program."""
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        found = self.stage.last("CMD") or self.stage.last("ENTRYPOINT")
        place = Place(found, found.keyword_span) if found is not None else self.stage.place()
        programs = dict(entry.split("=", 1) for entry in self.facts["programs"])
        if words[0] in ("npx", "ts-node", "tsx") or "node_modules" in " ".join(words):
            words = [*words, *(posixpath.basename(word) for word in words)]
        for word in self.script_words(words, manifest):
            name = programs.get(word, word)
            if word in self.facts["development"]:
                raise Refused("development-server", place, command=word)
            if name in manifest.dev_dependencies:
                raise Refused("start-needs-development-dependency", place, package=name)
        if words[0] in ("pnpm", "bun") or (words[0] == "corepack"):
            raise Refused("manager-at-start", place, command=words[0])

    def script_words(self, words: list[str], manifest: PackageJson) -> list[str]:
        """The words of the start command and of the package scripts it runs, by way of other scripts too."""
        found, waiting, seen = list(words), [words], set()
        while waiting:
            current = waiting.pop()
            for at, word in enumerate(current):
                if word not in ("npm", "yarn", "pnpm"):
                    continue
                rest = [w for w in current[at + 1 :] if not w.startswith("-")]
                name = rest[1] if rest[:1] == ["run"] and len(rest) > 1 else rest[0] if rest else ""
                for script in (f"pre{name}", name, f"post{name}"):
                    text = manifest.scripts.get(script)
                    if text is not None and script not in seen:
                        seen.add(script)
                        inner = re.split(r"[\s;&|]+", text)
                        found += inner
                        waiting.append(inner)
        return found

    def check_modules(self, manifest: PackageJson) -> None:
        """Add what modules load or call from the system; refuse what the final image cannot be known to hold."""
        needs = dict(entry.split("=", 1) for entry in self.facts["needs"])
        installed = {package.name for package in self.installed}
        for name in manifest.dependencies:
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
        text = self.context.read_text("package-lock.json") if self.context is not None else None
        if text is None:
            self.known = False
            return []
        try:
            packages = json.loads(text).get("packages", {})
        except (ValueError, AttributeError, RecursionError):
            return []
        if not isinstance(packages, dict):
            return []
        rows = [(path, row) for path, row in packages.items() if isinstance(row, dict) and path]
        return [
            path.rsplit("node_modules/", 1)[-1]
            for path, row in rows
            if row.get("hasInstallScript") and not row.get("dev") and not row.get("optional")
        ]

    # Development dependencies.

    def prune(self, manifest: PackageJson) -> bool:
        """Remove development dependencies at the end of the build, where it is known that nothing else uses them."""
        operations = [o for run in self.stage.runs for o, _ in run.operations if o.manager in ("npm", "yarn", "pnpm")]
        installs = [o for o in operations if o.action in ("install", "sync") and not o.packages]
        if not manifest.dev_dependencies or not installs or any(o.manager != "npm" for o in installs):
            return False
        if any(o.has("production", "only") or "dev" in o.options.get("omit", ()) for o in installs):
            return False
        if any(
            pair.key.raw == "NODE_ENV" and pair.value is not None and pair.value.value == "production"
            for unit in self.layout.units[: self.last + 1]
            if unit.instruction.keyword == "ENV"
            for pair in unit.instruction.pairs
        ):
            return False
        used = self.imported()
        if used is None or used & set(manifest.dev_dependencies):
            return False
        unit = self.layout.units[self.last]
        step = self.layout.step("prune")
        unit.builder_text = unit.instruction.text.rstrip("\r\n") + "\nRUN npm prune --omit=dev"
        unit.step = step
        return True

    def imported(self) -> set[str] | None:
        """Modules that the project's own sources import, without configuration and tests; None when too many files."""
        assert self.context is not None
        found: set[str] = set()
        waiting, count = [""], 0
        while waiting:
            folder = waiting.pop()
            for name in self.context.list(folder):
                path = posixpath.join(folder, name)
                if name in _NOT_RUN:
                    continue
                count += 1
                if count > _MAX_FILES:
                    return None
                if not name.endswith(_SOURCES):
                    if "." not in name.lstrip("."):
                        waiting.append(path)
                    continue
                if re.search(r"\.(test|spec|config|conf|d)\.[a-z]+$", name) or name.startswith("."):
                    continue
                text = self.context.read_text(path)
                if text is not None:
                    found |= set(_IMPORT.findall(_TYPES_ONLY.sub("", text)))
        return found

    def split(self) -> None:
        """A tool that is installed globally and started at run time is installed in both stages."""
        super().split()
        for unit in self.layout.units:
            run = self.runs.get(id(unit.instruction))
            if run is None or id(unit.instruction) not in self.build_runs:
                continue
            operations = [operation for operation, _ in run.operations]
            if not operations or not all(operation.has("global") for operation in operations):
                continue
            names = {word.name for operation in operations for word in operation.packages}
            if any(name and (name in self.words or f"{name}-runtime" in self.words) for name in names):
                unit.fate = "both"
