"""Package managers of other languages: gem, bundler, composer, PHP's extensions, cargo and go."""

from __future__ import annotations

from slimstage.model.packages.operations import PackageName
from slimstage.model.packages.options import Grammar, literal, split_name, text_of
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

GEM = Grammar(
    "gem",
    {"install": "install", "i": "install", "uninstall": "remove", "update": "upgrade", "cleanup": "clean"},
    frozenset(
        ("version", "install-dir", "bindir", "source", "platform", "trust-policy", "http-proxy", "document",
        "config-file",
         "build-root")
    ),
    {"v": "version", "i": "install-dir", "n": "bindir", "s": "source", "P": "trust-policy", "N": "no-document",
     "f": "force", "q": "quiet", "p": "http-proxy"},
)  # fmt: skip
BUNDLER = Grammar(
    "bundler",
    {"install": "install", "add": "install", "remove": "remove", "update": "upgrade", "clean": "clean"},
    frozenset(("without", "with", "jobs", "retry", "path", "gemfile", "binstubs-dir", "trust-policy", "version",
     "group",
               "source", "only")),
    {"j": "jobs", "v": "version", "g": "group", "s": "source"},
    frozenset(("config",)),
    default_verb="install",
)  # fmt: skip
COMPOSER = Grammar(
    "composer",
    {
        "install": "install", "i": "install", "require": "install", "req": "install", "r": "install",
        "create-project": "install", "global require": "install", "update": "upgrade", "upgrade": "upgrade",
        "u": "upgrade", "remove": "remove", "rm": "remove", "clear-cache": "clean", "clearcache": "clean",
        "cc": "clean",
    },
    frozenset(("working-dir", "ignore-platform-req", "apcu-autoloader-prefix", "audit-format", "repository",
     "stability")),
    {"d": "working-dir", "n": "no-interaction", "o": "optimize-autoloader", "a": "classmap-authoritative", "q": "quiet",
     "v": "verbose", "W": "with-all-dependencies", "s": "stability"},
    frozenset(("global", "config")),
)  # fmt: skip
# The official images' docker-php-ext-install, and install-php-extensions of mlocati/docker-php-extension-installer.
PHP_EXTENSIONS = Grammar(
    "php-ext", {"install": "install"}, frozenset(("jobs", "ini-name")), {"j": "jobs"}, default_verb="install",
    one_verb=True,
)  # fmt: skip
PECL = Grammar(
    "pecl",
    {"install": "install", "upgrade": "upgrade", "uninstall": "remove", "upgrade-all": "upgrade",
     "update-channels": "update", "channel-update": "update", "clear-cache": "clean"},
    frozenset(("configureoptions", "installroot", "packagingroot")),
    {"f": "force", "D": "configureoptions", "n": "nodeps", "s": "soft", "B": "nobuild", "a": "alldeps",
     "o": "onlyreqdeps", "O": "offline", "R": "installroot", "P": "packagingroot"},
)  # fmt: skip
CARGO = Grammar(
    "cargo",
    {"install": "install", "add": "install", "binstall": "install", "uninstall": "remove", "remove": "remove",
     "update": "other", "fetch": "sync", "clean": "clean"},
    frozenset(
        ("version", "vers", "path", "git", "features", "root", "target", "jobs", "bin", "profile", "branch", "tag",
        "rev",
         "index", "registry", "manifest-path", "target-dir", "package", "color", "config", "example", "recipe-path")
    ),
    {"F": "features", "j": "jobs", "p": "package", "f": "force", "q": "quiet", "v": "verbose", "r": "release",
     "vers": "version", "y": "yes"},
)  # fmt: skip
GO = Grammar(
    "go",
    {"install": "install", "get": "install", "mod download": "sync", "mod vendor": "sync", "clean": "clean"},
    frozenset(("ldflags", "gcflags", "asmflags", "tags", "o", "mod", "p", "buildmode", "C", "modfile", "overlay",
     "pkgdir",
               "toolexec", "covermode", "coverpkg", "compiler", "installsuffix")),
    {},
    frozenset(("mod", "work", "tool", "env")),
    single_dash=True,
)  # fmt: skip

_GEM = lazy_pattern(r"(?P<name>[\w.-]+)(?::(?P<version>.+))?")
_COMPOSER = lazy_pattern(r"(?P<name>[^:=@\s]+)(?:[:=@\s](?P<version>.+))?")
_PECL = lazy_pattern(
    r"(?P<name>@?[A-Za-z_]\w*(?:/\w+)?)(?:-(?P<version>\^?\d.*|\$.+|stable|beta|alpha|devel|snapshot))?"
)
_AT = lazy_pattern(r"(?P<name>[^@]+)(?:@(?P<version>.+))?")


def gem_package(word: ShellWord) -> PackageName:
    """`name`, `name:version`, a `.gem` file."""
    text = text_of(word)
    if text.endswith(".gem"):
        return PackageName(word.raw, word.span, literal(word), kind="path")
    name, version = split_name(word, _GEM)
    return PackageName(word.raw, word.span, name, version)


def composer_package(word: ShellWord) -> PackageName:
    """`vendor/name`, `vendor/name:constraint`."""
    name, version = split_name(word, _COMPOSER)
    return PackageName(word.raw, word.span, name, version)


def php_extension(word: ShellWord) -> PackageName:
    """`name`, `name-1.2.3`, `name-beta`; an archive or a `channel://` address has its last part's name."""
    text = text_of(word)
    if "://" in text:
        return PackageName(word.raw, word.span, literal(word), kind="url")
    if text.startswith((".", "/")) or text.endswith((".tgz", ".xml")):
        return PackageName(word.raw, word.span, literal(word), kind="path")
    name, version = split_name(word, _PECL)
    return PackageName(word.raw, word.span, name, version)


def at_package(word: ShellWord) -> PackageName:
    """`name@version` of cargo and go; `.` and `./...` are paths."""
    text = text_of(word)
    if text.startswith((".", "/")):
        return PackageName(word.raw, word.span, literal(word), kind="path")
    name, version = split_name(word, _AT)
    return PackageName(word.raw, word.span, name, version)
