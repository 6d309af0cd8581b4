"""`slimstage convert`: one Dockerfile as a lean multi-stage build, or why it stays as it is."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from typing import Any

from slimstage.cli.config import Configs
from slimstage.cli.console import Console, UsageError, printable
from slimstage.cli.discovery import Unreadable
from slimstage.cli.exit_codes import CLEAN, FAULT, FINDINGS
from slimstage.cli.opening import STDIN, opened, shown
from slimstage.features.conversion import conversion_item, size_of
from slimstage.rewrites.conversion import WISHES


def convert(options: Namespace, console: Console) -> int:
    """Convert one file. Returns 0 converted, 1 refused, 2 for a file that cannot be read."""
    if options.write and options.path == STDIN:
        raise UsageError(console.text("cli.usage.write_stdin"))
    if options.context is not None and not os.path.isdir(options.context):
        raise UsageError(console.text("cli.usage.no_context", path=options.context))
    name = shown(options.path)
    try:
        return _convert(options, console, name)
    except Unreadable as error:
        console.fault(f"{name}: {console.text(error.key, **error.arguments)}")
        return FAULT


def _convert(options: Namespace, console: Console, name: str) -> int:
    file = opened(options.path, Configs(options.config))
    lang = options.lang or file.config.settings.lang or console.lang
    wishes = {name: value for name in WISHES if (value := getattr(options, name))}
    item = conversion_item(file.analysis(console, options.context, conversion=wishes), name, lang)
    if options.write and item["converted"]:
        from slimstage.cli.writing import replace_text

        replace_text(options.path, item["dockerfile"])
    if options.format == "json":
        _print_json(item, console)
    elif not item["converted"]:
        console.note(f"{printable(name)}: {printable(item['reason'])}")
    elif options.diff:
        from slimstage.cli.text_report import print_diff

        print_diff(console, name, file.source, item["dockerfile"])
    else:
        _print_text(item, options, console, lang)
    return CLEAN if item["converted"] else FINDINGS


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
        write(text("cli.convert.sizes", lang, before=size_of(item["before"]), after=size_of(item["after"])))
    elif item["unknown"]:
        write(text("cli.convert.unknown", lang, images=printable(", ".join(item["unknown"]))))
    if options.write:
        write(text("cli.convert.written", lang, path=printable(item["path"])))
