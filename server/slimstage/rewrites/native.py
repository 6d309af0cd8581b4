"""Rust, C and C++: compile on the full image, ship the program on the slim image of the same Debian release.

The program must be where a build step surely writes it: cargo's target folder by the manifest, or the `-o` and the
target of a compiler call, or a make or cmake build whose result the start command names inside the build's folder.
Run-time libraries are the twins of the -dev packages that were installed; the many libraries of buildpack-deps that a
program may link are told by what it links (`-lpq`, the crates of Cargo.lock), else it is refused.
"""

from __future__ import annotations

import posixpath
import re

from slimstage.model import Model, Stage
from slimstage.rewrites.conversion import Change, Refused
from slimstage.rewrites.packages import run_time_twins
from slimstage.rewrites.split import SplitPlan
from slimstage.text import lazy_pattern

PATTERN = "native"
DISTROLESS = "gcr.io/distroless/cc-debian12"
_LINK = lazy_pattern(r"(?<![\w-])-l([a-z][\w+-]*)")
_CMAKE_LINKS = lazy_pattern(
    r"\b(?:find_package|pkg_check_modules|pkg_search_module|find_library|FetchContent_Declare)\s*\(\s*(\w+)",
    re.IGNORECASE,
)
_PYTHON = lazy_pattern("python|pybind11", re.IGNORECASE)  # their development packages are taken for pip's alone
_HARMLESS_LIBRARIES = frozenset(
    ("m", "pthread", "dl", "rt", "c", "stdc++", "gcc", "gcc_s", "util", "Threads", "threads")
)
_RELEASES = ("bullseye", "bookworm", "trixie")
_CRATES_WITH_C = lazy_pattern(r'^name = "([\w-]+-sys|openssl|rdkafka|diesel|mysqlclient-sys)"', re.MULTILINE)
# They compile their C code in, or bind what the C library has.
_BUNDLED_CRATES = frozenset(
    """linux-raw-sys windows-sys ring js-sys web-sys libz-sys zstd-sys lzma-sys bzip2-sys tikv-jemalloc-sys jemalloc-sys
    core-foundation-sys security-framework-sys inotify-sys fsevent-sys hermit-sys libmimalloc-sys""".split()
)


def applies(model: Model, stage: Stage) -> bool:
    """Whether the stage is built on the rust or gcc image, or on Debian with a compiler."""
    image = stage.base_image
    if image is None:
        return False
    if image.repository in ("rust", "gcc", "buildpack-deps"):
        return True
    tools = {"gcc", "g++", "build-essential", "make", "cmake", "cargo", "clang"}
    if image.repository not in ("debian", "ubuntu"):
        return False
    names = {word.name for run in stage.runs for operation, _ in run.operations for word in operation.packages}
    return bool(names & tools)


class Plan(SplitPlan):
    """One conversion in the making."""

    ecosystem = "native"

    def changes(self) -> tuple[Change, ...]:
        """All edits; raises `Refused`."""
        tools = sorted(set(self.facts["tools"]) & self.programs)
        if tools:
            raise Refused("builds-at-start", self.stage.place(), command=tools[0])
        image = self.run_time_image()
        self.split()
        product = self.product()
        self.check_libraries()
        copied = [product, *(path for path in self.data_entries() if path != product)]
        self.layout.final_image = image
        if self.stage.base_image is not None and self.stage.base_image.repository not in ("debian", "ubuntu"):
            self.tools_of_full(frozenset())
            self.extra.append("ca-certificates")
        if self.options.base == "distroless":
            self.on_distroless(image)
        self.place_packages()
        for path in copied:
            self.copy(path)
        return self.finish()

    def on_distroless(self, image: str) -> None:
        """Distroless's image for C and C++ instead of Debian's, where the program needs no more than that holds."""
        dev = any(not p.is_build or (p.record is not None and p.record.role == "dev") for p in self.installed)
        user = self.stage.final_state.user
        named = user is not None and not re.fullmatch(r"[\d:]+|root|nonroot|nobody", user)
        runs = any(
            unit.instruction.keyword in ("RUN", "SHELL") and unit.fate in ("final", "both")
            for unit in self.layout.units
        )
        needs = runs or named or dev or self.starts_in_shell or set(self.extra) - {"ca-certificates"}
        if needs or "bookworm" not in image or self.stage.last("HEALTHCHECK") is not None:
            raise Refused("base-not-possible", self.stage.place(), base="distroless")
        self.layout.final_image = DISTROLESS
        self.extra = []

    def run_time_image(self) -> str:
        """Debian or Ubuntu of the release that the builder stands on."""
        image, word = self.stage.base_image, self.stage.image_word
        if image is None or word is None or word.variables:
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        if image.repository in ("debian", "ubuntu"):
            return word.raw
        # The gcc, rust and buildpack-deps images stand on Debian when their tag names a release of it.
        release = next((name for name in _RELEASES if name in (image.tag or "")), None) or self.base.release
        if release is None or self.base.libc == "musl":
            raise Refused("unknown-base", self.stage.place(), image=self.stage.image_text or "")
        return f"debian:{release}-slim"

    def product(self) -> str:
        """The program that the container starts, when it lies below the build's folder or a build step writes it."""
        words = self.start()
        if not words or "$" in words[0]:
            raise Refused("start-unknown", self.stage.place())
        started = words[1] if words[0] == "exec" and len(words) > 1 else words[0]
        return self.written_program(started, self.made_paths())

    def made_paths(self) -> list[str]:
        """Absolute paths that build steps write."""
        found: list[str] = []
        configured: set[str] = set()  # folders that cmake prepared for make or ninja
        for unit in self.layout.units:
            if id(unit.instruction) not in self.build_runs:
                continue
            folder = self.stage.state_before(unit.instruction).workdir or "/"
            for command in self.kinds[id(unit.instruction)]:
                words = [word.value or word.raw for word in command.item.command.words]
                name = command.item.command.name
                if name == "cd" and len(words) > 1:
                    folder = posixpath.normpath(posixpath.join(folder, words[1]))
                elif name == "cargo" and words[1:2] == ["build"]:
                    found += [posixpath.join(folder, path) for path in self.cargo(words)]
                elif "-o" in words[:-1]:
                    found.append(posixpath.normpath(posixpath.join(folder, words[words.index("-o") + 1])))
                elif name in ("make", "ninja") and (where := _folder(words, "-C", folder)) in configured:
                    found += [posixpath.join(where, path) for path in self.cmake_targets()]
                elif name == "make":
                    found += [posixpath.join(folder, path) for path in self.made(words)]
                elif name == "cmake" and "--build" in words[:-1]:
                    where = _folder(words, "--build", folder)
                    found += [posixpath.join(where, path) for path in self.cmake_targets()]
                elif name == "cmake":
                    configured.add(_folder(words, "-B", folder))
        return found

    def cargo(self, words: list[str]) -> list[str]:
        """The programs of a `cargo build`, by Cargo.toml."""
        text = self.text("Cargo.toml")
        names = re.findall(r'^\s*\[\[bin\]\][^\[]*?^name\s*=\s*"([^"]+)"', text, re.MULTILINE | re.DOTALL)
        package = re.search(r'^\[package\][^\[]*?^name\s*=\s*"([^"]+)"', text, re.MULTILINE | re.DOTALL)
        names += [package[1]] if package else []
        profile = "release" if "--release" in words or "-r" in words else "debug"
        triple = words[words.index("--target") + 1] + "/" if "--target" in words[:-1] else ""
        return [f"target/{triple}{profile}/{name}" for name in names]

    def made(self, words: list[str]) -> list[str]:
        """The targets of the Makefile that the call makes: rules whose recipe writes `-o $@` or the target's name."""
        if any(word.startswith("-C") or word == "-f" for word in words):
            return []
        text = self.text("Makefile")
        return re.findall(r"^([\w./-]+)\s*:(?!=)[^\n]*\n\t[^\n]*-o\s+(?:\$@|\1)", text, re.MULTILINE)

    def cmake_targets(self) -> list[str]:
        """The programs that CMakeLists.txt at the context's root adds, where it does not say itself where they go."""
        if re.search(r"RUNTIME_OUTPUT_DIRECTORY|EXECUTABLE_OUTPUT_PATH", self.text("CMakeLists.txt")):
            return []
        return re.findall(r"\badd_executable\s*\(\s*([\w.-]+)", self.text("CMakeLists.txt"), re.IGNORECASE)

    def check_libraries(self) -> None:
        """Refuse when the program may link a library whose run-time package is not told by an installed -dev one."""
        if self.context is None:
            raise Refused("context-needed", self.stage.place())
        if self.stage.base_image is not None and self.stage.base_image.repository == "gcc" and self.is_c_plus_plus():
            raise Refused("links-unknown", self.stage.place(), library="libstdc++")  # newer than Debian's
        dev = [p for p in self.installed if p.record is not None and p.record.role == "dev"]
        # Headers alone stand for no library.
        twins = {name for p in dev for name in run_time_twins(self.model.knowledge, p, self.base.release) or ()}
        texts = [self.text("Makefile"), *(self.runs[key].instruction.text for key in self.build_runs)]
        linked = {name for text in texts for name in _LINK.findall(text)}
        linked |= set(_CMAKE_LINKS.findall(self.text("CMakeLists.txt")))
        linked -= _HARMLESS_LIBRARIES
        crates = set(_CRATES_WITH_C.findall(self.text("Cargo.lock"))) - _BUNDLED_CRATES
        wanted = sorted(linked | crates)
        if any(name.startswith("libpython") for name in twins):
            wanted = [name for name in wanted if not _PYTHON.match(name)]
        unknown = wanted if not twins else [name for name in wanted if _PYTHON.match(name)]
        if unknown:
            raise Refused("links-unknown", self.stage.place(), library=unknown[0])
        if self.text("Cargo.toml") and not self.text("Cargo.lock") and self.has_dependencies():
            raise Refused("manifest-needed", self.stage.place(), file="Cargo.lock")

    def is_c_plus_plus(self) -> bool:
        """Whether the build steps or the manifests speak of C++."""
        texts = [self.text("Makefile"), self.text("CMakeLists.txt")]
        texts += [self.runs[key].instruction.text for key in self.build_runs]
        return any(re.search(r"g\+\+|\$\(CXX\)|\.cpp|\.cc\b|\bCXX\b", text) for text in texts)

    def has_dependencies(self) -> bool:
        """Whether Cargo.toml names any."""
        found = re.search(r"^\[dependencies\]\s*\n([^\[]*)", self.text("Cargo.toml"), re.MULTILINE)
        return found is not None and bool(found[1].strip())

    def text(self, path: str) -> str:
        """A file of the context, or nothing."""
        return (self.context.read_text(path) or "") if self.context is not None else ""


def _folder(words: list[str], option: str, folder: str) -> str:
    """The folder that an option names (`-C build`, `-Bbuild`), as an absolute path; `folder` without the option."""
    if option in words[:-1]:
        return posixpath.normpath(posixpath.join(folder, words[words.index(option) + 1]))
    joined = next((word[len(option) :] for word in words if word.startswith(option) and len(option) == 2), "")
    return posixpath.normpath(posixpath.join(folder, joined))
