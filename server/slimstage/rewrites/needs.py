"""What the container wants at run time: the programs that CMD, ENTRYPOINT, HEALTHCHECK and their scripts call."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from slimstage.context import BuildContext
from slimstage.model import Model, Stage
from slimstage.model.needs import SEARCHED
from slimstage.model.python import context_path
from slimstage.syntax.nodes import Form, Instruction
from slimstage.text import lazy_pattern

_WORD = lazy_pattern(r"[A-Za-z0-9_.+-]+")
# Programs by the package that brings them, where the names differ.
_PROGRAMS = {
    "build-essential": ("gcc", "g++", "make", "cc", "c++"),
    "build-base": ("gcc", "g++", "make", "cc", "c++"),
    "golang": ("go",),
    "golang-go": ("go",),
    "default-jdk": ("javac",),
    "pkg-config": ("pkg-config", "pkgconf"),
    "rust": ("rustc", "cargo"),
}


def run_time_words(stage: Stage, model: Model) -> frozenset[str]:
    """Every word of the start instructions and of the scripts they name that the context holds."""
    key = "run-time-words", stage.index
    if key not in model.facts:
        model.facts[key] = _run_time_words(stage, model)
    found: frozenset[str] = model.facts[key]
    return found


def _run_time_words(stage: Stage, model: Model) -> frozenset[str]:
    words: set[str] = set()
    for keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        found = stage.inherited_last(keyword)
        if found is None:
            continue
        instruction = found[1]
        inner = instruction.inner or instruction
        for text in _texts(inner):
            words.update(_WORD.findall(text))
        for path in _paths(inner):
            if found[0] is not stage:
                continue
            tried = (context_path(stage, model, instruction, place) for place in _places_of(path))
            source = next((name for name in tried if name is not None), None)
            script = model.context.read_text(source) if source is not None and model.context is not None else None
            if script is not None and len(script) < 100_000 and not path.endswith((".py", ".js", ".jar")):
                words.update(_WORD.findall(_without_comments(script)))
    return frozenset(words)


def start_words(stage: Stage) -> list[str] | None:
    """The words of a stage's own ENTRYPOINT and CMD when both are exec form or one plain command; None when not
    readable.
    """
    words: list[str] = []
    for keyword in ("ENTRYPOINT", "CMD"):
        found = stage.last(keyword)
        if found is None:
            continue
        if found.form is Form.JSON:
            if any(word.value is None for word in found.arguments):
                return None
            words += [word.value or "" for word in found.arguments]
        else:
            words += found.body.text.split()
    return words


def _texts(instruction: Instruction) -> list[str]:
    if instruction.form is Form.JSON:
        return [word.value or word.raw for word in instruction.arguments]
    return [instruction.body.text]


def _paths(instruction: Instruction) -> list[str]:
    words = " ".join(_texts(instruction)).split()
    return [word for word in words if not word.startswith("-")]


def _places_of(word: str) -> tuple[str, ...]:
    """Where a word of a start command may lie: as it is written, or where PATH is searched."""
    found = tuple(posixpath.join(folder, word) for folder in SEARCHED) if "/" not in word else ()
    return (word, *found) if "/" in word or word.endswith((".sh", ".bash")) else found


def _without_comments(script: str) -> str:
    return "\n".join(line for line in script.splitlines() if not line.lstrip().startswith("#"))


def programs_of(package: str) -> tuple[str, ...]:
    """The programs a package is installed for, as far as they matter here; its own name otherwise."""
    return _PROGRAMS.get(package, (package,))


def is_wanted(package: str, words: frozenset[str]) -> bool:
    """Whether one of the package's programs is among the words."""
    return any(program in words for program in programs_of(package))


_CALLS = lazy_pattern(
    r"child_process|execa|shelljs|cross-spawn|\bzx\b|\bsubprocess\b|os\.system|os\.popen|create_subprocess|\bpexpect\b"
    r"|exec\.Command|ProcessBuilder|ProcessStartInfo|Process\.Start\b|getRuntime\(\)|process::Command|\bpopen\(|\bsystem\("
)
# One of these is in every text that the pattern matches; looking for them takes a fraction of the time.
_CALL_WORDS = (
    "child_process", "execa", "shelljs", "cross-spawn", "zx", "subprocess", "os.system", "os.popen", "pexpect",
    "exec.Command", "Process", "getRuntime", "process::Command", "popen(", "system(",
)  # fmt: skip
# PHP and Ruby have words of their own for it, among them backticks.
_CALLS_OF = {
    ".php": lazy_pattern(r"\b(?:exec|shell_exec|system|passthru|proc_open|popen)\s*\(|\bProcess\b|`"),
    ".rb": lazy_pattern(r"\b(?:system|exec|spawn|popen|popen3|capture2e?|capture3|Open3)\b|%x|`"),
}
_QUOTED = lazy_pattern(r"""["'`]\s*([\w.+-]+)(?=[\s"'`])""")
_SOURCES = (
    ".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".java", ".kt", ".rs", ".c", ".cc", ".cpp", ".php", ".rb", ".rake",
    ".gemspec", ".cs", ".fs", ".vb", ".scala", ".groovy",
)  # fmt: skip
_SKIPPED = frozenset(
    ("node_modules", ".git", ".venv", "venv", "test", "tests", "__tests__", "docs", "vendor", "target")
)
_MAX_FILES = 600


def called_programs(context: BuildContext | None, programs: Mapping[str, str]) -> tuple[str, ...]:
    """The packages of the programs that the project's own sources call, as far as their text shows it.

    `programs` maps a program to its package. Sources that start no programs are not looked at; of more than
    600 files the rest is not read.
    """
    return tuple(dict.fromkeys(programs[word] for word in called_words(source_texts(context)) if word in programs))


def called_words(sources: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The quoted words of those sources that start programs: names of programs among them."""
    found: dict[str, None] = {}
    for name, text in sources:
        ending = posixpath.splitext(name)[1]
        calls = _CALLS_OF.get(".rb" if ending in (".rake", ".gemspec") else ending)
        if calls.search(text) if calls is not None else _calls(text):
            found.update(dict.fromkeys(_QUOTED.findall(text)))
    return tuple(found)


def _calls(text: str) -> bool:
    return any(word in text for word in _CALL_WORDS) and _CALLS.search(text) is not None


def source_texts(context: BuildContext | None) -> Iterator[tuple[str, str]]:
    """Names and texts of the project's own sources, at most 600 of them."""
    waiting, count = [""], 0
    while waiting and context is not None:
        folder = waiting.pop()
        for name in context.list(folder):
            path = posixpath.join(folder, name)
            if name.endswith(_SOURCES):
                count += 1
                if count > _MAX_FILES:
                    return
                text = context.read_text(path)
                if text is not None:
                    yield name, text
            elif name not in _SKIPPED and ("." not in name or name.rpartition(".")[2][:1].isupper()):
                waiting.append(path)  # .NET's projects lie in folders like `Shop.Web`
