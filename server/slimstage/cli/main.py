"""The `slimstage` command: reads the arguments, hands over to a subcommand, turns every fault into one line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TextIO

from slimstage.cli.exit_codes import CLEAN, FAULT

if TYPE_CHECKING:
    from argparse import Namespace

    from slimstage.cli.console import Console


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line. Returns 0 clean, 1 findings at or above `--fail-on`, 2 usage error or a fault."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments in (["--version"], ["-V"]):
        from slimstage import __version__

        return _printed(f"slimstage {__version__}")
    for stream in (sys.stdout, sys.stderr):
        _never_fail_on_characters(stream)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _stopped()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted. Python would complain once more when it flushes at exit.
        _discard_output()
        return FAULT
    except OSError as error:  # faults of input files are told where they are read
        _discard_output()
        sys.stderr.write(f"slimstage: {error.strerror or error}\n")
        return FAULT


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    # Start-up makes much that lives as long as the process: collecting garbage meanwhile finds none.
    gc.disable()
    from slimstage.cli.console import Console, chosen_language
    from slimstage.knowledge.store import KnowledgeError

    try:
        console = Console(chosen_language(arguments, os.environ))
    except KnowledgeError as error:
        sys.stderr.write(f"slimstage: {error}\n")
        return FAULT
    code = _dispatch(arguments, console)
    sys.stdout.flush()
    return code


def _dispatch(arguments: list[str], console: Console) -> int:
    from slimstage.cli.arguments import parse
    from slimstage.cli.console import UsageError
    from slimstage.knowledge.store import KnowledgeError
    from slimstage.settings import SettingsError

    try:
        options = parse(arguments, console)
        if options is None:
            return CLEAN
        command = _command(options.command)
        gc.freeze()
        gc.enable()
        return command(options, console)
    except UsageError as error:
        console.fault(str(error))
    except SettingsError as error:
        console.fault(console.settings_fault(error))
    except KnowledgeError as error:
        console.fault(console.knowledge().fault_text(error, console.lang))
    return FAULT


def _command(name: str) -> Callable[[Namespace, Console], int]:
    """The subcommand's function; each one imports only what it needs."""
    if name == "check":
        from slimstage.cli.check import check

        return check
    if name == "convert":
        from slimstage.cli.convert import convert

        return convert
    if name == "explain":
        from slimstage.cli.explain import explain

        return explain
    if name == "rules":
        from slimstage.cli.rules import rules

        return rules
    if name == "mcp":
        from slimstage.cli.mcp import serve as serve_mcp

        return serve_mcp
    if name == "size":
        from slimstage.cli.size import size

        return size
    from slimstage.cli.serve import serve

    return serve


def _printed(line: str) -> int:
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError as error:
        _discard_output()
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"slimstage: {error.strerror or error}\n")
        return FAULT
    return CLEAN


def _stopped() -> int:
    from slimstage.cli.console import Console, chosen_language

    console = Console(chosen_language(sys.argv[1:], os.environ))
    console.fault(console.text("cli.interrupted"))
    return FAULT


def _never_fail_on_characters(stream: TextIO) -> None:
    """A terminal that cannot show a character gets an escape instead of a traceback."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
