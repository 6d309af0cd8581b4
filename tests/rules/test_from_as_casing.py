"""from-as-casing."""

from tests.rules.marking import fires, fixed, silent

RULE = "from-as-casing"


def test_fires() -> None:
    fires(RULE, "FROM a:1 <<as>> b\nFROM a:1 <<As>> c\nfrom a:1 <<AS>> d\n")
    assert fixed(RULE, "FROM a:1 \\\r\n as b\r\n") == "FROM a:1 \\\r\n AS b\r\n"
    assert fixed(RULE, "from a:1 AS b\n") == "from a:1 as b\n"


def test_silent() -> None:
    silent(RULE, "FROM a:1 AS b\nfrom a:1 as c\nFrom a:1 as d\nFrom a:1 AS e\nFROM a:1\nFROM a:1 x d\n")
