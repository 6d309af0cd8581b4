"""How large a base image is said to be: what is recorded, what comes from relatives, and whether the intervals hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from slimstage.knowledge import base
from slimstage.knowledge.base import KnowledgeBase
from slimstage.knowledge.recorded import Recorded, read_row
from slimstage.model.images import parse_image
from slimstage.sizes import Size
from slimstage.sizes.base import base_size
from slimstage.sizes.images import ImageSize, plain, size_of_image

KB = base.load()
FROM_LINES = Path(__file__).parents[1] / "fixtures" / "from-lines.txt"


class Records(KnowledgeBase):
    """A knowledge base that knows the given rows of the table only, on a day of 2020."""

    def __init__(self, rows: dict[str, list[Recorded]], built: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.rows, self.built = rows, built
        day = KB.sources["official-images"]._replace(date="2020-10-14")
        self.__dict__["sources"] = {**KB.sources, "official-images": day}

    def image(self, repository: str, tag: str | None) -> None:
        """No records but the table's."""

    def tags(self, repository: str) -> tuple[str, ...]:
        """Likewise."""
        return ()

    def official_tags(self, repository: str) -> tuple[tuple[str, ...], ...]:
        """One group a tag."""
        return tuple((tag,) for tag in self.built)

    def recorded(self, repository: str) -> tuple[Recorded, ...]:
        """The given rows."""
        return tuple(self.rows.get(repository, ()))


def size(reference: str, rows: str, machine: str = "x86_64", built: tuple[str, ...] = ()) -> ImageSize:
    image = parse_image(reference)
    assert image is not None
    read = [
        read_row(f"{line.split()[0]} repo-info measured apt {' '.join(line.split()[1:])}") for line in rows.split(";")
    ]
    return size_of_image(Records({"demo": read}, built), image, machine)


def share(of: Size) -> float:
    return (of.high - of.low) / 2 / of.bytes


def test_what_is_recorded_is_the_size() -> None:
    found = size("demo:3.9-slim", "2020-10-13 115.02M 44566512 - 43197693 3.9-slim 3.9.0-slim")
    assert found.disk is not None and found.download is not None
    assert (found.disk.bytes, found.disk.basis, found.disk.sources) == (115_020_000, "measured", ("repo-info",))
    assert (found.download.bytes, found.download.basis) == (44_566_512, "measured")
    assert share(found.disk) == pytest.approx(0.03, rel=0.01)


def test_arm64_has_its_own_record_and_else_a_wider_interval() -> None:
    own = size("demo:1.2", "2020-10-13 100M 40000000 - 39000000 1.2", "aarch64")
    assert own.download is not None and own.disk is not None
    assert (own.download.bytes, own.download.basis) == (39_000_000, "measured")
    assert own.disk.bytes == 100_000_000 and share(own.disk) > 0.1 and own.disk.basis == "computed"
    other = size("demo:1.2", "2020-10-13 100M 40000000 - - 1.2", "aarch64").download
    assert other is not None
    assert other.basis == "computed" and other.low < 39_000_000 < other.high and share(other) > 0.07


def test_the_disk_follows_from_the_download_by_the_ratio_of_a_relative() -> None:
    found = size(
        "demo:1.3-slim", "2020-10-13 - 50M - - 1.3-slim;2020-10-13 100M 40M - - 1.2-slim;2020-10-13 9M 8M - - 1.3"
    )
    assert found.disk is not None
    assert found.disk.bytes == 125_000_000 and found.disk.basis == "computed"
    assert share(found.disk) == pytest.approx(0.13, rel=0.05)
    back = size("demo:1.3-slim", "2020-10-13 125M - - - 1.3-slim;2020-10-13 100M 40M - - 1.2-slim").download
    assert back is not None
    assert back.bytes == 50_000_000 and back.basis == "computed"


def test_without_a_relative_the_ratio_of_all_images_gives_a_wide_interval() -> None:
    found = size("demo:1", "2020-10-13 - 50M - - 1")
    assert found.disk is not None and share(found.disk) > 0.3 and found.disk.basis == "computed"


@pytest.mark.parametrize(
    ("tag", "margin", "basis"),
    [
        ("3.9.7-slim", 0.06, "measured"),  # a patch release
        ("3.9-slim-stretch", 0.13, "measured"),  # the same version on another release
        ("3.8-slim", 0.13, "assumed"),
        ("2-slim", 0.22, "assumed"),
        ("slim", 0.4, "assumed"),
    ],
)
def test_relatives_widen_the_interval_by_their_distance(tag: str, margin: float, basis: str) -> None:
    found = size(f"demo:{tag}", "2020-10-13 100M 40M - - 3.9.1-slim-buster").disk
    assert found is not None
    assert share(found) == pytest.approx(margin, rel=0.01) and found.basis == basis


def test_an_old_record_of_the_tag_goes_before_a_new_one_of_another_version() -> None:
    found = size("demo:1.2-slim", "2017-01-01 100M 40M - - 1.2-slim;2020-10-13 900M 400M - - 1.4-slim")
    assert found.disk is not None and found.download is not None
    assert (found.disk.bytes, found.download.bytes) == (100_000_000, 40_000_000)
    half = size("demo:1.2-slim", "2017-01-01 - 40M - - 1.2-slim;2020-10-13 900M 360M - - 1.4-slim").disk
    assert half is not None and half.bytes == 100_000_000


def test_another_number_in_the_variant_is_a_distant_relative() -> None:
    rows = "2020-10-13 100M 40M - - 9.0-jdk11-slim-buster"
    margins = [size(f"demo:{tag}", rows).disk for tag in ("9.0-jdk8-slim-buster", "10.0-jdk8-slim-buster")]
    assert [(round(share(one), 2), one.basis) for one in margins if one is not None] == [
        (0.3, "assumed"),
        (0.38, "assumed"),
    ]
    assert size("demo:9.0-jre11-slim-buster", rows) == ImageSize(None, None)


def test_a_tag_for_one_architecture_is_the_tag_without_it() -> None:
    rows = "2020-10-13 100M 40M - 39M 9.0-slim"
    assert size("demo:9.0-slim-amd64", rows) == size("demo:9.0-slim", rows)
    assert size("demo:9.0-slim-arm64v8", rows, "aarch64") == size("demo:9.0-slim", rows, "aarch64")


def test_another_variant_is_no_relative() -> None:
    assert size("demo:3.9-alpine", "2020-10-13 100M 40M - - 3.9-slim") == ImageSize(None, None)
    assert size("nobody:1", "2020-10-13 100M 40M - - 1") == ImageSize(None, None)


def test_an_old_record_says_nothing_about_a_tag_that_is_still_built() -> None:
    old = "2015-10-13 100M 40M - - latest 3 3.1 3.1.4"
    assert size("demo:3", old, built=("3",)) == ImageSize(None, None)
    gone = [size(f"demo:{tag}", old).disk for tag in ("3.1.4", "3.1", "latest")]
    assert [round(share(one), 2) for one in gone if one is not None] == [0.2, 0.35, 0.4]
    ratio = size("demo:3", "2020-10-13 - 50M - - 3;" + old, built=("3",)).disk
    assert ratio is not None and ratio.bytes == 125_000_000
    assert share(ratio) > 0.2  # compression changes with the years, too


@pytest.mark.parametrize(
    ("repository", "official"),
    [
        ("amd64/debian", "debian"),
        ("arm64v8/python", "python"),
        ("public.ecr.aws/docker/library/node", "node"),
        ("mirror.gcr.io/library/nginx", "nginx"),
        ("public.ecr.aws/amazonlinux/amazonlinux", "amazonlinux"),
        ("bitnami/node", "bitnami/node"),
    ],
)
def test_mirrors_and_images_of_one_architecture_are_the_official_ones(repository: str, official: str) -> None:
    assert plain(repository) == official


def predictions(rows: dict[str, list[Recorded]]) -> Iterator[tuple[Size | None, int, int]]:
    """Every recorded size beside what the other rows say of the image."""
    lot = random.Random(4)
    for repository, images in rows.items():
        for row in images:
            figure = row.figure("disk")
            image = parse_image(f"{repository}:{lot.choice(row.tags)}")
            if figure is not None and image is not None:
                others = Records({repository: [other for other in images if other is not row]})
                yield size_of_image(others, image).disk, figure.low, figure.high


@pytest.mark.parametrize(("source", "held"), [("repo-info-2020", 0.88), ("dotnet-docker-sizes", 0.95)])
def test_nine_of_ten_images_lie_in_the_interval_their_relatives_give(source: str, held: float) -> None:
    table = KB._recorded
    rows = {name: [row for row in table.rows(name) if row.source == source] for name in table.repositories()}
    found = [(size, low, high) for size, low, high in predictions(rows) if size is not None]
    inside = [size for size, low, high in found if size.low <= high and low <= size.high]
    assert len(found) > 400
    assert len(inside) / len(found) >= held


def test_most_from_lines_of_public_repositories_get_a_size() -> None:
    """Of the same 200 lines 79 had a size before there was a table of recorded tags."""
    lines = [line for line in FROM_LINES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    images = [image for image in map(parse_image, lines) if image is not None]
    sized = [image for image in images if base_size(KB, image, "x86_64").disk is not None]
    assert len(images) == 200
    assert len(sized) >= 150
    for image in images:
        both = base_size(KB, image, "x86_64")
        for one in (*both, *base_size(KB, image, "aarch64")):
            assert one is None or 0 < one.low <= one.bytes <= one.high, image
        assert both.disk is None or both.download is not None or image.repository == "debian", image


def test_every_spelling_of_a_tag_of_today_gets_the_size_of_its_image() -> None:
    for repository in ("python", "node", "ubuntu", "alpine", "redis", "rust", "httpd", "mysql", "mongo", "composer"):
        for group in KB.official_tags(repository):
            if any("windows" in tag or "nanoserver" in tag for tag in group):
                continue
            sizes = set()
            for tag in group:
                image = parse_image(f"{repository}:{tag}")
                assert image is not None
                found = base_size(KB, image, "x86_64").disk
                assert found is not None, image
                sizes.add(found.bytes)
            assert max(sizes) <= min(sizes) * 1.45, (repository, group, sizes)


def test_disk_and_download_of_a_tag_that_is_gone_come_from_the_same_time() -> None:
    size = size_of_image(KB, parse_image("ruby:3.4.5-slim"))
    assert size.disk is not None and size.download is not None
    # Not a disk of 2020 beside a download of today: 127 MB and 81 MB were said before.
    assert 0.31 <= size.download.bytes / size.disk.bytes <= 0.58
