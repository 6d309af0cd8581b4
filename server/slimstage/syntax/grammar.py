"""The Dockerfile grammar as tables: instructions, flags, mount options, directives, predefined ARGs.

Source of every table: BuildKit's frontend/dockerfile (parser, instructions, shell, dockerfile2llb,
dockerui), read 2026-11. Texts about these things live in knowledge/instructions/.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from slimstage.syntax.nodes import Form

FlagKind = Literal["text", "boolean", "duration", "count", "choice", "mount", "platform", "device"]
OptionKind = Literal["text", "boolean", "number", "mode", "size", "choice", "stage"]


class FlagSpec(NamedTuple):
    """One flag. `choices` is filled for the kind "choice"; only booleans may lack a value.

    `expands` tells whether BuildKit expands `$variables` in the value.
    """

    name: str
    kind: FlagKind = "text"
    choices: tuple[str, ...] = ()
    repeatable: bool = False
    expands: bool = False

    @property
    def needs_value(self) -> bool:
        """Whether `--name` without `=value` is a fault."""
        return self.kind != "boolean"


class InstructionSpec(NamedTuple):
    """One instruction: how its arguments may be written, and how many it takes.

    `forms` lists the accepted forms, the usual one first. `minimum` and `maximum` count arguments
    (the shell form counts as one argument); `maximum` is None when unlimited. `expands` tells
    whether BuildKit itself expands `$variables` in the arguments (a shell does in RUN and CMD).
    `heredocs` tells whether `<<EOF` may stand in it; `trigger` whether ONBUILD may carry it.
    """

    keyword: str
    forms: tuple[Form, ...]
    minimum: int = 1
    maximum: int | None = None
    flags: Mapping[str, FlagSpec] = MappingProxyType({})
    expands: bool = True
    heredocs: bool = False
    trigger: bool = True
    deprecated: bool = False


class MountOptionSpec(NamedTuple):
    """One option of a mount; `bare` when it may stand without a value."""

    name: str
    kind: OptionKind = "text"
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    bare: bool = False


class MountType(NamedTuple):
    """One `--mount=type=`; `options` by main name, `type` itself included."""

    name: str
    options: Mapping[str, MountOptionSpec]

    def option(self, key: str) -> MountOptionSpec | None:
        """The option behind a key or an alias, in any case; None when this mount type has none such."""
        return self.options.get(MOUNT_OPTION_ALIASES.get(key.lower(), key.lower()))

    @property
    def keys(self) -> tuple[str, ...]:
        """Every accepted key, main names before aliases."""
        return (*self.options, *(alias for option in self.options.values() for alias in option.aliases))


class DirectiveSpec(NamedTuple):
    """One parser directive; `choices` are the only values, when there are any."""

    name: str
    choices: tuple[str, ...] = ()


def _flags(*flags: FlagSpec) -> Mapping[str, FlagSpec]:
    return MappingProxyType({flag.name: flag for flag in flags})


_CHOWN = FlagSpec("chown", expands=True)
_CHMOD = FlagSpec("chmod", expands=True)
_LINK = FlagSpec("link", "boolean")
_EXCLUDE = FlagSpec("exclude", repeatable=True, expands=True)

_SPECS = (
    InstructionSpec("FROM", (Form.WORDS,), 1, 3, _flags(FlagSpec("platform", "platform", expands=True)), trigger=False),
    InstructionSpec(
        "RUN",
        (Form.SHELL, Form.JSON),
        0,  # BuildKit accepts a bare RUN
        None,
        _flags(
            FlagSpec("mount", "mount", repeatable=True, expands=True),
            FlagSpec("network", "choice", ("default", "none", "host")),
            FlagSpec("security", "choice", ("sandbox", "insecure")),
            FlagSpec("device", "device", repeatable=True),
        ),
        expands=False,
        heredocs=True,
    ),
    InstructionSpec("CMD", (Form.JSON, Form.SHELL), 0, None, expands=False),
    InstructionSpec("ENTRYPOINT", (Form.JSON, Form.SHELL), 0, None, expands=False),
    InstructionSpec("LABEL", (Form.PAIRS, Form.LEGACY_PAIR)),
    InstructionSpec("MAINTAINER", (Form.WORDS,), 1, 1, expands=False, trigger=False, deprecated=True),
    InstructionSpec("EXPOSE", (Form.WORDS,)),
    InstructionSpec("ENV", (Form.PAIRS, Form.LEGACY_PAIR)),
    InstructionSpec(
        "ADD",
        (Form.WORDS, Form.JSON),
        2,
        None,
        _flags(
            _CHOWN,
            _CHMOD,
            _LINK,
            FlagSpec("keep-git-dir", "boolean"),
            FlagSpec("checksum", expands=True),
            FlagSpec("unpack", "boolean"),
            _EXCLUDE,
        ),
        heredocs=True,
    ),
    InstructionSpec(
        "COPY",
        (Form.WORDS, Form.JSON),
        2,
        None,
        _flags(FlagSpec("from"), _CHOWN, _CHMOD, _LINK, FlagSpec("parents", "boolean"), _EXCLUDE),
        heredocs=True,
    ),
    InstructionSpec("VOLUME", (Form.JSON, Form.WORDS)),
    InstructionSpec("USER", (Form.WORDS,), 1, 1),
    InstructionSpec("WORKDIR", (Form.WORDS,), 1, 1),
    InstructionSpec("ARG", (Form.PAIRS,)),
    InstructionSpec("ONBUILD", (Form.SHELL,), expands=False, heredocs=True, trigger=False),
    InstructionSpec("STOPSIGNAL", (Form.WORDS,), 1, 1),
    InstructionSpec(
        "HEALTHCHECK",
        (Form.SHELL, Form.JSON),
        1,
        None,
        _flags(
            FlagSpec("interval", "duration"),
            FlagSpec("timeout", "duration"),
            FlagSpec("start-period", "duration"),
            FlagSpec("start-interval", "duration"),
            FlagSpec("retries", "count"),
        ),
        expands=False,
    ),
    InstructionSpec("SHELL", (Form.JSON,), expands=False),
)

#: Every instruction by its upper-case keyword.
INSTRUCTIONS: Mapping[str, InstructionSpec] = MappingProxyType({spec.keyword: spec for spec in _SPECS})

#: Instructions that ONBUILD must not carry.
ONBUILD_FORBIDDEN: frozenset[str] = frozenset({"FROM", "MAINTAINER", "ONBUILD"})

#: What may follow HEALTHCHECK and its flags.
HEALTHCHECK_TYPES: tuple[str, ...] = ("CMD", "NONE")

_TYPE = MountOptionSpec("type", "choice", ("bind", "cache", "tmpfs", "secret", "ssh"))
_FROM = MountOptionSpec("from", "stage")
_SOURCE = MountOptionSpec("source", aliases=("src",))
_TARGET = MountOptionSpec("target", aliases=("dst", "destination"))
_READONLY = MountOptionSpec("readonly", "boolean", aliases=("ro",), bare=True)
_READWRITE = MountOptionSpec("readwrite", "boolean", aliases=("rw",), bare=True)
_ID = MountOptionSpec("id")
_REQUIRED = MountOptionSpec("required", "boolean", bare=True)
_MODE = MountOptionSpec("mode", "mode")
_UID = MountOptionSpec("uid", "number")
_GID = MountOptionSpec("gid", "number")
_SHARING = MountOptionSpec("sharing", "choice", ("shared", "private", "locked"))


def _mount(name: str, *options: MountOptionSpec) -> MountType:
    return MountType(name, MappingProxyType({option.name: option for option in (_TYPE, *options)}))


#: Every mount type with the options that have a meaning there, the usual ones first.
MOUNT_TYPES: Mapping[str, MountType] = MappingProxyType(
    {
        mount.name: mount
        for mount in (
            _mount("bind", _TARGET, _SOURCE, _FROM, _READWRITE, _READONLY),
            _mount("cache", _TARGET, _ID, _SHARING, _FROM, _SOURCE, _MODE, _UID, _GID, _READONLY, _READWRITE),
            _mount("tmpfs", _TARGET, MountOptionSpec("size", "size")),
            _mount("secret", _ID, _TARGET, MountOptionSpec("env"), _REQUIRED, _MODE, _UID, _GID, _SOURCE),
            _mount("ssh", _ID, _TARGET, _REQUIRED, _MODE, _UID, _GID),
        )
    }
)

#: The mount type when `type=` is missing.
DEFAULT_MOUNT_TYPE = "bind"

#: alias -> main option name, for all mount types.
MOUNT_OPTION_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        alias: option.name
        for mount in MOUNT_TYPES.values()
        for option in mount.options.values()
        for alias in option.aliases
    }
)

#: Every option by its main name, whatever mount type takes it.
MOUNT_OPTIONS: Mapping[str, MountOptionSpec] = MappingProxyType(
    {name: option for mount in MOUNT_TYPES.values() for name, option in mount.options.items()}
)

#: What BuildKit rejects for a mount type although it knows the option (commands_runmount.go); other
#: options outside `MOUNT_TYPES[...]` are ignored by it.
MOUNT_OPTIONS_REJECTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "bind": frozenset({"mode", "uid", "gid", "required", "size", "sharing"}),
        "cache": frozenset({"required", "size"}),
        "tmpfs": frozenset({"mode", "uid", "gid", "required", "sharing"}),
        "secret": frozenset({"from", "sharing", "size"}),
        "ssh": frozenset({"sharing", "size"}),
    }
)

#: Parser directives, which count only before everything else in the file.
DIRECTIVES: Mapping[str, DirectiveSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (DirectiveSpec("syntax"), DirectiveSpec("escape", ("\\", "`")), DirectiveSpec("check"))
    }
)

#: ARGs of the platforms; visible in FROM lines, and in a stage after `ARG NAME`.
PLATFORM_ARGS: tuple[str, ...] = (
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
)

#: Proxy ARGs, usable in RUN without a declaration, in both cases.
PROXY_ARGS: tuple[str, ...] = (
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
)

#: ARGs that steer BuildKit itself.
BUILDKIT_ARGS: tuple[str, ...] = (
    "BUILDKIT_BUILD_NAME",
    "BUILDKIT_CACHE_MOUNT_NS",
    "BUILDKIT_CONTEXT_KEEP_GIT_DIR",
    "BUILDKIT_DOCKERFILE_CHECK",
    "BUILDKIT_HOST",
    "BUILDKIT_INLINE_CACHE",
    "BUILDKIT_MULTI_PLATFORM",
    "BUILDKIT_SANDBOX_HOSTNAME",
    "BUILDKIT_SBOM_SCAN_CONTEXT",
    "BUILDKIT_SBOM_SCAN_STAGE",
    "BUILDKIT_SYNTAX",
    "SOURCE_DATE_EPOCH",
)

#: Every ARG that means something without a default in the file.
PREDEFINED_ARGS: tuple[str, ...] = (*PLATFORM_ARGS, *PROXY_ARGS, *BUILDKIT_ARGS)

#: What may follow the name in `${NAME...}`, longest first so that the first match is the right one.
#: BuildKit has no `:#` or `:%`; "/" and "//" need a second "/" before the replacement.
VARIABLE_MODIFIERS: tuple[str, ...] = (":-", ":+", ":?", "##", "%%", "//", "-", "+", "?", "#", "%", "/")


class ProblemSpec(NamedTuple):
    """A fault the parser reports: the names of its arguments, by the meanings in `PROBLEMS`."""

    code: str
    args: tuple[str, ...]


#: Every `Problem.code` with the names of the `args` it always carries.
#:
#: A problem stands on the item it is about; its span covers what is wrong. Wherever `candidates`
#: is named, it holds the closest accepted names (a tuple, best first, perhaps empty, distance <= 2), and
#: replacing the span by a candidate mends it. Arguments are str unless said otherwise.
#:
#: - unknown-instruction: span = keyword; `name` as written, `candidates` upper-cased.
#: - unknown-flag: span = the flag's name without dashes; `instruction`, `name`, `candidates`.
#: - duplicate-flag: span = the later flag, dashes and value included; `instruction`, `name`.
#: - invalid-flag-value: span = the value, or the flag when it has none; `instruction`, `flag`, `value`
#:   ("" when missing), `reason` one of "missing", "boolean", "duration", "count", "choice", "mount-syntax",
#:   "too-short" (a duration under 1 ms); `expected` (the choices joined by ", ", else ""), `candidates`.
#: - unknown-mount-type: span = the value of `type=`; `name`, `candidates`, `expected` (all types).
#: - unknown-mount-option: span = the option's key; `name`, `type` (the mount type), `reason` one of
#:   "unknown", "not-for-type", `candidates`.
#: - invalid-mount-option: span = the option; `name`, `type`, `value` ("" when missing), `reason` one of
#:   "missing" (a value is needed), "boolean", "number", "mode", "size", "choice", "variable-in-from",
#:   "empty" (nothing between two commas; `name` is "" then); `expected`, `candidates`.
#: - missing-argument: span = keyword; `instruction`, `minimum` (int), `count` (int), `reason` one of
#:   "arguments", "destination" (COPY and ADD with one path), "healthcheck-command", "shell-json"
#:   (SHELL needs a JSON list; the span is its arguments then).
#: - extra-argument: span = everything from the first surplus argument; `instruction`, `maximum` (int),
#:   `count` (int).
#: - invalid-healthcheck: span = the first argument, neither CMD nor NONE; `name`, `candidates`.
#: - invalid-json-form: span = the argument text; `instruction`, `reason` one of "single-quotes",
#:   "unquoted", "trailing-comma", "unterminated", "not-strings", "syntax"; `fixed` = the JSON text a
#:   lenient reading gives, or None when there is more than one reading; `fatal` (bool): BuildKit fails
#:   (True) or silently takes the shell form (False).
#: - empty-continuation: span = the blank lines inside the instruction, whole lines with their line ends
#:   (deleting it mends it); one problem for each run of blank lines; `lines` (int).
#: - unterminated-heredoc: span = the marker; `delimiter`, `instruction`.
#: - invalid-heredoc: span = the marker used as a destination of COPY or ADD; `delimiter`, `instruction`.
#: - unterminated-quote: span = from the quote to the argument's end; `quote`, `instruction`.
#: - invalid-key-value: span = the word; `instruction`, `name`, `reason` one of "no-equals", "no-name",
#:   "no-value" (`ENV name` alone).
#: - unsupported-variable-modifier: span = the whole reference; `name`, `modifier` (the text found,
#:   perhaps ""), `reason` one of "modifier", "unclosed", "bad-substitution".
#: - invalid-onbuild: span = the trigger's keyword; `name` upper-cased, `reason` one of "forbidden",
#:   "unknown"; `candidates`. (A missing trigger is missing-argument.)
#: - duplicate-directive: span = the directive's line without its line end; `name`.
#: - invalid-escape-directive: span = the value; `value`.
#: - invalid-from-syntax: span = the word where `AS` should be, or the arguments; `reason` one of
#:   "not-as" (three words, the second is not AS), "no-name" (AS without a name), "missing-as" (two
#:   words: `FROM image name`), "count" (four or more words); `word` (the second word), `candidates`
#:   (("AS",) where replacing the span mends it).
PROBLEMS: Mapping[str, ProblemSpec] = MappingProxyType(
    {
        spec.code: spec
        for spec in (
            ProblemSpec("unknown-instruction", ("name", "candidates")),
            ProblemSpec("unknown-flag", ("instruction", "name", "candidates")),
            ProblemSpec("duplicate-flag", ("instruction", "name")),
            ProblemSpec("invalid-flag-value", ("instruction", "flag", "value", "reason", "expected", "candidates")),
            ProblemSpec("unknown-mount-type", ("name", "candidates", "expected")),
            ProblemSpec("unknown-mount-option", ("name", "type", "reason", "candidates")),
            ProblemSpec("invalid-mount-option", ("name", "type", "value", "reason", "expected", "candidates")),
            ProblemSpec("missing-argument", ("instruction", "minimum", "count", "reason")),
            ProblemSpec("extra-argument", ("instruction", "maximum", "count")),
            ProblemSpec("invalid-healthcheck", ("name", "candidates")),
            ProblemSpec("invalid-json-form", ("instruction", "reason", "fixed", "fatal")),
            ProblemSpec("empty-continuation", ("lines",)),
            ProblemSpec("unterminated-heredoc", ("delimiter", "instruction")),
            ProblemSpec("invalid-heredoc", ("delimiter", "instruction")),
            ProblemSpec("unterminated-quote", ("quote", "instruction")),
            ProblemSpec("invalid-key-value", ("instruction", "name", "reason")),
            ProblemSpec("unsupported-variable-modifier", ("name", "modifier", "reason")),
            ProblemSpec("invalid-onbuild", ("name", "reason", "candidates")),
            ProblemSpec("duplicate-directive", ("name",)),
            ProblemSpec("invalid-escape-directive", ("value",)),
            ProblemSpec("invalid-from-syntax", ("reason", "word", "candidates")),
        )
    }
)
