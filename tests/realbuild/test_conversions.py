"""Every offered conversion builds, behaves as the original did, and is smaller."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimstage.knowledge import KnowledgeBase
from slimstage.rewrites import Conversion, Refusal
from tests.realbuild.docker import Docker, Unavailable
from tests.realbuild.harness import Result, all_cases, build, convert, observe, prepared, read_case

pytestmark = pytest.mark.realbuild


@pytest.mark.parametrize("name", all_cases())
def test_case(name: str, docker: Docker, knowledge: KnowledgeBase, cache: Path) -> None:
    case = read_case(name)
    context = prepared(case, cache / "contexts")
    found = convert(case, knowledge, context)
    results = cache / "results"
    if case.expect != "converts":
        assert isinstance(found, Refusal), "offered, though it was expected to be refused"
        assert found.reason == case.expect
        Result(name, case.kind, case.about, f"refused: {found.reason}").saved(results)
        return
    assert isinstance(found, Conversion), found
    try:
        before = build(docker, case, context, "before", case.dockerfile, cache)
        after = build(docker, case, context, "after", found.text, cache)
    except Unavailable as reason:
        pytest.skip(f"realbuild: {reason}")
    old, new = observe(docker, case, before), observe(docker, case, after)
    assert old.code in (None, 0) and not old.output.startswith("no answer"), old.output
    assert new == old
    sizes = docker.size(before), docker.size(after)
    assert sizes[1] < sizes[0]
    seconds = docker.seconds
    Result(name, case.kind, case.about, "same behaviour", *sizes, seconds[before], seconds[after]).saved(results)
