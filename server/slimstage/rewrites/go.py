"""Go: compile on the golang image, ship the binary and the files it reads.

The final image is distroless/static when the binary is surely static and nothing else is needed at run time (no
shell, no package, no RUN), else Debian's or Alpine's own image of the same release with CA certificates and time zones.
"""

from __future__ import annotations

import posixpath
import re

from slimstage.model import Model, Stage
from slimstage.model.packages.prefixes import target_of
from slimstage.model.runs import RunCommand
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.layout import Unit
from slimstage.rewrites.split import SplitPlan

PATTERN = "go-static"
# With one of these set `go install` writes elsewhere.
_ELSEWHERE = ("GOBIN", "GOPATH", "GOOS", "GOARCH")
STATIC = "gcr.io/distroless/static-debian12"


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an official golang image."""
    image = stage.base_image
    return image is not None and image.repository == "golang"


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "go"
    searched = ("/usr/local/bin", "/usr/bin", "/bin", "/go/bin")
    static: bool | None = None

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        tag = self.stage.base_image.tag or "" if self.stage.base_image is not None else ""
        if self.base.libc is None and not re.fullmatch(r"[\d.]+", tag):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        if {"go", "air", "dlv", "realize", "gow"} & self.programs:
            raise Refused("builds-at-start", self.stage.place(), command="go")
        self.split()
        binary = self.binary()
        copied = [binary, *(path for path in self.data_entries() if path != binary)]
        self.choose_image()
        self.place_packages()
        for path in copied:
            # Only the builder's image searches /go/bin.
            called = path == binary and binary.startswith("/go/bin/") and binary not in (self.start() or ())
            self.copy(path, f"/usr/local/bin/{posixpath.basename(path)}" if called else None)
        return self.finish()

    def keeps_runs(self) -> bool:
        """Whether the final stage runs commands of its own."""
        return any(
            unit.instruction.keyword in ("RUN", "SHELL") and unit.fate in ("final", "both")
            for unit in self.layout.units
        )

    def binary(self) -> str:
        """Where the program is that the container starts; refuses when no build step surely writes it."""
        words = self.start()
        if not words:
            raise Refused("start-unknown", self.stage.place())
        started = words[1] if words[0] == "exec" and len(words) > 1 else words[0]
        if "$" in started:
            raise Refused("start-unknown", self.stage.place())
        return self.written_program(started, self.made_paths())

    def made_paths(self) -> list[str]:
        """The absolute paths that `go build` and `go install` write."""
        found: list[str] = []
        for unit in self.layout.units:
            if id(unit.instruction) not in self.build_runs:
                continue
            folder = self.stage.state_before(unit.instruction).workdir or "/"
            for command in self.kinds[id(unit.instruction)]:
                words = [word.value for word in command.item.command.words]
                if command.item.command.name == "cd":
                    folder = posixpath.normpath(posixpath.join(folder, words[-1] or "."))
                path = self.output(command.item, folder) or self.installed_program(command.item, unit)
                if path is not None:
                    found.append(path)
        return found

    def installed_program(self, command: RunCommand, unit: Unit) -> str | None:
        """What one `go install` writes; None for other commands and for several programs at once."""
        target = target_of(command.command.words)
        words = [word.value or word.raw for word in target.words] if target is not None else []
        if target is None or target.program != "go" or words[1:2] != ["install"]:
            return None
        scope = self.stage.scope_at(unit.instruction)
        own = {name for name, _ in command.command.assignments}
        if own & set(_ELSEWHERE) or any(d.name in _ELSEWHERE for d in scope.visible()):
            return None
        package = words[-1] if len(words) > 2 and not words[-1].startswith("-") else "."
        name = self.default_name(package)
        if name is None and "@" in package and "..." not in package:
            last = posixpath.basename(package.partition("@")[0])
            name = None if re.fullmatch(r"v\d+", last) else last
        return f"/go/bin/{name}" if name is not None else None

    def output(self, command: RunCommand, folder: str) -> str | None:
        """What one `go build` writes; None for other commands."""
        target = target_of(command.command.words)
        if target is None or target.program != "go":
            return None
        words = [word.value or word.raw for word in target.words]
        if words[1:2] != ["build"]:
            return None
        name: str | None = None
        for at, word in enumerate(words):
            if word == "-o" and at + 1 < len(words):
                name = words[at + 1]
            elif word.startswith("-o="):
                name = word[3:]
        package = words[-1] if len(words) > 2 and not words[-1].startswith("-") and words[-2] != "-o" else "."
        if name is None:
            name = self.default_name(package)
        if name is None or "$" in name:
            return None
        path = posixpath.normpath(posixpath.join(folder, name))
        if name.endswith("/") or name in (".", "./"):
            made = self.default_name(package)
            return posixpath.join(path, made) if made else None
        return path

    def default_name(self, package: str) -> str | None:
        """The name `go build` gives: the last element of the package's import path."""
        if package.startswith("./") and package.rstrip("/") != "." and not package.endswith((".go", "...")):
            return posixpath.basename(package.rstrip("/"))
        if package in (".", "./"):
            module = re.search(r"^module\s+(\S+)", self.text("go.mod"), re.MULTILINE) or self.module_begun()
            if module:
                last = posixpath.basename(module[1])
                return posixpath.basename(posixpath.dirname(module[1])) if re.fullmatch(r"v\d+", last) else last
        if package.endswith(".go"):
            return posixpath.basename(package)[:-3]
        return None

    def module_begun(self) -> re.Match[str] | None:
        """The name that a `go mod init` of the file gives the module."""
        texts = (unit.instruction.body.text for unit in self.layout.units if unit.instruction.keyword == "RUN")
        found = (re.search(r"\bgo mod init ([\w./-]+)", text) for text in texts)
        return next((match for match in found if match is not None), None)

    def text(self, path: str) -> str:
        """A file of the context, or nothing."""
        return (self.context.read_text(path) or "") if self.context is not None else ""

    # Where it runs.

    def is_static(self) -> bool:
        """Whether the binary surely links nothing: cgo is off, or off because the image has no C compiler.

        `static` says it for a binary that another stage built.
        """
        if self.static is not None:
            return self.static
        for unit in self.layout.units:
            if id(unit.instruction) not in self.build_runs:
                continue
            value = self.stage.scope_at(unit.instruction).value("CGO_ENABLED")
            for command in self.kinds[id(unit.instruction)]:
                words = [word.value or "" for word in command.item.command.words]
                if "build" not in words or "go" not in words:
                    continue
                given = [value for name, value in command.item.command.assignments if name == "CGO_ENABLED"]
                inline = [word.raw if word is not None else "" for word in given]
                here = inline[-1] if inline else "0" if "CGO_ENABLED=0" in words else value
                if here == "0":
                    continue
                compiler = {"gcc", "g++", "build-base", "clang", "build-essential"}
                no_compiler = self.base.libc == "musl" and not any(p.name in compiler for p in self.installed)
                if not (no_compiler and here in (None, "")):
                    return False
        return True

    def choose_image(self) -> None:
        """distroless/static where it is enough, else the distribution's own image."""
        static = self.is_static()
        package_kept = any(not package.is_build for package in self.installed)
        check = self.stage.last("HEALTHCHECK")
        small = not (self.starts_in_shell or self.keeps_runs() or package_kept or self.owner or check is not None)
        user = self.stage.final_state.user
        small = small and not self.called()
        named = user is not None and not re.fullmatch(r"[\d:]+|root|nonroot|nobody", user)
        asked = self.options.base
        if static and small and not named and asked in ("auto", "distroless"):
            self.layout.final_image = STATIC
            return
        if asked == "distroless":
            raise Refused("base-not-possible", self.stage.place(), base=asked)
        if asked == "alpine" and self.base.libc != "musl":
            self.choose_alpine(static=static)
            return
        if self.base.libc == "musl":
            tag = re.search(r"alpine(\d+\.\d+)", self.stage.base_image.tag or "") if self.stage.base_image else None
            release = tag[1] if tag else self.base.release
            if release is None:
                if any(package.is_build for package in self.installed):
                    raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
                release = self.facts["newest-alpine"][0]
            self.layout.final_image = f"alpine:{release}"
            self.extra += ["ca-certificates", "tzdata"]
            return
        release = self.base.release
        if release is None:
            # What needs no more than the C library runs on a newer one too.
            if any(package.is_build for package in self.installed):
                raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
            release = self.facts["newest-debian"][0]
        self.layout.final_image = f"debian:{release}-slim"
        self.extra += ["ca-certificates", "tzdata"]
        self.tools_of_full(frozenset())

    def choose_alpine(self, *, static: bool) -> None:
        """Alpine for what was built on Debian: only a static binary runs there, and packages have other names."""
        dev = any(not p.is_build or (p.record is not None and p.record.role == "dev") for p in self.installed)
        if not static or dev or self.called() or self.prepares:
            raise Refused("base-not-possible", self.stage.place(), base="alpine")
        self.layout.final_image = f"alpine:{self.facts['newest-alpine'][0]}"
        self.base = self.base._replace(manager="apk")
        self.extra += ["ca-certificates", "tzdata"]
