"""How long an estimate takes: `python benchmarks/estimate.py` prints milliseconds of processor time.

A Dockerfile of 60 lines in two stages with a requirements file of 100 lines: the first estimate of a process, one of a
new document with everything warm, and one after an edit in the middle.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from slimstage.context import DictContext
from slimstage.knowledge import KnowledgeBase, load
from slimstage.model import Model
from slimstage.sizes.estimate import estimate
from slimstage.syntax import parse, reparse
from slimstage.text import Span

ROUNDS = 20


def dockerfile() -> str:
    """60 lines: compilers and pip in one stage, packages and files in another."""
    steps = "".join(f"ENV STEP{number}={number}\nRUN mkdir -p /data/{number}\n" for number in range(24))
    return (
        "FROM python:3.11-slim-bookworm AS build\n"
        "RUN apt-get update && apt-get install -y gcc build-essential libpq-dev\n"
        "WORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
        f"{steps}"
        "FROM python:3.11-slim-bookworm\n"
        "RUN apt-get update && apt-get install -y libpq5 curl && rm -rf /var/lib/apt/lists/*\n"
        "COPY --from=build /usr/local /usr/local\nCOPY . /app\nUSER 1000\nWORKDIR /app\n"
        'CMD ["python", "main.py"]\n'
    )


def requirements(knowledge: KnowledgeBase) -> str:
    """100 pinned lines."""
    names = list(knowledge.measured_wheels)[:100]
    return "".join(f"{name}=={knowledge.measured_wheels[name][0].version}\n" for name in names)


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds of processor time."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main() -> int:
    """Print the figures; returns the exit code."""
    text, knowledge = dockerfile(), load()
    context = DictContext({"requirements.txt": requirements(knowledge), "main.py": "print()\n"})
    table = timed(lambda: knowledge.debian("bookworm"))
    alpine = timed(lambda: knowledge.alpine)
    first = timed(lambda: estimate(Model(parse(text), knowledge, context)))
    warm, edited = [], []
    for _ in range(ROUNDS):
        tree = parse(text)
        model = Model(tree, knowledge, context)
        warm.append(timed(lambda model=model: estimate(model)))  # type: ignore[misc]
        at = text.index("/data/12")
        after = Model(reparse(tree, Span(at, at + 5), "/other"), knowledge, context, previous=model)
        edited.append(timed(lambda after=after: estimate(after)))  # type: ignore[misc]
    sys.stdout.write(f"{text.count(chr(10))} lines, 100 requirements\n")
    sys.stdout.write(f"table of Debian packages, first use  {table:7.1f} ms\n")
    sys.stdout.write(f"table of Alpine packages, first use  {alpine:7.1f} ms\n")
    sys.stdout.write(f"first estimate of a process          {first:7.1f} ms\n")
    sys.stdout.write(f"a new document, warm                 {statistics.median(warm):7.1f} ms\n")
    sys.stdout.write(f"after an edit in the middle          {statistics.median(edited):7.1f} ms\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
