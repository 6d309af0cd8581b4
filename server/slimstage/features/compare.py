"""Base images side by side: what each weighs and what it brings along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slimstage.knowledge import BaseImage, Claim, KnowledgeBase
from slimstage.model.images import parse_image
from slimstage.sizes import Size
from slimstage.sizes.base import base_size
from slimstage.sizes.images import ImageSize

_UNITS = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}


def compare_images(kb: KnowledgeBase, references: Sequence[str], lang: str) -> list[dict[str, Any]]:
    """One row for each reference, in order; a single one is followed by the slimmer images known for it.

    `known` says whether the facts are of that very image ("exact"), of the nearest relative ("relative", named in
    `facts_of`) or of none ("no"). What nobody measured of the image itself is estimated from its relatives, with a
    wider interval, or None.
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
    parsed = parse_image(reference)
    size = base_size(kb, parsed, "x86_64") if parsed is not None else ImageSize(None, None)
    own = match.image if match is not None and match.exact else None
    return {
        "image": reference,
        "known": "no" if match is None else "exact" if match.exact else "relative",
        "facts_of": match.image.reference if match is not None else None,
        "disk": (claim_item(own.disk) if own is not None else None) or _size_item(kb, size.disk),
        "download": (claim_item(own.download) if own is not None else None) or _size_item(kb, size.download),
        "facts": _facts(match.image, lang) if match is not None else None,
    }


def _size_item(kb: KnowledgeBase, size: Size | None) -> dict[str, Any] | None:
    """An estimate as a figure; its date is that of the source."""
    if size is None:
        return None
    source = size.sources[0]
    figures = {"bytes": size.bytes, "low": size.low, "high": size.high, "basis": size.basis}
    return {**figures, "source": source, "date": kb.sources[source].date}


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
