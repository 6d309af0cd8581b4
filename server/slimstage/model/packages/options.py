"""Command lines of package managers: which options take a value, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from slimstage.model.packages.operations import Action, Manager
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

_DYNAMIC = lazy_pattern(r"[$`]|[<>]\(")
_COMMENT = lazy_pattern(r"`\s*#[^`]*`|\$\(\s*#[^()]*\n\s*\)")
_QUOTES = lazy_pattern(r"['\"\\]")


class Grammar(NamedTuple):
    """How one manager reads its command line.

    `values` are the options (long names, short letters) that take a value; `aliases` turn an option into
    the long name that means the same; `verbs` say what each verb does, two words for a nested one
    ("cache clean"). `default_verb` is what a call without a verb means, None for nothing; with `one_verb` no word
    is a verb at all (`pip-sync FILE`, `docker-php-ext-install NAME`).
    """

    manager: Manager
    verbs: Mapping[str, Action]
    values: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = {}
    groups: frozenset[str] = frozenset()  # first words of nested verbs
    default_verb: str | None = None
    one_verb: bool = False
    single_dash: bool = False  # Go: `-ldflags x` is one long option


@dataclass(slots=True)
class CommandLine:
    """Options in order, each with its value's text and word; and the words that are no options."""

    options: list[tuple[str, str, ShellWord | None]]
    words: list[ShellWord]

    def values(self, name: str) -> list[tuple[str, ShellWord | None]]:
        """The values of one option, in order."""
        return [(value, word) for option, value, word in self.options if option == name]


def literal(word: ShellWord) -> str | None:
    """A word's text, None when it depends on a variable. Globs count as text: `uvicorn[standard]`."""
    if word.value is not None:
        return word.value
    return None if _DYNAMIC.search(word.raw) else _QUOTES.sub("", word.raw)


def text_of(word: ShellWord) -> str:
    """A word's text without quotes, variables as written."""
    return word.value if word.value is not None else _QUOTES.sub("", word.raw)


def read_command_line(words: tuple[ShellWord, ...], grammar: Grammar) -> CommandLine:
    """Sort words into options and others; a value that is missing is ""."""
    line = CommandLine([], [])
    at = 0
    while at < len(words):
        word = words[at]
        text = text_of(word)
        at += 1
        if _COMMENT.fullmatch(word.raw):
            continue  # `# why`: a substitution of nothing
        if text == "--":
            line.words += words[at:]
            break
        if not text.startswith("-") or text == "-":
            line.words.append(word)
            continue
        following = words[at] if at < len(words) else None
        taken = _option(text, word, following, grammar, line)
        at += taken
    return line


def _option(text: str, word: ShellWord, following: ShellWord | None, grammar: Grammar, line: CommandLine) -> bool:
    """Note one option word; True when it took the following word as its value."""
    if text.startswith("--") or grammar.single_dash:
        name, has_value, value = text.lstrip("-").partition("=")
        long = grammar.aliases.get(name, name)
        if has_value:
            line.options.append((long, value, word))
            return False
        takes = name in grammar.values or long in grammar.values
        line.options.append((long, text_of(following) if takes and following else "", following if takes else None))
        return takes and following is not None
    letters = text[1:]
    for index, letter in enumerate(letters):
        long = grammar.aliases.get(letter, letter)
        if letter in grammar.values or long in grammar.values:
            rest = letters[index + 1 :]
            if rest:
                line.options.append((long, rest.removeprefix("="), word))
                return False
            line.options.append((long, text_of(following) if following else "", following))
            return following is not None
        line.options.append((long, "", None))
    return False


def split_name(word: ShellWord, pattern: re.Pattern[str]) -> tuple[str | None, str | None]:
    """Name and version by a pattern with these groups; the name is None when it holds a variable."""
    match = pattern.fullmatch(text_of(word))
    if match is None:
        return literal(word), None
    name = match["name"]
    return (None if _DYNAMIC.search(name) else name), match["version"]
