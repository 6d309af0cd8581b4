"""`.dockerignore`: which files of the folder the build context leaves out.

Follows BuildKit: frontend/dockerui/config.go for the file's name, moby/patternmatcher and its ignorefile
for the patterns (read 2026-11).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from slimstage.context import BuildContext, FileTree, Filter, normal_path
from slimstage.text import lazy_pattern

DEFAULT_NAME = ".dockerignore"
_CLASS = lazy_pattern(r"\[\^?(?:\\.|[^\]\\])+\]", re.DOTALL)
_PIECE = lazy_pattern(r"\*\*/?|\*|\?|\\.|\[\^?(?:\\.|[^\]\\])+\]|.", re.DOTALL)
_MAX_WILDCARDS = 4  # beyond, a regular expression may take too long on a hostile name


@dataclass(frozen=True)
class IgnorePattern:
    """One line that counts. `text` is cleaned as BuildKit does it: no `./`, no leading or trailing slash.

    `is_valid` is False for what makes the build fail: a lone `!`, an unclosed `[`, a trailing backslash.
    """

    text: str
    line: int  # zero-based
    negated: bool = False

    @cached_property
    def is_valid(self) -> bool:
        """Whether BuildKit accepts the pattern."""
        rest = _CLASS.sub("", self.text)
        return bool(self.text) and "[" not in rest and not re.search(r"(?<!\\)(?:\\\\)*\\$", self.text)

    @cached_property
    def _pieces(self) -> tuple[str, ...]:
        return tuple(_PIECE.findall(self.text))

    @cached_property
    def expression(self) -> str | None:
        """The pattern as a regular expression; None when it is not valid, or would be too slow as one."""
        pieces = self._pieces
        if not self.is_valid or sum(piece[0] in "*?" for piece in pieces) > _MAX_WILDCARDS:
            return None
        # `**x` without another wildcard is compared as a suffix, so it may end inside a name.
        suffix = len(pieces) > 1 and pieces[0] == "**" and all(piece[0] not in "*?[\\" for piece in pieces[1:])
        out = []
        for index, piece in enumerate(pieces):
            if piece.startswith("**"):
                last = index == len(pieces) - 1
                out.append(".*" if last or suffix else "(?:.*/)?")
            else:
                out.append({"*": "[^/]*", "?": "[^/]"}.get(piece) or _single(piece))
        return "".join(out)

    @cached_property
    def _regex(self) -> re.Pattern[str] | None:
        return _compiled(self.expression) if self.expression is not None else None

    def matches(self, path: str) -> bool:
        """Whether the pattern matches this very path (not a folder above it); an invalid one never does."""
        if self._regex is not None:
            return self._regex.fullmatch(path) is not None
        return self.is_valid and _matches_slowly(self._pieces, path)


def _compiled(expression: str) -> re.Pattern[str] | None:
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:
        return None


def _single(piece: str) -> str:
    if piece.startswith("[") and len(piece) > 1:
        return piece
    return re.escape(piece[-1])


def _matches_slowly(pieces: tuple[str, ...], path: str) -> bool:
    """Match with a set of states: never more than pieces times characters, whatever the pattern.

    A state is twice the index of the piece to match next, plus one inside a `**` that has eaten something.
    """
    states = _reached(pieces, {0})
    for character in path:
        states = _reached(pieces, {after for state in states for after in _step(pieces, state, character)})
    return 2 * len(pieces) in states


def _reached(pieces: tuple[str, ...], states: set[int]) -> set[int]:
    """The states, with those that wildcards reach by matching nothing more."""
    waiting = list(states)
    while waiting:
        state = waiting.pop()
        at, inside = divmod(state, 2)
        if at < len(pieces) and pieces[at][0] == "*":
            is_folder = pieces[at].startswith("**") and at < len(pieces) - 1
            if not (inside and is_folder) and 2 * at + 2 not in states:
                states.add(2 * at + 2)
                waiting.append(2 * at + 2)
    return states


def _step(pieces: tuple[str, ...], state: int, character: str) -> tuple[int, ...]:
    at = state // 2
    if at == len(pieces):
        return ()
    piece = pieces[at]
    if piece.startswith("**"):
        inside = 2 * at + 1
        return (inside, 2 * at + 2) if character == "/" else (inside,)
    if piece == "*":
        return (2 * at,) if character != "/" else ()
    if piece == "?":
        return (2 * at + 2,) if character != "/" else ()
    return (2 * at + 2,) if re.fullmatch(_single(piece), character, re.DOTALL) else ()


@dataclass(frozen=True)
class _Group:
    """Patterns that follow each other, all with or all without `!`: it does not matter which of them matches.

    A project's files are asked about by the hundred, so all patterns are one regular expression.
    """

    negated: bool
    patterns: tuple[IgnorePattern, ...]

    @cached_property
    def _regex(self) -> re.Pattern[str] | None:
        found = [pattern.expression for pattern in self.patterns if pattern.expression is not None]
        return _compiled(f"(?:{'|'.join(found)})(?:/.*)?") if found else None

    @cached_property
    def _others(self) -> tuple[IgnorePattern, ...]:
        """Those that the regular expression does not hold."""
        return tuple(p for p in self.patterns if p.is_valid and (self._regex is None or p.expression is None))

    def matches(self, path: str) -> bool:
        """Whether any of them matches a path or a folder above it."""
        if self._regex is not None and self._regex.fullmatch(path) is not None:
            return True
        if not self._others:
            return False
        parts = path.split("/")
        names = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return any(pattern.matches(name) for pattern in self._others for name in names)


@dataclass(frozen=True)
class IgnoreRules:
    """The patterns of one file, in order; `name` is the file's path in the context."""

    patterns: tuple[IgnorePattern, ...]
    name: str = DEFAULT_NAME

    def excludes(self, path: str) -> bool:
        """Whether the context leaves the file or folder out: the last pattern that matches it or a folder above."""
        path = normal_path(path)
        excluded = False  # as is the context itself
        for group in self._groups if path else ():
            if group.negated == excluded and group.matches(path):
                excluded = not excluded
        return excluded

    @cached_property
    def _groups(self) -> tuple[_Group, ...]:
        signs = groupby(self.patterns, key=lambda pattern: pattern.negated)
        return tuple(_Group(negated, tuple(patterns)) for negated, patterns in signs)

    def may_keep_inside(self, folder: str) -> bool:
        """Whether a `!` pattern may bring back something below an excluded folder."""
        prefix = normal_path(folder) + "/"
        for pattern in self.patterns:
            fixed = re.split(r"[*?\[\\]", pattern.text, maxsplit=1)[0]
            if pattern.negated and (fixed.startswith(prefix) or (fixed != pattern.text and prefix.startswith(fixed))):
                return True
        return False


@lru_cache(maxsize=16)
def parse_ignore(text: str, name: str = DEFAULT_NAME) -> IgnoreRules:
    """The patterns of an ignore file's text; never raises."""
    patterns: list[IgnorePattern] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n")):
        if line.startswith("#"):
            continue
        pattern = line.strip()
        if not pattern:
            continue
        negated = pattern.startswith("!")
        if negated:
            pattern = pattern[1:].strip()
        if pattern:
            pattern = posixpath.normpath(pattern)
            pattern = re.sub(r"^/+(?=.)", "", pattern)
        patterns.append(IgnorePattern(pattern, number, negated))
    return IgnoreRules(tuple(patterns), name)


def ignore_rules(context: BuildContext, dockerfile: str = "Dockerfile") -> IgnoreRules | None:
    """The rules in force: `<Dockerfile>.dockerignore` beside the Dockerfile when it is there, else `.dockerignore`
    at the context's root; None without either.
    """
    for name in (dockerfile + ".dockerignore", DEFAULT_NAME):
        text = context.read_text(name)
        if text is not None:
            return parse_ignore(text, name)
    return None


class VisibleContext:
    """A build context without what the ignore rules leave out: what COPY and ADD can see."""

    def __init__(self, context: BuildContext, rules: IgnoreRules) -> None:
        self._context = context
        self._rules = rules

    def read_text(self, path: str) -> str | None:
        """The text of a file that is not left out, or None."""
        return None if self._rules.excludes(path) else self._context.read_text(path)

    def exists(self, path: str) -> bool:
        """Whether the path is there and not left out; a folder counts when something in it may be kept."""
        return self._is_kept(path) and self._context.exists(path)

    def list(self, path: str = "") -> Sequence[str]:
        """The names in a folder that are not left out."""
        prefix = normal_path(path)
        prefix = prefix + "/" if prefix else ""
        return [name for name in self._context.list(path) if self._is_kept(prefix + name)]

    def tree(self, path: str = "", only: Filter | None = None) -> FileTree | None:
        """The files at or below a path that are not left out."""
        return self._context.tree(path, _Both(self._rules, only)) if self.exists(path) or not path else None

    def unpacked(self, path: str) -> int | None:
        """What an archive that is not left out unpacks to."""
        return None if self._rules.excludes(path) else self._context.unpacked(path)

    def is_left_out(self, path: str) -> bool:
        """Whether the path is there, but the ignore rules leave it out."""
        return not self._is_kept(path) and self._context.exists(path)

    def _is_kept(self, path: str) -> bool:
        return not self._rules.excludes(path) or self._rules.may_keep_inside(path)


def visible_context(context: BuildContext | None, dockerfile: str = "Dockerfile") -> VisibleContext | None:
    """A context as COPY and ADD see it; None without a context."""
    if context is None:
        return None
    return VisibleContext(context, ignore_rules(context, dockerfile) or IgnoreRules(()))


@dataclass(slots=True, frozen=True)
class _Both:
    """What ignore rules and another filter keep."""

    rules: IgnoreRules
    only: Filter | None

    def keeps(self, path: str) -> bool:
        return not self.rules.excludes(path) and (self.only is None or self.only.keeps(path))

    def enters(self, folder: str) -> bool:
        if self.rules.excludes(folder) and not self.rules.may_keep_inside(folder):
            return False
        return self.only is None or self.only.enters(folder)
