"""The records of package operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from slimstage.shell.nodes import SimpleCommand
from slimstage.text import Span

Manager = Literal[
    "apt",
    "apk",
    "dnf",
    "zypper",
    "pip",
    "uv",
    "poetry",
    "pdm",
    "pipenv",
    "conda",
    "npm",
    "yarn",
    "pnpm",
    "bun",
    "gem",
    "bundler",
    "composer",
    "php-ext",
    "pecl",
    "cargo",
    "go",
]
Action = Literal["install", "remove", "update", "upgrade", "clean", "sync", "other"]


class PackageName(NamedTuple):
    """One package as written. `name` is None when it holds a variable (or `xargs` supplies it); `version` is the
    text after `=`/`==`/`@` (as written, even when it is a variable), None for a range such as `>=1`.

    `kind` says what it is: a "package" of the index, a "path" (local file or folder), a "url", or a "group"
    (apk `.build-deps`, dnf `@development`, apt `task^`). A path's or a url's `name` is its text without extras.
    """

    raw: str
    span: Span  # counts in the command's text, like the words' spans
    name: str | None
    version: str | None = None
    extras: tuple[str, ...] = ()
    kind: Literal["package", "path", "url", "group"] = "package"


class PackageOperation(NamedTuple):
    """One call of a package manager.

    `action` "sync" means exactly what a lock file says (`npm ci`, `uv sync`, `pip-sync`, `go mod download`);
    `npm install` and its kin are "install", with or without packages. "upgrade" changes installed packages,
    "update" only refreshes the index.

    `options` maps long option names (short ones translated where they mean the same: `-y` -> `yes`,
    `-r` -> `requirement`, `-t` of apk -> `virtual`) to their values as written, one per occurrence ("" without
    a value).
    `requirements` are the files of `-r`; None inside stands for a name that is not literal.
    """

    manager: Manager
    action: Action
    command: SimpleCommand
    verb: str  # as written: "install", "add", "ci", "sync"
    verb_span: Span
    packages: tuple[PackageName, ...] = ()
    options: Mapping[str, tuple[str, ...]] = {}
    requirements: tuple[str | None, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether any of these (long, translated) options is given."""
        return any(name in self.options for name in names)
