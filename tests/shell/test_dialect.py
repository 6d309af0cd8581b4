"""Which language a SHELL or a heredoc speaks."""

from __future__ import annotations

import pytest

from slimstage.shell.dialect import dialect_of, heredoc_interpreter


@pytest.mark.parametrize(
    ("shell", "dialect"),
    [
        (("/bin/sh", "-c"), "sh"),
        (("/bin/bash", "-o", "pipefail", "-c"), "bash"),
        (("/bin/ash", "-eo", "pipefail", "-c"), "sh"),
        (("/usr/bin/env", "bash", "-c"), "bash"),
        (("powershell", "-Command"), "powershell"),
        (("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\PowerShell.EXE", "-Command"), "powershell"),
        (("cmd", "/S", "/C"), "cmd"),
        (("/usr/bin/python3.11", "-c"), "python"),
        (("fish", "-c"), "other"),
        ((), "other"),
    ],
)
def test_dialect(shell: tuple[str, ...], dialect: str) -> None:
    assert dialect_of(shell) == dialect


@pytest.mark.parametrize(
    ("line", "content", "index", "interpreter"),
    [
        ("<<EOF", "apt-get update\n", 0, "shell"),
        ("<<EOF", "#!/bin/bash -e\nls\n", 0, "shell"),
        ("<<EOF", "#!/usr/bin/env python3\nprint()\n", 0, "python3"),
        ("<<EOF", "#!/usr/bin/env -S bash -e\n", 0, "shell"),
        ("<<EOF bash", "ls\n", 0, "shell"),
        ("bash -ex <<EOF", "ls\n", 0, "shell"),
        ("sh -s -- arg <<EOF", "ls\n", 0, "shell"),
        ("python3 <<EOF", "print()\n", 0, "python3"),
        ("cat <<EOF > /run.sh", "#!/bin/sh\nls\n", 0, "cat"),
        ("bash script.sh <<EOF", "input\n", 0, "other"),
        ("bash -c 'cat' <<EOF", "input\n", 0, "other"),
        ("cat <<A > x && sh <<B", "", 0, "cat"),
        ("cat <<A > x && sh <<B", "", 1, "shell"),
        ("$CMD <<EOF", "", 0, "other"),
        ("ls", "", 0, "other"),
    ],
)
def test_heredoc_interpreter(line: str, content: str, index: int, interpreter: str) -> None:
    assert heredoc_interpreter(line, content, index) == interpreter
