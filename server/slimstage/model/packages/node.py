"""Node's package managers: npm, yarn, pnpm and bun (command references of npm 11, yarn 1 and 4, pnpm 10, bun 1)."""

from __future__ import annotations

import re

from slimstage.model.packages.operations import PackageName
from slimstage.model.packages.options import Grammar, literal, text_of
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

_SHORT = {
    "g": "global", "D": "save-dev", "P": "save-prod", "O": "save-optional", "E": "save-exact", "B": "save-bundle",
    "S": "save", "f": "force", "y": "yes", "s": "silent", "q": "quiet", "d": "loglevel-info",
}  # fmt: skip

NPM = Grammar(
    "npm",
    {
        **dict.fromkeys(("install", "i", "in", "ins", "inst", "add", "isntall"), "install"),
        **dict.fromkeys(("ci", "clean-install", "ic", "install-clean"), "sync"),
        **dict.fromkeys(("uninstall", "remove", "rm", "r", "un", "unlink", "prune"), "remove"),
        **dict.fromkeys(("update", "up", "upgrade", "udpate"), "upgrade"),
        "cache clean": "clean", "cache clear": "clean", "cache rm": "clean",
    },
    frozenset(
        (
            "prefix", "registry", "loglevel", "omit", "include", "cache", "userconfig", "globalconfig", "workspace",
            "tag", "only", "also", "fetch-timeout", "fetch-retries", "fetch-retry-factor", "fetch-retry-mintimeout",
            "fetch-retry-maxtimeout", "install-strategy", "maxsockets", "script-shell", "cpu", "os", "libc", "before",
            "unsafe-perm-user", "proxy", "https-proxy", "noproxy", "cafile", "otp", "scope", "node-version",
        )
    ),
    {**_SHORT, "C": "prefix", "w": "workspace", "clean-cache": "clean"},
    frozenset(("cache", "config")),
)  # fmt: skip
YARN = Grammar(
    "yarn",
    {
        "install": "install", "add": "install", "global add": "install", "workspaces focus": "install",
        "remove": "remove", "global remove": "remove", "autoclean": "clean", "cache clean": "clean",
        "upgrade": "upgrade", "up": "upgrade", "dedupe": "other",
    },
    frozenset(
        (
            "cwd", "registry", "network-timeout", "network-concurrency", "cache-folder", "modules-folder",
            "preferred-cache-folder", "mutex", "prod-only", "mode", "use-yarnrc", "global-folder", "proxy",
            "https-proxy", "prefix", "inline-builds-mode",
        )
    ),
    {"D": "dev", "P": "peer", "O": "optional", "E": "exact", "T": "tilde", "s": "silent",
     "W": "ignore-workspace-root-check", "prod": "production"},
    frozenset(("global", "cache", "workspaces", "config", "workspace", "plugin")),
    default_verb="install",
)  # fmt: skip
PNPM = Grammar(
    "pnpm",
    {
        "install": "install", "i": "install", "add": "install", "remove": "remove", "rm": "remove",
        "uninstall": "remove", "un": "remove", "prune": "remove", "update": "upgrade", "up": "upgrade",
        "upgrade": "upgrade", "store prune": "clean", "cache delete": "clean",
    },
    frozenset(
        (
            "dir", "filter", "filter-prod", "registry", "store-dir", "virtual-store-dir", "reporter", "loglevel",
            "network-concurrency", "child-concurrency", "package-import-method", "node-linker", "lockfile-dir",
            "modules-dir", "workspace-concurrency", "resolution-mode", "allow-build",
        )
    ),
    {"C": "dir", "F": "filter", "P": "prod", "production": "prod", "D": "dev", "save-dev": "dev", "g": "global",
     "E": "save-exact", "O": "save-optional", "w": "workspace-root", "r": "recursive", "s": "silent", "f": "force"},
    frozenset(("store", "cache", "config", "env")),
)  # fmt: skip
BUN = Grammar(
    "bun",
    {
        "install": "install", "i": "install", "add": "install", "a": "install", "ci": "sync", "remove": "remove",
        "rm": "remove", "update": "upgrade", "pm cache": "clean",
    },
    frozenset(
        (
            "cwd", "backend", "registry", "config", "cache-dir", "concurrent-scripts", "network-concurrency", "omit",
            "filter", "linker", "cafile", "ca", "cpu", "os", "install-strategy",
        )
    ),
    {"d": "dev", "D": "dev", "development": "dev", "p": "production", "g": "global", "E": "exact", "f": "force",
     "c": "config", "y": "yarn"},
    frozenset(("pm",)),
)  # fmt: skip

_NAME = lazy_pattern(r"(?P<name>(?:@[\w.~-]+/)?[\w.~-]+)(?:@(?P<version>.+))?", re.DOTALL)
_URL = lazy_pattern(
    r"(?:git\+)?[a-z]+://.*|git@.*|(?:github|gitlab|bitbucket|gist|git):.*|[\w.-]+/[\w.-]+(?:#.*)?", re.DOTALL
)


def node_package(word: ShellWord) -> PackageName:
    """`name`, `name@version`, `@scope/name@version`, a path, an archive, a URL or `owner/repository`."""
    text = text_of(word)
    known = literal(word)
    is_archive = text.endswith((".tgz", ".tar.gz")) and "://" not in text
    if is_archive or text.startswith((".", "/", "~/", "file:", "link:")):
        return PackageName(word.raw, word.span, known, kind="path")
    if text.startswith(("$", "`")):
        return PackageName(word.raw, word.span, None)
    match = _NAME.fullmatch(text)
    if match is None:
        return PackageName(word.raw, word.span, known, kind="url" if _URL.fullmatch(text) else "package")
    return PackageName(word.raw, word.span, match["name"], match["version"])
