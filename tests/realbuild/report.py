"""Writes benchmarks/conversions.md from what the last runs of the real builds and of the corpus left behind.

    python -m tests.realbuild.report

reads the results below the cache folder (`SLIMSTAGE_REALBUILD`) and keeps the part about public Dockerfiles that
`python -m tests.realbuild.corpus FOLDER` wrote.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
from pathlib import Path

from tests.realbuild import bases

TARGET = Path(__file__).parents[2] / "benchmarks" / "conversions.md"
CORPUS = "## Public Dockerfiles"
_HEAD = """Written by `python -m tests.realbuild.report` on {date}.
Each project below is our own (`tests/realbuild/cases`). It is converted by slimstage, built before and after with
BuildKit, and both images are run without a network: output and exit code, HTTP answers with a missing page, user id and
the reaction to the stop signal must be the same, and the image smaller. The base images are stand-ins of about the
official sizes (`tests/realbuild/bases`); sizes are bytes on disk as `docker images` shows them."""


def main() -> None:
    """Write the table."""
    root = Path(os.environ.get("SLIMSTAGE_REALBUILD", str(Path.home() / ".cache/slimstage-realbuild")))
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((root / bases.key() / "results").glob("*"))]
    old = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    kept = old[old.index(CORPUS) :] if CORPUS in old else ""
    TARGET.write_text("\n".join(lines(rows)) + "\n" + ("\n" + kept if kept else ""), encoding="utf-8")


def lines(rows: list[dict[str, object]]) -> list[str]:
    """The page's first part: one row a case."""
    built = [row for row in rows if row["before"]]
    refused = [row for row in rows if not row["before"]]
    cuts = [1 - number(row["after"]) / number(row["before"]) for row in built]
    today = dt.datetime.now(dt.timezone.utc)
    summary = (
        f"{len(built)} converted and behaving the same, {len(refused)} refused as they should be; "
        f"median size cut {statistics.median(cuts) * 100:.0f} %."
    )
    out = ["# Conversions, proved by real builds", "", _HEAD.format(date=f"{today:%Y-%m-%d}"), "", summary, ""]
    out += ["| kind | project | what | before | after | cut |", "|---|---|---|---:|---:|---:|"]
    for row in sorted(rows, key=lambda row: (str(row["kind"]), str(row["name"]))):
        if row["before"]:
            before, after = number(row["before"]), number(row["after"])
            sizes = f"{before / 1e6:.1f} MB | {after / 1e6:.1f} MB | {(1 - after / before) * 100:.0f} %"
        else:
            sizes = f"{row['outcome']} | | "
        out.append(f"| {row['kind']} | {row['name']} | {row['about']} | {sizes} |")
    return out


def number(value: object) -> int:
    """A size of a result."""
    assert isinstance(value, int)
    return value


if __name__ == "__main__":
    main()
