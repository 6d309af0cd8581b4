"""File flow: which paths a stage writes, as far as its instructions tell.

A write is an absolute path and whether everything below it may be written too. A command nobody knows
makes the stage *opaque*: it may have written anywhere, and nothing is concluded from an absence.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimstage.model.runs import Run, RunCommand
from slimstage.syntax.nodes import Form, Instruction, Word

if TYPE_CHECKING:
    from slimstage.model.stages import Stage

# Commands that change no file whose absence or presence matters here.
_HARMLESS = frozenset(
    """: [ [[ adduser addgroup alias apk apt apt-get apt-cache apt-key apt-mark awk basename break cat chgrp chmod
    chown command continue corepack cut date deluser delgroup diff dirname dnf dpkg-reconfigure du echo egrep env exit
    export expr false fc-cache fgrep file find getent gpg gpgconf grep groupadd groupmod head hash id ldconfig ldd
    locale-gen local ls md5sum microdnf nproc node_modules nslookup passwd printenv printf ps pwd read readonly return
    rm rmdir sed service set sha1sum sha256sum sha512sum shift sleep sort source stat strip tail tee test time trap
    tr true type ulimit umask uname uniq unset update-alternatives update-ca-certificates useradd usermod wait wc
    which whoami xargs yes yum""".split()
)
# Tools whose products lie below the folder they run in (caches elsewhere do not matter to a COPY).
_BUILDERS_BELOW_CWD = frozenset(
    """npm npx yarn pnpm bun gradle gradlew mvn mvnw ant sbt cargo rustc make ninja meson cmake gcc g++ cc c++ clang
    javac jar tsc vite webpack ng next nuxt gatsby go dotnet composer bundle bundler rake rails mix rebar3 swift
    stack cabal ghc""".split()
)


@dataclass(slots=True, frozen=True)
class Write:
    """A path that an instruction writes. `sure` is False when only the folder is known, not the names in it."""

    path: str
    instruction: Instruction
    below: bool
    sure: bool


@dataclass(slots=True, frozen=True)
class FileFlow:
    """What a stage (with the stages it is built on) writes. `opaque` lists what may write anywhere."""

    writes: tuple[Write, ...]
    opaque: tuple[Instruction, ...]

    def may_hold(self, path: str) -> bool:
        """Whether `path`, or something below it, may have been written by the stage's instructions."""
        return bool(self.opaque) or any(_touches(write, path) for write in self.writes)


def _touches(write: Write, path: str) -> bool:
    if path == write.path or is_below(write.path, path):
        return True
    return write.below and is_below(path, write.path)


def is_below(path: str, folder: str) -> bool:
    """Whether `path` lies inside `folder`."""
    return path.startswith(folder.rstrip("/") + "/")


def flow_of(stage: Stage) -> FileFlow:
    """The file flow of a stage, with what its base stages wrote; cached with the stage."""
    flow = stage.facts.get("flow")
    if flow is None:
        inherited = flow_of(stage.base_stage) if stage.base_stage is not None else FileFlow((), ())
        builder = _Builder(stage)
        for instruction in stage.instructions:
            builder.read(instruction)
        flow = stage.facts["flow"] = FileFlow(
            (*inherited.writes, *builder.writes), (*inherited.opaque, *builder.opaque)
        )
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
            return
        cwd = self.stage.state_before(run.instruction).workdir
        for item in run.commands:
            cwd = self.command(run, item, cwd)

    def command(self, run: Run, item: RunCommand, cwd: str | None) -> str | None:
        """Note what one command writes; returns the folder the next one runs in."""
        command, instruction = item.command, run.instruction
        for redirect in command.redirects:
            if redirect.operator in (">", ">>", "&>", ">|", "&>>") and redirect.target is not None:
                if redirect.target.raw.startswith("&") or redirect.target.value == "/dev/null":
                    continue
                self.note(instruction, redirect.target.value, cwd)
        name = command.name
        arguments = [word.value for word in command.words[1:]]
        plain = [value for value in arguments if value is None or not value.startswith("-")]
        if name == "cd":
            return self.absolute(plain[0] if plain else None, cwd) if "substitution" not in command.context else cwd
        if not command.words or name in _HARMLESS:
            return cwd
        if name in ("mkdir", "touch", "install"):
            for path in plain:
                self.note(instruction, path, cwd, below=name == "install")
        elif name in ("cp", "mv", "ln", "rsync"):
            if plain:
                self.note(instruction, plain[-1], cwd, below=True)
        elif name in ("pip", "pip3", "python", "python3") or (name or "").startswith(("pip3.", "python3.")):
            self.python(instruction, name or "", arguments, cwd)
        elif name in _BUILDERS_BELOW_CWD:
            self.builder(instruction, name or "", arguments, cwd)
        elif name in ("tar", "unzip", "curl", "wget", "git"):
            self.fetch(instruction, name or "", arguments, cwd)
        else:
            self.opaque.append(instruction)
        return cwd

    def note(self, instruction: Instruction, path: str | None, cwd: str | None, *, below: bool = True) -> None:
        if path is not None and not path.startswith("/") and cwd is None:
            self.opaque.append(instruction)
            return
        self.write(instruction, path, below=below, sure=True, cwd=cwd)

    def python(self, instruction: Instruction, name: str, arguments: list[str | None], cwd: str | None) -> None:
        words = arguments
        if name.startswith("python"):
            if words[:2] == ["-m", "venv"]:
                for value in words[2:]:
                    if value is None or not value.startswith("-"):
                        self.note(instruction, value, cwd)
                return
            if words[:2] != ["-m", "pip"]:
                self.opaque.append(instruction)
                return
            words = words[2:]
        for option in ("--prefix", "--target", "-t", "--root", "-w", "--wheel-dir", "-d", "--dest"):
            value = option_value(words, option)
            if value is not None:
                self.note(instruction, value or None, cwd)
        for folder in ("/usr/local", "/usr/lib", "/root"):
            self.writes.append(Write(folder, instruction, below=True, sure=False))

    def builder(self, instruction: Instruction, name: str, arguments: list[str | None], cwd: str | None) -> None:
        if name == "make" and any(value is None or value.startswith("install") for value in arguments):
            self.opaque.append(instruction)
            return
        if name == "cmake" and "--install" in arguments:
            self.opaque.append(instruction)
            return
        for option in (
            "-o",
            "--output",
            "-B",
            "--out-dir",
            "--outDir",
            "--target-dir",
            "--prefix",
            "-C",
            "--cwd",
            "-d",
        ):
            value = option_value(arguments, option)
            if value is not None:
                self.note(instruction, value or None, cwd)
        if name in ("go", "cargo") and "install" in arguments:
            for folder in ("/go/bin", "/usr/local/cargo/bin", "/root"):
                self.writes.append(Write(folder, instruction, below=True, sure=False))
        if name in ("npm", "yarn", "pnpm", "bun") and any(value in ("-g", "--global", "global") for value in arguments):
            for folder in ("/usr/local", "/usr/lib", "/opt", "/root"):
                self.writes.append(Write(folder, instruction, below=True, sure=False))
        if cwd is None:
            self.opaque.append(instruction)
        else:
            self.writes.append(Write(cwd, instruction, below=True, sure=False))

    def fetch(self, instruction: Instruction, name: str, arguments: list[str | None], cwd: str | None) -> None:
        options = {"tar": ("-C", "--directory"), "unzip": ("-d",), "curl": ("-o", "--output"), "wget": ("-O", "-P")}
        for option in options.get(name, ()):
            value = option_value(arguments, option)
            if value is not None:
                self.note(instruction, value or None, cwd)
        if name == "tar" and any(
            v and v.startswith("-") and not v.startswith("--") and "C" in v[1:] for v in arguments
        ):
            self.opaque.append(instruction)
        if name == "git" and "clone" in arguments and arguments:
            last = arguments[-1]
            if last is None or "/" not in last or "://" not in last:
                self.note(instruction, last, cwd)
        if cwd is None:
            self.opaque.append(instruction)
        else:
            self.writes.append(Write(cwd, instruction, below=True, sure=False))


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
