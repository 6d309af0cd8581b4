"""reserved-stage-name."""

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "reserved-stage-name"


def test_fires() -> None:
    fires(RULE, "FROM a:1 AS <<scratch>>\nFROM a:1 AS <<Context>>\n")
    assert fixed(RULE, "FROM a:1 AS context\nFROM b:1\nCOPY --from=context a b\n") == (
        "FROM a:1 AS context-stage\nFROM b:1\nCOPY --from=context-stage a b\n"
    )


def test_no_fix_when_the_name_is_taken() -> None:
    assert findings(analyse("FROM a:1 AS context-stage\nFROM a:1 AS context\n"), RULE)[0].fixes == ()


def test_silent() -> None:
    silent(RULE, "FROM scratch\nFROM a:1 AS contexts\nFROM scratch AS b\n")
