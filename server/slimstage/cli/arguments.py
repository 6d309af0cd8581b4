"""The command line's grammar; help texts come from `knowledge/messages/cli.yaml`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from slimstage import __version__
from slimstage.cli.console import Console, UsageError
from slimstage.rewrites.conversion import BASES
from slimstage.settings import FAIL_ON, LANGUAGES
from slimstage.text import close_matches

COMMANDS = ("check", "convert", "size", "explain", "rules", "lsp", "mcp")


class _Help(Exception):
    """Help or version was printed."""


class _Parser(argparse.ArgumentParser):
    """Never exits the process: errors and the end of help become exceptions. Help has the headings of `console`."""

    def __init__(self, *args: Any, console: Console, **options: Any) -> None:
        super().__init__(*args, **options)
        self._usage = console.text("cli.help.usage")
        self._positionals.title = console.text("cli.help.arguments")
        self._optionals.title = console.text("cli.help.options")

    def format_usage(self) -> str:
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups, f"{self._usage} ")
        return formatter.format_help()

    def format_help(self) -> str:
        return self.format_usage() + super().format_help().removeprefix(super().format_usage())

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Help


def parse(arguments: Sequence[str], console: Console) -> argparse.Namespace | None:
    """The parsed arguments, or None when help or the version was printed. Raises `UsageError`."""
    parser, options_of = _parser(console)
    command = _command_in(arguments)
    if command is not None and command not in COMMANDS:
        nearest = _nearest(console, close_matches(command, COMMANDS, n=1))
        raise UsageError(console.text("cli.usage.unknown_command", command=command, nearest=nearest))
    try:
        options, unknown = parser.parse_known_args(arguments)
    except _Help:
        return None
    if options.command == "explain":
        # `COPY --from` and `--mount=type=cache` are topics: what argparse takes for options belongs to them.
        options.topic = [word for word in arguments if word in options.topic or word in unknown]
        unknown = []
    if unknown:
        name = unknown[0].split("=")[0]
        near = close_matches(name, options_of.get(options.command, ()), n=1)
        raise UsageError(console.text("cli.usage.unknown_option", option=name, nearest=_nearest(console, near)))
    if options.command is None:
        parser.print_help()
        raise UsageError(console.text("cli.usage.no_command"))
    options.lang = getattr(options, "lang", None)
    return options


def _command_in(arguments: Sequence[str]) -> str | None:
    """The first argument that is neither an option nor the value of `--lang`."""
    previous = ""
    for argument in arguments:
        if not argument.startswith("-") and previous != "--lang":
            return argument
        previous = argument
    return None


def _nearest(console: Console, names: Sequence[str]) -> str:
    return console.text("cli.did_you_mean", name=names[0]) if names else ""


def _parser(console: Console) -> tuple[_Parser, dict[str, list[str]]]:
    def text(key: str) -> str:
        return console.text(f"cli.help.{key}").replace("%", "%%")

    def choice(allowed: Sequence[str]) -> argparse._ActionType:
        def read(value: str) -> str:
            if value not in allowed:
                nearest = _nearest(console, close_matches(value, allowed, n=1))
                raise argparse.ArgumentTypeError(
                    console.text("cli.usage.bad_choice", value=value, allowed=", ".join(allowed), nearest=nearest)
                )
            return value

        return read

    shared = _Parser(console=console, add_help=False)
    shared.add_argument("-h", "--help", action="help", help=text("help"))
    shared.add_argument("--lang", type=choice(LANGUAGES), metavar="en|ko", default=argparse.SUPPRESS, help=text("lang"))

    parser = _Parser(
        console=console,
        prog="slimstage",
        description=text("slimstage"),
        epilog=text("exit_codes"),
        parents=[shared],
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action="version", version=f"slimstage {__version__}", help=text("version"))
    commands = parser.add_subparsers(dest="command", metavar="|".join(COMMANDS), title=text("commands"))

    def command(name: str) -> _Parser:
        return commands.add_parser(
            name,
            console=console,
            help=text(f"{name}.short"),
            description=text(f"{name}.long"),
            parents=[shared],
            add_help=False,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    check = command("check")
    check.add_argument("paths", nargs="*", default=["."], metavar="PATH", help=text("check.paths"))
    check.add_argument("--format", type=choice(("text", "json")), default="text", metavar="text|json",
                       help=text("check.format"))  # fmt: skip
    changes = check.add_mutually_exclusive_group()
    changes.add_argument("--fix", action="store_true", help=text("check.fix"))
    changes.add_argument("--diff", action="store_true", help=text("check.diff"))
    check.add_argument("--fail-on", type=choice(FAIL_ON), metavar="|".join(FAIL_ON), help=text("check.fail_on"))
    check.add_argument("--context", metavar="DIR", help=text("check.context"))
    check.add_argument("--target", metavar="STAGE", help=text("check.target"))
    check.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help=text("check.build_arg"))
    check.add_argument("--severity", action="append", default=[], metavar="RULE=LEVEL", help=text("check.severity"))
    check.add_argument("--config", metavar="FILE", help=text("check.config"))

    convert = command("convert")
    convert.add_argument("path", nargs="?", default="Dockerfile", metavar="PATH", help=text("convert.path"))
    convert.add_argument("--format", type=choice(("text", "json")), default="text", metavar="text|json",
                         help=text("check.format"))  # fmt: skip
    outcome = convert.add_mutually_exclusive_group()
    outcome.add_argument("--diff", action="store_true", help=text("convert.diff"))
    outcome.add_argument("--write", action="store_true", help=text("convert.write"))
    convert.add_argument("--base", type=choice(BASES), metavar="|".join(BASES), help=text("convert.base"))
    convert.add_argument("--non-root", action="store_true", help=text("convert.non_root"))
    convert.add_argument("--cache-mounts", action="store_true", help=text("convert.cache_mounts"))
    convert.add_argument("--layered-jar", action="store_true", help=text("convert.layered_jar"))
    convert.add_argument("--context", metavar="DIR", help=text("check.context"))
    convert.add_argument("--config", metavar="FILE", help=text("check.config"))

    size = command("size")
    size.add_argument("paths", nargs="*", default=["Dockerfile"], metavar="PATH", help=text("size.paths"))
    size.add_argument("--format", type=choice(("text", "json")), default="text", metavar="text|json",
                      help=text("check.format"))  # fmt: skip
    size.add_argument("--max", metavar="SIZE", help=text("size.max"))
    size.add_argument("--context", metavar="DIR", help=text("check.context"))
    size.add_argument("--target", metavar="STAGE", help=text("check.target"))
    size.add_argument("--platform", metavar="OS/ARCH", help=text("size.platform"))
    size.add_argument("--online", action="store_true", help=text("size.online"))
    size.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help=text("check.build_arg"))
    size.add_argument("--config", metavar="FILE", help=text("check.config"))

    explain = command("explain")
    explain.add_argument("topic", nargs="*", metavar="TOPIC", help=text("explain.topic"))

    rules = command("rules")
    rules.add_argument("--format", type=choice(("text", "json")), default="text", metavar="text|json",
                       help=text("check.format"))  # fmt: skip

    lsp = command("lsp")
    lsp.add_argument("--stdio", action="store_true", help=text("lsp.stdio"))
    lsp.add_argument("--tcp", metavar="HOST:PORT", help=text("lsp.tcp"))

    mcp = command("mcp")
    mcp.add_argument("--http", nargs="?", const="127.0.0.1:8931", metavar="HOST:PORT", help=text("mcp.http"))
    mcp.add_argument("--allowed-host", action="append", default=[], metavar="NAME", help=text("mcp.allowed_host"))
    mcp.add_argument("--root", default=".", metavar="DIR", help=text("mcp.root"))
    mcp.add_argument("--allow-write", action="store_true", help=text("mcp.allow_write"))
    mcp.add_argument("--online", action="store_true", help=text("mcp.online"))

    made_of = {
        "check": check,
        "convert": convert,
        "size": size,
        "explain": explain,
        "rules": rules,
        "lsp": lsp,
        "mcp": mcp,
    }
    options_of = {
        name: sorted(option for action in made._actions for option in action.option_strings)  # noqa: SLF001
        for name, made in made_of.items()
    }
    return parser, options_of
