"""The multi-stage conversion as plain JSON data, the same for the command line and for agents."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from slimstage.analysis import Analysis
from slimstage.features.report import with_line_ends
from slimstage.knowledge import KnowledgeBase
from slimstage.rewrites import Refusal, Step
from slimstage.sizes import Size


def conversion_item(analysis: Analysis, path: str, lang: str) -> dict[str, Any]:
    """The checked conversion of a file, or why there is none.

    `reason` and `refusal` (its name, the same in every language) are None when `converted`; `dockerfile` is None when
    not. `before` and `after` are bytes of the image on disk, without what nobody can size; None when the size of a base
    is not known: those are in `unknown`.
    """
    found = analysis.conversion
    item: dict[str, Any] = {
        "path": path,
        "converted": False,
        "reason": None,
        "refusal": None,
        "dockerfile": None,
        "before": None,
        "after": None,
        "unknown": [],
        "steps": [],
    }
    if isinstance(found, Refusal):
        return {
            **item,
            "reason": refusal_text(analysis.knowledge, found, lang),
            "refusal": found.reason,
        }
    return {
        **item,
        "converted": True,
        "dockerfile": with_line_ends(analysis, found.text),
        "before": size_item(found.before),
        "after": size_item(found.after),
        "unknown": list(found.unknown),
        "steps": [
            dict(zip(("what", "why"), step_texts(analysis.knowledge, step, lang), strict=True)) for step in found.steps
        ],
    }


def refusal_text(kb: KnowledgeBase, refusal: Refusal, lang: str) -> str:
    """Why there is no conversion, with what stands in the way of a wish where that is known."""
    told = kb.text(f"conversion.refusal.{refusal.reason}", lang, **refusal.args)
    because = refusal.args.get("because")
    return told if because is None else f"{told} {kb.text(f'conversion.because.{because}', lang, **refusal.args)}"


def step_texts(kb: KnowledgeBase, step: Step, lang: str) -> tuple[str, str]:
    """What one step of a conversion does, and why."""
    key = f"conversion.step.{step.key}"
    return kb.text(f"{key}.what", lang, **step.args), kb.text(f"{key}.why", lang, **step.args)


def size_item(size: Size | None) -> dict[str, Any] | None:
    """A size as `{bytes, low, high, basis}`, or None."""
    if size is None:
        return None
    return {"bytes": size.bytes, "low": size.low, "high": size.high, "basis": size.basis}


def size_of(item: dict[str, Any]) -> Size:
    """The size that a `size_item` says."""
    return Size(item["bytes"], item["low"], item["high"], item["basis"])


def diff_text(name: str, before: str, after: str) -> str:
    """A unified diff that `patch` and `git apply` take; "" when nothing differs."""
    old, new = (text.splitlines(keepends=True) for text in (before, after))
    lines = []
    for line in unified_diff(old, new, f"a/{name}", f"b/{name}"):
        lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(lines)
