"""duplicate-stage-name."""

from tests.rules.marking import analyse, findings, fires, fixed, silent

RULE = "duplicate-stage-name"


def test_fires_whatever_the_case() -> None:
    found = fires(RULE, "FROM a:1 AS build\nFROM b:1 AS <<Build>>\nFROM c:1 AS <<build>>\n")
    assert found[0].related[0].place.span == (12, 17)


def test_the_fix_renames_what_refers_to_the_stage_too() -> None:
    text = "FROM a:1 AS b\nFROM a:1 AS b\nFROM b AS c\nCOPY --from=b /x /x\nRUN --mount=from=b,target=/b x\n"
    assert fixed(RULE, text) == (
        "FROM a:1 AS b\nFROM a:1 AS b-2\nFROM b-2 AS c\nCOPY --from=b-2 /x /x\nRUN --mount=from=b-2,target=/b x\n"
    )


def test_a_free_name() -> None:
    text = "FROM a:1 AS b-2\nFROM a:1 AS b\nFROM a:1 AS b\nFROM scratch\n"
    assert "AS b-3\n" in fixed(RULE, text)


def test_no_fix_where_a_variable_names_the_stage() -> None:
    analysis = analyse("ARG S=b\nFROM a:1 AS b\nFROM a:1 AS b\nFROM $S\n")
    assert findings(analysis, RULE)[0].fixes == ()


def test_silent() -> None:
    silent(RULE, "FROM a:1 AS build\nFROM b:1 AS build2\nFROM build AS c\nFROM c\n")
