"""Gemfile and Gemfile.lock: what a Ruby project asks Bundler for.

Reading never fails: an absent file is None, and a line that is not understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slimstage.context import BuildContext
from slimstage.text import lazy_pattern

_GEM = lazy_pattern(r"^\s*gem[\s(]\s*[\"']([\w.-]+)[\"'](.*)$")
_GROUP = lazy_pattern(r"^\s*group\b(.*?)\bdo\b")
_INLINE_GROUP = lazy_pattern(r"(?:\bgroups?:|:groups?\s*=>)\s*(\[[^\]]*\]|:\w+|[\"']\w+[\"'])")
_NAME = lazy_pattern(r"[:\"'](\w+)")
_OPENS = lazy_pattern(r"\bdo\b\s*(?:\|[^|]*\|)?\s*(?:#.*)?$|^\s*(?:if|unless|case|begin|def|class|module)\b")
_SPEC = lazy_pattern(r"^    (\S+) \(([^)]*)\)$")
_NEED = lazy_pattern(r"^      ([\w.-]+)")
_DIRECT = lazy_pattern(r"^  ([\w.-]+)!?")
_BUILT = lazy_pattern(r"-(?:x86_64|aarch64)-linux")


@dataclass(slots=True, frozen=True)
class LockedGem:
    """One gem of the lock file. `built` says that a version compiled for Linux is among its versions."""

    name: str
    needs: tuple[str, ...]
    built: bool


@dataclass(slots=True, frozen=True)
class GemfileLock:
    """The gems by name, and those the Gemfile asks for itself. `local` are gems of the project's own folders."""

    gems: Mapping[str, LockedGem]
    direct: tuple[str, ...]
    local: bool

    def reach(self, names: Iterable[str]) -> frozenset[str]:
        """The gems that these need, themselves included."""
        found: set[str] = set()
        waiting = [name for name in names if name in self.gems]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [need for need in self.gems[name].needs if need in self.gems]
        return frozenset(found)


def read_gemfile_lock(context: BuildContext, path: str = "Gemfile.lock") -> GemfileLock | None:
    """The lock file, or None."""
    text = context.read_text(path)
    if text is None:
        return None
    needs: dict[str, list[str]] = {}
    built: dict[str, bool] = {}
    direct: list[str] = []
    local = False
    section, current = "", ""
    for line in text.splitlines():
        if line and not line.startswith(" "):
            section = line.strip()
            local = local or section == "PATH"
            continue
        if section in ("GEM", "GIT", "PATH"):
            spec = _SPEC.match(line)
            if spec is not None:
                current = spec[1]
                needs.setdefault(current, [])
                built[current] = built.get(current, False) or bool(_BUILT.search(spec[2]))
            elif current and (need := _NEED.match(line)) is not None:
                needs[current].append(need[1])
        elif section == "DEPENDENCIES" and (found := _DIRECT.match(line)) is not None:
            direct.append(found[1])
    gems = {name: LockedGem(name, tuple(wanted), built[name]) for name, wanted in needs.items()}
    return GemfileLock(gems, tuple(direct), local)


def groups_of_gems(context: BuildContext, path: str = "Gemfile") -> Mapping[str, frozenset[str]]:
    """The groups that the Gemfile puts each gem in; no group at all is "default"."""
    found: dict[str, set[str]] = {}
    blocks: list[frozenset[str] | None] = []
    for line in (context.read_text(path) or "").splitlines():
        if line.lstrip().startswith("#"):
            continue
        if re.match(r"^\s*end\b", line):
            del blocks[-1:]
            continue
        group = _GROUP.match(line)
        if group is not None:
            blocks.append(frozenset(_NAME.findall(group[1])))
            continue
        gem = _GEM.match(line)
        if gem is None:
            if _OPENS.search(line):
                blocks.append(None)
            continue
        inline = _INLINE_GROUP.search(gem[2])
        around = [block for block in blocks if block is not None]
        names = frozenset(_NAME.findall(inline[1])) if inline is not None else around[-1] if around else None
        found.setdefault(gem[1], set()).update(names or ("default",))
    return {name: frozenset(groups) for name, groups in found.items()}
