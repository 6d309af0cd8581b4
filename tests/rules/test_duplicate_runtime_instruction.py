"""duplicate-runtime-instruction."""

from tests.rules.marking import fires, fixed, silent

RULE = "duplicate-runtime-instruction"


def test_fires_at_what_does_not_count() -> None:
    found = fires(
        RULE,
        "FROM a\n<<CMD>> a\n<<ENTRYPOINT>> b\n<<CMD>> c\nENTRYPOINT d\n<<HEALTHCHECK>> NONE\nCMD e\nHEALTHCHECK NONE\n",
    )
    assert [finding.aliases[1] for finding in found] == ["DL4003", "DL4004", "DL4003", "DL3012"]
    assert found[0].related[0].place.item is found[2].related[0].place.item


def test_the_fix_deletes_the_whole_instruction() -> None:
    assert fixed(RULE, 'FROM a:1\r\nCMD a \\\r\n b\r\nUSER x\r\nCMD ["c"]') == 'FROM a:1\r\nUSER x\r\nCMD ["c"]'


def test_silent() -> None:
    silent(RULE, "FROM a:1 AS b\nCMD a\nENTRYPOINT x\nFROM b\nCMD c\nENTRYPOINT d\nRUN x\nRUN y\n")
    silent(RULE, "FROM a:1\nONBUILD CMD a\nCMD b\n")
