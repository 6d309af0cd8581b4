"""The apt resolver and its sizes, against real installs and against apt itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimstage.knowledge.debian_table import DebianTable, build, version_key
from slimstage.sizes.apt import closure

DATA = Path(__file__).parents[2] / "knowledge" / "debian"

# Bytes really added to the slim root of a release, measured on 2026-11-24 in a chroot (`du` before and after).
MEASURED = [
    ("bookworm", False, "gcc build-essential", 295_791_951, 56),
    ("bookworm", True, "gcc build-essential", 356_581_941, 125),
    ("bookworm", False, "gcc build-essential libpq-dev musl-dev libssl-dev libmagic-dev", 322_126_461, 67),
    ("bookworm", True, "gcc build-essential libpq-dev musl-dev libssl-dev libmagic-dev", 382_162_525, 133),
    ("bookworm", False, "libpq5", 8_926_314, 10),
    ("bookworm", False, "git", 90_944_082, 24),
    ("bookworm", True, "git", 103_151_250, 46),
    ("bookworm", False, "curl", 11_095_207, 16),
    ("bookworm", False, "python3-dev", 100_357_168, 41),
    ("bookworm", False, "make", 259_341, 1),
    ("bookworm", False, "libgl1 libglib2.0-0", 216_615_737, 42),
    ("trixie", False, "gcc build-essential", 306_350_451, 53),
    ("trixie", True, "gcc build-essential", 329_892_279, 64),
    ("trixie", False, "libpq-dev", 19_726_652, 12),
    ("trixie", True, "git", 109_862_671, 55),
    ("trixie", False, "wget", 7_204_351, 8),
    ("trixie", False, "libgl1 libglib2.0-0", 214_047_245, None),
]

# The same on Ubuntu, in a minimal root with the exclusions of its images, on 2026-11-28. None of these packages was
# weighed by itself, so only the interval is near.
UBUNTU = [
    ("jammy", False, "gcc libc6-dev", 155_758_780, 31),
    ("jammy", False, "curl ca-certificates", 5_099_604, 12),
    ("jammy", True, "build-essential", 274_300_394, 102),
    ("jammy", False, "python3-pip", 49_662_255, 21),
    ("jammy", True, "git", 76_023_042, 40),
    ("jammy", False, "libssl-dev libpq-dev", 14_033_680, 6),
    ("jammy", True, "cmake", 241_120_384, 81),
    ("jammy", False, "nodejs npm", 141_021_576, 159),
    ("jammy", True, "nginx", 54_878_332, 44),
    ("noble", False, "gcc libc6-dev", 186_364_705, 37),
    ("noble", False, "curl ca-certificates", 7_380_273, 17),
    ("noble", True, "build-essential", 322_560_159, 114),
    ("noble", False, "python3-pip", 60_291_899, 20),
    ("noble", True, "git", 84_292_076, 46),
    ("noble", False, "libssl-dev libpq-dev", 16_856_879, 11),
    ("noble", True, "cmake", 299_991_142, 96),
    ("noble", False, "nodejs npm", 239_075_363, 382),
    ("noble", True, "nginx", 5_431_505, 10),
]


def table(release: str) -> DebianTable:
    return DebianTable((DATA / f"{release}.table").read_bytes())


def base(release: str) -> frozenset[str]:
    import yaml

    return frozenset(yaml.safe_load((DATA / "base.yaml").read_text(encoding="utf-8"))[release]["packages"])


@pytest.mark.parametrize(("release", "recommends", "request_", "added", "count"), MEASURED)
def test_estimate_is_near_the_measured_install(
    release: str, recommends: bool, request_: str, added: int, count: int | None
) -> None:
    found = closure(table(release), request_.split(), base(release), recommends=recommends)
    assert found.unknown == ()
    if count is not None:
        assert len(found.added) == count
    assert abs(found.disk.bytes - added) <= max(0.03 * added, 60_000)
    assert found.disk.low <= added <= found.disk.high


@pytest.mark.parametrize(("release", "recommends", "request_", "added", "count"), UBUNTU)
def test_an_install_on_ubuntu_is_within_the_interval(
    release: str, recommends: bool, request_: str, added: int, count: int
) -> None:
    found = closure(table(release), request_.split(), base(release), recommends=recommends)
    assert (found.unknown, len(found.added)) == ((), count)
    assert found.disk.low <= added <= found.disk.high
    assert abs(found.disk.bytes - added) <= 0.25 * added
    assert found.disk.sources == ("ubuntu-index",)


def test_what_is_there_already_costs_nothing() -> None:
    present = (
        base("bookworm")
        | {"libpq5"}
        | set(closure(table("bookworm"), ["libpq5"], base("bookworm"), recommends=False).added)
    )
    assert closure(table("bookworm"), ["libpq5", "bash"], present, recommends=True).added == ()


def test_names_nobody_has_are_named() -> None:
    found = closure(table("bookworm"), ["libpq5", "libpq55", "libpqx"], base("bookworm"), recommends=False)
    assert found.unknown == ("libpq55", "libpqx")
    assert "libpq5" in found.added


def test_a_virtual_name_with_one_provider_is_that_package() -> None:
    assert "libglib2.0-0t64" in closure(table("trixie"), ["libglib2.0-0"], base("trixie"), recommends=False).added


INDEX = """Package: app
Version: 1.9-1
Installed-Size: 10
Size: 100
Depends: old

Package: app
Version: 1.10-1
Installed-Size: 20
Size: 200
Pre-Depends: dpkg (>= 1)
Depends: lib (>= 2) | lib-ng, any:any, mta
Recommends: extra
Provides: tool (= 3), app-api

Package: lib
Version: 2
Installed-Size: 5
Size: 50

Package: postbox
Version: 1
Installed-Size: 1
Size: 10
Provides: mta

Package: extra
Version: 1
Installed-Size: 1
Size: 10
"""


def test_a_table_holds_the_newest_version_and_plain_relations() -> None:
    made = DebianTable(build("test", "2026-01-01", [INDEX], {"lib": "4000/100"}))
    app = made.package("app")
    assert app is not None
    assert (app.installed, app.download, app.kept) == (20 * 1024, 200, None)
    assert app.depends == (("dpkg",), ("lib", "lib-ng"), ("any",), ("mta",))
    assert app.provides == ("tool", "app-api")
    lib = made.package("lib")
    assert lib is not None
    assert (lib.kept, lib.python) == (4000, 100)
    assert made.providers("mta") == ("postbox",)
    assert made.package("ap") is None
    assert made.package("app\tx") is None
    assert made.names == ("app", "extra", "lib", "postbox")


def test_recommends_are_taken_only_when_asked_for() -> None:
    made = DebianTable(build("test", "2026-01-01", [INDEX], {}))
    assert closure(made, ["app"], {"dpkg"}, recommends=False).added == ("app", "lib", "postbox")
    assert closure(made, ["app"], {"dpkg", "mta"}, recommends=True).added == ("app", "extra", "lib")


@pytest.mark.parametrize(
    ("higher", "lower"),
    [("1.10-1", "1.9-1"), ("1:0.1", "9.9"), ("2.0", "2.0~rc1"), ("2.0-1+b1", "2.0-1"), ("1.0a", "1.0"), ("10", "9")],
)
def test_versions_order_as_dpkg_orders_them(higher: str, lower: str) -> None:
    assert version_key(higher) > version_key(lower)
    assert not version_key(lower) > version_key(higher)
