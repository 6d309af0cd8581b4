"""`slimstage check`: finds Dockerfiles, reports what the rules found, applies safe fixes."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from slimstage.cli import discovery
from slimstage.cli.config import Config, Configs
from slimstage.cli.console import Console, UsageError
from slimstage.cli.discovery import Unreadable
from slimstage.cli.exit_codes import CLEAN, FAULT, FINDINGS
from slimstage.cli.opening import STDIN, opened, shown
from slimstage.settings import rule_severities

if TYPE_CHECKING:
    from argparse import Namespace

    from slimstage.analysis import Analysis

_RANK = {"error": 0, "warning": 1, "info": 2, "hint": 3}
_NEVER = -1
_RULES_SHOWN = 10
_TEMPLATE = ("{{", "{%", "<%")
_MANY = 20  # findings in several files: which rules they come from helps to decide what to look at first


def check(options: Namespace, console: Console) -> int:
    """Check every path; a fault in one file leaves the others checked. Returns the exit code."""
    if options.fix and options.format == "json" and STDIN in options.paths:
        raise UsageError(console.text("cli.usage.fix_stdin_json"))
    return _Check(options, console).run()


class _Check:
    def __init__(self, options: Namespace, console: Console) -> None:
        self.options = options
        self.console = console
        self.faults = 0
        self.files = 0
        self.templates = 0
        self.searched: set[str] = set()  # found in a folder, not named by the user
        self.fixed = 0
        self.failing = False
        self.counts: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.fixable = 0
        self.items: list[dict[str, Any]] = []
        self.severities = rule_severities(_pair(text, console) for text in options.severity)
        self.configs = Configs(options.config)
        if options.context is not None and not os.path.isdir(options.context):
            raise UsageError(console.text("cli.usage.no_context", path=options.context))
        # With the fixed text on standard output, the findings go to standard error.
        self.filter = options.fix and STDIN in options.paths

    def run(self) -> int:
        for path in self.paths():
            self.guarded(path)
        if self.options.format == "json":
            self.print_json()
        elif not self.options.diff:
            self.print_summary()
        if self.faults:
            return FAULT
        return FINDINGS if self.failing else CLEAN

    def paths(self) -> Iterator[str]:
        """The files to check, each once; folders are searched, files are taken as they are named."""
        seen: set[str] = set()
        for path in self.options.paths:
            is_folder = os.path.isdir(path)
            found = discovery.find(path, self.folder_fault) if is_folder else iter((path,))
            for file in found:
                real = file if file == STDIN else os.path.realpath(file)
                if real not in seen:
                    seen.add(real)
                    if is_folder:
                        self.searched.add(file)
                    yield file

    def folder_fault(self, error: OSError) -> None:
        self.fault(str(error.filename), self.console.text("cli.folder.unreadable", reason=error.strerror or ""))

    def fault(self, path: str, reason: str) -> None:
        self.faults += 1
        self.console.fault(f"{path}: {reason}")

    def guarded(self, path: str) -> None:
        """Check one file; whatever goes wrong with it becomes one line."""
        name = shown(path)
        try:
            self.check(path, name)
        except Unreadable as error:
            self.fault(name, self.console.text(error.key, **error.arguments))
        except (RecursionError, MemoryError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError,
                NotImplementedError, AssertionError) as error:  # fmt: skip
            # A defect of ours in one file must not hide the findings in the others.
            self.fault(name, self.console.text("cli.internal_error", error=_place_of(error)))

    def check(self, path: str, name: str) -> None:
        if discovery.is_of_another_kind(os.path.basename(path)) and os.path.exists(path):
            raise Unreadable("cli.file.other_kind")
        file = opened(path, self.configs)
        config = file.config
        analysis = file.analysis(
            self.console,
            self.options.context,
            target=self.options.target,
            build_args=self.options.build_arg,
            severities=self.severities,
        )
        if path in self.searched and _is_template(analysis):
            self.templates += 1
            return
        self.files += 1
        if self.options.diff or self.options.fix:
            analysis = self.mend(analysis, path, name)
        self.count(analysis, config)
        if self.options.format == "json" and not self.options.diff:
            from slimstage.features.report import report

            self.items += report(analysis, name, self.lang(config))
        elif not self.options.diff:
            self.print_text(analysis, name, config)

    def lang(self, config: Config) -> str:
        return self.options.lang or config.settings.lang or self.console.lang

    def mend(self, analysis: Analysis, path: str, name: str) -> Analysis:
        """Apply safe fixes: `--fix` writes and goes on with the mended text, `--diff` prints what it would change."""
        from slimstage.features.fix_all import fix_all

        mended, count = fix_all(analysis)
        if self.options.diff:
            if count:
                from slimstage.cli.text_report import print_diff

                print_diff(self.console, name, analysis.source.text, mended.source.text)
            return analysis
        self.fixed += count
        if path == STDIN:
            sys.stdout.flush()
            sys.stdout.buffer.write(mended.source.text.encode("utf-8"))
            sys.stdout.buffer.flush()
        elif count:
            from slimstage.cli.writing import replace_text

            replace_text(path, mended.source.text)
        return mended

    def count(self, analysis: Analysis, config: Config) -> None:
        threshold = self.options.fail_on or config.settings.fail_on or "error"
        limit = _RANK.get(threshold, _NEVER)
        for finding in analysis.findings:
            severity = analysis.severity(finding)
            self.counts[severity] += 1
            self.rules[finding.rule] += 1
            self.failing = self.failing or _RANK.get(severity, len(_RANK)) <= limit

    def print_text(self, analysis: Analysis, name: str, config: Config) -> None:
        from slimstage.cli.text_report import finding_lines
        from slimstage.features.verified import verified_fixes

        write = self.console.note if self.filter else self.console.out
        for finding, fixes in verified_fixes(analysis):
            self.fixable += any(fix.safety.value == "safe" for fix in fixes)
            for line in finding_lines(self.console, analysis, finding, fixes, name, self.lang(config)):
                write(line)

    def print_json(self) -> None:
        import json

        # A stream that cannot carry Korean gets ASCII escapes, which mean the same in JSON.
        readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        text = json.dumps(self.items, ensure_ascii=not readable, indent=2)
        self.console.out(text.encode("utf-8", "backslashreplace").decode("utf-8"))

    def print_summary(self) -> None:
        write = self.console.note if self.filter else self.console.out
        text = self.console.text
        if self.fixed:
            write(text("cli.summary.fixed", count=self.fixed))
        if self.templates:
            write(text("cli.summary.templates", count=self.templates))
        total = sum(self.counts.values())
        if not self.files:
            if not self.faults and not self.templates:
                write(text("cli.summary.no_files"))
        elif not total:
            write(text("cli.summary.clean", files=self.files))
        else:
            counts = {kind: self.counts[kind] for kind in _RANK if self.counts[kind]}
            kinds = ", ".join(text(f"cli.summary.{kind}", count=count) for kind, count in counts.items())
            write(text("cli.summary.findings", count=total, kinds=kinds, files=self.files))
            if total >= _MANY and self.files > 1:
                often = sorted(self.rules.items(), key=lambda one: (-one[1], one[0]))
                shown_rules = [f"{rule} {count}" for rule, count in often[:_RULES_SHOWN]]
                shown_rules += ["..."] if len(often) > _RULES_SHOWN else []
                write(text("cli.summary.rules", rules=", ".join(shown_rules)))
            if self.fixable and not self.options.fix:
                write(text("cli.summary.fixable", count=self.fixable))


def _is_template(analysis: Analysis) -> bool:
    """Whether a program makes Dockerfiles of the text: its instructions, or the image of a FROM, begin with `{{`, `{%`
    or `<%`.
    """
    for instruction in analysis.dockerfile.instructions:
        if instruction.text[instruction.span.start :].startswith(_TEMPLATE):
            return True
        if instruction.keyword == "FROM" and any(word.raw.startswith(_TEMPLATE) for word in instruction.arguments[:1]):
            return True
    return False


def _pair(argument: str, console: Console) -> tuple[str, str]:
    rule, separator, level = argument.partition("=")
    if not separator:
        raise UsageError(console.text("cli.usage.bad_severity", value=argument))
    return rule, level


def _place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})"
    return f"{type(error).__name__}{place}"
