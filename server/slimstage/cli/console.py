"""Where the command line writes: its language, its colours, its two streams."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slimstage.knowledge.base import KnowledgeBase
    from slimstage.settings import SettingsError

_COLOURS = {"error": "1;31", "warning": "33", "info": "36", "hint": "34", "bold": "1", "faint": "2", "code": "36"}


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """`--lang` if the arguments have it, else what the environment says, else English."""
    for index, argument in enumerate(arguments):
        if argument == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name)
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    return "en"


def printable(text: str) -> str:
    """`text` with control characters made visible, so that a file cannot steer the terminal."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t" or character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{code:04x}"


class UsageError(Exception):
    """A command line that makes no sense; the text is ready to be shown."""


class Console:
    """The user's language and streams; loads the shipped knowledge when the first text is asked for."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._knowledge: dict[tuple[Path, ...], KnowledgeBase] = {}

    def knowledge(self, extra: tuple[Path, ...] = ()) -> KnowledgeBase:
        """The knowledge base with users' own files on top; each set of files is read once."""
        if extra not in self._knowledge:
            from slimstage.knowledge.base import load

            self._knowledge[extra] = load(extra)
        return self._knowledge[extra]

    def interval(self, low: str, high: str) -> str:
        """Two figures as the ends of an interval."""
        return self.knowledge().interval((low, high), self.lang)

    def text(self, key: str, /, **arguments: Any) -> str:
        """A text of `knowledge/messages`, in the user's language."""
        return self.knowledge().text(key, self.lang, **arguments)

    def settings_fault(self, error: SettingsError) -> str:
        """A settings error as one line."""
        nearest = error.arguments.get("nearest")
        arguments = {"file": "slimstage", **error.arguments}
        arguments["nearest"] = self.text("cli.did_you_mean", name=nearest) if nearest else ""
        return self.text(error.key, **arguments)

    @cached_property
    def coloured(self) -> bool:
        """Whether standard output is a terminal that wants colours."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return sys.stdout.isatty()

    def paint(self, text: str, style: str) -> str:
        """`text` in a colour, on a terminal."""
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self.coloured and text else text

    def out(self, text: str = "") -> None:
        """One line on standard output."""
        sys.stdout.write(text + "\n")

    def note(self, text: str) -> None:
        """One line on standard error."""
        sys.stderr.write(text + "\n")

    def fault(self, text: str) -> None:
        """What went wrong, as one line on standard error."""
        sys.stdout.flush()
        sys.stderr.write(f"slimstage: {printable(' '.join(text.split()))}\n")
