"""`pip install name>=1` without quotes: the shell writes a file called `=1`."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.shell.nodes import Redirect, SimpleCommand
from slimstage.text import Span, lazy_pattern

_VERSION = lazy_pattern(r"=?\d+(?:\.[\d*]+)*(?:[a-z]+\d+)?,?|=?\d+(?:\.[\d*]+)*,[!=~]=?[\d.*]+,?")


class VersionRedirect(Rule):
    """Only where the redirection touches a package and its target reads as a version."""

    id = "version-redirect"
    severity = "error"

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding a word."""
        for run in stage.runs:
            if "<" not in run.instruction.text and ">" not in run.instruction.text:
                continue
            for operation, text in run.operations:
                if operation.action != "install":
                    continue
                for span in _spans(operation.command):
                    word = text.text[span.start : span.end]
                    fixes: tuple[Fix, ...] = ()
                    if not any(mark in word for mark in "\"'\\$`"):
                        edit = Edit(run.place(span, text), f"'{word}'")
                        fixes = (Fix("quote", (edit,), Safety.SAFE, {"new": edit.new}),)
                    yield Finding(self.id, run.place(span, text), args={"word": word}, fixes=fixes)


def _spans(command: SimpleCommand) -> Iterable[Span]:
    """From a word to the end of the redirections that touch it."""
    ends = {word.span.end: word for word in command.words[2:]}
    redirects: dict[int, Redirect] = {redirect.span.start: redirect for redirect in command.redirects}
    for end, word in ends.items():
        at = end
        while at in redirects:
            redirect = redirects[at]
            target = redirect.target
            if redirect.operator not in ("<", ">") or target is None:
                break
            if _VERSION.fullmatch(target.raw) is None or target.span.start != redirect.span.start + 1:
                break
            at = redirect.span.end
        if at > end:
            yield Span(word.span.start, at)
