"""How large a base image is: from what somebody measured of it or of its nearest relatives, and how sure that is.

Figures come from the image's record (knowledge/images/*.yaml), from public records of tags (recorded.table) and from
relatives: other tags of the same repository and variant. Each has a margin, wider the farther the relative and the
older the record of a tag that is still rebuilt. What is recorded in the registry only is taken to the disk by the
ratio of the nearest relative that has both, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from slimstage.knowledge.nearest import Tag, read_tag
from slimstage.sizes import Size
from slimstage.sizes.records import scaled

if TYPE_CHECKING:
    from slimstage.knowledge import BaseImage, Claim, KnowledgeBase
    from slimstage.knowledge.recorded import Recorded
    from slimstage.model.images import ImageReference

_UNITS = {"bytes": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}
# The margins hold for nine of ten images when the tags recorded in 2020 are predicted from each other and from those
# recorded in 2018 (tests/sizes/test_images.py).
_REBUILDS = 0.03  # rebuilds move a tag by a few percent over the months
_DOCUMENTED = 0.08
_OTHER_TIME = 0.1  # on top, where a tag of old times is compared with one of today
# A record that is years old says nothing about the size of a tag of today, only about how well it is compressed.
_RATIO_ONLY = 9.0
_RATIO, _OLD_RATIO, _YEARS_ALIKE = 0.1, 0.18, 3
# Compressed bytes by bytes on disk, over all images recorded in 2020: 5 % lie below, 5 % above.
_COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH = 0.39, 0.31, 0.58
# Images for arm64 by those for amd64, likewise: in the registry (2020), and on disk (.NET's, 2019 to 2025).
_ARM64_DOWNLOAD, _ARM64_DOWNLOAD_MARGIN = 0.967, 0.07
_ARM64_DISK_MARGIN = 0.1
_MIRRORS = re.compile(
    r"(?:public\.ecr\.aws/docker|mirror\.gcr\.io|registry\.hub\.docker\.com)/library/"
    r"|(?:amd64|arm64v8|arm32v[567]|i386|ppc64le|s390x|riscv64|armhf|aarch64)/"
)
_DISTRIBUTIONS = frozenset(
    "alpine debian ubuntu centos fedora amazonlinux oraclelinux almalinux rockylinux archlinux busybox".split()
)
_ONE_ARCHITECTURE = re.compile(r"-(?:amd64|arm64v8|arm64|arm32v7)$")
_SAME_IMAGE = {"public.ecr.aws/amazonlinux/amazonlinux": "amazonlinux", "quay.io/centos/centos": "centos"}


class ImageSize(NamedTuple):
    """Bytes on disk and in a registry; None when nobody knows."""

    disk: Size | None
    download: Size | None


class Candidate(NamedTuple):
    """The figures of one image, and how far those of the wanted one may be from them (a share)."""

    margin: float
    assumed: bool  # it is of another version
    date: str
    disk: Size | None
    download: Size | None
    disk_arm64: Size | None = None
    download_arm64: Size | None = None
    exact: tuple[str, ...] = ()  # quantities that a user or a registry gives as exact
    own: bool = False


class _Figure(NamedTuple):
    """A size of the wanted image; `margin` says how it was widened."""

    size: Size
    margin: float
    date: str = ""


def size_of_image(knowledge: KnowledgeBase, image: ImageReference, machine: str = "x86_64") -> ImageSize:
    """The size of an image, from the nearest image somebody measured; wider the farther that is."""
    tag = image.tag or "latest"
    found = list(_candidates(knowledge, plain(image.repository), tag, machine))
    if not found and _ONE_ARCHITECTURE.search(tag):
        tag = _ONE_ARCHITECTURE.sub("", tag)
        found = list(_candidates(knowledge, plain(image.repository), tag, machine))
    disk, download = _completed(found, _best(found, "disk"), _best(found, "download"))
    if machine != "x86_64":
        disk, download = _on_arm64(found, disk, download)
    return ImageSize(disk.size if disk is not None else None, download.size if download is not None else None)


def plain(repository: str) -> str:
    """The official image that a mirror's repository, or that of one architecture, holds: `arm64v8/debian`."""
    mirror = _MIRRORS.match(repository)
    return _SAME_IMAGE.get(repository) or (repository[mirror.end() :] if mirror is not None else repository)


def of_claim(claim: Claim) -> Size | None:
    """A claim as a size in bytes; None for a unit that is none of bytes."""
    factor = _UNITS.get(claim.unit)
    if factor is None:
        return None
    sources = (claim.source,)
    return Size(
        round(claim.value * factor), round(claim.low * factor), round(claim.high * factor), claim.basis, sources
    )


class _Repository:
    """What is known of one repository's tags."""

    def __init__(self, knowledge: KnowledgeBase, name: str) -> None:
        self.knowledge = knowledge
        self.name = name
        self.groups = knowledge.official_tags(name)  # those built today; empty for most repositories
        year, month, _ = knowledge.sources["official-images"].date.split("-")
        self._today = int(year) * 12 + int(month)

    def group(self, tag: str) -> tuple[str, ...]:
        """All tags that are one image with this one today; empty when it is not built any more, or never was."""
        return self._groups.get(tag, ())

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        return {tag: group for group in self.groups for tag in group}

    def readings(self, tag: str) -> tuple[Tag, ...]:
        """The parts of a tag, and of the others of its image where they name its variant otherwise.

        The version is as full as it is known: `latest` may be 3.14.7.
        """
        found: dict[frozenset[str], Tag] = {}
        for parts in map(read_tag, (tag, *self.group(tag))):
            held = found.get(parts.variant)
            if held is None or _precision(parts) > _precision(held):
                found[parts.variant] = parts
        return tuple(found.values())

    @cached_property
    def has_lines(self) -> bool:
        """Whether several major versions are built side by side, so that those after the dot are but updates."""
        return len({parts.version[0] for parts in (read_tag(group[0]) for group in self.groups) if parts.version}) > 1

    def distance(self, wanted: Iterable[Tag], known: Iterable[Tag]) -> tuple[float, bool] | None:
        """The margin between two images, and whether they are of other versions; None: not comparable."""
        found = [_distance(self.has_lines, one, other) for one in wanted for other in known]
        return min((far for far in found if far is not None), default=None)

    def months(self, date: str) -> int:
        """The age of a record on the day the official images' tags were looked up."""
        year, month, _ = date.split("-")
        return self._today - int(year) * 12 - int(month)

    def is_old(self, date: str) -> bool:
        """Whether a record is of another time."""
        return self.months(date) > _YEARS_ALIKE * 12


def _candidates(knowledge: KnowledgeBase, name: str, tag: str, machine: str) -> Iterator[Candidate]:
    """What is known of the image; where that is not all, what is known of its relatives, too."""
    repository = _Repository(knowledge, name)
    match = knowledge.image(name, tag)
    image = match.image if match is not None and _has_size(match.image) else None
    complete = False
    if match is not None and image is not None:
        if match.exact or image.tag == tag:  # a registry that was asked gives a relative the asked tag
            yield _of_image(image)._replace(own=True)
            complete = image.disk is not None and image.download is not None
        else:
            distance = repository.distance(repository.readings(tag), repository.readings(image.tag))
            yield _of_image(image, *(distance or (0.08, False)))
    if complete and machine == "x86_64":  # the table is not even read
        return
    rows = knowledge.recorded(name)
    names = repository.group(tag)
    own = [row for row in rows if tag in row.tags or not set(names).isdisjoint(row.tags)]
    for row in own:
        yield _aged(repository, tag, row)._replace(own=True)
        complete = complete or bool(row.disk and row.download and not repository.is_old(row.date))
    if not complete:
        yield from _relatives(repository, tag, [row for row in rows if row not in own], image)


def _relatives(repository: _Repository, tag: str, rows: list[Recorded], known: BaseImage | None) -> Iterator[Candidate]:
    """What is known of other tags that are comparable."""
    wanted, built = repository.readings(tag), bool(repository.group(tag))
    gone = bool(repository.groups) and not built
    for row in rows:
        old = repository.is_old(row.date)
        specific = max(row.tags, key=lambda one: (one[:1].isdigit(), len(one)))
        known_as = (read_tag(specific),) if old else repository.readings(specific)
        if old and wanted[0].version and not known_as[0].version:  # whatever the newest was
            continue
        distance = repository.distance(wanted, known_as)
        if distance is not None:
            margin, assumed = distance
            if old and built:
                margin = _RATIO_ONLY
            elif assumed:
                margin += _OTHER_TIME if gone else 0.0
            elif old:
                margin = max(margin, _standing(repository, tag))
            yield _of_row(row, margin, assumed)
    for other in repository.knowledge.tags(repository.name):
        distance = repository.distance(wanted, repository.readings(other))
        found = repository.knowledge.image(repository.name, other) if distance is not None else None
        if distance is None or found is None or not found.exact or found.image is known or not _has_size(found.image):
            continue
        margin, assumed = distance
        yield _of_image(found.image, margin + (_OTHER_TIME if gone and assumed else 0.0), assumed)


def _has_size(image: BaseImage) -> bool:
    return image.disk is not None or image.download is not None


def _of_image(image: BaseImage, margin: float = 0.0, assumed: bool = False) -> Candidate:
    """The figures of a record that has some."""
    claims = {"disk": image.disk, "download": image.download}
    known = {quantity: claim for quantity, claim in claims.items() if claim is not None}
    exact = tuple(
        quantity
        for quantity, claim in known.items()
        if margin == 0.0 and claim.low == claim.high and not claim.source.startswith("repo-info")
    )
    disk, download = (of_claim(claim) if claim is not None else None for claim in claims.values())
    date = max(claim.date for claim in known.values())
    return Candidate(max(margin, _REBUILDS), assumed, date, disk, download, exact=exact)


def _of_row(row: Recorded, margin: float, assumed: bool = False) -> Candidate:
    """The figures of a row of the table."""

    def size(quantity: str, arm64: bool = False) -> Size | None:
        figure = row.figure(quantity, arm64)
        return Size(figure.value, figure.low, figure.high, row.basis, (row.source,)) if figure is not None else None

    least = _REBUILDS if row.basis == "measured" else _DOCUMENTED
    arm64 = size("disk", True), size("download", True)
    return Candidate(max(margin, least), assumed, row.date, size("disk"), size("download"), *arm64)


def _aged(repository: _Repository, tag: str, row: Recorded) -> Candidate:
    """The figures of a row that names the tag: how far it may have moved since the day of the record.

    A tag that is not built any more stands still, only not always since that day.
    """
    months = repository.months(row.date)
    if months <= 8:
        return _of_row(row, _REBUILDS)
    if not repository.is_old(row.date):
        return _of_row(row, 0.08 if months <= 18 and read_tag(tag).version else 0.2)
    if row.basis == "documented":  # checked again with every build, as long as there were some
        return _of_row(row, 0.1)
    return _of_row(row, _RATIO_ONLY if repository.group(tag) else _standing(repository, tag))


def _standing(repository: _Repository, tag: str) -> float:
    """How far the last image of a tag may be from one that was recorded years ago."""
    parts = read_tag(tag)
    if len(parts.version) >= 3:
        return 0.05 if parts.release is not None else 0.2
    if repository.name in _DISTRIBUTIONS:
        return 0.15
    return 0.22 if parts.release is not None else 0.35 if parts.version else 0.4


def _distance(has_lines: bool, wanted: Tag, known: Tag) -> tuple[float, bool] | None:
    """The margin between two tags of one repository, and whether they are of other versions; None: not comparable."""
    same_release = wanted.release is None or known.release is None or wanted.release == known.release
    if wanted.variant != known.variant:
        if _unnumbered(wanted.variant) != _unnumbered(known.variant):
            return None
        return 0.3 if same_release and wanted.version == known.version else 0.38, True
    if not wanted.version or not known.version:
        return 0.32 if wanted.version == known.version else 0.4, True
    (major, minor), (other_major, other_minor) = ((*tag.version, 0)[:2] for tag in (wanted, known))
    apart = abs(major - other_major)
    if apart:
        return 0.22 if apart == 1 else 0.35 if apart <= 3 else 0.45, True
    if minor == other_minor and len(wanted.version[:2]) == len(known.version[:2]):
        return 0.06 if same_release else 0.13, False
    if has_lines:
        return 0.08 if same_release else 0.15, False
    if len(wanted.version[:2]) != len(known.version[:2]):
        return 0.2, True
    apart = abs(minor - other_minor)
    if apart > 5:
        return 0.4, True
    return (0.13 if apart <= 2 else 0.2) if same_release else (0.17 if apart <= 2 else 0.22), True


def _precision(tag: Tag) -> tuple[int, bool]:
    return len(tag.version), tag.release is not None


def _unnumbered(variant: Iterable[str]) -> list[str]:
    """The words of a variant without their numbers: `jdk21` and `jdk17` are versions of the same thing."""
    return sorted(word.rstrip("0123456789") for word in variant)


def _best(candidates: list[Candidate], quantity: str) -> _Figure | None:
    """The figure with the narrowest margin, the newest among equals; another version's only if there is no other."""
    known = [one for one in candidates if getattr(one, quantity) is not None and one.margin < _RATIO_ONLY]
    if not known:
        return None
    best = max(known, key=lambda one: (quantity in one.exact, not one.assumed, -one.margin, one.own, one.date))
    margin = 0.0 if quantity in best.exact else best.margin
    return _Figure(widened(getattr(best, quantity), margin, best.assumed), margin, best.date)


def _completed(
    candidates: list[Candidate], disk: _Figure | None, download: _Figure | None
) -> tuple[_Figure | None, _Figure | None]:
    """Both figures, what is missing or vague computed from the other one."""
    both = [one for one in candidates if one.disk is not None and one.download is not None]
    if not both:
        if disk is None and download is not None:
            low, high = 1 / _COMPRESSED_HIGH, 1 / _COMPRESSED_LOW
            disk = _Figure(scaled(download.size, 1 / _COMPRESSED, low, high), 1.0)
        elif disk is not None and download is None:
            size = scaled(disk.size, _COMPRESSED, _COMPRESSED_LOW, _COMPRESSED_HIGH)
            download = _Figure(size, 1.0)
        return disk, download
    nearest = max(both, key=lambda one: (-one.margin, one.date))
    assert nearest.disk is not None and nearest.download is not None
    ratio = nearest.download.bytes / nearest.disk.bytes
    newest = max(one.date for one in candidates)
    margin = _RATIO if int(newest[:4]) - int(nearest.date[:4]) <= _YEARS_ALIKE else _OLD_RATIO
    if download is not None and (disk is None or _is_better(download, margin, disk)):
        disk = _Figure(_by_ratio(download, 1 / ratio, margin), download.margin + margin)
    elif disk is not None and (download is None or _is_better(disk, margin, download)):
        download = _Figure(_by_ratio(disk, ratio, margin), disk.margin + margin)
    return disk, download


def _is_better(known: _Figure, margin: float, other: _Figure) -> bool:
    """Whether what follows from one figure by a ratio is surer than another one."""
    if other.size.basis == "assumed":  # better what goes with the other figure than that of yet another image
        if known.size.basis == "assumed" and known.margin == other.margin:
            return known.date[:4] > other.date[:4]  # as far away, but of a later time
        return known.size.basis != "assumed" or known.margin < other.margin
    return known.size.basis != "assumed" and known.margin + margin <= other.margin


def _on_arm64(
    candidates: list[Candidate], disk: _Figure | None, download: _Figure | None
) -> tuple[_Figure | None, _Figure | None]:
    """The same for linux/arm64: what is recorded, else what images for arm64 usually are by those for amd64."""
    own_disk, own_download = _best(candidates, "disk_arm64"), _best(candidates, "download_arm64")
    if download is not None and (
        own_download is None or own_download.margin > download.margin + _ARM64_DOWNLOAD_MARGIN
    ):
        margin = download.margin + _ARM64_DOWNLOAD_MARGIN
        own_download = _Figure(_by_ratio(download, _ARM64_DOWNLOAD, _ARM64_DOWNLOAD_MARGIN), margin)
    if disk is not None and (own_disk is None or own_disk.margin > disk.margin + _ARM64_DISK_MARGIN):
        own_disk = _Figure(_by_ratio(disk, 1.0, _ARM64_DISK_MARGIN), disk.margin + _ARM64_DISK_MARGIN)
    return own_disk, own_download


def _by_ratio(figure: _Figure, ratio: float, margin: float) -> Size:
    return scaled(figure.size, ratio, ratio * (1 - margin), ratio * (1 + margin))


def widened(size: Size, share: float, assumed: bool = False) -> Size:
    """The same size with an interval of at least that share to both sides."""
    margin = round(size.bytes * share)
    low, high = min(size.low, size.bytes - margin), max(size.high, size.bytes + margin)
    return Size(size.bytes, low, high, "assumed" if assumed else size.basis, size.sources)
