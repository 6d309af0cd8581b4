"""What a project's own texts show: the programs its sources start, the wheels its lock file lists."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.context.manifests import read_toml
from slimstage.rewrites import needs
from slimstage.rewrites.needs import called_words
from slimstage.rewrites.python_managers import _has_wheel


@pytest.mark.parametrize(
    "call",
    [
        "require('child_process')", "import 'execa'", "shelljs", "cross-spawn", "import 'zx'", "subprocess.run(",
        "os.system(", "os.popen(", "await asyncio.create_subprocess_exec(", "pexpect", "exec.Command(",
        "new ProcessBuilder(", "new ProcessStartInfo(", "Process.Start(", "Runtime.getRuntime()", "process::Command",
        "popen(", "system(",
    ],
)  # fmt: skip
def test_a_source_that_starts_programs_is_noticed_by_each_of_its_words(call: str) -> None:
    assert "git" in called_words([("main.js", f'{call} "git log"')])
    assert called_words([("main.js", 'print("git log")')]) == ()


def test_every_word_of_calls_is_looked_for() -> None:
    alternatives = needs._CALLS.pattern.split("|")
    assert len(alternatives) == 18
    for alternative in alternatives:
        plain = alternative.replace("\\b", "").replace("\\", "")
        assert any(word in plain for word in needs._CALL_WORDS), alternative


LOCK = """
[[package]]
name = "ruamel-yaml-clib"
wheels = [
    { url = "https://example.org/x/ruamel.yaml.clib-0.2.8-cp311-cp311-manylinux_2_17_x86_64.whl", hash = "sha256:0" },
    { url = "https://example.org/x/pywin32-306-cp311-cp311-win_amd64.whl", hash = "sha256:1" },
    { url = "https://example.org/x/Flask-3.0.0-py3-none-any.whl" },
]
sdist = { url = "https://example.org/x/psycopg2-2.9.9.tar.gz" }
"""


@pytest.mark.parametrize(
    ("name", "has"),
    [("ruamel-yaml-clib", True), ("flask", True), ("pywin32", False), ("psycopg2", False), ("yaml-c", False)],
)
def test_a_wheel_for_linux_is_found_by_any_spelling(name: str, has: bool) -> None:
    assert _has_wheel(LOCK, name) is has


def test_a_table_is_read_anew_when_its_text_changes() -> None:
    first, again = (read_toml(DictContext({"uv.lock": LOCK}), "uv.lock") for _ in range(2))
    assert first is not None and first is again
    changed = read_toml(DictContext({"uv.lock": LOCK + "[other]\n"}), "uv.lock")
    assert changed is not None and "other" in changed and "other" not in first
    assert read_toml(DictContext({"uv.lock": "= broken"}), "uv.lock") is None
