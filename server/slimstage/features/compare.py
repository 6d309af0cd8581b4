"""Base images side by side: what each weighs and what it brings along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slimstage.knowledge import BaseImage, Claim, KnowledgeBase

_UNITS = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}


def compare_images(kb: KnowledgeBase, references: Sequence[str], lang: str) -> list[dict[str, Any]]:
    """One row for each reference, in order; a single one is followed by the slimmer images known for it.

    `known` says whether the facts are of that very image ("exact"), of the nearest relative ("relative", named in
    `facts_of`, without figures when its version differs) or of none ("no").
    """
    wanted = list(dict.fromkeys(references))
    if len(wanted) == 1:
        repository, tag = split_reference(wanted[0])
        match = kb.image(repository, tag)
        if match is not None:
            wanted += [reference for reference in match.image.slimmer if reference not in wanted]
    return [_row(kb, reference, lang) for reference in wanted]


def split_reference(reference: str) -> tuple[str, str | None]:
    """Repository and tag of `python:3.11-slim@sha256:...`; a port in the registry's name is no tag."""
    bare = reference.partition("@")[0]
    repository, colon, tag = bare.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (bare, None)


def claim_item(claim: Claim | None) -> dict[str, Any] | None:
    """A figure in bytes, how it is known and since when; None for one in another unit."""
    if claim is None or claim.unit not in _UNITS:
        return None
    factor = _UNITS[claim.unit]
    return {
        "bytes": round(claim.value * factor),
        "low": round(claim.low * factor),
        "high": round(claim.high * factor),
        "basis": claim.basis,
        "source": claim.source,
        "date": claim.date,
    }


def _row(kb: KnowledgeBase, reference: str, lang: str) -> dict[str, Any]:
    repository, tag = split_reference(reference)
    match = kb.image(repository, tag)
    if match is None:
        return {"image": reference, "known": "no", "facts_of": None, "disk": None, "download": None, "facts": None}
    image = match.image
    return {
        "image": reference,
        "known": "exact" if match.exact else "relative",
        "facts_of": image.reference,
        "disk": claim_item(image.disk),
        "download": claim_item(image.download),
        "facts": _facts(image, lang),
    }


def _facts(image: BaseImage, lang: str) -> dict[str, Any]:
    return {
        "summary": image.summary.to(lang),
        "kind": image.kind,
        "distribution": _words(image.distro, image.release),
        "libc": image.libc,
        "package_manager": image.package_manager,
        "shell": image.shell,
        "language": _words(image.language, image.language_version),
        "contents": sorted(image.contents),
        "users": [user for user in image.users if user != "root"],
        "end_of_life": image.end_of_life,
        "slimmer": list(image.slimmer),
    }


def _words(*words: str | None) -> str | None:
    return " ".join(word for word in words if word) or None
