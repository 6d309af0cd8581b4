"""What the variables in a RUN's words stand for: ARG, ENV, and what the script itself assigns before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slimstage.model.expansion import Lookup, Unset, expand
from slimstage.shell.nodes import ShellWord
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.model import Stage
    from slimstage.model.runs import Run
    from slimstage.shell import SimpleCommand
    from slimstage.syntax.nodes import Instruction

_DYNAMIC = lazy_pattern(r"`|\$\(|<\(")
_ASSIGNMENT = lazy_pattern(r"[A-Za-z_]\w*(?==)")
_DEFINING = ("export", "local", "declare", "readonly", "read", "getopts", "unset", "set", "source", ".", "eval")
_MOST_WORDS = 500


class Variables:
    """The values in force, command by command; a name that the script may change in another way has none."""

    def __init__(self, stage: Stage, instruction: Instruction, run: Run) -> None:
        self._scope = stage.scope_at(instruction)
        self._own: dict[str, str | Unset] = dict.fromkeys(_changed(run), Unset.UNKNOWN)

    def value(self, name: str) -> str | Unset:
        """What `$NAME` is; unknown rather than empty where nothing of the file defines it."""
        found = self._own[name] if name in self._own else self._scope.value(name)
        return found if isinstance(found, str) else Unset.UNKNOWN

    def assign(self, command: SimpleCommand) -> None:
        """Note `NAME=value` on its own, where it surely runs."""
        if command.words or command.context or command.guard == "||":
            return
        for name, word in command.assignments:
            text = _expanded(word, self.value)
            self._own[name] = Unset.UNKNOWN if text is None else text

    def expanded(self, command: SimpleCommand) -> SimpleCommand:
        """The command with the words that are known; itself when there is nothing to expand."""
        if not any(word.value is None and "$" in word.raw for word in command.words):
            return command
        words: list[ShellWord] = []
        for word in command.words:
            text = _expanded(word, self.value) if word.value is None and "$" in word.raw else None
            if text is None:
                words.append(word)
            elif word.raw.startswith('"'):
                words.append(ShellWord(text, word.span, text, text))
            else:
                words += (ShellWord(piece, word.span, piece, piece) for piece in text.split())
        return command._replace(words=tuple(words[:_MOST_WORDS]))


def _expanded(word: ShellWord, lookup: Lookup) -> str | None:
    if word.value is not None:
        return word.value
    return None if _DYNAMIC.search(word.raw) else expand(word.raw, lookup).value


def _changed(run: Run) -> set[str]:
    """Names that the script sets in ways that are not followed: `export A=...`, `for A in`, branches."""
    found: set[str] = set()
    for command, _ in run.commands:
        plain = not command.words and not command.context
        if not plain:
            found.update(name for name, _ in command.assignments if not command.words or command.context)
        if command.name in _DEFINING:
            for word in command.words[1:]:
                match = _ASSIGNMENT.match(word.raw) or re.match(r"[A-Za-z_]\w*$", word.raw)
                if match is not None:
                    found.add(match[0])
    return found
