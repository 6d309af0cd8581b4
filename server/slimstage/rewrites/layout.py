"""Splits one stage in two: says for each instruction where it goes, and writes that as edits.

Lines that stay where they were are not touched, so comments, continuations and formatting live on. The stage
is cut after the last instruction the builder needs: what precedes the cut is edited in place, the head of the
final stage is inserted at the cut, and what follows stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from slimstage.model import Model, Stage
from slimstage.rewrites import wishes
from slimstage.rewrites.conversion import NAMELESS, Change, ConversionOptions, Step
from slimstage.syntax.nodes import Comment, Instruction, Item, Place
from slimstage.text import Span

Fate = Literal["builder", "final", "both", "drop"]


@dataclass(eq=False)
class Unit:
    """An instruction with the comments directly above it.

    `builder_text` and `final_text` replace the instruction in that stage; `edits` change the builder's copy.
    """

    instruction: Instruction
    lead: tuple[Item, ...]
    fate: Fate = "final"
    builder_text: str | None = None
    final_text: str | None = None
    edits: list[tuple[Span, str, int]] = field(default_factory=list)
    step: int = 0


class Layout:
    """The plan of one split. Planners set fates and texts, then call `changes`."""

    def __init__(self, model: Model, stage: Stage, options: ConversionOptions) -> None:
        self.model = model
        self.stage = stage
        self.options = options
        self.newline = "\r\n" if "\r\n" in model.dockerfile.source.text else "\n"
        self.steps: list[Step] = []
        self.units = tuple(self._unit(instruction) for instruction in stage.instructions)
        self.builder = _free_name(options.builder_name, model)
        self.head: list[tuple[str, str]] = []
        self.products: list[str] = []
        self.packages: str | None = None
        self.final_image: str | None = None
        self.new_user = False
        self.new_entrypoint = False  # that of the final base is cleared, which the original has not
        self.split_step = self.step("split", builder=self.builder)

    def step(self, key: str, **args: object) -> int:
        """Note a reason; returns its index."""
        self.steps.append(Step(key, args))
        return len(self.steps) - 1

    def _unit(self, instruction: Instruction) -> Unit:
        items = self.model.dockerfile.items
        at = self.model.dockerfile.index_of(instruction)
        lead: list[Item] = []
        while at > 0 and isinstance(items[at - 1], Comment):
            at -= 1
            lead.insert(0, items[at])
        return Unit(instruction, tuple(lead))

    @property
    def cut(self) -> int:
        """The position of the last unit the builder needs; -1 when it needs none."""
        needed = [at for at, unit in enumerate(self.units) if unit.fate in ("builder", "both")]
        return needed[-1] if needed else -1

    def line(self, text: str) -> str:
        """`text` as a line of this file: its line ends, and one at the end."""
        return text.replace("\r\n", "\n").rstrip("\n").replace("\n", self.newline) + self.newline

    def changes(self, head_step: int) -> tuple[Change, ...]:
        """The edits. The head of the final stage holds, in the original order, what stood before the cut."""
        cut = self.cut
        if self.options.cache_mounts:
            wishes.mount_caches(self)
        user = wishes.as_own_user(self) if self.options.non_root else None
        self.new_user = user is not None
        behind = wishes.last_root_unit(self.units, cut + 1)
        found = [*self._name_builder()]
        for at, unit in enumerate(self.units):
            if at <= cut:
                found += self._in_builder(unit)
            else:
                found += self._in_final(unit)
        if user is not None and behind > cut:
            found.append(self.behind(self.units[behind].instruction, user))
            user = None
        last: Item = self.units[cut].instruction if cut >= 0 else self.stage.instruction
        break_before = "" if last.text.endswith(("\n", "\r")) else self.newline
        text = break_before + self.newline + self._head(cut) + (self.line(user) if user is not None else "")
        if last is self.model.dockerfile.items[-1]:
            text = text if break_before == "" else text.rstrip("\r\n")
        end = len(last.text)
        found.append(Change(Place(last, Span(end, end)), text, head_step))
        return tuple(found)

    def behind(self, item: Item, text: str) -> Change:
        """Lines of their own behind an item."""
        end = len(item.text)
        ends = item.text.endswith(("\n", "\r"))
        return Change(Place(item, Span(end, end)), self.line(text) if ends else self.newline + text, self.split_step)

    def _name_builder(self) -> list[Change]:
        instruction = self.stage.instruction
        word, image = self.stage.name_word, self.stage.image_word
        if word is not None:
            return [Change(Place(instruction, word.span), self.builder, self.split_step)]
        if image is None:
            return []
        return [
            Change(Place(instruction, Span(image.span.end, image.span.end)), f" AS {self.builder}", self.split_step)
        ]

    def _in_builder(self, unit: Unit) -> list[Change]:
        item = unit.instruction
        if unit.fate in ("final", "drop"):
            return [*self._delete_lead(unit), Change(Place(item, Span(0, len(item.text))), "", unit.step)]
        if unit.builder_text is not None:
            return [Change(Place(item, Span(0, len(item.text))), self.line(unit.builder_text), unit.step)]
        return [Change(Place(item, span), new, step) for span, new, step in unit.edits]

    def _delete_lead(self, unit: Unit) -> list[Change]:
        return [Change(Place(item, Span(0, len(item.text))), "", unit.step) for item in unit.lead]

    def _in_final(self, unit: Unit) -> list[Change]:
        item = unit.instruction
        if unit.fate == "drop":
            return [*self._delete_lead(unit), Change(Place(item, Span(0, len(item.text))), "", unit.step)]
        if unit.final_text is not None:
            return [Change(Place(item, Span(0, len(item.text))), self.line(unit.final_text), unit.step)]
        return []

    def _head(self, cut: int) -> str:
        instruction, image = self.stage.instruction, self.stage.image_word
        words = ["FROM"]
        words += [instruction.text[flag.span.start : flag.span.end] for flag in instruction.flags]
        words.append(self.final_image or (image.raw if image is not None else "scratch"))
        own = self.stage.name_word.raw if self.stage.name_word is not None else ""
        name = (self.options.final_name or own).removeprefix(NAMELESS)
        if name:
            words += ["AS", name]
        before: list[str] = []
        after: list[str] = []
        packages_at: int | None = None
        as_user: int | None = None
        for unit in self.units[: cut + 1]:
            written = unit.final_text
            if written is not None and written.startswith(PACKAGES_HERE):
                packages_at = len(before) if packages_at is None and not after else packages_at
                written = written.removeprefix(PACKAGES_HERE)
                if not written:
                    continue
            if unit.fate not in ("final", "both"):
                continue
            text = self.line(written if written is not None else unit.instruction.text)
            if unit.fate == "final":
                text = "".join(item.text for item in unit.lead) + text
            reads_context = unit.instruction.keyword in ("COPY", "ADD") and unit.instruction.flag("from") is None
            target = after if after or reads_context else before
            if unit.instruction.keyword == "USER" and target is before and as_user is None:
                as_user = len(before)
            target.append(text)
        if self.packages is not None:
            # Only root installs packages.
            places = [place for place in (packages_at, as_user) if place is not None]
            before.insert(min(places) if places else len(before), self.line(self.packages))
        products = [self.line(product) for product in self.products]
        return self.line(" ".join(words)) + "".join((*before, *products, *after))


# In a unit's `final_text`: install the packages here, before what follows.
PACKAGES_HERE = "\0packages"


def _free_name(wanted: str, model: Model) -> str:
    taken = set(model.stage_names)
    name, number = wanted, 2
    while name.lower() in taken:
        name, number = f"{wanted}{number}", number + 1
    return name
