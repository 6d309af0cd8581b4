"""The nearest known relative of an image tag: same variant, same version family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from slimstage.knowledge.records import EMPTY, BaseImage
from slimstage.text import lazy_pattern

_VERSION = lazy_pattern(r"v?(\d+(?:\.\d+)*)(?:[_+].*|(?:a|b|rc|ea)\d*)?")
_ALPINE = lazy_pattern(r"alpine(?:(\d+(?:\.\d+)*))?")
_DATE = lazy_pattern(r"20\d{6}(?:\.\d+)?")
_FLOATING = frozenset({"latest", "lts", "stable", "current", "mainline", "edge"})
_RELEASES = frozenset(
    "jessie stretch buster bullseye bookworm trixie forky sid oldstable oldoldstable testing unstable "
    "trusty xenial bionic focal jammy kinetic lunar mantic noble oracular plucky questing resolute".split()
)


class Tag(NamedTuple):
    """A tag taken apart: `3.11.4-slim-bookworm` is version (3, 11, 4), variant {slim}, release bookworm."""

    version: tuple[int, ...]
    variant: frozenset[str]
    release: str | None


@lru_cache(maxsize=8192)
def read_tag(tag: str) -> Tag:
    """The parts of a tag; the first number is the version, words nobody knows belong to the variant."""
    version: tuple[int, ...] = ()
    variant: set[str] = set()
    release: str | None = None
    for part in tag.lower().split("-"):
        alpine = _ALPINE.fullmatch(part)
        numbers = _VERSION.fullmatch(part)
        if not part or _DATE.fullmatch(part) or part in _FLOATING:
            continue
        if alpine is not None:
            variant.add("alpine")
            release = alpine[1] or release
        elif part in _RELEASES:
            release = part
        elif numbers is not None and "alpine" in variant and release is None:
            release = numbers[1]  # eclipse-temurin writes 17-jre-alpine-3.20
        elif numbers is not None and not version:
            version = tuple(int(number) for number in numbers[1].split("."))
        else:
            variant.add(part)
    return Tag(version, frozenset(variant), release)


def nearest(tag: str, known: Sequence[BaseImage]) -> BaseImage | None:
    """The image of `known` (one repository) that is most like `tag`, or None.

    Same variant is required. With the same version family the figures come along; a release that the tag
    names replaces the relative's. Otherwise only facts that all versions of the variant share are left.
    """
    wanted = read_tag(tag)
    same_variant = [(read_tag(image.tag), image) for image in known]
    same_variant = [(parts, image) for parts, image in same_variant if parts.variant == wanted.variant]
    if not same_variant:
        return None
    family = [
        (parts, image)
        for parts, image in same_variant
        if _same_family(wanted.version, parts.version)
        and (wanted.version or wanted.release is None or parts.release == wanted.release)
    ]
    if not family:
        return _shared(wanted, [image for _, image in same_variant])

    def likeness(candidate: tuple[Tag, BaseImage]) -> tuple[bool, int, bool, tuple[int, ...]]:
        parts, image = candidate
        agreeing = sum(1 for _ in _common(wanted.version, parts.version))
        release = parts.release or image.release
        return (release == wanted.release, agreeing, image.disk is not None, parts.version)

    image = max(family, key=likeness)[1]
    release = image.release if wanted.release is None else wanted.release
    version = image.language_version
    if version is not None and not _starts_with(wanted.version, version):
        version = None
    other_release = release != image.release
    return image._replace(
        release=release, language_version=version, end_of_life=None if other_release else image.end_of_life
    )


def _same_family(wanted: tuple[int, ...], known: tuple[int, ...]) -> bool:
    """3.11 and 3.11.4; 22 and 22.1: one begins the other, or the first two numbers agree. No version: none either."""
    if not wanted or not known:
        return not wanted and not known
    depth = min(2, len(wanted), len(known))
    return wanted[:depth] == known[:depth]


def _starts_with(wanted: tuple[int, ...], version: str) -> bool:
    parts = version.split(".")
    return len(parts) <= len(wanted) and [str(number) for number in wanted[: len(parts)]] == parts


def _common(left: Iterable[int], right: Iterable[int]) -> Iterable[int]:
    for one, other in zip(left, right):  # noqa: B905 - the shorter one decides
        if one != other:
            return
        yield one


def _shared(wanted: Tag, images: Sequence[BaseImage]) -> BaseImage | None:
    """What every known version of the variant has in common, without figures; None when they disagree."""
    first = images[0]
    if any(
        (image.libc, image.package_manager, image.distro) != (first.libc, first.package_manager, first.distro)
        for image in images
    ):
        return None
    if first.package_manager not in ("apt", "apk"):  # others changed their package manager between versions
        return None
    contents = frozenset.intersection(*(image.contents for image in images))
    same = {name: getattr(first, name) for name in ("shell", "kind", "language", "users", "workdir", "entrypoint")}
    for name, value in same.items():
        if any(getattr(image, name) != value for image in images):
            same[name] = () if isinstance(value, tuple) else None
    version = ".".join(str(number) for number in wanted.version[:2]) or None
    return first._replace(
        summary=EMPTY,  # it speaks of the other version
        disk=None,
        download=None,
        documented=(),
        contents=contents,
        slimmer=(),
        end_of_life=None,
        release=wanted.release,
        language_version=version if first.language is not None else None,
        **same,
    )
