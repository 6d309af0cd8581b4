"""Python's package managers: pip, uv, poetry, pdm, pipenv and conda.

Options after the command references of pip 26, uv 0.9, poetry 2, pdm 2, pipenv 2026 and conda 26.
"""

from __future__ import annotations

import re

from slimstage.model.packages.operations import PackageName
from slimstage.model.packages.options import Grammar, literal, text_of
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

_PIP_VALUES = (
    "requirement", "constraint", "editable", "target", "index-url", "extra-index-url", "find-links", "prefix", "root",
    "src", "platform", "python-version", "implementation", "abi", "upgrade-strategy", "no-binary", "only-binary",
    "progress-bar", "cache-dir", "timeout", "retries", "trusted-host", "cert", "client-cert", "proxy", "log",
    "global-option", "install-option", "config-settings", "build-option", "report", "exists-action", "wheel-dir",
    "dest", "python", "use-feature", "use-deprecated", "root-user-action", "keyring-provider", "build-constraint",
    "group", "uploaded-prior-to",
)  # fmt: skip
_PIP_ALIASES = {
    "r": "requirement", "requirements": "requirement", "c": "constraint", "constraints": "constraint",
    "e": "editable", "t": "target", "i": "index-url", "pypi-url": "index-url", "f": "find-links",
    "C": "config-settings",
    "config-setting": "config-settings", "w": "wheel-dir", "d": "dest", "U": "upgrade", "q": "quiet", "v": "verbose",
    "y": "yes", "I": "ignore-installed", "default-timeout": "timeout",
    "no-cache": "no-cache-dir",  # pip takes the beginning of an option for the option
}  # fmt: skip

PIP = Grammar(
    "pip",
    {"install": "install", "uninstall": "remove", "cache purge": "clean", "cache remove": "clean"},
    frozenset(_PIP_VALUES),
    _PIP_ALIASES,
    frozenset(("cache", "config")),
)
PIP_SYNC = Grammar("pip", {"sync": "sync"}, frozenset(_PIP_VALUES), _PIP_ALIASES, default_verb="sync", one_verb=True)
UV = Grammar(
    "uv",
    {
        "pip install": "install", "pip sync": "sync", "pip uninstall": "remove", "sync": "sync", "add": "install",
        "remove": "remove", "lock": "other", "tool install": "install", "tool uninstall": "remove",
        "cache clean": "clean", "cache prune": "clean", "clean": "clean",
    },
    frozenset(
        (
            *(name for name in _PIP_VALUES if name not in ("root", "no-binary", "only-binary", "log", "proxy")),
            "extra", "no-extra", "group", "no-group", "only-group", "link-mode", "project", "directory", "config-file",
            "index", "default-index", "index-strategy", "python-platform", "resolution", "prerelease",
            "exclude-newer", "refresh-package", "upgrade-package", "reinstall-package", "package",
            "no-install-package", "no-build-package", "no-binary-package", "env-file", "color", "allow-insecure-host",
            "with", "fork-strategy", "override", "tag", "branch", "rev", "optional", "script", "torch-backend",
        )
    ),
    {
        **{name: long for name, long in _PIP_ALIASES.items() if name not in ("t", "d", "w", "I", "no-cache")},
        "p": "python", "P": "upgrade-package", "n": "no-cache", "no-cache-dir": "no-cache", "overrides": "override",
    },
    frozenset(("pip", "tool", "cache", "python", "self", "auth")),
)  # fmt: skip
POETRY = Grammar(
    "poetry",
    {
        "install": "install", "add": "install", "remove": "remove", "update": "upgrade", "sync": "sync",
        "cache clear": "clean",
    },
    frozenset(("with", "without", "only", "extras", "directory", "project", "group", "source", "python", "platform")),
    {
        "E": "extras", "C": "directory", "P": "project", "G": "group", "n": "no-interaction", "q": "quiet",
        "v": "verbose",
    },
    frozenset(("cache", "self", "env", "source")),
)  # fmt: skip
PDM = Grammar(
    "pdm",
    {
        "install": "install", "add": "install", "remove": "remove", "update": "upgrade", "sync": "sync",
        "cache clear": "clean",
    },
    frozenset(("group", "project", "lockfile", "editable", "venv", "without", "override", "config", "skip", "with")),
    {
        "G": "group", "with": "group", "p": "project", "L": "lockfile", "d": "dev", "e": "editable", "c": "config",
        "production": "prod", "k": "skip",
    },
    frozenset(("cache", "config", "self", "venv")),
)  # fmt: skip
PIPENV = Grammar(
    "pipenv",
    {"install": "install", "sync": "sync", "uninstall": "remove", "update": "upgrade", "upgrade": "upgrade"},
    frozenset(
        ("requirements", "requirement", "python", "editable", "categories", "index", "extra-pip-args", "pypi-mirror")
    ),
    {"r": "requirement", "requirements": "requirement", "e": "editable", "d": "dev", "i": "index", "q": "quiet"},
)
CONDA = Grammar(
    "conda",
    {
        "install": "install", "create": "install", "remove": "remove", "uninstall": "remove", "update": "upgrade",
        "upgrade": "upgrade", "clean": "clean", "env create": "install", "env update": "install",
        "env remove": "remove",
    },
    frozenset(
        (
            "name", "prefix", "channel", "file", "solver", "experimental-solver", "root-prefix", "clone",
            "repodata-fn", "platform", "subdir", "rc-file", "channel-priority", "revision",
        )
    ),
    {
        "n": "name", "p": "prefix", "c": "channel", "f": "file", "r": "root-prefix", "y": "yes", "a": "all",
        "q": "quiet", "t": "tarballs",
    },
    frozenset(("env", "config")),
)  # fmt: skip

_NAME = lazy_pattern(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>.*)", re.DOTALL)
_EXACT = lazy_pattern(r"={2,3}\s*(?P<version>[^\s,;]+)\s*(?:;.*)?", re.DOTALL)
_URL = lazy_pattern(r"(?:[a-z]+\+)?[a-z]+://.*|git@.*", re.DOTALL)
_ARCHIVE = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")
_PATH_EXTRAS = lazy_pattern(r"(?P<path>.*?)\[(?P<extras>[^\[\]]*)\]", re.DOTALL)
_CONDA = lazy_pattern(
    r"(?:[^:\s]+::)?(?P<name>[A-Za-z0-9_.-]+)\s*(?:={1,2}(?P<version>[^=\s]+)(?:=.*)?|[<>!~].*)?", re.DOTALL
)


def python_package(word: ShellWord, text: str | None = None) -> PackageName:
    """`name[extras]==version`, `name @ url`, a URL, a path (`.`, `./x[extras]`, `x.whl`); poetry's `name@version`."""
    text = text_of(word) if text is None else text
    known = literal(word) is not None
    match = _NAME.fullmatch(text)
    if _URL.fullmatch(text):
        return PackageName(word.raw, word.span, text if known else None, kind="url")
    is_path = text.startswith((".", "/", "~")) or (text.endswith(_ARCHIVE) and " @ " not in text)
    if match is None or is_path or match["rest"].startswith("/"):
        if not known and text.startswith(("$", "`")):
            return PackageName(word.raw, word.span, None)
        path = _PATH_EXTRAS.fullmatch(text)
        name, extras = (path["path"], path["extras"]) if path else (text, "")
        return PackageName(word.raw, word.span, name if known else None, None, _split(extras), "path")
    rest = match["rest"]
    if rest[:1] in ("$", "`"):
        return PackageName(word.raw, word.span, None)
    extras = _split(match["extras"] or "")
    if rest.startswith("@"):
        target = rest[1:].strip()
        if _URL.match(target) or target.startswith((".", "/", "file:")):
            return PackageName(word.raw, word.span, match["name"], None, extras, "url")
        return PackageName(word.raw, word.span, match["name"], target or None, extras)
    exact = _EXACT.fullmatch(rest)
    return PackageName(word.raw, word.span, match["name"], exact["version"] if exact else None, extras)


def conda_package(word: ShellWord) -> PackageName:
    """`name`, `name=version`, `name=version=build`, `channel::name`."""
    text = text_of(word)
    match = _CONDA.fullmatch(text)
    if match is None:
        return PackageName(word.raw, word.span, literal(word), kind="url" if "://" in text else "package")
    return PackageName(word.raw, word.span, match["name"], match["version"])


def _split(extras: str) -> tuple[str, ...]:
    return tuple(extra.strip() for extra in extras.split(",") if extra.strip())
