"""File flow: which paths a stage writes, as far as its instructions tell.

A write is an absolute path and whether everything below it may be written too. A command nobody knows
makes the stage *opaque*: it may have written anywhere, and nothing is concluded from an absence.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from slimstage.model.packages.prefixes import target_of
from slimstage.model.runs import Run, RunCommand
from slimstage.shell import ShellWord, SimpleCommand
from slimstage.syntax.nodes import Form, Instruction, Word

if TYPE_CHECKING:
    from slimstage.model.stages import Stage

# Commands that create no file, or only below the folders every image has (package managers, user management).
HARMLESS = frozenset(
    """: [ [[ adduser addgroup apk apt apt-get apt-cache apt-key apt-mark basename break cat chgrp chmod
    chown continue corepack cut date deluser delgroup diff dirname dnf dpkg-reconfigure du echo egrep exit
    export expr false fc-cache fgrep file getent gpgconf grep groupadd groupmod head id ldconfig ldd
    locale-gen local ls md5sum microdnf nproc nslookup passwd printenv printf ps pwd read readonly return
    rm rmdir sed service set sha1sum sha256sum sha512sum shift sleep stat tail test tr true type ulimit
    umask uname uniq unset update-alternatives update-ca-certificates useradd usermod wait wc which whoami
    yes yum""".split()
)
# Tools whose products lie below the folder they run in, or where an argument says.
_BUILDERS = frozenset(
    """npm npx yarn pnpm bun gradle gradlew mvn mvnw cargo rustc gcc g++ cc c++ clang javac jar tsc vite webpack
    ng next nuxt gatsby go dotnet composer bundle bundler""".split()
)
# Those that run a project's own scripts: the output may lie beside the folder too (`outDir: "../static"`).
_SCRIPT_RUNNERS = frozenset("npm npx yarn pnpm bun vite webpack ng next nuxt gatsby gradle gradlew mvn mvnw".split())
# Variables that send a builder's output elsewhere.
_OUTPUT_VARIABLES = frozenset(
    """CARGO_TARGET_DIR CARGO_HOME GOBIN GOPATH DESTDIR PREFIX OUTDIR OUT_DIR OUTPUT_DIR BUILD_DIR BUILD_PATH DIST_DIR
    NPM_CONFIG_PREFIX npm_config_prefix PNPM_HOME BUN_INSTALL GEM_HOME BUNDLE_PATH COMPOSER_HOME""".split()
)
_VALUE_IS_NO_PATH = ("-ldflags", "-gcflags", "-tags", "-X", "--build-arg", "--features", "--target", "--profile", "-c")
# Official images whose folders are known to be the usual ones, so that /app, /src ... are the stage's own work.
_PLAIN_IMAGES = frozenset(
    """alpine amazoncorretto amazonlinux buildpack-deps busybox debian eclipse-temurin fedora gcc golang gradle maven
    node openjdk php python ruby rust ubuntu""".split()
)
_FOLDERS_OF_IMAGES = frozenset(
    """bin boot dev etc go home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var""".split()
)


class Write(NamedTuple):
    """A path that an instruction writes. `sure` is False when only the folder is known, not the names in it."""

    path: str
    instruction: Instruction
    below: bool
    sure: bool


class FileFlow(NamedTuple):
    """What a stage (with the stages it is built on) writes. `opaque` lists what may write anywhere."""

    writes: tuple[Write, ...]
    opaque: tuple[Instruction, ...]

    def may_hold(self, path: str) -> bool:
        """Whether `path`, or something below it, may have been written by the stage's instructions."""
        return bool(self.opaque) or any(_touches(write, path) for write in self.writes)


def produces(stage: Stage, path: str) -> bool | None:
    """Whether a stage has a file or folder at `path` (absolute) at its end, by its instructions and its image.

    True when an instruction surely writes it, False when nothing can have: no instruction is opaque or writes
    there, and the image below is empty, or an official one that has no such top-level folder. None otherwise.
    """
    path = "/" + posixpath.normpath(path).lstrip("/")
    flow = flow_of(stage)
    if any(write.sure and (write.path == path or is_below(write.path, path)) for write in flow.writes):
        return True
    if path == "/" or flow.may_hold(path):
        return None
    if stage.root.is_scratch:
        return False
    image = stage.base_image
    if image is None or image.repository not in _PLAIN_IMAGES or path.split("/")[1] in _FOLDERS_OF_IMAGES:
        return None
    return False


def _touches(write: Write, path: str) -> bool:
    if path == write.path or is_below(write.path, path):
        return True
    return write.below and is_below(path, write.path)


def is_below(path: str, folder: str) -> bool:
    """Whether `path` lies inside `folder`."""
    return path.startswith(folder.rstrip("/") + "/")


def flow_of(stage: Stage) -> FileFlow:
    """The file flow of a stage, with what its base stages wrote; cached with the stage."""
    waiting: list[Stage] = []
    below: Stage | None = stage
    while below is not None and "flow" not in below.facts:
        waiting.append(below)
        below = below.base_stage
    flow: FileFlow = below.facts["flow"] if below is not None else FileFlow((), ())
    for above in reversed(waiting):  # from the root up, so that a long chain of stages costs no Python stack
        builder = _Builder(above)
        for instruction in above.instructions:
            builder.read(instruction)
        if builder.writes or builder.opaque:
            flow = FileFlow((*flow.writes, *builder.writes), (*flow.opaque, *builder.opaque))
        above.facts["flow"] = flow
    return flow


class _Builder:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.writes: list[Write] = []
        self.opaque: list[Instruction] = []
        self.runs = {id(run.instruction): run for run in stage.runs}

    def read(self, instruction: Instruction) -> None:
        if instruction.keyword == "WORKDIR":
            path = self.stage.expand(instruction.arguments[0], instruction) if instruction.arguments else None
            self.write(instruction, path, below=False, sure=True)
        elif instruction.keyword in ("COPY", "ADD"):
            self.copy(instruction)
        elif instruction.keyword == "RUN":
            self.run(self.runs[id(instruction)])
        elif instruction.keyword == "ONBUILD":
            self.opaque.append(instruction)

    def write(
        self, instruction: Instruction, path: str | None, *, below: bool, sure: bool, cwd: str | None = None
    ) -> None:
        """Note a write; a path that cannot be known makes the instruction opaque."""
        absolute = self.absolute(path, cwd if cwd is not None else self.stage.state_before(instruction).workdir)
        if absolute is None:
            self.opaque.append(instruction)
        else:
            self.writes.append(Write(absolute, instruction, below, sure))

    @staticmethod
    def absolute(path: str | None, cwd: str | None) -> str | None:
        if path is None or any(character in path for character in "*?["):
            return None
        if path.startswith("~"):
            return None
        if not path.startswith("/"):
            if cwd is None:
                return None
            path = posixpath.join(cwd, path)
        return "/" + posixpath.normpath(path).lstrip("/")

    def copy(self, instruction: Instruction) -> None:
        words = [self.stage.expand(word, instruction) for word in instruction.arguments]
        if len(words) < 2 or words[-1] is None:
            self.opaque.append(instruction)
            return
        target, sources = words[-1], words[:-1]
        into_folder = target.endswith("/") or target in (".", "..") or len(sources) > 1
        for source, word in zip(sources, instruction.arguments, strict=False):
            if source is None or _is_marker(word):
                self.write(instruction, target, below=True, sure=False)
                continue
            name = posixpath.basename(source.rstrip("/"))
            plain = bool(name) and name not in (".", "..") and not any(c in name for c in "*?[")
            # A folder's content lands in the target, a file below it: without the context both may be.
            if into_folder and plain and "." in name and not source.endswith("/"):
                self.write(instruction, posixpath.join(target, name), below=True, sure=True)
            self.write(instruction, target, below=True, sure=not into_folder)

    def run(self, run: Run) -> None:
        if run.opaque:
            self.opaque.append(run.instruction)
        folder = self.stage.state_before(run.instruction).workdir
        # A script inside a script (`sh -c`) starts in the outer one's folder and does not change it.
        folders: dict[int, str | None] = {}
        for item in run.commands:
            folder = folders.get(id(item.text), folder)
            folder = folders[id(item.text)] = self.command(run, item, folder)

    def command(self, run: Run, item: RunCommand, cwd: str | None) -> str | None:
        """Note what one command writes; returns the folder the next one runs in."""
        command, instruction = item.command, run.instruction
        for redirect in command.redirects:
            target = redirect.target
            if target is None or redirect.operator not in (">", ">>", "&>", ">|", "&>>", ">&"):
                continue
            if target.value == "/dev/null" or (redirect.operator == ">&" and target.raw.lstrip("-").isdecimal()):
                continue
            self.note(instruction, target.value, cwd)
        if not command.words:
            return cwd
        target_command = target_of(command.words)
        if target_command is None or target_command.by_xargs:
            self.opaque.append(instruction)
            return cwd
        name, words = target_command.program, target_command.words[1:]
        if name in ("cd", "pushd", "popd"):
            return self.changed_folder(command, words, cwd)
        self.program(instruction, name, words, command, cwd)
        return cwd

    def changed_folder(self, command: SimpleCommand, words: tuple[ShellWord, ...], cwd: str | None) -> str | None:
        """The folder after a `cd`; None when it may or may not have happened, or is undone later."""
        plain = [word.value for word in words if word.value is None or not word.value.startswith("-")]
        if command.name != "cd" or command.context or command.guard in ("|", "||", "&") or len(plain) != 1:
            return None
        return self.absolute(plain[0], cwd)

    def program(
        self, instruction: Instruction, name: str, words: tuple[ShellWord, ...], command: SimpleCommand, cwd: str | None
    ) -> None:
        arguments = [word.value for word in words]
        plain = [value for value in arguments if value is None or not value.startswith("-")]
        if name in HARMLESS or (name in ("sh", "bash", "ash", "dash") and _has_inline_script(words)):
            return
        if name in ("mkdir", "touch", "install", "tee", "ln", "cp", "mv", "rsync"):
            targets = plain[-1:] if name in ("cp", "mv", "rsync") else plain
            for option in ("-t", "--target-directory"):
                value = option_value(arguments, option)
                targets = [*targets, value or None] if value is not None else targets
            for path in targets:
                self.note(instruction, path, cwd, below=name not in ("mkdir", "touch"))
        elif name in ("venv", "virtualenv"):
            for path in plain:
                self.note(instruction, path, cwd)
        elif re.fullmatch(r"pip[0-9.]*", name):
            self.pip(instruction, arguments, cwd)
        elif name in _BUILDERS:
            self.builder(instruction, name, words, command, cwd)
        elif name in ("tar", "unzip", "curl", "wget", "git"):
            self.fetch(instruction, name, arguments, cwd)
        else:
            self.opaque.append(instruction)

    def note(
        self, instruction: Instruction, path: str | None, cwd: str | None, *, below: bool = True, sure: bool = True
    ) -> None:
        if path is not None and not path.startswith("/") and cwd is None:
            self.opaque.append(instruction)
            return
        self.write(instruction, path, below=below, sure=sure, cwd=cwd)

    def below(self, instruction: Instruction, folder: str | None) -> None:
        """Something below a folder may be written; not known where when the folder is not."""
        if folder is None:
            self.opaque.append(instruction)
        else:
            self.writes.append(Write(folder, instruction, below=True, sure=False))

    def pip(self, instruction: Instruction, words: list[str | None], cwd: str | None) -> None:
        for option in ("--prefix", "--target", "-t", "--root", "-w", "--wheel-dir", "-d", "--dest", "--src"):
            value = option_value(words, option)
            if value is not None:
                self.note(instruction, value or None, cwd)
        for folder in ("/usr", "/root", "/opt"):
            self.below(instruction, folder)
        self.below(instruction, cwd)

    def builder(
        self, instruction: Instruction, name: str, words: tuple[ShellWord, ...], command: SimpleCommand, cwd: str | None
    ) -> None:
        scope = self.stage.scope_at(instruction)
        set_here = {variable for variable, _ in command.assignments}
        if _OUTPUT_VARIABLES & (set_here | {definition.name for definition in scope.visible()}):
            self.opaque.append(instruction)
            return
        for before, word in zip((None, *words), words, strict=False):
            if word.value is None:
                if before is None or before.value not in _VALUE_IS_NO_PATH:
                    self.opaque.append(instruction)
                    return
                continue
            path = _path_in(word.value)
            if path is not None:
                self.note(instruction, path, cwd, sure=False)
        for folder in ("/root", "/go", "/usr/local", "/usr/lib", "/home"):
            self.below(instruction, folder)
        self.below(instruction, cwd)
        if cwd is not None and name in _SCRIPT_RUNNERS and posixpath.dirname(cwd) != "/":
            self.below(instruction, posixpath.dirname(cwd))

    def fetch(self, instruction: Instruction, name: str, arguments: list[str | None], cwd: str | None) -> None:
        letters = {"tar": "Cf", "unzip": "d", "curl": "o", "wget": "OPo", "git": "C"}[name]
        for letter in letters:
            for value in short_values(arguments, letter):
                self.note(instruction, value, cwd)
        for option in ("--directory", "--file", "--output", "--output-dir", "--output-document", "--directory-prefix"):
            value = option_value(arguments, option)
            if value is not None:
                self.note(instruction, value or None, cwd)
        if name == "tar" and arguments and arguments[0] and not arguments[0].startswith("-"):
            if "C" in arguments[0] or len(arguments) < 2:
                self.opaque.append(instruction)
            else:
                self.note(instruction, arguments[1], cwd)
        if name == "git" and "clone" in arguments:
            last = arguments[-1]
            if last is None or "://" not in last:
                self.note(instruction, last, cwd)
        self.below(instruction, cwd)


def short_values(arguments: list[str | None], letter: str) -> list[str | None]:
    """The values of a one-letter option, also at the end of a cluster: `-fsSLo file`, `-ofile`; None when dynamic."""
    found: list[str | None] = []
    for at, value in enumerate(arguments):
        if value is None or not value.startswith("-") or value.startswith("--") or letter not in value:
            continue
        rest = value[value.index(letter, 1) + 1 :] if letter in value[1:] else ""
        if rest:
            found.append(None if rest == "-" and letter != "O" else rest)
        else:
            found.append(arguments[at + 1] if at + 1 < len(arguments) else None)
    return found


def _path_in(argument: str) -> str | None:
    """The path an argument may carry: `/out`, `../dist`, `--prefix=/x`, `/p:PublishDir=/x`; None without one."""
    for separator in ("=", ":", ","):
        argument = argument.rsplit(separator, 1)[-1]
    return argument if argument.startswith(("/", "../")) or (argument and not argument.startswith("-")) else None


def _has_inline_script(words: tuple[ShellWord, ...]) -> bool:
    """Whether `sh -c 'script'` has its script where the reader of RUN finds it."""
    for at, word in enumerate(words[:-1]):
        if word.value is None or not word.value.startswith("-"):
            return False
        if word.value.endswith("c"):
            script = words[at + 1]
            return script.value is not None and script.raw[1:-1] == script.value
    return False


def option_value(arguments: list[str | None], option: str) -> str | None:
    """The value of `--opt=value` or `--opt value`; "" when it is there but not literal; None when absent."""
    for at, value in enumerate(arguments):
        if value == option:
            following = arguments[at + 1] if at + 1 < len(arguments) else None
            return following or ""
        if value is not None and option.startswith("--") and value.startswith(option + "="):
            return value[len(option) + 1 :]
    return None


def _is_marker(word: Word) -> bool:
    return word.raw.startswith("<<")


def exec_words(instruction: Instruction) -> tuple[Word, ...]:
    """The words of an exec-form CMD, ENTRYPOINT or RUN; empty for the shell form."""
    return instruction.arguments if instruction.form is Form.JSON else ()
