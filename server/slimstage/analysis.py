"""One version of one document: its tree, model and findings, each computed once and shared by all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from slimstage.context import ChangedContext, with_lines
from slimstage.model import Model
from slimstage.rewrites import Conversion, Refusal, plan
from slimstage.rewrites.second_opinion import agrees
from slimstage.rules import ALL_RULES
from slimstage.rules.base import Finding, Fix, NewLines, Rule, Severity
from slimstage.rules.suppressions import Suppressions
from slimstage.syntax import parse, reparse, unread
from slimstage.syntax.nodes import Dockerfile, Instruction, Place
from slimstage.text import SourceText, Span

if TYPE_CHECKING:
    from slimstage.context import BuildContext
    from slimstage.knowledge import KnowledgeBase
    from slimstage.sizes.records import ImageEstimate

_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in ALL_RULES}


class AnalysisOptions(NamedTuple):
    """What a user may set: the stage to build, build arguments, severities by rule id ("off" silences),
    the platform sizes are estimated for (None: linux/amd64), the file's path in its context, what a conversion
    should heed (the fields of `ConversionOptions` that are the user's), whether somebody is still writing the text,
    the file's whole path, which may say that the image is meant for development, and how many characters a text may
    have to be read at all (None: any number).
    """

    target: str | None = None
    build_args: Mapping[str, str] = {}
    severities: Mapping[str, Severity] = {}
    platform: str | None = None
    dockerfile: str = "Dockerfile"
    conversion: Mapping[str, Any] = {}
    unfinished: bool = False
    path: str = ""
    longest: int | None = None


class Analysis:
    """Everything known about one text; immutable, so any number of readers may share it."""

    def __init__(
        self,
        source: SourceText,
        knowledge: KnowledgeBase,
        context: BuildContext | None = None,
        options: AnalysisOptions | None = None,
        *,
        tree: Dockerfile | None = None,
        previous: Model | None = None,
    ) -> None:
        self.source = source
        self.knowledge = knowledge
        self.context = context
        self.options = options or AnalysisOptions()
        self._tree = tree
        self._previous = previous
        self._rewritten: Analysis | None = None
        self._messages: dict[tuple[int, str], str] = {}

    @cached_property
    def dockerfile(self) -> Dockerfile:
        """The syntax tree."""
        if self._tree is not None:
            return self._tree
        return unread(self.source) if self.too_long else parse(self.source)

    @property
    def too_long(self) -> bool:
        """Whether the text is too long to be read; one finding says so, and everything else stays silent."""
        return self.options.longest is not None and len(self.source) > self.options.longest

    @cached_property
    def model(self) -> Model:
        """The meaning of the tree."""
        previous, self._previous = self._previous, None
        return Model(
            self.dockerfile,
            self.knowledge,
            self.context,
            target=self.options.target,
            build_args=self.options.build_args,
            name=self.options.dockerfile,
            wishes=self.options.conversion,
            unfinished=self.options.unfinished,
            path=self.options.path,
            longest=self.options.longest,
            previous=previous,
        )

    @cached_property
    def sizes(self) -> ImageEstimate | None:
        """What every instruction, stage and the image weigh; None without a stage to build. Costs nothing unasked."""
        from slimstage.sizes.estimate import estimate

        return estimate(self.model, self.options.platform)

    def edited(self, span: Span, new: str, *, unfinished: bool | None = None) -> Analysis:
        """The analysis of the text after one replacement; what did not change is taken over."""
        options = self.options
        if unfinished is not None and unfinished is not options.unfinished:
            options = options._replace(unfinished=unfinished)
        if options.longest is not None and len(self.source) + len(new) > options.longest:
            # A tree that is not read has nothing to take over, and neither has one that will not be.
            return Analysis(self.source.replaced(span, new), self.knowledge, self.context, options)
        tree = reparse(self.dockerfile, span, new)
        previous = self.__dict__.get("model", self._previous)
        return Analysis(tree.source, self.knowledge, self.context, options, tree=tree, previous=previous)

    def rewritten(self, edits: list[tuple[Span, str]]) -> Analysis:
        """The analysis of the text after several non-overlapping replacements."""
        if len(edits) == 1:
            return self.edited(*edits[0])
        return self._of_text(self.source.edited(edits).text)

    def _of_text(self, text: str) -> Analysis:
        """The analysis of another text in the place of this one; the last is kept: a conversion is asked for by rule,
        list of actions and report, each time to the same text.
        """
        if self._rewritten is None or self._rewritten.source.text != text:
            from slimstage.rewrites.verify import rewritten

            meaning = rewritten(self.model, text)
            tree = meaning.dockerfile
            self._rewritten = Analysis(
                tree.source, self.knowledge, self.context, self.options, tree=tree, previous=meaning
            )
        return self._rewritten

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules found, in file order, without what the user silenced."""
        return self._found(_FILE_RULES)

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """The findings that decide whether a rewrite holds: all but those of rules that plan conversions."""
        if "findings" in self.__dict__ or any(self.options.severities.get(id_) == "error" for id_ in _PLANNING):
            return self.findings
        return self._found(tuple(rule for rule in _FILE_RULES if not rule.plans))

    def _found(self, file_rules: tuple[Rule, ...]) -> tuple[Finding, ...]:
        model = self.model
        found: list[Finding] = []
        if self.too_long:
            found += _BY_ID["file-too-long"].check(model)
        else:
            for rule in _STAGE_RULES:
                for stage in model.stages:
                    kept = stage.facts.get(rule.id)
                    if kept is None:
                        kept = stage.facts[rule.id] = tuple(rule.check_stage(stage, model))
                    found += kept
            for rule in file_rules:
                found += rule.check(model)
        silenced = Suppressions(self.dockerfile)
        active = [f for f in found if self.severity(f) != "off" and not silenced.silences(f)]
        start_of = self.dockerfile.start_of
        active.sort(key=lambda finding: start_of(finding.place.item) + finding.place.span.start)
        return tuple(active)

    def severity(self, finding: Finding) -> Severity:
        """The severity in force: the user's setting, else the finding's own, else its rule's."""
        chosen = self.options.severities.get(finding.rule)
        return chosen or finding.severity or _BY_ID[finding.rule].severity

    def aliases(self, finding: Finding) -> tuple[str, ...]:
        """The names other tools have for this finding."""
        return finding.aliases or _BY_ID[finding.rule].aliases

    def message(self, finding: Finding, lang: str) -> str:
        """The finding's text, in English or Korean."""
        return self.knowledge.rule_message(finding.rule, finding.message, lang, finding.args)

    def span(self, place: Place) -> Span:
        """A place of this version's tree as a span of its text."""
        return self.dockerfile.span_of(place)

    def edits(self, fix: Fix) -> list[tuple[Span, str]]:
        """A fix's edits as replacements in this text."""
        return [(self.span(edit.place), edit.new) for edit in fix.edits]

    @cached_property
    def conversion(self) -> Conversion | Refusal:
        """The multi-stage conversion of this file, checked by our own rules too, or why there is none."""
        if self.too_long:
            return Refusal("too-long")
        found = plan(self.model)
        if isinstance(found, Refusal):
            return found
        after = self._of_text(found.text)
        worse = [*(after.error_counts - self.error_counts), *(_breaking(after) - _breaking(self))]
        return Refusal("verification", {"check": worse[0]}) if worse else found

    def verified_fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The finding's fixes that hold: the result parses without new problems, the rule finds less, no
        error appears that was not there or that the fault hid, and a second parser reads the result the same way.
        """
        return tuple(fix for fix in finding.fixes if self._holds(finding, fix))

    def _holds(self, finding: Finding, fix: Fix) -> bool:
        if fix.beside is not None:
            return self.is_mended_by(self._beside(fix.beside), finding.rule)
        edits = self.edits(fix)
        after = self.rewritten(edits)
        if after.source.text == self.source.text:
            return False
        return self.is_mended_by(after, finding.rule, uncovered=_uncovered(after, finding.rule, edits))

    def _beside(self, new: NewLines) -> Analysis:
        """The analysis of the same text after a change of another file."""
        if self.context is None:
            return self
        text = with_lines(self.context.read_text(new.path), new.lines)
        return Analysis(self.source, self.knowledge, ChangedContext(self.context, {new.path: text}), self.options)

    def is_mended_by(
        self, after: Analysis, rule: str, count: int = 1, *, uncovered: Counter[str] | None = None
    ) -> bool:
        """Whether `after`, this text with fixes of `rule` applied, has at least `count` findings of it fewer and
        nothing new: no problem, no error beside the `uncovered` ones, and a second parser reads it no worse.
        """
        if after.problem_counts - self.problem_counts:
            return False
        left = Counter(f.rule for f in (after.findings if _BY_ID[rule].plans else after.judged))
        if self.rule_counts[rule] - left[rule] < count:
            return False
        if after.error_counts - (uncovered or Counter()) - self.error_counts:
            return False
        return agrees(after.dockerfile) is not False or agrees(self.dockerfile) is False

    @cached_property
    def rule_counts(self) -> Counter[str]:
        """Findings by rule."""
        return Counter(finding.rule for finding in self.findings)

    @cached_property
    def error_counts(self) -> Counter[str]:
        """Findings that are errors, by rule."""
        return Counter(finding.rule for finding in self.judged if self.severity(finding) == "error")

    @cached_property
    def problem_counts(self) -> Counter[str]:
        """Faults the parser saw, by code."""
        return Counter(problem.code for item in self.dockerfile.items for problem in item.problems)


def _uncovered(after: Analysis, rule: str, edits: list[tuple[Span, str]]) -> Counter[str]:
    """Errors of the mended text that the fault of `rule` may have hidden, by rule: those of the one instruction that
    was mended, since nobody could look into it, and with a FROM those behind it, which had no such stage.
    """
    if not _BY_ID[rule].hides or len(edits) != 1:
        return Counter()
    tree = after.dockerfile
    item = tree.item_at(edits[0][0].start)
    if not isinstance(item, Instruction):
        return Counter()
    start = tree.start_of(item)
    end = len(after.source.text) if item.keyword == "FROM" else start + len(item.text)
    places = [(f, after.span(f.place).start) for f in after.judged if f.rule != rule]
    return Counter(f.rule for f, at in places if start <= at < end and after.severity(f) == "error")


def _breaking(analysis: Analysis) -> Counter[str]:
    """Findings below an error that mean a container which does not run."""
    breaking = ("missing-runtime-library", "healthcheck-tool-missing")
    return Counter(finding.rule for finding in analysis.judged if finding.rule in breaking)


_STAGE_RULES = tuple(rule for rule in ALL_RULES if type(rule).check_stage is not Rule.check_stage)
_FILE_RULES = tuple(rule for rule in ALL_RULES if type(rule).check is not Rule.check)
_PLANNING = frozenset(rule.id for rule in ALL_RULES if rule.plans)
