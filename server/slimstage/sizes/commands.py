"""What a RUN adds: its commands in order, less what it deletes again and what its mounts keep out of the layer."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from slimstage.model.flow import HARMLESS, is_below, option_value
from slimstage.model.packages import package_operations
from slimstage.model.packages.prefixes import Target, target_of
from slimstage.model.runs import RunOperation
from slimstage.sizes import Size, apk, exactly
from slimstage.sizes.apk import World
from slimstage.sizes.apt import Transaction, rewritten, similar
from slimstage.sizes.builders import built
from slimstage.sizes.calls import Call
from slimstage.sizes.environment import home, is_set, virtual_environment
from slimstage.sizes.files import absolute, compressed
from slimstage.sizes.node_install import deployed, node_parts
from slimstage.sizes.packages import apt_lists
from slimstage.sizes.python import STANDARD_LIBRARY, VENV, VENV_LATER
from slimstage.sizes.python_install import byte_code, python_parts
from slimstage.sizes.records import Part, between, scaled, total
from slimstage.sizes.spelling import similar as similar_name
from slimstage.sizes.state import Files, Surroundings, lies_in
from slimstage.sizes.variables import Variables
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.model.packages import PackageOperation
    from slimstage.model.runs import Run
    from slimstage.shell import ShellWord, SimpleCommand
    from slimstage.syntax.nodes import Instruction

# Commands whose traces are a few kilobytes at most, beside those that write nothing anywhere.
_SMALL = HARMLESS | frozenset(
    """mkdir touch tee ln install chsh gpg node python python3 java sync tini dpkg dpkg-query a2enmod a2dismod phpenmod
    docker-php-ext-enable setcap getcap update-locale locale nginx openssl pip npm yarn pnpm apt-get env pushd popd
    alias source . eval command hash trap exec time sh bash ash dash xargs sudo awk gawk mktemp sort dpkg-architecture
    dpkg-buildflags readlink realpath getconf gosu seq base64 tac shuf sha384sum scanelf php nc patch strip iconv jq bc
    nslookup ping timeout dirname comm join paste fold nl od hexdump xxd file whereis ldconfig pip-compile""".split()
)
_BRANCHES = frozenset(("if", "else", "case", "while"))
# Nobody measured what these install: the manifest that names it, and where it goes.
_UNMEASURED = {
    "bundler": ("Gemfile", "/usr/local/bundle"),
    "composer": ("composer.json", "vendor"),
    "php-ext": ("", "/usr/local/lib/php/extensions"),
    "pecl": ("", "/usr/local/lib/php/extensions"),
}
_LISTS = "/var/lib/apt/lists"
_USR = "/usr"
_PIP = lazy_pattern(r"pip[0-9.]*")
_NAMES_SHOWN = 4


def run(stage: Stage, instruction: Instruction, state: Files, around: Surroundings) -> tuple[list[Part], Files]:
    """The parts of a RUN's layer, and the files after it."""
    for item in stage.runs:
        if item.instruction is instruction:
            return _Walk(stage, item, state, around).walk()
    return [], state


class _Walk:
    def __init__(self, stage: Stage, item: Run, state: Files, around: Surroundings) -> None:
        self.stage = stage
        self.run = item
        self.state = state
        self.around = around
        self.parts: list[Part] = []
        self.folder = stage.state_before(item.instruction).workdir
        self.apt: Transaction | None = None
        self.duplicated: set[int] = set()  # parts, by identity, that this layer stores again
        self.may_not_run = False
        self.apt_may_not_run = False
        self.apk: World | None = None
        self.apk_may_not_run = False

    @property
    def instruction(self) -> Instruction:
        return self.run.instruction

    def walk(self) -> tuple[list[Part], Files]:
        if self.run.opaque:
            self.add(Part("command", {"command": self.instruction.keyword}))
        operations: dict[int, list[RunOperation]] = {}
        for operation in self.run.operations:
            operations.setdefault(id(operation.operation.command), []).append(operation)
        variables = Variables(self.stage, self.instruction, self.run)
        for written, text in self.run.commands:
            # A branch may not be taken: what it would add is nothing at least.
            self.may_not_run = written.guard == "||" or bool(_BRANCHES & set(written.context))
            variables.assign(written)
            command = variables.expanded(written)
            found = operations.get(id(written))
            if command is not written:
                found = [RunOperation(one._replace(command=written), text) for one in package_operations(command)]
            if found:
                for one in found:
                    self.operate(one)
            else:
                self.command(command)
        self.may_not_run = self.apt_may_not_run
        self.finish_apt()
        self.may_not_run = self.apk_may_not_run
        self.finish_apk()
        mounts = self.mounted()
        self.parts = [part for part in self.parts if not any(lies_in(part.path, mount) for mount in mounts)]
        return self.parts, self.state.with_parts(part for part in self.parts if part.what != "duplicate")

    def mounted(self) -> list[str]:
        found: list[str] = []
        for flag in self.instruction.flags:
            target = flag.option("target", "dst", "destination") if flag.name == "mount" else None
            path = absolute(target.value, self.folder) if target is not None and target.value else None
            if path is not None:
                found.append(path)
        return found

    def add(self, *parts: Part) -> None:
        if self.may_not_run:
            parts = tuple(part._replace(disk=_at_most(part.disk), download=_at_most(part.download)) for part in parts)
        self.parts += parts

    # Package managers

    def call(self, one: RunOperation) -> Call:
        return Call(self.stage, self.run, one, self.state, self.around, self.folder)

    def operate(self, one: RunOperation) -> None:
        operation = one.operation
        manager = operation.manager
        if manager == "apt":
            self.operate_apt(operation)
        elif manager in ("pip", "uv", "poetry", "pdm", "pipenv"):
            self.add(*python_parts(self.call(one), self.parts))
            if manager == "pip" and operation.action == "install":
                self.state = replace(self.state, pip_ran=True)
        elif manager in ("npm", "yarn", "pnpm", "bun"):
            self.operate_node(one)
        elif manager == "apk" and self.state.alpine is not None:
            self.operate_apk(operation, self.state.alpine if self.apk is None else self.apk)
        elif operation.action in ("install", "sync", "upgrade") and manager in ("apk", "dnf", "zypper", "conda", "gem"):
            names = tuple(word.name or word.raw for word in operation.packages)
            names = names or tuple(file or "$" for file in operation.requirements) or (operation.verb,)
            self.add(Part("packages-no-table", {"manager": manager, "packages": _listed(names)}))
        elif operation.action in ("install", "upgrade") and manager in _UNMEASURED:
            manifest, place = _UNMEASURED[manager]
            names = tuple(word.name or word.raw for word in operation.packages)
            args = {"manager": manager, "packages": _listed(names) or manifest}
            self.add(Part("packages-no-table", args, path=absolute(place, self.folder)))
        elif operation.action == "clean" or operation.action in ("remove", "update"):
            return
        else:
            self.builder(operation.command)

    def operate_apk(self, operation: PackageOperation, world: World) -> None:
        if operation.has("simulate", "root"):
            return
        fetches = operation.action != "remove" and not operation.has("no-cache", "no-network")
        if fetches and not any(part.path == apk.CACHE for part in (*self.parts, *self.state.parts)):
            self.add(Part("apk-index", {}, apk.index(), apk.index(), apk.CACHE))
        if operation.action == "upgrade":
            self.add(Part("apk-upgrade", {}, between(3e6, 0, 40e6), between(1.5e6, 0, 20e6), _USR))
        elif operation.action == "remove":
            self.apk = world.remove(word.name or word.raw for word in operation.packages)
        elif operation.action == "install":
            self.apk_install(operation, world)

    def apk_install(self, operation: PackageOperation, world: World) -> None:
        table = self.around.model.knowledge.alpine
        names: list[str] = []
        for word in operation.packages:
            if word.name is None:
                self.add(Part("package-variable", {"name": word.raw}))
            elif word.kind != "package" or table is None:
                self.add(Part("packages-no-table", {"manager": "apk", "packages": word.raw}))
            else:
                names.append(word.name)
        virtual = operation.options.get("virtual", (None,))[-1]
        self.apk = world.add(names, virtual)
        self.apk_may_not_run = self.apk_may_not_run or self.may_not_run

    def finish_apk(self) -> None:
        knowledge = self.around.model.knowledge
        table, before, after = knowledge.alpine, self.state.alpine, self.apk
        if table is None or before is None or after is None:
            return
        present = before.installed(table)
        added = after.installed(table) - present
        new = [name for request in after.requests if request not in before.requests for name in request[1:] if name]
        asked = [name for name in new if table.real(name) in added]
        if added:
            release, machine = self.state.facts.release, self.around.machine
            disk, download = apk.weigh(table, added, asked, release, machine, sure=before.sure)
            args = {"packages": _listed(asked or sorted(added)), "count": len(added)}
            self.add(Part("apk", args, disk, download, _USR))
            kept = apk.records(disk)
            self.add(Part("apk-records", {}, kept, scaled(kept, 0.2, 0.1, 0.4), "/lib/apk"))
        names = [name for manager, name in knowledge.system_packages if manager == "apk"]
        for name in dict.fromkeys(new):
            if table.real(name) is None:
                near = similar_name(name, {*table.packages, *table.aliases, *names})
                what = "package-unlisted-similar" if near else "package-unlisted"
                self.add(Part(what, {"name": name, "manager": "apk", "similar": near or ""}))
        self.state = replace(self.state, alpine=after)

    def operate_node(self, one: RunOperation) -> None:
        operation = one.operation
        if operation.verb == "prune":
            folder = absolute("node_modules", self.folder)
            kept = node_parts(self.call(one), production=True)
            new = [part for part in kept if part.path == folder]
            if any(part.path == folder for part in self.parts):
                self.parts = [part for part in self.parts if part.path != folder] + new
            elif folder is not None:
                self.state = self.state.without(folder).with_parts(new)
            return
        if operation.action == "clean":
            self.delete_below(posixpath.join(home(self.stage, self.instruction), ".npm"))
        elif operation.action in ("install", "sync") or (operation.manager, operation.verb) == ("pnpm", "fetch"):
            self.add(*node_parts(self.call(one)))
        elif (operation.manager, operation.verb) == ("pnpm", "deploy"):
            self.add(*deployed(self.call(one)))
        elif operation.action == "other":
            self.builder(operation.command)

    def operate_apt(self, operation: PackageOperation) -> None:
        release = self.around.model.knowledge.debian(self.state.facts.release)
        if operation.action == "update":
            if not any(part.path == _LISTS for part in (*self.parts, *self.state.parts)):
                size = apt_lists(self.around.model.knowledge, self.state.facts.release)
                if size is not None:
                    size = Size(size.bytes, round(size.low * 0.93), round(size.high * 1.07), size.basis, size.sources)
                self.add(Part("apt-lists", {}, size, scaled(size, 0.75, 0.6, 0.95) if size else None, _LISTS))
        elif operation.verb in ("distclean", "dist-clean"):
            self.delete_below(_LISTS)
        elif operation.action == "upgrade":
            self.add(Part("apt-upgrade", {}, between(8e6, 0, 80e6), between(3e6, 0, 30e6), _USR))
        elif operation.action == "install" and not operation.has("download-only", "simulate"):
            self.apt_install(operation)
        elif operation.action == "remove":
            names = [_bare(word.name or word.raw) for word in operation.packages]
            if self.apt is None and release is not None:
                self.apt = self.transaction()
            if self.apt is not None:
                sweeps = operation.verb in ("autoremove", "auto-remove", "autopurge") or operation.has("auto-remove")
                hidden = any(word.name is None for word in operation.packages)
                if hidden or self.marks_all_automatic():
                    names += [name for request, _ in self.apt.requests for name in request]
                self.apt.remove(names, sweeps=sweeps)

    def marks_all_automatic(self) -> bool:
        """Whether `apt-mark auto '.*'` ran, as official images do it: only what is named again stays."""
        return any(command.name == "apt-mark" and len(command.words) > 2 and command.words[1].raw == "auto"
                   and ".*" in command.words[2].raw for command, _ in self.run.commands)  # fmt: skip

    def transaction(self) -> Transaction | None:
        if self.apt is not None:
            return self.apt
        release = self.around.model.knowledge.debian(self.state.facts.release)
        if release is None:
            return None
        present = self.state.packages
        self.apt = Transaction(release, release.slim if present is None else present, unsure=present is None)
        return self.apt

    def apt_install(self, operation: PackageOperation) -> None:
        names: list[str] = []
        for word in operation.packages:
            if word.name is None:
                self.add(Part("package-variable", {"name": word.raw}))
            elif word.kind == "package" and operation.verb not in ("build-dep", "satisfy"):
                names.append(_bare(word.name))
            else:
                self.add(Part("packages", {"manager": "apt", "packages": word.raw}))
        transaction = self.transaction()
        if transaction is None:
            if names:
                self.add(Part("packages", {"manager": "apt", "packages": _listed(names)}))
        else:
            transaction.install(names, recommends=not operation.has("no-install-recommends"))
            self.apt_may_not_run = self.apt_may_not_run or self.may_not_run

    def finish_apt(self) -> None:
        transaction = self.apt
        if transaction is None or not (transaction.requests or transaction.purges):
            return
        added, unknown = transaction.result()
        if added:
            asked = [name for names, _ in transaction.requests for name in names if name in added]
            args = {"packages": _listed(asked or added), "count": len(added)}
            self.add(Part("apt", args, transaction.weigh(added), transaction.compressed(added), _USR))
        if added or transaction.purges:
            records = rewritten(len(transaction.present))
            if transaction.purges and transaction.requests:  # installed, configured and taken away: logs, caches
                records = Size(records.bytes * 2, records.low, records.high * 3, records.basis)
            self.add(Part("apt-records", {}, records, scaled(records, 0.2, 0.1, 0.4), "/var/lib/dpkg"))
        for name in unknown:
            near = similar(transaction.table, name)
            what = "package-missing-similar" if near else "package-missing"
            self.add(Part(what, {"name": name, "similar": near or "", "release": transaction.table.release}))
        if self.state.packages is not None:
            present = (self.state.packages | set(added)) - transaction.removed
            self.state = replace(self.state, packages=frozenset(present))

    # Other commands

    def command(self, command: SimpleCommand) -> None:
        target = target_of(command.words)
        if target is None:
            if command.words:
                self.add(Part("command", {"command": command.words[0].raw}))
            return
        name, words = target.program, target.words[1:]
        path = target.words[0].value or ""
        if path.startswith(("./", "../")) and not self.builder(command):
            self.add(Part("command", {"command": path}))
        elif name == "cd":
            plain = [word.value for word in words if word.value is None or not word.value.startswith("-")]
            self.folder = absolute(plain[0], self.folder) if len(plain) == 1 and not command.context else None
        elif name in ("rm", "find", "rmdir"):
            self.delete(target, command)
        elif name in ("chown", "chmod", "chgrp"):
            self.duplicate(name, words)
        elif name in ("useradd", "adduser", "groupadd", "addgroup"):
            size = between(9_000 if "user" in name else 1_500, 800, 350_000)
            self.add(Part("user", {"command": name}, size, size, "/etc"))
        elif name in ("venv", "virtualenv"):
            self.venv(words)
        elif name in ("cp", "mv"):
            self.move(name, words)
        elif name in ("curl", "wget", "git"):
            self.fetch(name, words, command)
        elif name in ("tar", "unzip", "gunzip", "gzip", "xz"):
            self.extract(name, words, command)
        elif name in ("python", "python3") and any(w.value is not None and w.value.endswith(".py") for w in words[:1]):
            self.add(Part("command", {"command": f"{name} {words[0].raw}"}))
        elif not _writes_little(name, words) and not self.builder(command):
            self.add(Part("command", {"command": f"{name} {words[0].raw}" if name == "corepack" else name}))

    def builder(self, command: SimpleCommand) -> bool:
        """Note what a build tool makes; False when it is none."""
        made = built(self.stage, self.run, command, self.folder, self.around)
        if made is None:
            return False
        self.add(*made)
        return True

    def delete(self, target: Target, command: SimpleCommand) -> None:
        spelled = {word.raw for word in target.words}
        if target.program == "find" and "-delete" not in spelled and "rm" not in spelled:
            return
        for word in target.words[1:]:
            raw = word.raw.strip("\"'")
            for name in ("${HOME}", "$HOME", "~"):
                if raw.startswith(name):
                    raw = home(self.stage, self.instruction) + raw[len(name) :]
            if raw.startswith("-") and target.program != "find":
                continue
            head = raw.split("{")[0]
            starts = (head.endswith("*") and not head.endswith("/*")) or "{" in raw
            path = absolute(head.rstrip("*").rstrip("/") or "/", self.folder)
            if path is None or path == "/" or "*" in path or "$" in path:
                continue
            self.delete_below(path, starts=starts)
            if target.program == "find":
                break

    def delete_below(self, path: str, *, starts: bool = False) -> None:
        """Forget what lies below a path: of this RUN's own parts, and for what copies from the stage later."""

        def gone(part: Part) -> bool:
            return lies_in(part.path, path) or (starts and part.path is not None and part.path.startswith(path))

        self.parts = [part for part in self.parts if not gone(part)]
        left = tuple(self.less(part, path) for part in self.state.parts if not gone(part))
        if left != self.state.parts:
            self.state = replace(self.state, parts=left)

    def less(self, part: Part, path: str) -> Part:
        """A part copied from the context without what was deleted below it; the part itself for any other path."""
        context = self.around.context
        if part.origin is None or part.path is None or part.disk is None or context is None:
            return part
        if not is_below(path, part.path):
            return part
        tree = context.tree(posixpath.normpath(posixpath.join(part.origin, posixpath.relpath(path, part.path))))
        if tree is None:
            return part
        size = part.disk - exactly(min(tree.bytes, part.disk.low), "measured")
        return part._replace(disk=size, download=compressed(size))

    def is_one_file(self, part: Part) -> bool:
        """Whether a part is a single file, which `chmod` without `-R` stores again as a whole."""
        if part.what != "copy" or part.args.get("files") != 1 or part.origin is None:
            return part.what == "heredoc"
        return self.around.context is not None and not self.around.context.list(part.origin)

    def duplicate(self, name: str, words: tuple[ShellWord, ...]) -> None:
        flags = "".join(word.raw for word in words if word.raw.startswith("-") and not word.raw.startswith("--"))
        deep = "R" in flags or any(word.raw == "--recursive" for word in words)
        plain = [word for word in words if not word.raw.startswith("-")]
        for word in plain[1:]:
            path = absolute(word.value, self.folder)
            if path is None or path == "/":
                continue
            below = [
                part
                for part in self.state.parts
                if part.what != "base-inside" and id(part) not in self.duplicated
                and (lies_in(part.path, path) if deep else part.path == path and self.is_one_file(part))
            ]  # fmt: skip
            self.duplicated |= {id(part) for part in below}  # a layer holds a file once, however often it is touched
            disk, download = total(part.disk for part in below), total(part.download for part in below)
            if disk.high:
                # What has that owner already is not written again, so nothing is sure.
                self.add(Part("duplicate", {"command": f"{name} -R" if deep else name, "path": path}, disk, download))

    def venv(self, words: tuple[ShellWord, ...]) -> None:
        raw = [word.raw for word in words]
        for word in words:
            path = absolute(word.value, self.folder) if not word.raw.startswith("-") else None
            if path is None:
                continue
            if "--without-pip" not in raw and "--no-pip" not in raw:
                python = self.state.python
                count = VENV.get(python, VENV_LATER) if python is not None else VENV["3.11"]
                margin = 0.05 if python in VENV else 0.4
                size = Size(count, round(count * (1 - margin)), round(count * (1 + margin)), "computed", ("realbuild",))
                self.add(Part("venv", {"path": path}, size, scaled(size, 0.33, 0.25, 0.45), path))
            if not self.state.pip_ran and self.state.python is not None and not self.writes_no_byte_code():
                code = byte_code("python", STANDARD_LIBRARY, f"/usr/local/lib/python{self.state.python}")
                self.add(code)
            return

    def writes_no_byte_code(self) -> bool:
        return is_set(self.stage, self.instruction, "PYTHONDONTWRITEBYTECODE")

    def move(self, name: str, words: tuple[ShellWord, ...]) -> None:
        plain = [word.value for word in words if not word.raw.startswith("-")]
        if len(plain) < 2:
            return
        goal = absolute(plain[-1], self.folder)
        for value in plain[:-1]:
            path = absolute(value, self.folder)
            if path is None or path == "/":
                continue
            path = path.rstrip("*").rstrip("/")
            own = [part for part in self.parts if lies_in(part.path, path)]
            there = [part for part in self.state.parts if lies_in(part.path, path) and part.what != "base-inside"]
            if name == "mv":
                self.parts = [part for part in self.parts if part not in own]
                self.state = self.state.without(path)
            for part in (*own, *there):
                place = goal
                if goal is not None and part.path is not None and part.path != path:
                    place = posixpath.join(goal, posixpath.relpath(part.path, path))
                self.add(part._replace(path=place))

    def fetch(self, name: str, words: tuple[ShellWord, ...], command: SimpleCommand) -> None:
        raw = [word.raw for word in words]
        url = next((text for text in raw if "://" in text or text.startswith("git@")), None)
        if url is None or (name == "git" and "clone" not in raw):
            return
        values = [word.value for word in words]
        place = absolute(option_value(values, "-o") or option_value(values, "-O") or None, self.folder)
        if name == "git" and values[-1] is not None and "://" not in values[-1]:
            place = absolute(values[-1], self.folder)
        if place is None:
            place = self.folder
        self.add(Part("download", {"url": url.strip("\"'")}, path=place))

    def extract(self, name: str, words: tuple[ShellWord, ...], command: SimpleCommand) -> None:
        raw = [word.raw for word in words]
        if any(part.what == "download" for part in self.parts[-1:]) and command.guard == "|":
            return  # the download before it is named already
        creates = raw and (raw[0].lstrip("-").startswith("c") or "--create" in raw)
        if name == "tar" and creates:
            return
        self.add(Part("archive", {"command": name}, path=self.folder))


def _at_most(size: Size | None) -> Size | None:
    """A size that may as well be nothing."""
    return None if size is None else Size(size.bytes, 0, size.high, "assumed", size.sources)


def _bare(name: str) -> str:
    """A package's name without architecture and release: `gcc:amd64`, `gcc/bookworm`."""
    return name.partition(":")[0].partition("/")[0].partition("=")[0]


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(dict.fromkeys(names[:_NAMES_SHOWN]))
    return f"{shown}, ... (+{len(names) - _NAMES_SHOWN})" if len(names) > _NAMES_SHOWN else shown


__all__ = ["run", "virtual_environment"]


def _writes_little(name: str, words: tuple[ShellWord, ...]) -> bool:
    """Whether a program leaves nothing worth counting, or only what is counted elsewhere."""
    if name == "corepack":  # its other verbs fetch a package manager
        return not words or words[0].value in ("enable", "disable")
    return name in _SMALL or _PIP.fullmatch(name) is not None
