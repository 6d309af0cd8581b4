"""A lazy fix computes its edits once, and only when asked."""

from slimstage.rules.base import Edit, Fix, LazyFix
from slimstage.syntax import parse
from slimstage.syntax.nodes import Place
from slimstage.text import Span
from tests.rules.marking import analyse, findings


def test_computes_once_on_demand() -> None:
    calls: list[int] = []
    edit = Edit(Place(parse("FROM a\n").items[0], Span(0, 0)), "x")

    def compute() -> tuple[Edit, ...]:
        calls.append(1)
        return (edit,)

    fix = LazyFix("convert", compute)
    assert isinstance(fix, Fix) and fix.title == "convert" and not calls
    assert fix.edits == (edit,) and fix.edits == (edit,)
    assert len(calls) == 1


def test_one_without_edits_is_not_offered() -> None:
    analysis = analyse("FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y gcc\nRUN pip install psycopg2\n")
    (finding,) = findings(analysis, "build-tools-in-final-stage")
    assert finding.fixes and not analysis.verified_fixes(finding)
