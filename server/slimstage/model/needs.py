"""What a container of a stage wants to find when it runs: programs, modules and files.

Read from the CMD, ENTRYPOINT and HEALTHCHECK in force at the stage's end and from the entry scripts that
the build context holds. What cannot be read is said to be unknown, never left out in silence.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from slimstage.model.packages.prefixes import target_of
from slimstage.model.runs import Run, RunCommand, read_command, read_run
from slimstage.shell import ShellWord, read_script
from slimstage.shell.dialect import dialect_of, program_name
from slimstage.syntax.nodes import Form, Instruction, Place
from slimstage.text import Span

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.model.stages import Stage

# What a POSIX shell does itself.
_BUILTINS = frozenset(
    """. : [ [[ alias bg break cd command continue declare echo eval exec exit export false fg getopts hash jobs kill
    let local printf pwd read readonly return set shift shopt source test times trap true type typeset ulimit umask
    unalias unset wait""".split()
)
# The folders of PATH in Debian's and Alpine's images, in order.
SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_SCRIPT_ENDINGS = (".sh", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".php", ".pl", ".jar", ".war", ".dll", ".so")
_MAX_SCRIPT = 200_000  # characters of an entry script that are read


class Need(NamedTuple):
    """One thing wanted. `value` is a program's name or path, a Python module, or a file's absolute path.

    `place` is where the Dockerfile asks for it; for what an entry script asks for, it is the word that starts
    the script, `script` is the script's path in the build context and `script_span` the place in its text.
    """

    kind: Literal["program", "module", "path"]
    value: str
    place: Place
    script: str | None = None
    script_span: Span | None = None


class RuntimeNeeds(NamedTuple):
    """All needs of a stage's container.

    `is_complete` is False when a variable, another language or an unreadable script hides some of them.
    `base_entrypoint` and `base_command` are True when the base image's own ENTRYPOINT or CMD is in force.
    `shell` is True when a shell runs (shell form, shell script), None when that is not known.
    """

    needs: tuple[Need, ...]
    is_complete: bool
    base_entrypoint: bool
    base_command: bool
    shell: bool | None

    def programs(self) -> frozenset[str]:
        """The names of the programs wanted, without their folders."""
        return frozenset(posixpath.basename(need.value) for need in self.needs if need.kind == "program")

    def wants_path(self, path: str) -> bool | None:
        """Whether a file or folder is wanted: True, or None when some needs are hidden, or False."""
        for need in self.needs:
            if need.value == path or need.value.startswith(path.rstrip("/") + "/"):
                return True
        return False if self.is_complete else None


def runtime_needs(stage: Stage, context: BuildContext | None = None) -> RuntimeNeeds:
    """The needs of a container of this stage, the instructions of the stages below included."""
    return _Reader(stage, context).read()


def start_instructions(stage: Stage) -> dict[str, tuple[Stage, Instruction]]:
    """The ENTRYPOINT, CMD and HEALTHCHECK in force at a stage's end, by keyword.

    An ENTRYPOINT clears the CMD of the stages below unless its own stage set one before (convert.go,
    dispatchEntrypoint); HEALTHCHECK NONE clears the check.
    """
    found: dict[str, tuple[Stage, Instruction]] = {}
    for owner in reversed(stage.lineage):
        command_is_own = False
        for instruction in owner.instructions:
            if instruction.keyword == "CMD":
                command_is_own = True
            elif instruction.keyword == "ENTRYPOINT" and not command_is_own:
                found.pop("CMD", None)
            if instruction.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
                found[instruction.keyword] = (owner, instruction)
    check = found.get("HEALTHCHECK")
    if check is not None and (check[1].inner is None or check[1].inner.keyword != "CMD"):
        del found["HEALTHCHECK"]
    return found


class _Reader:
    def __init__(self, stage: Stage, context: BuildContext | None) -> None:
        self.stage = stage
        self.context = context
        self.needs: list[Need] = []
        self.is_complete = True
        self.shell = False
        self.scripts: set[str] = set()

    def read(self) -> RuntimeNeeds:
        found = start_instructions(self.stage)
        entrypoint, command = found.get("ENTRYPOINT"), found.get("CMD")
        for owner, instruction in (entry for entry in (entrypoint, command) if entry):
            if instruction.keyword == "CMD" and entrypoint and entrypoint[1].form is Form.SHELL:
                continue  # a shell-form ENTRYPOINT ignores CMD
            as_arguments = (
                instruction.keyword == "CMD"
                and entrypoint is not None
                and bool(entrypoint[1].arguments)
                and not self.is_script(entrypoint[1])
            )
            shell = owner.state_before(instruction).shell
            self.run(
                read_run(instruction, shell), is_shell=instruction.form is not Form.JSON, as_arguments=as_arguments
            )
        if "HEALTHCHECK" in found:
            owner, instruction = found["HEALTHCHECK"]
            inner = instruction.inner
            if inner is not None:
                run = read_command(instruction, inner, owner.state_before(instruction).shell)
                self.run(run, is_shell=inner.form is not Form.JSON)
        on_image = not self.stage.root.is_scratch
        base_entrypoint = on_image and entrypoint is None
        base_command = on_image and entrypoint is None and command is None
        hidden = not self.is_complete or base_entrypoint
        return RuntimeNeeds(
            tuple(self.needs),
            not hidden,
            base_entrypoint,
            base_command,
            True if self.shell else None if hidden else False,
        )

    @staticmethod
    def is_script(entrypoint: Instruction) -> bool:
        """Whether an entry point looks like one that runs the CMD it is given."""
        words = [word.value or "" for word in entrypoint.arguments]
        return any(
            word.endswith(".sh")
            or "entrypoint" in word
            or program_name(word) in ("tini", "dumb-init", "gosu", "catatonit")
            for word in words
        )

    def run(self, run: Run, *, is_shell: bool, as_arguments: bool = False) -> None:
        self.is_complete = self.is_complete and not run.opaque
        self.shell = self.shell or (is_shell and not run.opaque)
        for item in run.commands:
            if as_arguments:
                self.arguments(run, item, item.command.words)
            else:
                self.command(run, item)

    def command(self, run: Run, item: RunCommand) -> None:
        words = item.command.words
        target = target_of(words)
        if not words:
            return
        if target is None:
            # `ENTRYPOINT ["tini", "--"]`: what it runs comes with CMD.
            self.is_complete = self.is_complete and all(word.value is not None for word in words)
            if words[0].value is not None:
                self.need(run, item, words[0], "program", words[0].value)
            return
        for word in words[: len(words) - len(target.words) + 1]:
            name = word.value
            if name and not name.startswith("-") and "=" not in name and name not in _BUILTINS:
                is_module = (
                    word is target.words[0] and word is not words[0] and words[words.index(word) - 1].value == "-m"
                )
                self.need(run, item, word, "module" if is_module else "program", name)
        program = target.words[0].value or ""
        path = program if "/" in program else self.searched(program)
        if path is not None:
            self.entry_script(path, run.place(target.words[0].span, item.text))
        self.shell = self.shell or dialect_of((target.program,)) in ("sh", "bash")
        self.arguments(run, item, target.words[1:])

    def arguments(self, run: Run, item: RunCommand, words: tuple[ShellWord, ...]) -> None:
        for word in words:
            if word.value is None:
                self.is_complete = False
            elif _is_path(word.value):
                path = self.absolute(word.value)
                if path is None:
                    self.is_complete = False
                    continue
                self.need(run, item, word, "path", path)
                if path.endswith(".sh"):
                    self.entry_script(path, run.place(word.span, item.text))

    def need(
        self, run: Run, item: RunCommand, word: ShellWord, kind: Literal["program", "module", "path"], value: str
    ) -> None:
        self.needs.append(Need(kind, value, run.place(word.span, item.text)))

    def absolute(self, path: str) -> str | None:
        workdir = self.stage.final_state.workdir
        if path.startswith("/"):
            return posixpath.normpath(path)
        return None if workdir is None else posixpath.normpath(posixpath.join(workdir, path))

    def entry_script(self, path: str, place: Place) -> None:
        """Read a script that the image gets from the build context; a binary or another language is left alone."""
        absolute = self.absolute(path)
        if absolute is None:
            self.is_complete = False
            return
        if absolute in self.scripts:
            return
        self.scripts.add(absolute)
        source = self.context_path(absolute)
        text = self.context.read_text(source) if self.context is not None and source is not None else None
        if source is None or text is None:
            self.is_complete = False
            return
        first = text.split("\n", 1)[0]
        if not first.startswith("#!") and not absolute.endswith(".sh"):
            return
        interpreter = tuple(first[2:].split()) if first.startswith("#!") else ("/bin/sh",)
        if dialect_of(interpreter) not in ("sh", "bash"):
            self.is_complete = False
            return
        self.shell = True
        if interpreter:
            program = next((word for word in interpreter if program_name(word) != "env" and word[0] != "-"), "sh")
            self.needs.append(Need("program", program, place, source, Span(0, len(first))))
        script = read_script(text[:_MAX_SCRIPT])
        functions = {c.words[0].raw for c in script.commands if c.words and f"{c.words[0].raw}()" in text}
        for command in script.commands:
            target = target_of(command.words)
            if not command.words:
                continue
            if target is None:
                if command.words[-1].raw.strip('"') not in ("$@", "$*"):
                    self.is_complete = False
                continue
            program = target.words[0].value or target.program
            if program not in _BUILTINS and program not in functions:
                self.needs.append(Need("program", program, place, source, target.words[0].span))

    def searched(self, program: str) -> str | None:
        """Where PATH finds a program that the build context brings; None when it brings none of that name."""
        paths = (posixpath.join(folder, program) for folder in SEARCHED)
        return next((path for path in paths if program and self.context_path(path) is not None), None)

    def context_path(self, path: str) -> str | None:
        """The path in the build context of a file that COPY put at `path`, by the last COPY that can have."""
        for owner in self.stage.lineage:
            for instruction in reversed(owner.instructions):
                if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
                    for source in _sources_of(owner, instruction, path):
                        if self.context is not None and self.context.read_text(source) is not None:
                            return source
        return None


def _sources_of(stage: Stage, instruction: Instruction, path: str) -> Iterator[str]:
    """Where in the context the file at `path` can come from, by one COPY: as a file, in a folder, renamed."""
    words = [stage.expand(word, instruction) for word in instruction.arguments]
    if len(words) < 2 or words[-1] is None:
        return
    target = words[-1]
    if not target.startswith("/"):
        workdir = stage.state_before(instruction).workdir
        if workdir is None:
            return
        target = posixpath.join(workdir, target)
    folder = posixpath.normpath(target)
    for source in words[:-1]:
        if source is None:
            continue
        clean = posixpath.normpath(source.lstrip("/") or ".")
        if path == folder:
            yield clean
        prefix = folder.rstrip("/") + "/"
        if path.startswith(prefix):
            rest = path[len(prefix) :]
            if posixpath.basename(clean) == rest:
                yield clean
            yield posixpath.normpath(posixpath.join(clean, rest))


def _is_path(word: str) -> bool:
    if "://" in word or word.startswith("-"):
        return False
    return word.startswith(("/", "./", "../")) or word.endswith(_SCRIPT_ENDINGS)
