"""Typed, frozen records of what `knowledge/` holds; the loader fills them, everybody else reads them.

Named tuples, since a frozen data class with slots takes four times as long to make when the program starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Lang = Literal["en", "ko"]
LANGS: tuple[Lang, ...] = ("en", "ko")
ClaimBasis = Literal["measured", "indexed", "documented", "computed", "assumed"]
Role = Literal["build", "dev", "runtime", "tool", "debug", "language", "meta"]


class Text(NamedTuple):
    """One user-visible text in both languages; `str.format`-style placeholders like `{name}`."""

    en: str
    ko: str

    def to(self, lang: str) -> str:
        """The text in `lang`; English for a language we do not have."""
        return self.ko if lang == "ko" else self.en


EMPTY = Text("", "")
_NONE: Mapping[str, Any] = MappingProxyType({})


class Source(NamedTuple):
    """Where a figure comes from: a page, a file at a commit, or a measurement of ours."""

    id: str
    title: Text
    url: str | None
    date: str  # ISO date of publication or of the look-up


class Claim(NamedTuple):
    """One figure about one subject. `low <= value <= high` (equal when exact), `unit` as written: "bytes", "MB"."""

    subject: str
    quantity: str  # "disk", "download", "added", "saving", ...
    unit: str
    value: float
    low: float
    high: float
    basis: ClaimBasis
    source: str  # id of a Source
    date: str
    note: Text = EMPTY
    label: Text = EMPTY  # the subject in words, where it is not the name of a thing


class Concept(NamedTuple):
    """An idea of the field, explained: multi-stage build, layer, build cache ..."""

    id: str
    title: Text
    summary: Text  # one sentence
    body: Text  # Markdown
    see: tuple[str, ...] = ()  # topics: concept, pattern, rule, instruction or seed/N ids
    claims: tuple[Claim, ...] = ()
    url: str | None = None


class SeedRow(NamedTuple):
    """One statement of the document the project started from, with today's facts."""

    number: int
    statement: Text
    verdict: Text
    now: Text
    see: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


class Pattern(NamedTuple):
    """A documented way from a single-stage file to a lean multi-stage one."""

    id: str
    title: Text
    summary: Text
    body: Text
    before: str  # complete Dockerfile
    after: str  # complete Dockerfile
    flow: tuple[Text, ...] = ()  # what happens, step by step
    see: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    url: str | None = None


class OptionDoc(NamedTuple):
    """A mount option, or any other `key=value` inside a flag."""

    name: str
    summary: Text
    values: tuple[str, ...] = ()
    default: str | None = None
    aliases: tuple[str, ...] = ()


class FlagDoc(NamedTuple):
    """A flag of an instruction; `name` without dashes, `value` a hint such as "stage|image" ("" for a boolean)."""

    name: str
    summary: Text
    value: str = ""
    values: tuple[str, ...] = ()  # when only some make sense
    since: str | None = None  # Dockerfile frontend version, "1.4"
    url: str | None = None


class Snippet(NamedTuple):
    """A completion snippet in LSP snippet syntax."""

    label: str
    body: str
    summary: Text


class InstructionDoc(NamedTuple):
    """The reference page of an instruction, in our own words."""

    keyword: str
    summary: Text
    body: Text  # Markdown
    syntax: tuple[str, ...]
    example: str
    url: str
    flags: Mapping[str, FlagDoc] = _NONE
    snippets: tuple[Snippet, ...] = ()
    see: tuple[str, ...] = ()


class MountDoc(NamedTuple):
    """A type of `RUN --mount`."""

    type: str
    summary: Text
    body: Text
    example: str
    url: str
    options: Mapping[str, OptionDoc] = _NONE


class DirectiveDoc(NamedTuple):
    """A parser directive: syntax, escape, check."""

    name: str
    summary: Text
    body: Text
    values: tuple[str, ...]
    example: str
    url: str


class VariableDoc(NamedTuple):
    """A predefined ARG (platform, proxy, BUILDKIT_*); `needs_declaration` when a stage must say `ARG X` first."""

    name: str
    summary: Text
    example: str  # a typical value
    needs_declaration: bool
    url: str


class BaseImage(NamedTuple):
    """A base image as it is today. Sizes in bytes, linux/amd64 unless said; None when nobody measured it.

    `documented` are older or vendors' figures that stand beside the measured ones. `contents` names programs
    and libraries that are surely in it (`sh`, `bash`, `gcc`, `pip`, `npm`, `curl`, `ca-certificates`, `tzdata`).
    """

    repository: str
    tag: str
    summary: Text
    disk: Claim | None = None
    download: Claim | None = None
    documented: tuple[Claim, ...] = ()
    libc: Literal["glibc", "musl", "none"] | None = None
    distro: str | None = None  # "debian", "alpine", "ubuntu", "distroless", ...
    release: str | None = None  # "bookworm", "3.20"
    package_manager: str | None = None  # "apt", "apk", "dnf", None for none
    shell: str | None = None  # "/bin/sh"; None when there is none
    language: str | None = None  # "python", "node", "java", "go", "rust", ...
    language_version: str | None = None  # "3.11"
    kind: Literal["full", "slim", "alpine", "minimal", "runtime", "sdk", "server", "os"] | None = None
    contents: frozenset[str] = frozenset()
    users: tuple[str, ...] = ()
    workdir: str | None = None
    entrypoint: tuple[str, ...] = ()
    slimmer: tuple[str, ...] = ()  # references of slimmer variants, best first
    end_of_life: str | None = None  # ISO date of the language or distribution release

    @property
    def reference(self) -> str:
        """`repository:tag`."""
        return f"{self.repository}:{self.tag}"


class ImageMatch(NamedTuple):
    """What the knowledge base has for a reference; `exact` is False for the nearest known relative."""

    image: BaseImage
    exact: bool


class SystemPackage(NamedTuple):
    """A distribution's package that matters to image size. `manager` is "apt", "apk" or "dnf".

    `twins` maps a release ("bookworm", "trixie", "*") to the run-time packages that a program built
    against this -dev package needs. `added` are measured bytes that installing it on the slim base adds.
    """

    manager: str
    name: str
    role: Role
    summary: Text
    twins: Mapping[str, tuple[str, ...]] = _NONE
    added: tuple[Claim, ...] = ()


class Wheel(NamedTuple):
    """One wheel: bytes to download and, where measured, unpacked."""

    python: str  # "cp311", "abi3", "py3"
    platform: str  # "manylinux-x86_64", "musllinux-aarch64", "any", ...
    size: int
    unpacked: int | None = None
    glibc: str | None = None  # "2.28": the oldest glibc the wheel takes


class PythonPackage(NamedTuple):
    """A PyPI package: how it can be installed, and what it needs.

    `build_needs` / `runtime_needs` map a manager ("apt", "apk") to package names: to compile its sdist,
    and to run it (also with a wheel). `compiles_at_run_time` for torch.compile, numba.pycc, pystan ...
    """

    name: str
    version: str
    requires_python: str | None
    pure: bool
    sdist: int | None
    wheels: tuple[Wheel, ...]
    date: str
    summary: Text = EMPTY
    build_needs: Mapping[str, tuple[str, ...]] = _NONE
    runtime_needs: Mapping[str, tuple[str, ...]] = _NONE
    scripts: tuple[str, ...] = ()
    compiles_at_run_time: bool = False
    requires: tuple[str, ...] = ()

    def wheel_for(self, python: str, libc: str, machine: str = "x86_64") -> Wheel | None:
        """The wheel pip would take for CPython `python` ("3.11") on that libc, or None when it would compile."""
        major, _, minor = python.partition(".")
        tag = f"cp{major}{minor}"
        flavour = "musllinux" if libc == "musl" else "manylinux"
        for wheel in self.wheels:
            if wheel.python in (tag, "abi3", "py3", f"py{major}") and wheel.platform in ("any", f"{flavour}-{machine}"):
                return wheel
        return None


class MeasuredWheel(NamedTuple):
    """One version of a PyPI package as pip installs it, in bytes, measured for CPython 3.11 on x86_64.

    `code` is the byte code pip writes beside the `unpacked` files; `requires` are the wheel's own requirements,
    as it spells them.
    """

    version: str
    platform: str
    download: int
    unpacked: int
    code: int
    date: str
    requires: tuple[str, ...] = ()
    code_margin: float = 0.0  # where the byte code was not counted: how far it may be off, as a share


class RuleDoc(NamedTuple):
    """The texts of a rule: keys in `messages`, `fixes` and `labels` are what findings name."""

    id: str
    title: Text
    description: Text  # Markdown: why, when it stays silent
    messages: Mapping[str, Text]
    fixes: Mapping[str, Text] = _NONE
    labels: Mapping[str, Text] = _NONE
    bad: str = ""
    good: str = ""
    see: tuple[str, ...] = ()
    url: str | None = None
