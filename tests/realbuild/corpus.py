"""Runs the converter over public Dockerfiles with their own folders as contexts, and counts what it says.

    python -m tests.realbuild.corpus TREE...

Each TREE is a checkout of a repository. Every Dockerfile with one stage is converted; nothing may raise, what is
offered must be read by BuildKit's own parser and must not be convertible again. The counts go into
benchmarks/conversions.md. An application is a file that copies something of its own folder into the image.
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

# Where a second stage has nothing to gain, and where the file itself must change first; with every other reason it is
# slimstage that does not know enough.
_NO_GAIN = frozenset(
    """development-image gain-too-small no-tools-on-other-base nothing-is-built nothing-is-built-here
    nothing-to-leave-behind only-configured only-copies only-downloads only-packages tools-removed
    tools-unused""".split()
)
_CHANGE_FIRST = frozenset(
    """builds-at-start compiles-at-run-time development-server editable-install install-as-user install-location
    interpreter-differs manager-at-start mixed-run onbuild problems start-needs-development-dependency start-unknown
    tool-needed-at-run-time""".split()
)


def dockerfiles(tree: Path) -> list[Path]:
    """The Dockerfiles of a checkout."""
    names = ("Dockerfile*", "*.Dockerfile", "*.dockerfile")
    found = {path for name in names for path in tree.rglob(name) if path.is_file() and not path.is_symlink()}
    return sorted(path for path in found if path.suffix not in (".dockerignore", ".template", ".md", ".erb", ".j2"))


def main(trees: list[Path]) -> None:
    """Convert, check, count, write."""
    knowledge = load()
    counts: Counter[str] = Counter()
    applications: Counter[str] = Counter()
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
            application = copies_its_project(analysis)
            start = time.perf_counter()
            found = analysis.conversion
            slowest = max(slowest, time.perf_counter() - start)
            where = f"{tree.name}/{path.relative_to(tree)}"
            if isinstance(found, Refusal):
                counts[found.reason] += 1
                applications[found.reason] += application
                print(where, found.reason, dict(found.args), sep="\t")
                continue
            patterns[found.pattern] += 1
            applications["offered"] += application
            print(where, "CONVERTED", found.pattern, sep="\t")
            faults += [f"{where}: {fault}" for fault in problems(found, knowledge_of=analysis)]
    print("\n".join(faults), file=sys.stderr)
    print(f"slowest {slowest * 1000:.0f} ms", file=sys.stderr)
    old = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
    head = old[: old.index(CORPUS)] if CORPUS in old else old.rstrip("\n") + "\n\n"
    TARGET.write_text(head + "\n".join(lines(files, counts, applications, patterns, faults)) + "\n", encoding="utf-8")


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


def copies_its_project(analysis: Analysis) -> bool:
    """Whether the file copies something of its own folder."""
    return any(
        item.keyword in ("COPY", "ADD") and item.flag("from") is None and bool(item.arguments)
        for stage in analysis.model.stages
        for item in stage.instructions
    )


def group(reason: str) -> str:
    """What kind of refusal a reason is."""
    if reason in _NO_GAIN:
        return "nothing to gain"
    return "the file must change first" if reason in _CHANGE_FIRST else "not known enough"


def lines(
    files: int, counts: Counter[str], applications: Counter[str], patterns: Counter[str], faults: list[str]
) -> list[str]:
    """The page's part about public Dockerfiles."""
    offered = sum(patterns.values())
    kinds = ", ".join(f"{name} {count}" for name, count in patterns.most_common())
    summary = (
        f"Written by `python -m tests.realbuild.corpus` on {dt.datetime.now(dt.timezone.utc):%Y-%m-%d}: {files} "
        f"single-stage Dockerfiles of public repositories, each with its own folder as context; "
        f"{sum(applications.values())} of them are applications, which copy something of it. No exception; "
        f"{offered} offered ({kinds}), {applications['offered']} of them for applications; {len(faults)} are not read "
        "by BuildKit's parser or can be converted again. The other files are mostly base images and tools, which are "
        "no candidates. Refusals by reason:"
    )
    out = [CORPUS, "", summary, "", "| kind | reason | files | applications |", "|---|---|---:|---:|"]
    order = ("nothing to gain", "the file must change first", "not known enough")
    rows = sorted(counts.items(), key=lambda row: (order.index(group(row[0])), -row[1], row[0]))
    return out + [f"| {group(reason)} | {reason} | {count} | {applications[reason]} |" for reason, count in rows]


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
