"""Run-time twins of -dev packages, derived from each release's index, beside those written down by hand."""

from __future__ import annotations

import pytest

from slimstage.knowledge import load

RELEASES = ("bullseye", "bookworm", "trixie")


@pytest.mark.parametrize("release", RELEASES)
def test_derived_twins_hold_those_written_down(release: str) -> None:
    knowledge = load()
    found = knowledge.debian(release)
    assert found is not None
    same = more = other = 0
    for (manager, name), package in knowledge.system_packages.items():
        if manager != "apt" or not name.endswith("-dev") or release not in package.twins:
            continue
        derived, known = set(found.table.twins(name)), set(package.twins[release])
        same += derived == known
        more += derived > known
        assert not derived or derived >= known, (name, derived, known)
        other += not derived
    assert same >= 75
    assert other <= 10
    assert same + more >= 85


@pytest.mark.parametrize(
    ("name", "release", "twins"),
    [
        ("libjpeg-dev", "bookworm", ("libjpeg62-turbo",)),
        ("libvips-dev", "trixie", ("libvips42t64",)),
        ("libsodium-dev", "bullseye", ("libsodium23",)),
        ("libzbar-dev", "bullseye", ("libzbar0",)),
        ("libzbar-dev", "trixie", ("libzbar0t64",)),
        ("libgeoip-dev", "bookworm", ("libgeoip1",)),
        ("libusb-1.0-0-dev", "bookworm", ("libusb-1.0-0",)),
        ("nlohmann-json3-dev", "bookworm", ()),
        ("libnobody-dev", "bookworm", ()),
    ],
)
def test_twins_by_release(name: str, release: str, twins: tuple[str, ...]) -> None:
    assert load().twins("apt", name, release) == twins


def test_most_libraries_have_one() -> None:
    for release in RELEASES:
        found = load().debian(release)
        assert found is not None
        libraries = [n for n in found.table.names if n.startswith("lib") and n.endswith("-dev") and "ghc-" not in n]
        assert sum(bool(found.table.twins(name)) for name in libraries) > 0.8 * len(libraries), release


def test_without_a_release_nothing_is_derived() -> None:
    assert load().twins("apt", "libzbar-dev", None) == ()
    assert load().twins("apk", "zbar-dev", "3.22") == ()
