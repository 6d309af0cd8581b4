"""Package managers of distributions: apt, apk, dnf and zypper.

Options after the manual pages apt-get(8), aptitude(8), apk(8), dnf(8), yum(8) and zypper(8).
"""

from __future__ import annotations

from slimstage.model.packages.operations import PackageName
from slimstage.model.packages.options import Grammar, split_name, text_of
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

APT = Grammar(
    "apt",
    {
        "install": "install", "reinstall": "install", "satisfy": "install", "build-dep": "install",
        "remove": "remove", "purge": "remove", "autoremove": "remove", "auto-remove": "remove", "autopurge": "remove",
        "update": "update",
        "upgrade": "upgrade", "dist-upgrade": "upgrade", "full-upgrade": "upgrade", "safe-upgrade": "upgrade",
        "clean": "clean", "autoclean": "clean", "auto-clean": "clean", "distclean": "clean",
    },
    frozenset(("option", "config-file", "target-release", "host-architecture", "build-profiles", "solver")),
    {
        "y": "yes", "assume-yes": "yes", "q": "quiet", "f": "fix-broken", "m": "fix-missing", "d": "download-only",
        "s": "simulate", "dry-run": "simulate", "just-print": "simulate", "u": "show-upgraded", "o": "option",
        "c": "config-file", "t": "target-release", "default-release": "target-release", "a": "host-architecture",
        "P": "build-profiles", "R": "no-install-recommends", "without-recommends": "no-install-recommends",
        "V": "verbose-versions", "b": "build", "autoremove": "auto-remove",
    },
)  # fmt: skip

APK = Grammar(
    "apk",
    {
        "add": "install", "del": "remove", "update": "update", "upgrade": "upgrade", "cache clean": "clean",
        "cache purge": "clean",
    },
    frozenset(
        (
            "virtual", "repository", "root", "keys-dir", "repositories-file", "arch", "wait", "cache-dir",
            "cache-max-age", "progress-fd", "timeout",
        )
    ),
    {
        "t": "virtual", "X": "repository", "p": "root", "U": "update-cache", "update": "update-cache", "q": "quiet",
        "f": "force", "u": "upgrade", "l": "latest", "i": "interactive", "v": "verbose", "r": "rdepends",
    },
    frozenset(("cache",)),
)  # fmt: skip

DNF = Grammar(
    "dnf",
    {
        "install": "install", "localinstall": "install", "groupinstall": "install", "group install": "install",
        "groups install": "install", "reinstall": "install", "swap": "install", "builddep": "install",
        "module install": "install",
        "remove": "remove", "erase": "remove", "autoremove": "remove", "groupremove": "remove",
        "group remove": "remove",
        # dnf(8): "update" is a deprecated alias of "upgrade".
        "update": "upgrade", "upgrade": "upgrade", "distro-sync": "upgrade", "upgrade-minimal": "upgrade",
        "update-minimal": "upgrade", "localupdate": "upgrade",
        "makecache": "update", "check-update": "update",
        "clean": "clean",
    },
    frozenset(
        (
            "setopt", "enablerepo", "disablerepo", "repo", "repoid", "releasever", "installroot", "exclude", "config",
            "debuglevel", "errorlevel", "randomwait", "comment", "forcearch", "from-repo", "repofrompath",
            "enableplugin", "disableplugin", "color", "destdir", "downloaddir", "rpmverbosity", "advisory",
        )
    ),
    {
        "y": "yes", "assumeyes": "yes", "q": "quiet", "v": "verbose", "x": "exclude", "excludepkgs": "exclude",
        "c": "config", "d": "debuglevel", "e": "errorlevel", "R": "randomwait", "b": "best", "C": "cacheonly",
    },
    frozenset(("group", "groups", "module")),
)  # fmt: skip

ZYPPER = Grammar(
    "zypper",
    {
        "install": "install", "in": "install", "remove": "remove", "rm": "remove", "update": "upgrade",
        "up": "upgrade", "dist-upgrade": "upgrade", "dup": "upgrade", "patch": "upgrade", "refresh": "update",
        "ref": "update", "clean": "clean", "cc": "clean",
    },
    frozenset(
        (
            "root", "installroot", "config", "reposd-dir", "cache-dir", "raw-cache-dir", "solv-cache-dir",
            "pkg-cache-dir", "releasever", "plus-repo", "plus-content", "repo", "type", "from", "userdata",
        )
    ),
    {
        "n": "non-interactive", "y": "yes", "no-confirm": "yes", "R": "root", "c": "config", "D": "reposd-dir",
        "C": "cache-dir", "p": "plus-repo", "r": "repo", "t": "type", "f": "force", "l": "auto-agree-with-licenses",
        "v": "verbose", "q": "quiet",
    },
)  # fmt: skip

_APT_PACKAGE = lazy_pattern(r"(?P<name>[^=/:]+)(?::[a-z0-9]+)?(?:[=/](?P<version>.+))?")
_APK_PACKAGE = lazy_pattern(r"(?P<name>[^=<>~@]+)(?:@[^=<>~]*)?(?:=(?P<version>.+)|[<>~]=?.*)?")
# name-version or name-version-release of an RPM; `java-1.8.0-openjdk` is all name.
_RPM_PACKAGE = lazy_pattern(
    r"(?P<name>.+?)-(?P<version>(?:\d+:)?(?:\d[\w.~+^]*-\d[\w.~+^]*|\d+(?:\.\d[\w~+^]*)+))(?:\.(?:noarch|x86_64|aarch64|i686))?"
)
_ZYPPER_PACKAGE = lazy_pattern(r"(?P<name>[^=<>:]+)(?:=(?P<version>.+)|[<>].*)?")
_URL = lazy_pattern(r"[a-z]+://.*")


def apt_package(word: ShellWord) -> PackageName:
    """`name`, `name=version`, `name/release`, `name:arch`, `./file.deb`, `task^`."""
    text = text_of(word)
    if text.startswith(("./", "/", "../")) or text.endswith(".deb"):
        return PackageName(word.raw, word.span, None if "$" in text else text, kind="path")
    if text.endswith("^"):
        return PackageName(word.raw, word.span, text[:-1], kind="group")
    name, version = split_name(word, _APT_PACKAGE)
    return PackageName(word.raw, word.span, name, version)


def apk_package(word: ShellWord) -> PackageName:
    """`name`, `name=version`, `name~version`, `name@tag`, `.virtual`, `./file.apk`."""
    text = text_of(word)
    if text.endswith(".apk"):
        return PackageName(word.raw, word.span, None if "$" in text else text, kind="path")
    name, version = split_name(word, _APK_PACKAGE)
    return PackageName(word.raw, word.span, name, version, kind="group" if text.startswith(".") else "package")


def dnf_package(word: ShellWord) -> PackageName:
    """`name`, `name-version-release`, `@group`, a URL, `./file.rpm`."""
    text = text_of(word)
    if _URL.fullmatch(text):
        return PackageName(word.raw, word.span, None if "$" in text else text, kind="url")
    if text.startswith(("./", "/")) or text.endswith(".rpm"):
        return PackageName(word.raw, word.span, None if "$" in text else text, kind="path")
    if text.startswith("@"):
        return PackageName(word.raw, word.span, text[1:], kind="group")
    name, version = split_name(word, _RPM_PACKAGE)
    return PackageName(word.raw, word.span, name, version)


def zypper_package(word: ShellWord) -> PackageName:
    """`name`, `name=version`, `name>=version`, a URL, `./file.rpm`."""
    text = text_of(word)
    if _URL.fullmatch(text) or text.endswith(".rpm"):
        return dnf_package(word)
    name, version = split_name(word, _ZYPPER_PACKAGE)
    return PackageName(word.raw, word.span, name, version)
