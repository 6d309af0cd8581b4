"""copy-from-self."""

from tests.rules.marking import fires, silent

RULE = "copy-from-self"


def test_fires() -> None:
    fires(RULE, "FROM a:1 AS b\nCOPY --from=<<b>> /a /b\nCOPY --from=<<0>> /a /b\nRUN --mount=from=<<B>>,target=/a x\n")


def test_silent() -> None:
    silent(
        RULE, "FROM a:1 AS b\nONBUILD COPY --from=b /a /b\nFROM b AS c\nCOPY --from=b /a /b\nCOPY --from=c:1 /a /b\n"
    )
