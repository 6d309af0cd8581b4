"""Sizes of distribution packages from measured figures."""

from functools import cache

from slimstage.knowledge import KnowledgeBase, load
from slimstage.sizes.packages import added_by_apt, apt_lists, image_size


@cache
def knowledge() -> KnowledgeBase:
    return load()


def test_one_request_is_its_measured_figure() -> None:
    found = added_by_apt(knowledge(), "bookworm", ["libpq-dev"], recommends=False)
    assert found is not None and (found.bytes, found.basis) == (21_653_385, "measured")


def test_what_another_package_includes_adds_nothing() -> None:
    both = added_by_apt(knowledge(), "bookworm", ["gcc", "build-essential"], recommends=True)
    assert both is not None and both.low <= 356_582_000 <= both.high
    assert abs(both.bytes - 356_582_000) < 2_000_000


def test_a_union_counts_what_is_shared_once() -> None:
    found = added_by_apt(knowledge(), "bookworm", ["build-essential", "libpq-dev"], recommends=False)
    assert found is not None
    assert 295_792_010 < found.bytes < 295_792_010 + 21_653_385
    assert found.low < found.bytes < found.high


def test_with_a_name_nobody_knows_it_is_a_lower_bound() -> None:
    found = added_by_apt(knowledge(), "bookworm", ["curl", "nobody-knows"], recommends=False)
    assert found is not None and found.low == found.high <= 11_095_207


def test_unknown_is_none() -> None:
    assert added_by_apt(knowledge(), None, ["gcc"], recommends=False) is None
    assert added_by_apt(knowledge(), "bookworm", ["nobody-knows"], recommends=False) is None
    assert added_by_apt(knowledge(), "bookworm", [], recommends=False) is None
    assert apt_lists(knowledge(), "sid") is None
    assert image_size(knowledge(), "nobody/knows", "1") is None


def test_lists_and_images() -> None:
    lists = apt_lists(knowledge(), "trixie")
    (claim,) = (claim for claim in knowledge().concepts["apt-lists"].claims if "trixie" in claim.subject)
    assert lists is not None and lists.bytes == claim.value > 15_000_000
    image = image_size(knowledge(), "python", "3.11-slim")
    assert image is not None and 120_000_000 < image.bytes < 130_000_000
