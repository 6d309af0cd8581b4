"""`ENV name value` without `=`."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.model.expansion import expand
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.syntax.nodes import Form, Instruction, Place, Word
from slimstage.text import Span


class LegacyKeyValue(Rule):
    """The fix is offered when the new text surely means the same."""

    id = "legacy-key-value"
    severity = "info"
    aliases = ("LegacyKeyValueFormat",)

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction."""
        for item in stage.instructions:
            instruction = item.inner or item
            if instruction.form is not Form.LEGACY_PAIR or not instruction.pairs:
                continue
            pair = instruction.pairs[0]
            if pair.value is None:
                continue
            args = {"instruction": instruction.keyword, "name": pair.key.raw}
            new = _quoted(pair.value, stage.escape)
            gap = Span(pair.key.span.end, pair.value.span.end)
            fixes: tuple[Fix, ...] = ()
            if new is not None and not _holds_comment(item, gap):
                edit = Edit(Place(item, gap), f"={new}")
                fixes = (Fix("equals", (edit,), Safety.SAFE, {"new": f"{pair.key.raw}={new}"}),)
            yield Finding(self.id, Place(item, pair.span), args=args, fixes=fixes)


def _quoted(value: Word, escape: str) -> str | None:
    """The value as one word behind `=`, or None when its quotes leave doubt."""
    raw = value.raw
    candidates = [raw] if not any(character.isspace() for character in raw) else []
    if value.value is not None:
        candidates.append(raw)
        inside = "".join(escape + letter if letter in (escape, '"', "$") else letter for letter in value.value)
        candidates.append(f'"{inside}"')
    candidates.append(f'"{raw}"')
    before = expand(raw, _named, escape).value
    for candidate in candidates:
        if before is not None and _is_one_word(candidate, escape) and expand(candidate, _named, escape).value == before:
            return candidate
    return None


def _named(name: str) -> str:
    return f"\0{name}\0"


def _is_one_word(text: str, escape: str) -> bool:
    quote = ""
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == escape and quote != "'":
            if at + 1 >= len(text) or (not quote and text[at + 1].isspace()):
                return False  # an escape at the end joins lines; one before a blank reads badly
            at += 1
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter.isspace():
            return False
        at += 1
    return not quote


def _holds_comment(item: Instruction, span: Span) -> bool:
    return any(line.lstrip().startswith("#") for line in item.text[span.start : span.end].splitlines()[1:])
