"""interactive-install."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "interactive-install"


def test_fires() -> None:
    found = fires(
        RULE,
        "FROM a:1\nRUN apt-get update && apt-get <<install>> a && \\\n  apt <<install>> b\n"
        "RUN yum <<install>> a\nRUN dnf -q <<install>> a\nRUN zypper <<in>> a\nRUN apt-get -q <<install>> a\n",
    )
    assert [finding.aliases[0] for finding in found] == ["DL3014", "DL3014", "DL3030", "DL3038", "DL3034", "DL3014"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("apt-get update && apt-get install \\\r\n   a", "apt-get update && apt-get install -y \\\r\n   a"),
        ("zypper install a", "zypper --non-interactive install a"),
        ("<<E\napt-get install a\nE", "<<E\napt-get install -y a\nE"),
        ('["apt-get", "install", "a"]', '["apt-get", "install", "-y", "a"]'),
        ('["zypper", "install", "a"]', '["zypper", "--non-interactive", "install", "a"]'),
        ('["sh", "-c", "apt-get install a"]', '["sh", "-c", "apt-get install -y a"]'),
    ],
)
def test_fix(before: str, after: str) -> None:
    assert fixed(RULE, f"FROM a:1\nRUN {before}\n") == f"FROM a:1\nRUN {after}\n"


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -y a",
        "apt-get -y install a",
        "apt-get install --yes a",
        "apt-get install --assume-yes a",
        "apt-get install -yqq a",
        "apt-get install -qq a",
        "apt-get install -o APT::Get::Assume-Yes=true a",
        "yes | apt-get install a",
        "apt-get install -s a",
        "apt-get install",
        "apt-get update",
        "microdnf install a",
        "zypper -n in a",
        "zypper --non-interactive install a",
        "dnf install --assumeyes a",
        "apk add a",
        "echo apt-get install a",
    ],
)
def test_silent(command: str) -> None:
    silent(RULE, f"FROM a:1\nRUN {command}\n")


def test_silent_where_the_configuration_says_yes() -> None:
    silent(
        RULE,
        "FROM a:1 AS b\nRUN echo 'APT::Get::Assume-Yes \"1\";' > /etc/apt/apt.conf.d/y\nFROM b\nRUN apt install x\n",
    )
    silent(RULE, "FROM a:1\nCOPY yes /etc/apt/apt.conf.d/\nRUN apt-get install x\n")
