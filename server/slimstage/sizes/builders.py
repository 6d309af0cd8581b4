"""What build tools make: looked up in the build context where it was built before, else a stated assumption."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from slimstage.model.flow import option_value, short_values
from slimstage.model.packages.prefixes import target_of
from slimstage.model.python import context_path
from slimstage.sizes import Size
from slimstage.sizes.environment import home, variable
from slimstage.sizes.files import absolute, compressed
from slimstage.sizes.records import Part, between

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.model.runs import Run
    from slimstage.shell import SimpleCommand
    from slimstage.sizes.state import Surroundings

_SCRIPTS = frozenset("npm npx yarn pnpm bun vite webpack ng next nuxt gatsby tsc rollup esbuild turbo nx".split())
_SITE_FOLDERS = ("dist", "build", "out", ".next", ".output", "public", "storybook-static", ".svelte-kit")
_MB = 1_000_000
_LARGEST = 200  # MB: database and search servers linked into one program reach 100 to 150


def built(
    stage: Stage, run: Run, command: SimpleCommand, folder: str | None, around: Surroundings
) -> list[Part] | None:
    """The products of a build command; None when it is not one we know."""
    target = target_of(command.words)
    if target is None:
        return None
    name = target.program
    values = [word.value for word in target.words[1:]]
    verb = next((value for value in values if value is not None and not value.startswith("-")), None)
    instruction = run.instruction
    user = home(stage, instruction)
    if name in _SCRIPTS:
        if name in ("npm", "yarn", "pnpm", "bun") and not _builds(verb, values):
            return []
        return _site(stage, run, folder, around)
    if name == "go":
        if verb not in ("build", "install", "mod", "get"):
            return []
        if verb in ("mod", "get"):
            modules = variable(stage, instruction, "GOPATH") or "/go"
            return [Part("modules", {"tool": "go"}, path=posixpath.join(modules, "pkg/mod"))]
        outputs = short_values(values, "o") if "-o" in values else []
        place = absolute(outputs[0], folder) if outputs else folder if verb == "build" else "/go/bin"
        if outputs and outputs[0] is not None and outputs[0].endswith("/") and place is not None:
            place = place.rstrip("/")
        cache = Part("build-cache", {"tool": "go"}, between(60 * _MB, 15 * _MB, 400 * _MB),
                     between(25 * _MB, 6 * _MB, 200 * _MB), posixpath.join(user, ".cache/go-build"))  # fmt: skip
        return [_assumed("go", place, 8, 1.2, _LARGEST), cache]
    if name in ("mvn", "mvnw"):
        return _jar(stage, run, folder, around, "target", "maven", posixpath.join(user, ".m2"))
    if name in ("gradle", "gradlew"):
        return _jar(stage, run, folder, around, "build/libs", "gradle", posixpath.join(user, ".gradle"))
    if name == "cargo":
        if verb not in ("build", "install", "rustc"):
            return []
        root = absolute("target", folder)
        place = posixpath.join(root, "release") if root is not None else None
        deps = posixpath.join(root or "/target", "debug-and-deps")
        rest = Part("build-cache", {"tool": "cargo"}, between(400 * _MB, 30 * _MB, 3000 * _MB),
                    between(120 * _MB, 8 * _MB, 900 * _MB), deps)  # fmt: skip
        return [_assumed("cargo", place if verb == "build" else "/usr/local/cargo/bin", 6, 0.4, _LARGEST), rest]
    if name == "dotnet":
        if verb not in ("publish", "build"):
            return (
                [Part("modules", {"tool": "dotnet"}, path=posixpath.join(user, ".nuget"))] if verb == "restore" else []
            )
        place = absolute(option_value(values, "-o") or option_value(values, "--output") or None, folder) or folder
        return [_assumed("dotnet", place, 6, 0.2, 150)]
    if name in ("gcc", "g++", "cc", "c++", "clang", "rustc", "javac"):
        outputs = short_values(values, "o")
        return [_assumed(name, absolute(outputs[0], folder) if outputs else folder, 0.1, 0.001, 5)]
    return None


def _builds(verb: str | None, values: list[str | None]) -> bool:
    if verb in ("build", "export", "generate"):
        return True
    return verb in ("run", "exec") and any(value is not None and "build" in value for value in values)


def _assumed(tool: str, place: str | None, value: float, low: float, high: float) -> Part:
    disk = between(value * _MB, low * _MB, high * _MB)
    return Part("built-assumed", {"tool": tool}, disk, compressed(disk), place)


def _site(stage: Stage, run: Run, folder: str | None, around: Surroundings) -> list[Part]:
    context = around.model.context
    found: list[Part] = []
    if context is not None and folder is not None:
        manifest = context_path(stage, around.model, run.instruction, posixpath.join(folder, "package.json"))
        root = posixpath.dirname(manifest or "package.json")
        for name in _SITE_FOLDERS:
            place = posixpath.join(root, name)
            if name == "public" and not context.exists(posixpath.join(root, "gatsby-config.js")):
                continue
            tree = context.tree(place) if context.exists(place) else None
            if tree is not None and tree.files:
                size = Size(
                    tree.bytes, round(tree.bytes * 0.7), round(tree.bytes * 1.4), "computed", ("build-context",)
                )
                args = {"folder": place}
                found.append(Part("built", args, size, compressed(size), posixpath.join(folder, name)))
    return found or [_assumed("node", folder, 2, 0, 60)]


def _jar(
    stage: Stage, run: Run, folder: str | None, around: Surroundings, output: str, tool: str, repository: str
) -> list[Part]:
    context = around.model.context
    cache = Part("build-cache", {"tool": tool}, between(120 * _MB, 0, 600 * _MB),
                 between(100 * _MB, 0, 500 * _MB), repository)  # fmt: skip
    found: list[Part] = []
    if context is not None and folder is not None:
        for name in context.list(output):
            if name.endswith((".jar", ".war")) and not name.endswith(("-sources.jar", "-plain.jar")):
                tree = context.tree(f"{output}/{name}")
                if tree is not None:
                    size = Size(
                        tree.bytes, round(tree.bytes * 0.9), round(tree.bytes * 1.1), "computed", ("build-context",)
                    )
                    found.append(Part("built", {"folder": f"{output}/{name}"}, size, size,
                                      posixpath.join(folder, output, name)))  # fmt: skip
    if not found:
        manifests = ("pom.xml",) if tool == "maven" else ("build.gradle", "build.gradle.kts")
        texts = [context.read_text(name) or "" for name in manifests] if context is not None else []
        bundles = any(
            word in text for text in texts for word in ("spring-boot", "shade", "shadow", "quarkus", "micronaut")
        )
        value, low = (25, 3) if bundles else (2, 0.002)
        found = [_assumed(tool, absolute(output, folder), value, low, 120)]
    return [*found, cache]
