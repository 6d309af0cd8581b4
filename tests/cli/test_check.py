"""`slimstage check` as a process: findings, formats, fixes, exit codes, bad input."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run, environment

# One warning with a safe fix (apt-lists-left), whatever else other rules find.
LISTS = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n"
CLEAN = "FROM debian:bookworm-slim\nWORKDIR /app\n"
ONLY = ("--severity", "apt-lists-left=error")


def rules_in(output: str) -> list[str]:
    return [item["rule"] for item in json.loads(output)]


def test_a_finding_has_its_place_its_line_and_its_fix(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    done = run("check")
    assert "Dockerfile:2:5: warning apt-lists-left (DL3009):" in done.stdout
    assert "   2 | RUN apt-get update" in done.stdout
    assert "     |     ^^^^" in done.stdout
    assert "= fix (--fix): " in done.stdout
    assert "\x1b" not in done.stdout
    assert done.returncode == 0


def test_exit_codes_follow_fail_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    assert run("check").returncode == 0
    assert run("check", "--fail-on", "warning").returncode == 1
    assert run("check", *ONLY).returncode == 1
    assert run("check", *ONLY, "--fail-on", "never").returncode == 0
    assert run("check", "absent").returncode == 2


def test_severity_off_silences_and_aliases_are_taken(run: Run) -> None:
    assert "apt-lists-left" in rules_in(run("check", "-", "--format", "json", stdin=LISTS).stdout)
    off = run("check", "-", "--format", "json", "--severity", "DL3009=off", stdin=LISTS)
    assert "apt-lists-left" not in rules_in(off.stdout)


def test_json_items(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    done = run("check", "--format", "json")
    item = next(item for item in json.loads(done.stdout) if item["rule"] == "apt-lists-left")
    assert list(item) == ["path", "rule", "aliases", "severity", "message", "range", "fixes"]
    assert (item["path"], item["aliases"], item["severity"]) == ("Dockerfile", ["DL3009"], "warning")
    assert item["range"]["start"] == {"line": 1, "character": 4}
    fix = next(fix for fix in item["fixes"] if fix["safe"])
    assert set(fix) == {"title", "safe", "edits"}
    assert all(set(edit) == {"range", "newText"} for edit in fix["edits"])


def test_characters_are_utf16_units(run: Run) -> None:
    text = LISTS.replace("RUN apt-get", 'RUN echo "\U0001f600가" && apt-get')
    done = run("check", "-", "--format", "json", stdin=text)
    item = next(item for item in json.loads(done.stdout) if item["rule"] == "apt-lists-left")
    assert item["range"]["start"]["character"] == len('RUN echo "xx가" && ')


def test_korean_by_option_environment_and_settings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    english = run("check").stdout
    by_option = run("check", "--lang", "ko").stdout
    assert by_option != english
    assert "발견한 문제" in by_option
    assert run("check", LC_ALL="ko_KR.UTF-8").stdout == by_option
    assert run("--lang", "ko", "check").stdout == by_option
    (tmp_path / "slimstage.toml").write_text('lang = "ko"\n')
    assert by_option.splitlines()[0] in run("check").stdout


def test_a_caret_below_wide_characters(run: Run) -> None:
    text = LISTS.replace("RUN apt-get", "RUN echo 가나 && apt-get")
    lines = run("check", "-", stdin=text).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "apt-lists-left" in line)
    # Two wide characters take two columns each.
    assert lines[at + 2].index("^") == lines[at + 1].index("apt-get") + 2


def test_control_characters_do_not_reach_the_terminal(run: Run) -> None:
    done = run("check", "-", stdin=LISTS.replace("curl", "curl \x1b[2J\x07"))
    assert "apt-lists-left" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_fix_keeps_line_ends_bom_and_mode(run: Run, tmp_path: Path, end: str, bom: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes((bom + LISTS.replace("\n", end)).encode())
    path.chmod(0o640)
    done = run("check", "--fix")
    after = path.read_bytes().decode()
    assert "rm -rf /var/lib/apt/lists/*" in after
    assert after.startswith(bom + "FROM")
    assert after.count("\n") == after.count(end)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert "apt-lists-left" not in done.stdout
    assert os.listdir(tmp_path) == ["Dockerfile"]
    assert run("check", "--fix").stdout.count("Fixes applied") == 0


def test_fix_keeps_a_symbolic_link(run: Run, tmp_path: Path) -> None:
    (tmp_path / "real").write_text(LISTS)
    (tmp_path / "Dockerfile").symlink_to("real")
    run("check", "--fix", "Dockerfile")
    assert (tmp_path / "Dockerfile").is_symlink()
    assert "rm -rf" in (tmp_path / "real").read_text()


def test_fix_writes_nothing_when_nothing_is_to_be_fixed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(CLEAN)
    before = path.stat()
    run("check", "--fix")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_fix_on_standard_input_is_a_filter(run: Run) -> None:
    done = run("check", "--fix", "-", stdin=LISTS)
    assert done.stdout.startswith("FROM debian:bookworm-slim\n")
    assert "rm -rf /var/lib/apt/lists/*" in done.stdout
    assert "slimstage: " not in done.stderr
    assert run("check", "--fix", "-", "--format", "json", stdin=LISTS).returncode == 2


def test_diff_changes_nothing_and_applies(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(LISTS)
    done = run("check", "--diff")
    assert path.read_text() == LISTS
    assert done.stdout.startswith("--- a/Dockerfile\n+++ b/Dockerfile\n")
    patched = subprocess.run(
        ["git", "apply", "-"], cwd=tmp_path, input=done.stdout, text=True, capture_output=True, check=False
    )
    assert patched.returncode == 0, patched.stderr
    by_diff = path.read_text()
    path.write_text(LISTS)
    run("check", "--fix")
    assert path.read_text() == by_diff


def test_faults_of_one_file_leave_the_others_checked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0\0")
    (tmp_path / "latin").write_bytes("FROM scratch\nLABEL a=\xe9\n".encode("latin-1"))
    (tmp_path / "huge").write_bytes(b"# x\n" * 2_500_000)
    (tmp_path / "notes.md").write_text("# notes\n")
    done = run("check", "absent", "binary", "latin", "huge", "notes.md", "Dockerfile")
    assert done.returncode == 2
    assert "apt-lists-left" in done.stdout
    faults = done.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in faults] == ["absent", "binary", "latin", "huge", "notes.md"]


def test_a_file_named_twice_is_checked_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    found = json.loads(run("check", "Dockerfile", ".", "./Dockerfile", "--format", "json").stdout)
    assert sum(item["rule"] == "apt-lists-left" for item in found) == 1


def test_no_dockerfile_is_no_fault(run: Run) -> None:
    assert run("check").returncode == 0
    assert run("check", "--format", "json").stdout == "[]\n"


@pytest.mark.parametrize(
    "text",
    ["", "\n", "\ufeff", "FROM", "RUN \\", "FROM a\nRUN <<EOF\nx", 'CMD ["a', "\\", "FROM a\nRUN '" + '"' * 3000,
     "FROM a\nRUN " + "$(" * 2000, "FROM ${" + "a:-${" * 2000, "\r\r\r", "FROM a\nRUN \u0085\u2028x"],
)  # fmt: skip
def test_odd_texts_are_no_fault(run: Run, text: str) -> None:
    done = run("check", "-", stdin=text)
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["chek"], "check"),
        (["check", "--formt", "json"], "--format"),
        (["check", "--format", "jsn"], "json"),
        (["check", "--severity", "apt-list-left=off"], "apt-lists-left"),
        (["check", "--severity", "apt-lists-left"], "RULE=LEVEL"),
        (["check", "--severity", "apt-lists-left=loud"], "warning"),
        (["check", "--fix", "--diff"], "--diff"),
        (["check", "--context", "absent"], "absent"),
        (["check", "--config", "absent.toml"], "absent.toml"),
        ([], "check"),
        (["lsp", "--tcp", "8.8.8.8:1"], "loopback"),
        (["lsp", "--tcp", "localhost"], "HOST:PORT"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, arguments: list[str], word: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert word in done.stderr


@pytest.mark.parametrize(
    ("content", "word"),
    [("severity = 1", "severities"), ("lang = [", "slimstage.toml"), ('[severities]\n"apt-list-left" = "off"',
                                                                      "apt-lists-left")],
)  # fmt: skip
def test_a_wrong_settings_file_is_one_line(run: Run, tmp_path: Path, content: str, word: str) -> None:
    (tmp_path / "slimstage.toml").write_text(content)
    (tmp_path / "Dockerfile").write_text(CLEAN)
    done = run("check")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "slimstage.toml" in done.stderr
    assert word in done.stderr


def test_settings_hold_and_options_win(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS)
    (tmp_path / "pyproject.toml").write_text('[tool.slimstage]\nseverities = { apt-lists-left = "error" }\n')
    assert run("check").returncode == 1
    assert run("check", "--severity", "apt-lists-left=hint").returncode == 0


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LISTS + "RUN apt-get update\n" * 800)
    process = subprocess.Popen(
        [sys.executable, "-m", "slimstage", "check"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 2


def test_a_terminal_without_korean_gets_escapes(run: Run) -> None:
    done = run("check", "-", "--lang", "ko", stdin=LISTS, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "apt-lists-left" in done.stdout
    as_json = run("check", "-", "--format", "json", "--lang", "ko", stdin=LISTS, PYTHONIOENCODING="ascii")
    assert as_json.stdout.isascii()
    assert any(item["rule"] == "apt-lists-left" for item in json.loads(as_json.stdout))


def test_rules_and_version(run: Run) -> None:
    listed = json.loads(run("rules", "--format", "json").stdout)
    assert {"id": "apt-lists-left", "severity": "warning"}.items() <= next(
        row for row in listed if row["id"] == "apt-lists-left"
    ).items()
    assert [row["id"] for row in listed] == sorted(row["id"] for row in listed)
    assert "apt-lists-left" in run("rules").stdout
    assert run("--version").stdout.startswith("slimstage 0.")


def test_help_is_there_in_both_languages(run: Run) -> None:
    assert "exit code" in run("check", "--help").stdout
    assert "종료 코드" in run("check", "--help", "--lang", "ko").stdout
    assert run("--help").returncode == 0
    for arguments in (("--help",), ("check", "--help"), ("explain", "-h")):
        told = run("--lang", "ko", *arguments).stdout
        assert told.startswith("사용법: slimstage")
        assert "\n옵션:" in told
        assert "usage" not in told
        assert "options:" not in told
        assert "arguments:" not in told


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")
@pytest.mark.parametrize("arguments", [("check", "-"), ("explain", "layer"), ("--version",)])
def test_a_full_disk_is_one_line_not_a_traceback(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "slimstage", *arguments],
            input=LISTS.encode(), stdout=full, stderr=subprocess.PIPE, env=environment(), check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"slimstage: ")


@pytest.mark.parametrize("text", ["", "\n\n", "# later\n", "ARG A=1\n"])
def test_a_file_without_a_stage_is_an_error(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile").write_text(text)
    done = run("check")
    assert done.returncode == 1
    assert done.stdout.startswith("Dockerfile:1:1: error missing-from")
    assert "nothing to build" in done.stdout
    korean = run("check", "--format", "json", "--lang", "ko")
    (item,) = json.loads(korean.stdout)
    assert "빌드할 것이 없습니다" in item["message"]
    assert item["range"]["start"] == {"line": 0, "character": 0}


def test_many_findings_are_counted_by_rule(run: Run, tmp_path: Path) -> None:
    for folder, lines in (("a", 19), ("b", 2)):
        (tmp_path / folder).mkdir()
        text = "FROM debian:bookworm-slim\n" + "".join(f"ENV K{at} v\n" for at in range(lines))
        (tmp_path / folder / "Dockerfile").write_text(text)
    assert "By rule: legacy-key-value 21\n" in run("check", "--lang", "en", ".").stdout
    assert "By rule" not in run("check", "--lang", "en", "a/Dockerfile").stdout


def test_templates_in_folders_are_left_out_and_counted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\nRUN tool --format '{{.Tag}}'\n")
    (tmp_path / "Dockerfile.linux").write_text("{{ if x }}\nFROM debian:bookworm-slim\n{{ end }}\n")
    (tmp_path / "Dockerfile.base").write_text("FROM {{base}} AS b\nRUN x\n")
    done = run("check", "--lang", "en", ".")
    assert done.returncode == 0
    assert "Templates left out (name one to check it): 2." in done.stdout
    assert "Files checked: 1." in done.stdout
    done = run("check", "--lang", "en", "Dockerfile.base")
    assert done.returncode == 1
    assert "invalid-image-reference" in done.stdout
