"""Programs that run another program: `sudo -E`, `env A=b`, `xargs -r`, `python -m` ..."""

from __future__ import annotations

import re
from typing import NamedTuple

from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern


class Target(NamedTuple):
    """The program a command really runs, and its words; `by_xargs` when more words come from a pipe."""

    program: str
    words: tuple[ShellWord, ...]  # the program's own word first
    by_xargs: bool = False


# Options that take a value, by program; and how many plain words come before the command.
_VALUES = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "--user", "--group"),
    "doas": ("-u", "-C"),
    "env": ("-u", "-C", "--unset", "--chdir"),
    "exec": ("-a",),
    "time": ("-f", "-o"),
    "nice": ("-n",),
    "ionice": ("-c", "-n"),
    "timeout": ("-k", "-s", "--kill-after", "--signal"),
    "xargs": ("-n", "-P", "-I", "-L", "-a", "-d", "-s", "-E"),
    "stdbuf": ("-i", "-o", "-e"),
    "setpriv": ("--reuid", "--regid"),
    "conda run": ("-n", "-p", "--name", "--prefix", "--cwd"),
}  # fmt: skip
_PLAIN_WORDS = {"timeout": 1, "gosu": 1, "su-exec": 1, "chroot": 1, "setarch": 1}
_PREFIXES = frozenset(
    "sudo doas env exec time nice ionice nohup command builtin timeout xargs stdbuf gosu su-exec chroot eatmydata "
    "chronic unbuffer setsid corepack npx tini dumb-init busybox linux32 linux64 catatonit".split()
)
_BY_COREPACK = frozenset(("npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx"))
_RUNNERS = frozenset(("conda", "mamba", "micromamba", "poetry", "pipenv", "uv", "pdm"))
_PYTHON = lazy_pattern(r"python[0-9.]*|pypy3?")
_ASSIGNMENT = lazy_pattern(r"[A-Za-z_]\w*=")
_MAX_PREFIXES = 16


def program_name(word: ShellWord) -> str | None:
    """A program's name without its folder, also for `$HOME/bin/pip`; None when a variable hides it."""
    if word.value is not None:
        return word.value.rsplit("/", 1)[-1]
    tail = word.raw.strip("\"'").rsplit("/", 1)
    return tail[1] if len(tail) == 2 and not re.search(r"[$`*?{}()'\"]", tail[1]) else None


def target_of(words: tuple[ShellWord, ...]) -> Target | None:
    """Look through prefixes; None when nothing literal is left to run."""
    by_xargs = False
    for _ in range(_MAX_PREFIXES):
        if not words:
            return None
        name = program_name(words[0])
        if name is None:
            return None
        if name == "corepack" and (len(words) < 2 or (words[1].value or "").partition("@")[0] not in _BY_COREPACK):
            return Target(name, words, by_xargs)
        if name in _PREFIXES:
            by_xargs = by_xargs or name == "xargs"
            words = _after_options(words[1:], _VALUES.get(name, ()), _PLAIN_WORDS.get(name, 0))
            continue
        if _PYTHON.fullmatch(name):
            module = _module(words)
            if module is None:
                return Target(name, words, by_xargs)
            return Target(words[module].value or "", words[module:], by_xargs)
        if name == "php" and len(words) > 1 and (program_name(words[1]) or "").startswith("composer"):
            return Target("composer", words[1:], by_xargs)
        if name in _RUNNERS and len(words) > 1 and words[1].value == "run":
            inner = _after_options(words[2:], _VALUES["conda run"], 0)
            if inner and program_name(inner[0]) not in (None, name):
                words = inner
                continue
        return Target(name, words, by_xargs)
    return None


def _after_options(words: tuple[ShellWord, ...], values: tuple[str, ...], plain: int) -> tuple[ShellWord, ...]:
    at = 0
    while at < len(words):
        value = words[at].value
        text = words[at].raw if value is None else value
        if text == "--":
            at += 1
            break
        if text in values:
            at += 2
        elif text.startswith("-") or _ASSIGNMENT.match(text):
            at += 1
        else:
            break
    return words[at + plain :]


def _module(words: tuple[ShellWord, ...]) -> int | None:
    """The index of the module's word in `python -u -m pip ...`."""
    for at, word in enumerate(words[1:-1], 1):
        if word.value is None or not word.value.startswith("-"):
            return None
        if word.value.endswith("m") and not word.value.startswith("--"):
            return at + 1 if words[at + 1].value is not None else None
    return None
