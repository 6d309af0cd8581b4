"""ADD of plain local files, where COPY does the same without surprises."""

from __future__ import annotations

from collections.abc import Iterable

from slimstage.model import Model, Stage
from slimstage.rules.base import Edit, Finding, Fix, Rule, Safety
from slimstage.rules.declare import keyword_like
from slimstage.syntax.nodes import Place

_ADD_ONLY = ("checksum", "keep-git-dir", "unpack")
_REMOTE = ("://", "git@", ".git#")
_ARCHIVES = (".tar", ".tgz", ".tbz", ".txz", ".tlz", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".lzma")


class AddInsteadOfCopy(Rule):
    """Silent for URLs, git repositories, archives, variables, and the flags that only ADD has."""

    id = "add-instead-of-copy"
    severity = "warning"
    aliases = ("DL3020",)

    def check_stage(self, stage: Stage, model: Model) -> Iterable[Finding]:
        """One finding an instruction."""
        for item in stage.instructions:
            instruction = item.inner or item
            if instruction.keyword != "ADD" or len(instruction.arguments) < 2:
                continue
            if any(instruction.flag(name) is not None for name in _ADD_ONLY):
                continue
            sources = [word.value for word in instruction.arguments[:-1]]
            if not all(source is not None and _is_plain(source) for source in sources):
                continue
            place = Place(item, instruction.keyword_span)
            new = keyword_like(instruction, "COPY")
            fix = Fix("copy", (Edit(place, new),), Safety.SAFE, {"new": new})
            yield Finding(self.id, place, args={"source": sources[0] or ""}, fixes=(fix,))


def _is_plain(source: str) -> bool:
    lower = source.lower()
    if any(mark in lower for mark in _REMOTE) or lower.endswith(".git"):
        return False
    # A wildcard at the end may stand for an archive's ending.
    return not any(ending in lower for ending in _ARCHIVES) and not lower.endswith(("*", "?", "]"))
