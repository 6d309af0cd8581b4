"""`slimstage size`: what every line of a Dockerfile weighs, as a table with bars or as JSON; compares two files."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import Namespace
from collections import Counter
from typing import TYPE_CHECKING, Any

from slimstage.cli.config import Configs
from slimstage.cli.console import Console, UsageError, printable
from slimstage.cli.discovery import Unreadable
from slimstage.cli.exit_codes import CLEAN, FAULT, FINDINGS
from slimstage.cli.opening import opened
from slimstage.features.sizes import part_text, size_report
from slimstage.sizes import Size, decimal
from slimstage.text import lazy_pattern

if TYPE_CHECKING:
    from slimstage.analysis import Analysis
    from slimstage.sizes.records import ImageEstimate, InstructionEstimate

_BAR = 24
_TEXT = 60
_SAME = 0.005
_CONTINUED = lazy_pattern(r"[\\`][ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\n)*")  # the ends of lines that go on
_PLATFORM = lazy_pattern(r"(linux/)?(amd64|x86_64|arm64|aarch64)(/v8)?")
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def size(options: Namespace, console: Console) -> int:
    """Print the sizes. Returns 0, 1 when an image is larger than `--max`, 2 for a file that cannot be read."""
    if options.context is not None and not os.path.isdir(options.context):
        raise UsageError(console.text("cli.usage.no_context", path=options.context))
    limit = _limit(options.max, console)
    if options.platform is not None and not _PLATFORM.fullmatch(options.platform):
        raise UsageError(console.text("cli.usage.bad_platform", value=options.platform))
    configs = Configs(options.config)
    found: list[tuple[str, Analysis]] = []
    for path in options.paths:
        try:
            file = opened(os.path.join(path, "Dockerfile") if os.path.isdir(path) else path, configs)
        except Unreadable as error:
            console.fault(f"{path}: {console.text(error.key, **error.arguments)}")
            return FAULT
        analysis = file.analysis(
            console,
            options.context,
            target=options.target,
            build_args=options.build_arg,
            platform=options.platform,
        )
        if options.online:
            from slimstage.cli.online import asked  # nothing else loads a network module

            analysis = asked(analysis, console)
        found.append((path, analysis))
    return _Printer(options, console, limit).print(found)


def _limit(text: str | None, console: Console) -> int | None:
    """Bytes of `150MB`, `1.5 GB`, `200MiB`; None without a limit."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*", text)
    if match is None or match[2].lower() not in _UNITS:
        raise UsageError(console.text("cli.usage.bad_size", value=text))
    return round(float(match[1]) * _UNITS[match[2].lower()])


class _Printer:
    def __init__(self, options: Namespace, console: Console, limit: int | None) -> None:
        self.options = options
        self.console = console
        self.limit = limit

    def print(self, found: list[tuple[str, Analysis]]) -> int:
        over = False
        reports: list[dict[str, Any]] = []
        images: list[tuple[str, ImageEstimate]] = []
        for path, analysis in found:
            image = analysis.sizes
            if image is None:
                self.console.fault(f"{path}: {self.missing(analysis)}")
                return FAULT
            images.append((path, image))
            over = over or (self.limit is not None and image.disk.bytes > self.limit)
            if self.options.format == "json":
                reports.append({"path": path, **(size_report(analysis, self.console.lang) or {})})
            elif len(found) == 1:
                self.table(analysis, image)
        if self.options.format == "json":
            self.json(reports)
        else:
            self.compare(images)
            if over and self.limit is not None:
                worst = max(image.disk.bytes for _, image in images)
                limit = decimal(self.limit)
                self.console.note(self.console.text("size.table.over", max=limit, disk=decimal(worst)))
        if not over and self.limit is not None and any(image.unknown for _, image in images):
            self.console.note(self.console.text("size.table.maybe-over", max=decimal(self.limit)))
        return FINDINGS if over else CLEAN

    def missing(self, analysis: Analysis) -> str:
        """Why there is no estimate."""
        stages = [stage.name for stage in analysis.model.stages if stage.name]
        target = analysis.options.target
        if target is None or not analysis.model.stages:
            return self.console.text("size.nothing")
        names = printable(", ".join(stages)) or "-"
        return self.console.text("size.no_target", target=printable(target), stages=names)

    def json(self, reports: list[dict[str, Any]]) -> None:
        readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        value = reports[0] if len(reports) == 1 else reports
        text = json.dumps(value, ensure_ascii=not readable, indent=2)
        self.console.out(text.encode("utf-8", "backslashreplace").decode("utf-8"))

    def table(self, analysis: Analysis, image: ImageEstimate) -> None:
        text = self.console.text
        largest = max((one.disk.bytes for stage in image.stages for one in stage.instructions), default=0)
        largest = max(largest, max((stage.base.disk.bytes for stage in image.stages), default=0), 1)
        for stage in image.stages:
            if stage.stage.index not in analysis.model.needed_stages:
                continue
            key = "size.table.ships" if stage is image.final else "size.table.stage"
            heading = text(key, stage=printable(stage.stage.label))
            more = " ?" if stage.unknown else ""
            self.console.out(self.console.paint(f"{heading}  {decimal(stage.disk.bytes)}{more}", "bold"))
            for one in (stage.base, *stage.instructions):
                if one is stage.base or one.adds:
                    self.line(analysis, one, largest)
            self.console.out()
        disk, download = image.disk, image.download
        interval = self.console.interval(decimal(disk.low), decimal(disk.high))
        key = "size.table.image-known" if image.unknown else "size.table.image"
        figures = {"interval": interval, "download": decimal(download.bytes)}
        self.console.out(text(key, disk=decimal(disk.bytes), **figures))
        base = image.final.base.disk
        if base.bytes and not image.final.base.unknown:
            self.console.out(text("size.table.base", base=decimal(base.bytes)))
        if image.unknown:
            self.console.out(text("size.table.unknown"))
            parts = Counter(part_text(analysis.knowledge, part, self.console.lang) for part in image.unknown)
            for part, count in parts.items():
                self.console.out(f"  - {printable(part)}" + (f" (x{count})" if count > 1 else ""))

    def line(self, analysis: Analysis, one: InstructionEstimate, largest: int) -> None:
        start = analysis.dockerfile.start_of(one.instruction) + one.instruction.span.start
        number = analysis.source.text.count("\n", 0, start) + 1
        words = " ".join(_CONTINUED.sub(" ", one.instruction.text).split())
        words = words if len(words) <= _TEXT else words[: _TEXT - 3] + "..."
        figure = decimal(one.disk.bytes) + (" ?" if one.unknown else "")
        figure = "?" if one.unknown and not one.disk.high else figure
        filled = round(_BAR * one.disk.bytes / largest)
        bar = "#" * filled + " " * (_BAR - filled)
        self.console.out(f"{number:>5}  {figure:>10}  {bar}  {self.range(one.disk):<21}  "
                         f"{printable(words)}")  # fmt: skip

    def compare(self, images: list[tuple[str, ImageEstimate]]) -> None:
        if len(images) < 2:
            return
        text = self.console.text
        for path, image in images:
            self.console.out(text("size.table.compare", name=printable(path), disk=self.full(image.disk)))
        (first, one), (second, other) = images[0], images[1]
        saved = one.disk.bytes - other.disk.bytes
        larger = max(one.disk.bytes, other.disk.bytes, 1)
        if abs(saved) <= larger * _SAME:
            self.console.out(text("size.table.same"))
            return
        name = second if saved > 0 else first
        share = round(100 * abs(saved) / larger)
        self.console.out(text("size.table.smaller", name=printable(name), saved=decimal(abs(saved)), share=share))

    def range(self, size: Size) -> str:
        """The interval, where it is wide enough to matter."""
        if size.high - size.low <= size.bytes * 0.02:
            return ""
        return self.console.interval(decimal(size.low), decimal(size.high))

    def full(self, size: Size) -> str:
        """A size with its interval."""
        shown = self.range(size)
        return f"{decimal(size.bytes)} ({shown})" if shown else decimal(size.bytes)
