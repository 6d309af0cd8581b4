"""The page of the real builds is read as it is written, so that a part of the cases can run again. No builds here."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.realbuild.report import lines, results, written

ROWS: list[dict[str, object]] = [
    {
        "name": "a",
        "kind": "Go",
        "about": "one",
        "outcome": "same behaviour",
        "before": 900_000_000,
        "after": 90_000_000,
    },
    {"name": "b", "kind": "Go", "about": "two", "outcome": "refused: why", "before": None, "after": None},
]


def test_rows_survive() -> None:
    dated = [{**row, "date": "2026-11-27"} for row in ROWS]
    page = "\n".join(lines(dated))
    assert "1 converted and behaving the same, 1 refused as they should be; median size cut 90 %." in page
    assert "\n".join(lines(written(page))) == page


def test_the_newest_result_of_a_case_comes_last(tmp_path: Path) -> None:
    for folder, after, time in (("old", 2, 1_000_000), ("new", 1, 2_000_000)):
        path = tmp_path / folder / "results" / "a.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({**ROWS[0], "after": after}), encoding="utf-8")
        os.utime(path, (time, time))
    assert [(row["after"], row["date"]) for row in results(tmp_path)] == [(2, "1970-01-12"), (1, "1970-01-24")]
