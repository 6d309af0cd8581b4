"""`slimstage convert`: one Dockerfile as a lean multi-stage build, or why it stays as it is."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.cli import discovery
from slimstage.cli.arguments import UsageError
from slimstage.cli.check import STDIN, STDIN_NAME
from slimstage.cli.config import Config, Configs
from slimstage.cli.console import Console, printable
from slimstage.cli.discovery import Unreadable
from slimstage.cli.main import CLEAN, FAULT, FINDINGS
from slimstage.context.folder import FolderContext
from slimstage.features.conversion import conversion_item, size_text
from slimstage.text import SourceText


def convert(options: Namespace, console: Console) -> int:
    """Convert one file. Returns 0 converted, 1 refused, 2 for a file that cannot be read."""
    if options.write and options.path == STDIN:
        raise UsageError(console.text("cli.usage.write_stdin"))
    if options.context is not None and not os.path.isdir(options.context):
        raise UsageError(console.text("cli.usage.no_context", path=options.context))
    name = STDIN_NAME if options.path == STDIN else options.path
    try:
        return _convert(options, console, name)
    except Unreadable as error:
        console.fault(f"{name}: {console.text(error.key, **error.arguments)}")
        return FAULT


def _convert(options: Namespace, console: Console, name: str) -> int:
    configs = Configs(options.config)
    if options.path == STDIN:
        source, folder = discovery.decoded(sys.stdin.buffer.read(discovery.MAX_BYTES + 1)), Path.cwd()
    else:
        source, folder = discovery.read(options.path), Path(os.path.abspath(options.path)).parent
    config = configs.of(folder)
    lang = options.lang or config.settings.lang or console.lang
    item = conversion_item(_analysis(options, console, source, config, folder), name, lang)
    if options.write and item["converted"]:
        from slimstage.cli.writing import replace_text

        replace_text(options.path, item["dockerfile"])
    if options.format == "json":
        _print_json(item, console)
    elif not item["converted"]:
        console.note(f"{printable(name)}: {printable(item['reason'])}")
    elif options.diff:
        from slimstage.cli.text_report import print_diff

        print_diff(console, name, source, item["dockerfile"])
    else:
        _print_text(item, options, console, lang)
    return CLEAN if item["converted"] else FINDINGS


def _analysis(options: Namespace, console: Console, source: str, config: Config, folder: Path) -> Analysis:
    settings = config.settings
    context = folder if settings.context is None else config.folder / settings.context
    if options.context is not None:
        context = Path(options.context)
    return Analysis(
        SourceText(source),
        console.knowledge(config.knowledge),
        FolderContext(context),
        AnalysisOptions(target=settings.target, build_args=settings.build_args, severities=settings.severities),
    )


def _print_json(item: dict[str, Any], console: Console) -> None:
    import json

    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(item, ensure_ascii=not readable, indent=2)
    console.out(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def _print_text(item: dict[str, Any], options: Namespace, console: Console, lang: str) -> None:
    """The new text on standard output, so that it can be piped on, and what was done on standard error."""
    text = console.knowledge().text
    if not options.write:
        sys.stdout.flush()
        sys.stdout.buffer.write(item["dockerfile"].encode("utf-8"))
        sys.stdout.buffer.flush()
    write = console.out if options.write else console.note
    for step in item["steps"]:
        write(f"- {printable(step['what'])}: {printable(step['why'])}")
    if item["before"] is not None and item["after"] is not None:
        write(text("cli.convert.sizes", lang, before=size_text(item["before"]), after=size_text(item["after"])))
    if options.write:
        write(text("cli.convert.written", lang, path=printable(item["path"])))
