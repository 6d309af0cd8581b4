from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from slimstage.cli.config import Configs
from slimstage.rules import ALL_RULES
from slimstage.settings import Settings, SettingsError, read_settings, rule_severities


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.slimstage]\nlang = "ko"\n')
    near = tmp_path / "near"
    near.mkdir()
    (near / "slimstage.toml").write_text('fail_on = "warning"\nknowledge = ["own.yaml"]\n')
    configs = Configs()
    assert configs.of(near).settings == Settings(fail_on="warning", knowledge=("own.yaml",))
    assert configs.of(near).knowledge == (near / "own.yaml",)
    assert configs.of(tmp_path).settings.lang == "ko"


def test_a_pyproject_without_our_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "slimstage.toml").write_text('target = "web"\n')
    below = tmp_path / "below"
    below.mkdir()
    (below / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert Configs().of(below).settings.target == "web"


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"severity": {}}, "settings.unknown_key"),
        ({"lang": "fr"}, "settings.bad_value"),
        ({"fail-on": "fatal"}, "settings.bad_value"),
        ({"knowledge": "x.yaml"}, "settings.wrong_kind"),
        ({"build_args": {"A": 1}}, "settings.wrong_kind"),
        ({"target": 3}, "settings.wrong_kind"),
        ({"severities": {"no-such-rule": "off"}}, "settings.unknown_rule"),
    ],
)
def test_wrong_settings_are_named(data: dict[str, object], key: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(data)
    assert raised.value.key == key


def test_did_you_mean() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({"knowlege": []})
    assert raised.value.arguments["nearest"] == "knowledge"


def test_aliases_of_other_tools_name_our_rules() -> None:
    rule = next(rule for rule in ALL_RULES if rule.aliases)
    assert rule_severities([(rule.aliases[0].lower(), "off")])[rule.id] == "off"


def test_a_level_must_exist() -> None:
    with pytest.raises(SettingsError):
        rule_severities([(ALL_RULES[0].id, "fatal")])


def test_a_fault_in_own_knowledge_is_told_in_both_languages(run: Run, tmp_path: Path) -> None:
    (tmp_path / "slimstage.toml").write_text('knowledge = ["own.yaml"]\n')
    (tmp_path / "own.yaml").write_text("concepts:\n  ours: {}\n")
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.22\n")
    for lang, told in (("en", "`title` is missing"), ("ko", "`title` 항목이 없습니다")):
        done = run("check", "--lang", lang)
        assert done.returncode == 2
        assert f"own.yaml:2: {told}" in done.stderr
