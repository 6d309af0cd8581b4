"""The faults the parser saw, one rule for each code: the texts and the severity are the rule's, the rest is shared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from slimstage.model import Model
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety, Severity
from slimstage.syntax.nodes import Dockerfile, Instruction, Item, Place, Problem
from slimstage.text import Span, lazy_pattern

_DOCKER_FRONTEND = lazy_pattern(r"(?:.*/)?docker/dockerfile(?:-upstream)?(?P<version>[:@].*)?")


class SyntaxFault(Rule):
    """Reports the parser's problems whose code is the rule's id.

    The message is the problem's `reason`, else "did-you-mean" when there is a candidate, else "default".
    `by_frontend` marks what another build frontend than Docker's may well accept.
    """

    hides = True
    by_frontend = False
    fix_safety = Safety.CONFIRM

    def check(self, model: Model) -> Iterable[Finding]:
        """One finding a problem."""
        tree = model.dockerfile
        faults = tree.faults.get(self.id, ())
        if not faults or (self.by_frontend and frontend(tree) == "other"):
            return
        for item, problem in faults:
            args = dict(problem.args)
            fixes = tuple(self.fixes(item, problem))
            candidates = args.pop("candidates", ())
            message = args.get("reason") or ("did-you-mean" if candidates else "default")
            if candidates:
                args["candidate"] = fixes[0].args.get("new", candidates[0]) if fixes else candidates[0]
            yield Finding(
                self.id,
                Place(item, problem.span),
                message,
                args,
                severity=self.severity_of(item, problem, tree),
                fixes=fixes,
            )

    def severity_of(self, item: Item, problem: Problem, tree: Dockerfile) -> Severity | None:
        """A severity other than the rule's own."""
        return None

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Replace the span by the closest accepted names."""
        candidates: tuple[str, ...] = problem.args.get("candidates", ())
        for index, candidate in enumerate(candidates[:2]):
            new = _cased(candidate, item.text[problem.span.start : problem.span.end])
            yield self.fix("replace", item, problem.span, new, preferred=index == 0, new=new)

    def fix(self, title: str, item: Item, span: Span, text: str, /, preferred: bool = True, **args: Any) -> Fix:
        """A fix of one edit in the faulty item."""
        return Fix(title, (Edit(Place(item, span), text),), self.fix_safety, args, preferred)


def frontend(tree: Dockerfile) -> str:
    """Who builds the file: "docker" (as we know it), "newest" (Docker's, perhaps newer than we know), "other"."""
    directive = tree.directive("syntax")
    if directive is None or not directive.value:
        return "docker"
    match = _DOCKER_FRONTEND.fullmatch(directive.value.strip())
    if match is None:
        return "other"
    return "docker" if re.match(r":\d+\.\d+", match["version"] or "") else "newest"


def _cased(candidate: str, written: str) -> str:
    return candidate.lower() if candidate.isupper() and written.islower() else candidate


class UnknownInstruction(SyntaxFault):
    """A keyword that Docker does not know."""

    id = "unknown-instruction"
    severity = "error"
    aliases = ("UNKNOWN_INSTRUCTION", "tally/unknown-instruction")
    by_frontend = True


class UnknownFlag(SyntaxFault):
    """A flag the instruction does not have; a warning where a newer frontend may know it."""

    id = "unknown-flag"
    severity = "error"
    aliases = ("UNKNOWN_ADD_FLAG", "UNKNOWN_COPY_FLAG", "UNKNOWN_FROM_FLAG", "UNKNOWN_HEALTHCHECK_FLAG")
    by_frontend = True

    def severity_of(self, item: Item, problem: Problem, tree: Dockerfile) -> Severity | None:
        """A warning when `# syntax=` may bring a frontend newer than our tables."""
        return "warning" if frontend(tree) == "newest" and not problem.args["candidates"] else None


class DuplicateFlag(SyntaxFault):
    """A flag that may stand once stands twice."""

    id = "duplicate-flag"
    severity = "error"
    aliases = ("FLAG_DUPLICATE",)

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Delete the earlier flag, with the blanks behind it."""
        if not isinstance(item, Instruction):
            return
        flags = item.flags or (item.inner.flags if item.inner else ())
        for flag, following in pairwise(flags):
            if flag.name == problem.args["name"]:
                span = Span(flag.span.start, following.span.start)
                yield self.fix("delete-first", item, span, "", flag=item.text[flag.span.start : flag.span.end])
                return


class InvalidFlagValue(SyntaxFault):
    """A flag's value has the wrong shape."""

    id = "invalid-flag-value"
    severity = "error"
    aliases = (
        "FLAG_AT_LEAST_ONE",
        "FLAG_INVALID_DURATION",
        "FLAG_LESS_THAN_1MS",
        "FLAG_MISSING_DURATION",
        "FLAG_MISSING_VALUE",
        "FLAG_UNKNOWN_UNIT",
        "FLAG_INVALID_FROM_VALUE",
        "FLAG_INVALID_LINK_VALUE",
        "FLAG_EXPECTED_BOOLEAN_VALUE",
    )


class UnknownMountType(SyntaxFault):
    """`--mount=type=` names no type."""

    id = "unknown-mount-type"
    severity = "error"
    by_frontend = True


class UnknownMountOption(SyntaxFault):
    """A mount option that does not exist, or not for this type."""

    id = "unknown-mount-option"
    severity = "error"
    by_frontend = True


class InvalidMountOption(SyntaxFault):
    """A mount option's value has the wrong shape."""

    id = "invalid-mount-option"
    severity = "error"


class MissingArgument(SyntaxFault):
    """Too few arguments."""

    id = "missing-argument"
    severity = "error"
    aliases = (
        "ARGUMENT_MISSING",
        "ARGUMENT_REQUIRES_ONE",
        "ARGUMENT_REQUIRES_AT_LEAST_ONE",
        "ARGUMENT_REQUIRES_TWO",
        "ARGUMENT_REQUIRES_AT_LEAST_TWO",
        "ARGUMENT_REQUIRES_ONE_OR_THREE",
        "HEALTHCHECK_CMD_ARGUMENT_MISSING",
        "SHELL_REQUIRES_ONE",
    )


class ExtraArgument(SyntaxFault):
    """Too many arguments."""

    id = "extra-argument"
    severity = "error"
    aliases = ("ARGUMENT_EXTRA", "ARGUMENT_UNNECESSARY")

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Delete what follows `HEALTHCHECK NONE`."""
        if isinstance(item, Instruction) and item.inner is not None:
            yield self.fix("delete", item, Span(item.inner.keyword_span.end, problem.span.end), "")


class InvalidHealthcheck(SyntaxFault):
    """HEALTHCHECK without CMD or NONE."""

    id = "invalid-healthcheck"
    severity = "error"
    aliases = ("UNKNOWN_TYPE",)


class InvalidJsonForm(SyntaxFault):
    """Text in brackets that was meant as a JSON list and is none."""

    id = "invalid-json-form"
    severity = "error"
    aliases = ("JSON_IN_SINGLE_QUOTES", "SHELL_JSON_FORM", "tally/invalid-json-form")

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """The JSON text, when there is one reading and no comment would be lost."""
        fixed: str | None = problem.args["fixed"]
        written = item.text[problem.span.start : problem.span.end]
        if fixed is not None and not any(line.lstrip().startswith("#") for line in written.splitlines()):
            yield self.fix("quote", item, problem.span, fixed, fixed=fixed)


class EmptyContinuation(SyntaxFault):
    """Blank lines inside an instruction."""

    id = "empty-continuation"
    severity = "warning"
    aliases = ("NoEmptyContinuation", "EMPTY_CONTINUATION_LINE")
    fix_safety = Safety.SAFE

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Delete the blank lines."""
        yield self.fix("delete", item, problem.span, "")


class UnterminatedHeredoc(SyntaxFault):
    """A heredoc whose end never comes."""

    id = "unterminated-heredoc"
    severity = "error"


class InvalidHeredoc(SyntaxFault):
    """A heredoc where a destination belongs."""

    id = "invalid-heredoc"
    severity = "error"


class UnterminatedQuote(SyntaxFault):
    """A quote that is never closed."""

    id = "unterminated-quote"
    severity = "error"
    aliases = ("SYNTAX_MISSING_SINGLE_QUOTE", "SYNTAX_MISSING_DOUBLE_QUOTE")


class InvalidKeyValue(SyntaxFault):
    """A pair without its `=`, its name or its value."""

    id = "invalid-key-value"
    severity = "error"
    aliases = ("SYNTAX_MISSING_EQUALS", "SYNTAX_MISSING_NAMES")


class UnsupportedVariableModifier(SyntaxFault):
    """`${name…}` with a modifier BuildKit does not know, or without its end."""

    id = "unsupported-variable-modifier"
    severity = "error"
    aliases = ("UNSUPPORTED_MODIFIER",)


class InvalidOnbuild(SyntaxFault):
    """A trigger that ONBUILD does not take."""

    id = "invalid-onbuild"
    severity = "error"
    aliases = ("DL3043", "ONBUILD_CHAINING_DISALLOWED", "ONBUILD_TRIGGER_DISALLOWED", "tally/invalid-onbuild-trigger")


class DuplicateDirective(SyntaxFault):
    """A parser directive given twice."""

    id = "duplicate-directive"
    severity = "error"
    aliases = ("DUPLICATED_ESCAPE_DIRECTIVE",)
    fix_safety = Safety.SAFE

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Delete the later line."""
        yield self.fix("delete", item, Span(0, len(item.text)), "")


class InvalidEscapeDirective(SyntaxFault):
    """`# escape=` with something other than a backslash or a backtick."""

    id = "invalid-escape-directive"
    severity = "error"
    aliases = ("INVALID_ESCAPE_DIRECTIVE",)

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """The usual escape character."""
        yield self.fix("backslash", item, problem.span, "\\")


class InvalidFromSyntax(SyntaxFault):
    """`AS` missing or misspelt after the image."""

    id = "invalid-from-syntax"
    severity = "error"
    aliases = ("INVALID_AS", "INVALID_SYNTAX")

    def fixes(self, item: Item, problem: Problem) -> Iterator[Fix]:
        """Write AS in place of the word, or before the name."""
        lower = item.text[problem.span.start : problem.span.end].islower() and item.text.lstrip()[:4].islower()
        keyword = "as" if lower else "AS"
        if problem.args["reason"] == "not-as":
            yield self.fix("replace", item, problem.span, keyword, new=keyword)
        elif problem.args["reason"] == "missing-as":
            at = problem.span.start
            yield self.fix("insert-as", item, Span(at, at), f"{keyword} ", name=problem.args["word"])


SYNTAX_FAULTS: tuple[SyntaxFault, ...] = (
    UnknownInstruction(),
    UnknownFlag(),
    DuplicateFlag(),
    InvalidFlagValue(),
    UnknownMountType(),
    UnknownMountOption(),
    InvalidMountOption(),
    MissingArgument(),
    ExtraArgument(),
    InvalidHealthcheck(),
    InvalidJsonForm(),
    EmptyContinuation(),
    UnterminatedHeredoc(),
    InvalidHeredoc(),
    UnterminatedQuote(),
    InvalidKeyValue(),
    UnsupportedVariableModifier(),
    InvalidOnbuild(),
    DuplicateDirective(),
    InvalidEscapeDirective(),
    InvalidFromSyntax(),
)
