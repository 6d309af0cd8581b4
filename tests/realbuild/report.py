"""Writes benchmarks/conversions.md from what the last runs of the real builds and of the corpus left behind.

    python -m tests.realbuild.report

reads the newest result of each case below the cache folder (`SLIMSTAGE_REALBUILD`). Rows of cases that were not run
here stay as they are, with the date of their run, and so does the part about public Dockerfiles that
`python -m tests.realbuild.corpus FOLDER` wrote.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import statistics
from pathlib import Path

from tests.realbuild.harness import all_cases

TARGET = Path(__file__).parents[2] / "benchmarks" / "conversions.md"
CORPUS = "## Public Dockerfiles"
_HEAD = """Written by `python -m tests.realbuild.report`.
Each project below is our own (`tests/realbuild/cases`). It is converted by slimstage, built before and after with
BuildKit, and both images are run without a network: output and exit code, HTTP answers with a missing page, user id and
the reaction to the stop signal must be the same, and the image smaller. The base images are stand-ins of about the
official sizes (`tests/realbuild/bases`); sizes are bytes on disk as `docker images` shows them."""
_TABLE = ["| kind | project | what | before | after | cut | run |", "|---|---|---|---:|---:|---:|---|"]


def main() -> None:
    """Write the table."""
    root = Path(os.environ.get("SLIMSTAGE_REALBUILD", str(Path.home() / ".cache/slimstage-realbuild")))
    old = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    rows = {str(row["name"]): row for row in (*written(old), *results(root))}
    kept = old[old.index(CORPUS) :] if CORPUS in old else ""
    known = [row for name, row in rows.items() if name in all_cases()]
    TARGET.write_text("\n".join(lines(known)) + "\n" + ("\n" + kept if kept else ""), encoding="utf-8")


def results(root: Path) -> list[dict[str, object]]:
    """What the runs on this machine left, whatever recipes of bases they had; the newest of a case comes last."""
    paths = sorted(root.glob("*/results/*.json"), key=lambda path: path.stat().st_mtime)
    return [{**json.loads(path.read_text(encoding="utf-8")), "date": _day(path.stat().st_mtime)} for path in paths]


def _day(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.timezone.utc):%Y-%m-%d}"


def written(page: str) -> list[dict[str, object]]:
    """The rows of a page as results, their sizes as precise as they are printed."""
    page = page[: page.index(CORPUS)] if CORPUS in page else page
    dated = re.search(r"on (\d{4}-\d\d-\d\d)", page)
    found: list[dict[str, object]] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or len(cells) < 6 or cells[0] == "kind":
            continue
        sizes = [re.fullmatch(r"([\d.]+) MB", cell) for cell in cells[3:5]]
        before, after = (round(float(size[1]) * 1e6) if size else None for size in sizes)
        date = cells[6] if len(cells) > 6 else dated[1] if dated else ""
        row = {"kind": cells[0], "name": cells[1], "about": cells[2], "outcome": cells[3]}
        found.append({**row, "before": before, "after": after, "date": date})
    return found


def lines(rows: list[dict[str, object]]) -> list[str]:
    """The page's first part: one row a case."""
    built = [row for row in rows if row["before"]]
    refused = [row for row in rows if not row["before"]]
    cuts = [1 - number(row["after"]) / number(row["before"]) for row in built]
    summary = (
        f"{len(built)} converted and behaving the same, {len(refused)} refused as they should be; "
        f"median size cut {statistics.median(cuts) * 100:.0f} %."
    )
    out = ["# Conversions, proved by real builds", "", _HEAD, "", summary, "", *_TABLE]
    for row in sorted(rows, key=lambda row: (str(row["kind"]), str(row["name"]))):
        if row["before"]:
            before, after = number(row["before"]), number(row["after"])
            sizes = f"{before / 1e6:.1f} MB | {after / 1e6:.1f} MB | {(1 - after / before) * 100:.0f} %"
        else:
            sizes = f"{row['outcome']} | | "
        out.append(f"| {row['kind']} | {row['name']} | {row['about']} | {sizes} | {row['date']} |")
    return out


def number(value: object) -> int:
    """A size of a result."""
    assert isinstance(value, int)
    return value


if __name__ == "__main__":
    main()
