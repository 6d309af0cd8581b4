"""Words of an instruction: splitting, quotes and escapes, and the JSON form.

Splitting follows BuildKit's parser (line_parsers.go, split_command.go), resolving its shell/lex.go.
Offsets count in the text that is passed in.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from slimstage.text import lazy_pattern

# unicode.IsSpace of Go; str.isspace() also takes the separators U+001C to U+001F.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
ARGUMENT = lazy_pattern(r"[^\t\v\f\r ]+")
_STRING = r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"'
_JSON = lazy_pattern(rf"\[[ \t\r\n]*(?:{_STRING}[ \t\r\n]*(?:,[ \t\r\n]*{_STRING}[ \t\r\n]*)*)?\]")
_JSON_ITEM = lazy_pattern(_STRING)


@lru_cache(maxsize=2)
def _word_pattern(escape: str) -> re.Pattern[str]:
    e, s = re.escape(escape), BLANKS
    return re.compile(
        rf"(?:[^{s}'\"{e}]+|{e}(?s:.)|{e}\Z|'[^']*(?:'|\Z)|\"[^\"{e}]*(?:{e}(?s:.)[^\"{e}]*)*(?:\"|{e}?\Z))+"
    )


@lru_cache(maxsize=2)
def _flag_pattern(escape: str) -> re.Pattern[str]:
    # Unlike in words, the escape character also counts in single quotes here (split_command.go).
    e, s = re.escape(escape), BLANKS
    quoted = "|".join(rf"{q}[^{q}{e}]*(?:{e}(?s:.)[^{q}{e}]*)*(?:{q}|{e}?\Z)" for q in "'\"")
    return re.compile(rf"--(?:[^{s}'\"{e}]+|{e}(?s:.)|{e}\Z|{quoted})*")


@lru_cache(maxsize=2)
def special_pattern(escape: str) -> re.Pattern[str]:
    """Matches where a word is more than its own letters: quotes, escapes, variables."""
    return re.compile(rf"['\"${re.escape(escape)}]")


def split_words(text: str, start: int, end: int, escape: str) -> list[tuple[int, int]]:
    """Words separated by blanks, quotes kept together, as ENV, LABEL and ARG are read."""
    return [match.span() for match in _word_pattern(escape).finditer(text, start, end)]


def split_flags(text: str, start: int, escape: str) -> tuple[list[tuple[int, int]], int]:
    """The `--flag` words from `start` on, and the offset of the arguments behind them.

    A lone `--` ends the flags and is dropped, as BuildKit does.
    """
    flags: list[tuple[int, int]] = []
    at, size = start, len(text)
    while at < size:
        if text[at] in BLANKS:
            at += 1
        elif text.startswith("--", at):
            match = _flag_pattern(escape).match(text, at)
            if match is None:
                break
            at = match.end()
            if match[0] == "--":
                while at < size and text[at] in BLANKS:
                    at += 1
                break
            flags.append(match.span())
        else:
            break
    return flags, at


def unquoted_flag(raw: str, escape: str) -> tuple[str, list[int]]:
    """A flag word without quotes and escapes, and for each of its characters the offset in `raw`."""
    if special_pattern(escape).search(raw) is None:
        return raw, list(range(len(raw) + 1))
    out: list[str] = []
    offsets: list[int] = []
    at, size, quote = 0, len(raw), ""
    while at < size:
        character = raw[at]
        if quote and character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            if character == escape:
                at += 1
                if at >= size:
                    break
            out.append(raw[at])
            offsets.append(at)
        at += 1
    offsets.append(size)
    return "".join(out), offsets


def resolve(raw: str, escape: str) -> tuple[str, int | None]:
    """A word's value without quotes and escapes, and the offset of a quote that is never closed."""
    if special_pattern(escape).search(raw) is None:
        return raw, None
    out: list[str] = []
    at, size = 0, len(raw)
    opened, quote = 0, ""
    while at < size:
        character = raw[at]
        if quote == "'":
            close = raw.find("'", at)
            if close < 0:
                return "".join((*out, raw[at:])), opened
            out.append(raw[at:close])
            at, quote = close + 1, ""
        elif character == escape:
            if at + 1 < size:
                if quote and raw[at + 1] not in ('"', "$", escape):
                    out.append(character)
                out.append(raw[at + 1])
            at += 2
        elif character == '"':
            quote, opened = ("", opened) if quote else ('"', at)
            at += 1
        elif character == "'" and not quote:
            quote, opened = "'", at
            at += 1
        else:
            out.append(character)
            at += 1
    return "".join(out), opened if quote else None


def json_strings(text: str, start: int, end: int) -> list[tuple[int, int]] | None:
    """The spans of the strings, quotes included, of a JSON list of strings; None when it is none."""
    if not text.startswith("[", start) or _JSON.fullmatch(text, start, end) is None:
        return None
    return [match.span() for match in _JSON_ITEM.finditer(text, start, end)]


def json_value(raw: str) -> str:
    """The value of one JSON string that `json_strings` found."""
    return str(json.loads(raw)) if "\\" in raw else raw[1:-1]


def is_json_list(text: str) -> bool:
    """Whether a text is a JSON list of anything."""
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False
