"""invalid-port."""

from tests.rules.marking import fires, silent

RULE = "invalid-port"


def test_fires() -> None:
    found = fires(
        RULE, "FROM a:1\nEXPOSE 80 <<80800>> <<http>> <<90-80>> <<80/htp>> <<80,443>>\nONBUILD EXPOSE <<x>>\n"
    )
    assert [finding.message for finding in found] == ["port", "port", "port", "protocol", "port", "port"]


def test_silent() -> None:
    silent(
        RULE,
        "FROM a:1\nARG P\nEXPOSE 0 65535 80/tcp 80/UDP 80/sctp 8000-8010 8000-8010/udp $P ${P}/tcp 80:80 1.2.3.4:5:6\n",
    )
