"""Finds the Dockerfiles below folders, and reads them safely."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from slimstage.cli.gitignore import IgnoreRules

MAX_BYTES = 5_000_000
_NAMES = frozenset({"Dockerfile", "dockerfile", "Containerfile"})
_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj"})
# `Dockerfile.md` documents one, `Dockerfile.j2` makes one, `Dockerfile.dockerignore` belongs to one: none is one.
_OTHER_KINDS = frozenset(
    ".bak .dockerignore .ejs .erb .go .hbs .htm .html .j2 .java .jinja .jinja2 .js .json .lock .log .md .mustache .orig"
    " .patch .pdf .png .ps1 .py .rb .rej .rs .rst .sh .swp .template .tmpl .toml .tpl .ts .xml .yaml .yml".split()
)


class Unreadable(Exception):
    """A file that cannot be checked; `key` and `arguments` name the text that says why."""

    def __init__(self, key: str, **arguments: object) -> None:
        super().__init__(key)
        self.key = key
        self.arguments = arguments


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of that name is one: Dockerfile, Dockerfile.*, *.dockerfile, Containerfile, Containerfile.*."""
    if name in _NAMES:
        return True
    if is_of_another_kind(name):
        return False
    return name.startswith(("Dockerfile.", "Containerfile.")) or name.lower().endswith(
        (".dockerfile", ".containerfile")
    )


def is_of_another_kind(name: str) -> bool:
    """Whether the name says that the file is surely something else (Markdown, Python, a template ...)."""
    return name.endswith("~") or os.path.splitext(name)[1].lower() in _OTHER_KINDS


def find(folder: str, report: Callable[[OSError], None]) -> Iterator[str]:
    """The Dockerfiles below `folder`, sorted, without what Git ignores; `report` gets each unreadable folder.

    Symbolic links to folders are not followed, so a loop of links ends.
    """
    waiting = [(folder, IgnoreRules.at(folder))]
    while waiting:
        current, rules = waiting.pop()
        try:
            with os.scandir(current) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            report(error)
            continue
        below: list[tuple[str, IgnoreRules]] = []
        for entry in entries:
            path = os.path.abspath(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _VERSION_CONTROL and not rules.ignores(path, is_folder=True):
                    below.append((entry.path, rules.below(path)))
            elif is_dockerfile_name(entry.name) and _is_file(entry) and not rules.ignores(path, is_folder=False):
                yield entry.path.removeprefix(f".{os.sep}")
        waiting += reversed(below)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Not a pipe or a device, which would block; a link that leads nowhere counts, so that it is reported."""
    try:
        return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))
    except OSError:
        return True


def read(path: str) -> str:
    """A file's text, line ends and BOM kept. Raises `Unreadable`."""
    try:
        with open(path, "rb") as file:
            return decoded(file.read(MAX_BYTES + 1))
    except FileNotFoundError:
        raise Unreadable("cli.file.missing") from None
    except IsADirectoryError:
        raise Unreadable("cli.file.folder") from None
    except PermissionError:
        raise Unreadable("cli.file.forbidden") from None
    except (OSError, ValueError) as error:
        raise Unreadable("cli.file.unreadable", reason=getattr(error, "strerror", None) or str(error)) from None


def decoded(data: bytes) -> str:
    """Bytes as a Dockerfile's text. Raises `Unreadable` on binary, non-UTF-8 and too large input."""
    if b"\0" in data[:8192]:
        raise Unreadable("cli.file.binary")
    if len(data) > MAX_BYTES:
        raise Unreadable("cli.file.too_large", limit=MAX_BYTES // 1_000_000)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("cli.file.not_utf8", line=data.count(b"\n", 0, error.start) + 1) from None
