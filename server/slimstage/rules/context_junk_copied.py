"""`COPY .` takes along what the build makes anew or never reads: node_modules, .git, build output, old environments."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from slimstage.context import BuildContext, normal_path
from slimstage.context.ignore import IgnoreRules, ignore_rules
from slimstage.context.manifests import read_package_json
from slimstage.model import Model, Stage
from slimstage.model.runs import Run
from slimstage.rewrites.commands import sorted_commands
from slimstage.rewrites.needs import run_time_words
from slimstage.rewrites.node_program import MANAGERS
from slimstage.rules.base import Finding, Fix, NewLines, Rule
from slimstage.syntax.nodes import Instruction, Place, Word
from slimstage.text import lazy_pattern

# What the tools of Node projects write; only what `.gitignore` names, too, is surely no source.
_OUTPUTS = ("dist", "build", "out", ".next", ".nuxt", ".output", ".svelte-kit", ".astro")
_ENVIRONMENTS = (".venv", "venv")
_NAMES = frozenset({"node_modules", ".git", *_OUTPUTS, *_ENVIRONMENTS})
_PYTHON_MANAGERS = ("pip", "uv", "poetry", "pdm", "pipenv")
_NODE_TOOLS = (*MANAGERS, "npx", "node", "corepack", "tsc", "vite", "next", "astro", "cd")
_BUILDS = lazy_pattern(r"build|generate|export")
_ASKS_GIT = lazy_pattern(r"\bgit\b|_scm\b|versioneer|dynamic-versioning|hatch-vcs|\bvcs\b")
_TOOL_FILES = (
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "Makefile",
    *(f"{tool}.config.{ending}" for tool in ("vite", "next", "astro", "webpack") for ending in ("js", "mjs", "ts")),
)


class ContextJunkCopied(Rule):
    """Speaks only of what lies in the build context now and `.dockerignore` does not leave out."""

    id = "context-junk-copied"
    severity = "info"

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a COPY of a folder, at its source."""
        context = model.context
        if context is None:
            return
        suspects = [(stage, *found) for stage in model.stages for found in _suspects(stage, context)]
        if not suspects or any(_is_bound(run) for stage in model.stages for run in stage.runs):
            return
        rules = ignore_rules(context, model.name) or IgnoreRules(())
        named = {path for stage in model.stages for item in _copies(stage) for _, path in _sources(stage, item)}
        for stage, item, word, folder in suspects:
            junk = [path for path in _junk(model, stage, item, context, folder) if _counts(path, rules, named)]
            if junk:
                yield self._finding(stage, item, word, junk, rules.name)

    def _finding(self, stage: Stage, item: Instruction, word: Word, junk: list[str], file: str) -> Finding:
        modules = [path for path in junk if posixpath.basename(path) == "node_modules"]
        overwrites = bool(modules) and _has_modules_before(stage, item)
        args = {"paths": ", ".join(f"`{path}`" for path in junk), "modules": modules[0] if modules else ""}
        fix = Fix("ignore", (), args={**args, "file": file}, beside=NewLines(file, tuple(junk)))
        return Finding(
            self.id,
            Place(item, word.span),
            "overwrites" if overwrites else "default",
            args,
            severity="warning" if overwrites else None,
            fixes=(fix,),
        )


def _copies(stage: Stage) -> Iterator[Instruction]:
    for item in stage.instructions:
        if item.keyword in ("COPY", "ADD") and item.flag("from") is None and not item.heredocs:
            yield item


def _suspects(stage: Stage, context: BuildContext) -> list[tuple[Instruction, Word, str]]:
    """The copied folders that hold a name of interest; kept with the stage, since looking costs a visit to the disk."""
    known: tuple[BuildContext, list[tuple[Instruction, Word, str]]] | None = stage.facts.get("junk-suspects")
    if known is None or known[0] is not context:
        found = [
            (item, word, folder)
            for item in _copies(stage)
            for word, folder in _sources(stage, item)
            if not _NAMES.isdisjoint(context.list(folder))
        ]
        known = stage.facts["junk-suspects"] = context, found
    return known[1]


def _sources(stage: Stage, item: Instruction) -> Iterator[tuple[Word, str]]:
    """The sources of a COPY that name one path, as the context sees them."""
    for word in item.arguments[:-1]:
        value = stage.expand(word, item)
        if value is not None and not any(character in value for character in "*?[:"):
            yield word, normal_path(value)


def _is_bound(run: Run) -> bool:
    """Whether a RUN reads the build context directly."""
    return any(not flag.option("from") for flag in run.mounts("bind"))


def _counts(path: str, rules: IgnoreRules, named: set[str]) -> bool:
    """Whether nothing leaves a path out, wants it by name, or brings it back on purpose."""
    wanted = any(other == path or other.startswith(path + "/") for other in named)
    return not wanted and not rules.excludes(path) and not any(p.negated and p.matches(path) for p in rules.patterns)


def _junk(model: Model, stage: Stage, item: Instruction, context: BuildContext, folder: str) -> Iterator[str]:
    def there(name: str) -> str | None:
        path = posixpath.join(folder, name)
        return path if context.list(path) else None

    operations = [operation for run in stage.runs for operation, _ in run.operations]
    installs = [o for o in operations if o.action in ("install", "sync") and not o.has("global")]
    modules, git = there("node_modules"), there(".git")
    if modules is not None and any(o.manager in MANAGERS and not o.packages for o in installs):
        yield modules
    if any(o.manager in _PYTHON_MANAGERS for o in installs):
        environments = (there(name) for name in _ENVIRONMENTS)
        yield from (path for path in environments if path and context.exists(posixpath.join(path, "pyvenv.cfg")))
    if _builds_after(stage, item):
        ignored = _git_ignored(context, folder)
        yield from (path for name in _OUTPUTS if name in ignored and (path := there(name)) is not None)
    if git is not None and not _asks_git(model, stage, context, folder):
        yield git


def _has_modules_before(stage: Stage, item: Instruction) -> bool:
    """Whether node_modules is installed, or copied from another stage, above a COPY."""
    position = stage.position(item)
    for run in stage.runs:
        if stage.position(run.instruction) < position and any(
            o.manager in MANAGERS and o.action in ("install", "sync") and not o.packages and not o.has("global")
            for o, _ in run.operations
        ):
            return True
    return any(
        other.keyword == "COPY" and other.flag("from") is not None and "node_modules" in other.text
        for other in stage.instructions[:position]
    )


def _builds_after(stage: Stage, item: Instruction) -> bool:
    """Whether a RUN behind a COPY builds with a Node tool."""
    return any(
        command.command.name in _NODE_TOOLS and any(_BUILDS.search(word.raw) for word in command.command.words[1:])
        for run in stage.runs
        if stage.position(run.instruction) > stage.position(item)
        for command in run.commands
    )


def _git_ignored(context: BuildContext, folder: str) -> set[str]:
    """The plain names that the folder's or the root's .gitignore lists."""
    texts = (context.read_text(posixpath.join(where, ".gitignore")) or "" for where in dict.fromkeys((folder, "")))
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return {line.removeprefix("**/").strip("/") for line in lines if line and not line.startswith(("#", "!"))}


def _asks_git(model: Model, stage: Stage, context: BuildContext, folder: str) -> bool:
    """Whether something may read the repository: a build that is not known to leave it alone counts."""
    if "git" in run_time_words(stage, model):
        return True
    for other in model.stages:
        for run in other.runs:
            if run.opaque or _ASKS_GIT.search(run.instruction.text):
                return True
            for command in sorted_commands(run):
                managers = {operation.manager for operation in command.operations}
                known = managers <= {*MANAGERS, *_PYTHON_MANAGERS} if managers else False
                if command.kind in ("compile", "opaque", "program", "other-manager") and not (
                    known or command.item.command.name in _NODE_TOOLS
                ):
                    return True
    texts = [context.read_text(posixpath.join(folder, name)) or "" for name in _TOOL_FILES]
    manifest = read_package_json(context, posixpath.join(folder, "package.json"))
    texts += manifest.scripts.values() if manifest is not None else ()
    return any(_ASKS_GIT.search(text) for text in texts)
