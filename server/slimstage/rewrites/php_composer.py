"""PHP: build extensions and fetch packages on the image it had, ship them on the same image without what built them.

The official images keep their compilers, so both stages stand on the same tag; what stays behind are development
packages, Composer and the tools it calls. The final stage gets the folders with extensions and their settings, the
run-time libraries they link, and the project's folder when Composer worked in it.
"""

from __future__ import annotations

import posixpath
import re

from slimstage.context.composer import ComposerJson, development_namespaces, read_composer_json
from slimstage.model import Model, Stage
from slimstage.model.packages import PackageOperation
from slimstage.model.runs import RunCommand
from slimstage.rewrites.commands import Sorted
from slimstage.rewrites.conversion import Change, ConversionOptions, Refused
from slimstage.rewrites.places import PlacesPlan, program_words
from slimstage.syntax.nodes import Instruction, Place
from slimstage.text import lazy_pattern

PATTERN = "php-composer"
_MANAGERS = ("composer", "php-ext", "pecl")
_INSTALLER = lazy_pattern(r"getcomposer\.org|composer-setup|composer-installer|--install-dir|\bcomposer\.phar\b")
_NO_FOLDER = frozenset("self-update selfupdate clear-cache clearcache cc about diagnose --version -V".split())
_KINDS = {"apache": "/var/www/html", "fpm": "/var/www/html"}
# What the scripts of a fresh Laravel or plain project call when packages are installed; it works without the
# development packages.
_HARMLESS_SCRIPTS = lazy_pattern(
    r"Illuminate\\Foundation\\ComposerScripts::\w+|@php artisan (?:package:discover|key:generate|vendor:publish)\b.*"
    r"|@php -r \"file_exists\('\.env'\).*"
)
_EVENTS = ("pre-install-cmd", "post-install-cmd", "pre-autoload-dump", "post-autoload-dump")
_SOURCES = (".php", ".phtml", ".inc", ".yaml", ".yml", ".xml", ".neon")
_SKIPPED = ("vendor", "node_modules", "test", "tests", "Tests", ".git", "storage", "docs")
_MAX_FILES = 1500


def _without_services(command: Sorted) -> Sorted:
    """`service apache2 restart` in a RUN leaves nothing behind."""
    words = [word.value for word in command.item.command.words]
    return command._replace(kind="neutral") if words[:2] == ["service", "apache2"] else command


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on an official PHP image and installs extensions or Composer's packages."""
    image = stage.base_image
    return (
        image is not None
        and image.repository == "php"
        and any(operation.manager in _MANAGERS for run in stage.runs for operation, _ in run.operations)
    )


class Plan(PlacesPlan):
    """One conversion in the making."""

    ecosystem = "php"

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        super().__init__(model, stage, options)
        image = stage.base_image
        tag = (image.tag or "") if image is not None else ""
        self.kinds = {key: tuple(map(_without_services, commands)) for key, commands in self.kinds.items()}
        self.document_root = next((root for kind, root in _KINDS.items() if kind in tag.split("-")), None)

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        image = self.stage.base_image
        if image is None or self.base.libc is None or self.base.manager not in ("apt", "apk"):
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        if "composer" in self.words:
            raise Refused("tool-needed-at-run-time", self.stage.place(), package="composer")
        if any(operation.command.name == "install-php-extensions" for _, operation in self.operations_of("php-ext")):
            raise Refused("extensions-by-installer", self.stage.place())
        self.split()
        self.add_extensions()
        manifest = self.manifest()
        if manifest is not None:
            needs = dict(entry.split("=", 1) for entry in self.facts["needs"])
            installed = {package.name for package in self.installed}
            self.extra += [needs[name] for name in manifest.require if needs.get(name) in installed]
        self.keep_called()
        self.place_packages()
        gone = self.left_behind()
        if manifest is not None and self.leave_out_development(manifest):
            gone = True
        if not gone:
            raise Refused("nothing-to-leave-behind", self.stage.place())
        self.copy_places()
        return self.finish()

    # What builds.

    def builds(self, command: RunCommand) -> bool:
        """Whether a command builds extensions, gets Composer, or works in the project's folder."""
        tool = program_words(command)[0] in self.facts["tools"]
        return tool or self.gets_composer(command) or self.in_folder(command)

    def places_written_by(self, command: RunCommand) -> tuple[str, ...]:
        """Extensions and their settings lie in two folders."""
        is_tool = program_words(command)[0] in self.facts["tools"]
        return self.facts["extension-places"] if is_tool else ()

    def in_folder(self, command: RunCommand) -> bool:
        """Whether a command installs the project's packages or prepares its files."""
        program, words = program_words(command)
        if program in ("composer", "composer.phar"):
            verbs = [word for word in words if not word.startswith("-")]
            return not (words[:1] and (words[0] in _NO_FOLDER or "global" in verbs[:1] or verbs[:1] == ["config"]))
        if program in self.facts["folder-tools"]:
            return True
        if program in ("artisan", "console"):
            return bool(words) and words[0] in self.facts["tasks"]
        if program == "php" and len(words) > 1 and posixpath.basename(words[0]) in ("artisan", "console"):
            return words[1] in self.facts["tasks"]
        return False

    def gets_composer(self, command: RunCommand) -> bool:
        """Whether a command fetches Composer itself, or works in Composer's own home."""
        program, words = program_words(command)
        text = command.text.text[command.command.span.start : command.command.span.end]
        if program in ("composer", "composer.phar"):
            return not self.in_folder(command)
        if program in ("curl", "wget", "php"):
            return _INSTALLER.search(text) is not None
        return program in ("mv", "chmod", "ln", "rm", "unlink") and all(
            word.startswith(("-", "+", "0", "7", "a+", "u+")) or "composer" in word for word in words
        )

    def folder_before(self, item: Instruction) -> str | None:
        """The working folder; the official images with a web server start in its document root."""
        found = super().folder_before(item)
        moved = any(other.keyword == "WORKDIR" for other in self.stage.instructions[: self.stage.position(item)])
        return self.document_root if found is None and not moved else found

    def is_build_copy(self, item: Instruction) -> bool:
        """Whether a COPY brings Composer, which nothing calls when the container runs."""
        if item.flag("from") is None:
            return False
        words = [word.value or word.raw for word in item.arguments[:-1]]
        return bool(words) and all(posixpath.basename(word) in ("composer", "composer.phar") for word in words)

    # Extensions.

    def add_extensions(self) -> None:
        """Note the libraries that extensions need; refuse those that nobody knows."""
        known = dict(entry.split("=", 1) for entry in self.facts["extensions"])
        needs = dict(entry.split("=", 1) for entry in self.facts["extension-needs"])
        wanted: set[str] = set()
        for item, operation in self.operations_of("php-ext", "pecl"):
            if operation.action not in ("install", "upgrade"):
                continue
            for package in operation.packages:
                name = (package.name or "").lower()
                if name not in known:
                    raise Refused("extension-unknown", Place(item, item.keyword_span), extension=package.raw)
                wanted.update(known[name].split())
                if name in needs and self.base.manager == "apt":
                    self.extra.append(needs[name])
        self.extra += self.pulled_in(frozenset(wanted) - self.own_libraries())

    def own_libraries(self) -> frozenset[str]:
        """The development packages whose run-time libraries are in the image because its PHP links them."""
        return frozenset(self.facts["base-libraries" if self.base.manager == "apt" else "base-libraries-apk"])

    def final_contents(self) -> frozenset[str]:
        """What the image below holds: the same one in both stages."""
        image = self.stage.base_image
        layers = self.model.knowledge.debian_layers("php", self.base.kind) if image is not None else None
        held = set(layers or ()) if self.base.manager == "apt" else set()
        held |= {twin for name in self.own_libraries() for twin in self.twins_of(name)}
        return frozenset(held) | self.base.contents

    def left_behind(self) -> bool:
        """Whether anything stays in the builder that the image below does not hold anyway."""
        held = self.final_contents()
        kept = {unit.instruction for unit in self.layout.units if unit.fate in ("final", "both")}
        final = set((self.layout.packages or "").split())
        return any(
            package.name not in held and package.name not in final and package.run.instruction not in kept
            for package in self.installed
        )

    # Composer.

    def manifest(self) -> ComposerJson | None:
        """The composer.json that the installs read; None when Composer installs nothing here."""
        installs = [(i, o) for i, o in self.operations_of("composer") if o.action in ("install", "upgrade")]
        installs = [(item, operation) for item, operation in installs if not operation.has("global")]
        if not installs or self.context is None:
            if installs:
                raise Refused("context-needed", self.stage.place())
            return None
        item = installs[-1][0]
        folder = self.folder_before(item) or "/"
        path = self.source_of(item, posixpath.join(folder, "composer.json")) or "composer.json"
        found = read_composer_json(self.context, path)
        if found is None:
            raise Refused("manifest-needed", self.stage.place(), file="composer.json")
        return found

    def leave_out_development(self, manifest: ComposerJson) -> bool:
        """Install without development packages, where it is known that nothing else uses them."""
        installs = [
            (run, operation, text)
            for run in self.stage.runs
            for operation, text in run.operations
            if operation.manager == "composer" and operation.action != "other" and not operation.has("global")
        ]
        if not manifest.require_dev or len(installs) != 1 or not self.uses_no_development(manifest, installs[0][1]):
            return False
        run, operation, text = installs[0]
        unit = next(unit for unit in self.layout.units if unit.instruction is run.instruction)
        place = run.place(operation.verb_span, text)
        step = self.layout.step("no-dev")
        unit.edits.append((place.span._replace(start=place.span.end), " --no-dev", step))
        return True

    def uses_no_development(self, manifest: ComposerJson, operation: PackageOperation) -> bool:
        """Whether neither the start, nor Composer's scripts, nor the project's sources use a development package."""
        assert self.context is not None
        if operation.verb not in ("install", "i") or operation.has("no-dev", "dev"):
            return False
        if not operation.has("no-scripts"):
            called = [command for event in _EVENTS for command in manifest.scripts.get(event, ())]
            if any(not _HARMLESS_SCRIPTS.fullmatch(command) for command in called):
                return False
        if any("vendor/bin" in word for word in self.start() or ["vendor/bin"]):
            return False
        namespaces = development_namespaces(self.context)
        if not namespaces:
            return False
        used = lazy_pattern(rf"\b(?:{'|'.join(map(re.escape, namespaces))})\\")
        waiting, count = [""], 0
        while waiting:
            folder = waiting.pop()
            for name in self.context.list(folder):
                path = posixpath.join(folder, name)
                if name in _SKIPPED:
                    continue
                if not name.endswith(_SOURCES):
                    if "." not in name.lstrip("."):
                        waiting.append(path)
                    continue
                count += 1
                text = self.context.read_text(path)
                if count > _MAX_FILES or (text is not None and used.search(text)):
                    return False
        return True
