"""deprecated-maintainer."""

import pytest

from tests.rules.marking import fires, fixed, silent

RULE = "deprecated-maintainer"
LABEL = "LABEL org.opencontainers.image.authors="


def test_fires() -> None:
    assert fires(RULE, "FROM a:1\n<<MAINTAINER>> x\n")[0].tags == ("deprecated",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("MAINTAINER Jane Doe <j@x.org>", LABEL + '"Jane Doe <j@x.org>"'),
        ('MAINTAINER "Jane Doe"', LABEL + '"Jane Doe"'),
        ('MAINTAINER Jane "J" Doe', LABEL + r'"Jane \"J\" Doe"'),
        ("MAINTAINER $ane", LABEL + r'"\$ane"'),
        ("maintainer Jane \\\n Doe", LABEL.replace("LABEL", "label") + '"Jane  Doe"'),
    ],
)
def test_fix(before: str, after: str) -> None:
    for end in ("\n", "\r\n"):
        text = f"FROM a:1\n{before}\nUSER x\n".replace("\n", end)
        assert fixed(RULE, text) == f"FROM a:1\n{after}\nUSER x\n".replace("\n", end)


def test_silent() -> None:
    silent(RULE, 'FROM a:1\nLABEL maintainer="x"\nRUN MAINTAINER\n')
