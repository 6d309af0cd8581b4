"""When a changed text counts as mended: the check behind every fix that is offered, one alone or many at once."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis
from slimstage.knowledge import load
from slimstage.text import SourceText

BASE = "FROM alpine:3.20\n"
RULE = "deprecated-maintainer"


def analysis(text: str) -> Analysis:
    return Analysis(SourceText(text), load())


@pytest.mark.parametrize(
    ("before", "after", "count", "mended"),
    [
        ("MAINTAINER x\n", 'LABEL org.opencontainers.image.authors="x"\n', 1, True),
        ("MAINTAINER x\nMAINTAINER y\n", "LABEL a=x\n", 2, True),
        # no finding fewer, or not as many as fixes were applied
        ("MAINTAINER x\n", "MAINTAINER y\n", 1, False),
        ("MAINTAINER x\nMAINTAINER y\n", "MAINTAINER y\n", 2, False),
        # an error that was not there: no stage has this number
        ("MAINTAINER x\n", "COPY --from=9 /a /b\n", 1, False),
        # a fault of the parser that was not there, though its rule is only a warning here
        ("MAINTAINER x\n", "RUN a \\\n\n  b\n", 1, False),
        # an error that was there already is nobody's fault
        ("MAINTAINER x\nCOPY --from=9 /a /b\n", "LABEL a=x\nCOPY --from=9 /a /b\n", 1, True),
    ],
)
def test_mended(before: str, after: str, count: int, mended: bool) -> None:
    assert analysis(BASE + before).is_mended_by(analysis(BASE + after), RULE, count) is mended
