"""Ruby: install gems on the image it had, ship them on the slim image of the same Ruby and release.

Gems lie in /usr/local/bundle, or where Bundler is told to put them; a precompiled asset lies in the project's folder.
On a slim image the installed development packages tell which libraries the gems link; on the full image, which holds
dozens of them, the gems of Gemfile.lock tell it, and one that nobody knows is a refusal.
"""

from __future__ import annotations

import posixpath
import re

from slimstage.context.gems import GemfileLock, groups_of_gems, read_gemfile_lock
from slimstage.model import Model, Stage
from slimstage.model.runs import RunCommand
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.places import PlacesPlan, program_words
from slimstage.syntax.nodes import Instruction
from slimstage.text import lazy_pattern

PATTERN = "ruby-bundler"
_VERSION = lazy_pattern(r"[\w.]+")
_RELEASES = ("bullseye", "bookworm", "trixie")
_BUNDLE = "/usr/local/bundle"
_WITHOUT = lazy_pattern(r"without[\"']?[\s=:]+([\"'][^\"']*[\"']|[\w:]+)", re.IGNORECASE)
_NO_LIBRARY = lazy_pattern(r"libruby.*|libjs-.*|libc6|libgcc-s1|libstdc\+\+6|zlib1g|.*-dev")


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an official Ruby image and installs gems."""
    image = stage.base_image
    return (
        image is not None
        and image.repository == "ruby"
        and any(
            o.manager in ("bundler", "gem") and o.action == "install" for run in stage.runs for o, _ in run.operations
        )
    )


class Plan(PlacesPlan):
    """One conversion in the making."""

    ecosystem = "ruby"

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        image = self.stage.base_image
        if image is None or self.base.libc is None or self.base.kind not in ("full", "slim", "alpine"):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        full = self.base.kind == "full"
        self.split()
        self.note_bundle()
        if full:
            self.layout.final_image = self.slim_image()
            self.add_gems()
            self.tools_of_full(self.final_contents())
        self.keep_called()
        left = self.place_packages()
        if not (full or left):
            raise Refused("nothing-to-leave-behind", self.stage.place())
        self.copy_places()
        return self.finish()

    # What builds.

    def builds(self, command: RunCommand) -> bool:
        """Whether a command installs gems or works in the project's folder."""
        program, words = program_words(command)
        if program == "gem":
            return words[:1] in (["install"], ["i"], ["update"])
        return self.in_folder(command)

    def in_folder(self, command: RunCommand) -> bool:
        """Whether a command installs what the Gemfile names or prepares the project's files."""
        program, words = program_words(command)
        plain = [word for word in words if not word.startswith("-")]
        if program in ("bundle", "bundler"):
            if plain[:1] != ["exec"]:
                return True
            program, plain = posixpath.basename(plain[1] if len(plain) > 1 else ""), plain[2:]
        if program in ("rake", "rails"):
            tasks = [word for word in plain if not re.match(r"[A-Z_]+=", word)]
            return bool(tasks) and all(task in self.facts["tasks"] for task in tasks)
        return program in self.facts["folder-tools"] or program in self.facts["programs-of-gems"]

    def places_written_by(self, command: RunCommand) -> tuple[str, ...]:
        """Gems and Bundler's settings lie in one folder."""
        return (_BUNDLE,) if program_words(command)[0] in ("gem", "bundle", "bundler") else ()

    def repeats(self, command: RunCommand) -> bool:
        """Whether a command updates RubyGems itself, or writes Bundler's settings elsewhere than beside the gems."""
        program, words = program_words(command)
        if program == "gem":
            return words[:1] == ["update"] and "--system" in words
        return program in ("bundle", "bundler") and words[:1] == ["config"] and "--local" not in words

    def note_bundle(self) -> None:
        """Note where the gems lie; refuses where a variable hides it."""
        for item, operation in self.operations_of("bundler", "gem"):
            if operation.manager != "bundler" or operation.action != "install":
                continue
            told = [value for name in ("path", "gemfile") for value in operation.options.get(name, ())]
            scope = self.stage.scope_at(item)
            names = {definition.name for definition in scope.visible()}
            for name in ("BUNDLE_PATH", "GEM_HOME", "BUNDLE_APP_CONFIG"):
                if name in names:
                    value = scope.value(name)
                    told.append(value if isinstance(value, str) else "$")
            for path in (*told, *self.configured_paths()):
                absolute = posixpath.normpath(posixpath.join(self.home or "/", path))
                if "$" in path or not (
                    absolute == _BUNDLE or (self.home is not None and absolute.startswith(self.home + "/"))
                ):
                    raise Refused("gems-elsewhere", self.stage.place(), path=path)

    def configured_paths(self) -> list[str]:
        """What `bundle config` says of the place of the gems."""
        found: list[str] = []
        for key in self.build_runs:
            for command in self.kinds[key]:
                program, words = program_words(command.item)
                if program in ("bundle", "bundler") and words[:1] == ["config"] and "path" in words[:-1]:
                    found.append(words[words.index("path") + 1])
        return found

    def ships_folder(self) -> bool:
        """Whether the project's folder comes from the builder.

        It does not when only gems were installed there and a later COPY brings everything, the lock file included.
        """
        if self.home is None:
            return False
        only_gems = all(
            program_words(command.item)[0] in ("bundle", "bundler", "gem")
            and "exec" not in program_words(command.item)[1][:1]
            for key in self.folder_runs
            for command in self.kinds[key]
            if self.builds(command.item)
        )
        if not only_gems or self.context is None or self.context.read_text("Gemfile.lock") is None:
            return True
        if self.is_relocated():
            return True
        return not any(self.brings_all(unit.instruction) for unit in self.layout.units[self.last + 1 :])

    def is_relocated(self) -> bool:
        """Whether Bundler may install below the project's folder."""
        text = "\n".join(unit.instruction.text for unit in self.layout.units[: self.last + 1])
        return re.search(r"BUNDLE_PATH|BUNDLE_DEPLOYMENT|--path|--deployment|\bdeployment\b|\bpath\b", text) is not None

    def brings_all(self, item: Instruction) -> bool:
        """Whether a COPY brings the whole context into the project's folder."""
        if item.keyword not in ("COPY", "ADD") or item.flag("from") is not None or len(item.arguments) != 2:
            return False
        source, target = (self.stage.expand(word, item) for word in item.arguments)
        folder = self.folder_before(item) or "/"
        where = posixpath.normpath(posixpath.join(folder, target or "/"))
        return source in (".", "./") and where == self.home

    # What the gems need when they run.

    def lock(self) -> GemfileLock | None:
        """The project's Gemfile.lock."""
        return read_gemfile_lock(self.context) if self.context is not None else None

    def shipped_gems(self, lock: GemfileLock) -> frozenset[str]:
        """The gems of the lock file without those of groups that are not installed."""
        assert self.context is not None
        text = "\n".join(unit.instruction.text for unit in self.layout.units)
        without = {word for value in _WITHOUT.findall(text) for word in re.findall(r"\w+", value)}
        if not without or not lock.direct:
            return frozenset(lock.gems)
        groups = groups_of_gems(self.context)
        return lock.reach(name for name in lock.direct if not groups.get(name, frozenset(("default",))) <= without)

    def build_only(self) -> frozenset[str]:
        """nodejs is one when no gem asks for a JavaScript run time while it is loaded."""
        found = super().build_only()
        lock = self.lock()
        if lock is None or self.shipped_gems(lock) & set(self.facts["needs-javascript"]):
            return found
        return found | (frozenset(self.facts["javascript"]) - set(self.extra))

    def add_gems(self) -> None:
        """Add what the gems link or call and the slim image lacks; refuse a gem that nobody knows."""
        lock = self.lock()
        if lock is None:
            raise Refused("manifest-needed", self.stage.place(), file="Gemfile.lock")
        known = dict(entry.split("=", 1) for entry in self.facts["gems"])
        for name in sorted(self.shipped_gems(lock)):
            if name in known:
                for need in known[name].split():
                    twins = self.twins_of(need) if need.endswith("-dev") else (need,)
                    if not twins:
                        raise Refused("unknown-twin", self.stage.place(), package=need)
                    self.extra += twins
            elif not lock.gems[name].built and not self.is_pure(name):
                self.extra += self.packaged_needs(name)

    def is_pure(self, gem: str) -> bool:
        """Whether a gem is known to be plain Ruby."""
        names = self.facts["pure-gems"]
        return gem in names or any(name[-1] == "*" and gem.startswith(name[:-1]) for name in names)

    def packaged_needs(self, gem: str) -> list[str]:
        """The libraries that Debian's own package of the gem depends on; refuses when there is none."""
        found = self.model.knowledge.debian(self.base.release)
        package = found.table.package("ruby-" + gem.replace("_", "-").lower()) if found is not None else None
        if found is None or package is None:
            raise Refused("gem-unknown", self.stage.place(), gem=gem)
        needs = [group[0] for group in package.depends]
        return [
            need
            for need in needs
            if need.startswith("lib") and not _NO_LIBRARY.fullmatch(need) and need not in self.final_contents()
        ]

    def slim_image(self) -> str:
        """The slim variant of the stage's image."""
        word, image = self.stage.image_word, self.stage.base_image
        assert image is not None
        version, _, release = (image.tag or "latest").partition("-")
        if word is None or word.variables or image.digest is not None or not _VERSION.fullmatch(version):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        if release not in ("", *_RELEASES):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        tag = "slim" if version == "latest" else f"{version}-slim"
        tag += f"-{release}" if release else ""
        return word.raw[: len(word.raw) - len(image.tag or "") - 1] + ":" + tag if image.tag else f"{word.raw}:slim"

    def final_contents(self) -> frozenset[str]:
        """The packages that the final image is known to hold: those whose libraries Ruby itself links."""
        if self.base.manager != "apt":
            return self.base.contents
        layers = self.model.knowledge.debian_layers("ruby", "slim") or ()
        found = self.model.knowledge.debian(self.base.release)
        slim = found.slim if found is not None else frozenset()
        held = {*layers, *(twin for name in layers for twin in self.twins_of(name)), *slim}
        return frozenset(held) if self.base.kind == "full" else frozenset(held) | self.base.contents
