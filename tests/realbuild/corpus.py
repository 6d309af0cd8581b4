"""Runs the converter over public Dockerfiles with their own folders as contexts, and counts what it says.

    python -m tests.realbuild.corpus TREE...

Each TREE is a checkout of a repository. Every Dockerfile with one stage is converted; nothing may raise, what is
offered must be read by BuildKit's own parser and must not be convertible again. The counts go into
benchmarks/conversions.md.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import Counter
from pathlib import Path

import dockerfile as buildkit

from slimstage.analysis import Analysis
from slimstage.context.folder import FolderContext
from slimstage.knowledge import load
from slimstage.rewrites import Conversion, Refusal
from slimstage.text import SourceText
from tests.realbuild.report import CORPUS, TARGET


def dockerfiles(tree: Path) -> list[Path]:
    """The Dockerfiles of a checkout."""
    names = ("Dockerfile*", "*.Dockerfile", "*.dockerfile")
    found = {path for name in names for path in tree.rglob(name) if path.is_file() and not path.is_symlink()}
    return sorted(path for path in found if path.suffix not in (".dockerignore", ".template", ".md", ".erb", ".j2"))


def main(trees: list[Path]) -> None:
    """Convert, check, count, write."""
    knowledge = load()
    counts: Counter[str] = Counter()
    patterns: Counter[str] = Counter()
    faults: list[str] = []
    slowest = 0.0
    files = 0
    for tree in trees:
        for path in dockerfiles(tree):
            text = path.read_text(encoding="utf-8", errors="replace")
            context = FolderContext(path.parent)
            analysis = Analysis(SourceText(text), knowledge, context)
            if len(analysis.model.stages) != 1:
                continue
            files += 1
            start = time.perf_counter()
            found = analysis.conversion
            slowest = max(slowest, time.perf_counter() - start)
            where = f"{tree.name}/{path.relative_to(tree)}"
            if isinstance(found, Refusal):
                counts[found.reason] += 1
                print(where, found.reason, dict(found.args), sep="\t")
                continue
            patterns[found.pattern] += 1
            print(where, "CONVERTED", found.pattern, sep="\t")
            faults += [f"{where}: {fault}" for fault in problems(found, knowledge_of=analysis)]
    print("\n".join(faults), file=sys.stderr)
    print(f"slowest {slowest * 1000:.0f} ms", file=sys.stderr)
    old = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    head = old[: old.index(CORPUS)] if CORPUS in old else old.rstrip("\n") + "\n\n"
    TARGET.write_text(head + "\n".join(lines(files, counts, patterns, faults)) + "\n", encoding="utf-8")


def problems(found: Conversion, knowledge_of: Analysis) -> list[str]:
    """What is wrong with an offered file."""
    wrong: list[str] = []
    try:
        buildkit.parse_string(found.text)
    except Exception as error:
        wrong.append(f"BuildKit does not read it: {error}")
    again = Analysis(SourceText(found.text), knowledge_of.knowledge, knowledge_of.context).conversion
    if isinstance(again, Conversion):
        wrong.append("can be converted again")
    return wrong


def lines(files: int, counts: Counter[str], patterns: Counter[str], faults: list[str]) -> list[str]:
    """The page's part about public Dockerfiles."""
    offered = sum(patterns.values())
    kinds = ", ".join(f"{name} {count}" for name, count in patterns.most_common())
    summary = (
        f"Written by `python -m tests.realbuild.corpus` on {dt.datetime.now(dt.timezone.utc):%Y-%m-%d}: {files} "
        f"single-stage Dockerfiles of public repositories, each with its own folder as context. No exception; "
        f"{offered} offered ({kinds}), of which {len(faults)} are not read by BuildKit's parser or can be converted "
        "again. Most of these files define base images and tools, which are no candidates. Refusals by reason:"
    )
    out = [
        CORPUS,
        "",
        summary,
        "",
        "| reason | files |",
        "|---|---:|",
    ]
    return out + [f"| {reason} | {count} |" for reason, count in counts.most_common()]


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
