"""Which paths Git ignores, read from `.gitignore` files; Git itself need not be there."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

MAX_BYTES = 1_000_000


class _Pattern(NamedTuple):
    matcher: re.Pattern[str]
    negated: bool
    folders_only: bool


class IgnoreFile:
    """The patterns of one `.gitignore`, for paths relative to its folder (gitignore(5))."""

    def __init__(self, text: str) -> None:
        self._patterns = [pattern for line in text.splitlines() if (pattern := _read(line))]

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """True to ignore, False to keep, None when no pattern matches; the last match counts."""
        for pattern in reversed(self._patterns):
            if (is_folder or not pattern.folders_only) and pattern.matcher.fullmatch(path):
                return not pattern.negated
        return None


class IgnoreRules:
    """The `.gitignore` files from a repository's root down to one folder; `below` adds a folder's own."""

    def __init__(self, files: tuple[tuple[str, IgnoreFile], ...] = ()) -> None:
        self._files = files

    @classmethod
    def at(cls, folder: str) -> IgnoreRules:
        """The rules in force in `folder`, its own file included."""
        chain = [os.path.abspath(folder)]
        while not os.path.lexists(os.path.join(chain[-1], ".git")):
            parent = os.path.dirname(chain[-1])
            if parent == chain[-1]:
                chain = chain[:1]  # not in a repository: only the folder's own file counts
                break
            chain.append(parent)
        rules = cls()
        root = chain[-1]
        exclude = _load(os.path.join(root, ".git", "info", "exclude"))
        if exclude is not None:
            rules = cls(((root, exclude),))
        for path in reversed(chain):
            rules = rules.below(path)
        return rules

    def below(self, folder: str) -> IgnoreRules:
        """These rules with the `.gitignore` of `folder`, an absolute path, on top."""
        own = _load(os.path.join(folder, ".gitignore"))
        return self if own is None else IgnoreRules((*self._files, (folder, own)))

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Whether Git ignores the absolute `path`, given that it does not ignore the folder it lies in."""
        for folder, file in reversed(self._files):
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            verdict = file.verdict(relative, is_folder)
            if verdict is not None:
                return verdict
        return False


def _load(path: str) -> IgnoreFile | None:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return IgnoreFile(file.read(MAX_BYTES).removeprefix("\ufeff"))
    except OSError:
        return None


def _read(line: str) -> _Pattern | None:
    line = re.sub(r"(?<!\\) +$", "", line)
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[1:] if negated else line
    folders_only = line.endswith("/")
    line = line.rstrip("/") if folders_only else line
    if not line:
        return None
    anchored = "/" in line
    try:
        matcher = re.compile(("" if anchored else "(?:.*/)?") + _translate(line.removeprefix("/")), re.DOTALL)
    except re.error:
        return None
    return _Pattern(matcher, negated, folders_only)


def _translate(glob: str) -> str:
    """A glob of gitignore(5) as a regular expression."""
    out: list[str] = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            out.append("(?:.*/)?")
            at += 3
        elif glob[at:] == "**" and at and glob[at - 1] == "/":
            out.append(".+")
            at += 2
        elif glob[at] == "*":
            out.append("[^/]*")
            while at < len(glob) and glob[at] == "*":
                at += 1
        elif glob[at] == "?":
            out.append("[^/]")
            at += 1
        elif glob[at] == "[" and (end := glob.find("]", at + 2)) > 0:
            inner = glob[at + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            inner = "^" + inner[1:] if inner[0] in "!^" else inner
            out.append(f"(?!/)[{inner}]")
            at = end + 1
        elif glob[at] == "\\" and at + 1 < len(glob):
            out.append(re.escape(glob[at + 1]))
            at += 2
        else:
            out.append(re.escape(glob[at]))
            at += 1
    return "".join(out)
