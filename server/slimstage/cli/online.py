"""`--online` on the command line: progress on a terminal, and one note for what could not be had."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from slimstage.cli.console import Console, printable
from slimstage.online.collect import collect, with_figures

if TYPE_CHECKING:
    from slimstage.analysis import Analysis


def asked(analysis: Analysis, console: Console) -> Analysis:
    """The same file with what its registries say; as it was where they say nothing."""
    shown = sys.stderr.isatty()

    def progress(settled: int, wanted: int) -> None:
        sys.stderr.write("\r" + console.text("online.progress", settled=settled, wanted=wanted))
        sys.stderr.flush()

    found = collect(analysis, progress=progress if shown else None)
    if shown:
        sys.stderr.write("\r\x1b[K")
    if found.missed:
        reasons = printable("; ".join(found.told(console.lang)))
        console.note(console.text("online.missed", count=found.missed, reasons=reasons))
    return with_figures(analysis, found)
