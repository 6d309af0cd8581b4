"""Which language a SHELL, an exec form or a heredoc speaks."""

from __future__ import annotations

import re

from slimstage.shell.reader import read_script
from slimstage.text import lazy_pattern

_BY_PROGRAM = {
    "sh": "sh", "ash": "sh", "dash": "sh", "busybox": "sh",
    "bash": "bash", "rbash": "bash", "zsh": "bash", "ksh": "bash", "mksh": "bash",
    "powershell": "powershell", "pwsh": "powershell",
    "cmd": "cmd",
    "node": "node", "perl": "perl", "ruby": "ruby", "php": "php",
}  # fmt: skip
_PYTHON = lazy_pattern(r"python[0-9.]*")
_SHEBANG = lazy_pattern(r"#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?")


def dialect_of(shell: tuple[str, ...]) -> str:
    """The language of a SHELL or an exec form, by its program: "sh", "bash", "powershell", "cmd", "python",
    "node", "perl", "ruby", "php", or "other" when the program is none of these.
    """
    for word in shell:
        program = program_name(word)
        if program in ("env", "exec", "sudo", "tini", "dumb-init") or word.startswith("-") or "=" in word:
            continue
        if _PYTHON.fullmatch(program):
            return "python"
        return _BY_PROGRAM.get(program, "other")
    return "other"


def program_name(word: str) -> str:
    """A program's name without its folder, and without `.exe` on Windows; lower-cased when it had one."""
    name = re.split(r"[/\\]", word)[-1]
    return name[:-4].lower() if name.lower().endswith(".exe") else name


def heredoc_interpreter(line: str, content: str, index: int = 0) -> str:
    """Who reads the heredoc number `index` of a RUN `line`: "shell", or the program's name, or "other".

    A RUN with nothing but a heredoc runs the content: by its `#!`, else by the shell in force. Any other
    command gets the content as its input, so `cat <<EOF` is not a script, whatever its first line says.
    """
    seen = 0
    for command in read_script(line).commands:
        for redirect in command.redirects:
            if not redirect.operator.startswith("<<") or redirect.operator == "<<<":
                continue
            if seen == index:
                return _reader_of(tuple(word.value for word in command.words), content)
            seen += 1
    return "other"


def _reader_of(words: tuple[str | None, ...], content: str) -> str:
    if not words:
        match = _SHEBANG.match(content)
        if match is None:
            return "shell"
        program = match[2] if program_name(match[1]) == "env" and match[2] else match[1]
        return "shell" if dialect_of((program,)) in ("sh", "bash") else program_name(program)
    if any(word is None for word in words):
        return "other"
    known = [word for word in words if word is not None]
    if dialect_of(tuple(known)) not in ("sh", "bash"):
        return program_name(known[0])
    at = next(i for i, word in enumerate(known) if program_name(word) in _BY_PROGRAM)
    rest = [word for word in known[at + 1 :] if not word.startswith(("-", "+"))]
    flags = [word for word in known[at + 1 :] if word.startswith("-") and not word.startswith("--")]
    if any("c" in flag for flag in flags):
        return "other"  # the script is an argument; the heredoc is its input
    if rest and not any("s" in flag or "o" in flag for flag in flags) and rest != ["sh"]:
        return "other"  # `bash file <<EOF`: a script file reads the content
    return "shell"
