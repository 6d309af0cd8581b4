"""What Python's package managers install: wheels unpacked, byte code beside them, caches left behind.

Sizes come from wheels measured for CPython 3.11 on x86_64 (packages/pypi-sizes.yaml); the sum over a closure agreed
with real builds to 0.1 %. Byte code of other versions was compared on the same twelve wheels (measured 2026-11-25):
Python 3.8 to 3.10 write 0.65 of what 3.11 writes, 3.12 and 3.13 write 0.92.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from slimstage.context.manifests import Requirement, parse_requirement
from slimstage.sizes import NOTHING, Basis, Size

if TYPE_CHECKING:
    from packaging.version import Version

    from slimstage.context.locks import Locked
    from slimstage.knowledge import KnowledgeBase
    from slimstage.knowledge.records import MeasuredWheel, PythonPackage

_CODE = {"3.6": 0.65, "3.7": 0.65, "3.8": 0.65, "3.9": 0.65, "3.10": 0.65, "3.11": 1.0}
_CODE_LATER = 0.92
SOURCE = "package-index"
# `python -m venv` with pip, bytes of its files; setuptools came along until 3.11 (measured 2026-11-25).
VENV = {"3.8": 15_235_413, "3.9": 15_429_467, "3.10": 18_323_509, "3.11": 22_341_443, "3.12": 13_749_578}
VENV_LATER = 10_940_329
# Byte code that the first `pip install` of a python image writes: that of the standard library, which the first
# `python -m venv` writes too, and pip's own, on 3.11 (real builds, measured 2026-11-25: 10.6 MB, 5.2 MB with venv).
STANDARD_LIBRARY, PIP = 5_000_000, 5_600_000
# pip's cache holds every file downloaded and the index pages it read.
CACHE_PER_PACKAGE = 25_000


class Platform(NamedTuple):
    """Where pip installs: Python's minor version or None, the C library, the machine."""

    python: str | None
    libc: str
    machine: str

    @property
    def code(self) -> float:
        """Byte code relative to that of Python 3.11."""
        return _CODE.get(self.python, _CODE_LATER) if self.python is not None else 0.9


class Distribution(NamedTuple):
    """One package as installed. `unpacked` is None when nobody knows it."""

    name: str
    version: str | None
    unpacked: Size | None
    code: Size
    download: Size


class Installation(NamedTuple):
    """The distributions of one install, by name, and the requirements whose size nobody knows."""

    distributions: tuple[Distribution, ...]
    unknown: tuple[str, ...]

    def disk(self, *, compiled: bool) -> Size:
        """Bytes in site-packages, with byte code or without."""
        result = NOTHING
        for one in self.distributions:
            if one.unpacked is not None:
                result = result + one.unpacked
                if compiled:
                    result = result + one.code
        return result

    def with_others(self, other: Installation) -> Installation:
        """Both together; what is in both counts once."""
        names = {one.name for one in self.distributions}
        more = (one for one in other.distributions if one.name not in names)
        unknown = dict.fromkeys((*self.unknown, *other.unknown))
        return Installation((*self.distributions, *more), tuple(unknown))

    @property
    def download(self) -> Size:
        """Bytes of the wheels."""
        result = NOTHING
        for one in self.distributions:
            result = result + one.download
        return result


def install(
    knowledge: KnowledgeBase,
    requirements: Iterable[Requirement],
    platform: Platform,
    *,
    constraints: Iterable[Requirement] = (),
    no_binary: frozenset[str] = frozenset(),
    dependencies: bool = True,
) -> Installation:
    """What pip installs for the requirements, their own requirements included as far as they are known."""
    pins = {one.name: one.pinned for one in constraints if one.name is not None and one.pinned is not None}
    found: dict[str, Distribution] = {}
    unknown: dict[str, None] = {}
    wanted = [(one, True) for one in requirements]
    for one, _ in wanted:
        if one.name is not None and one.pinned is not None:
            pins[one.name] = one.pinned
    seen: set[tuple[str, tuple[str, ...]]] = set()
    at = 0
    while at < len(wanted):
        one, direct = wanted[at]
        at += 1
        name = one.name
        if not applies(one.marker, platform, ()) if direct else False:
            continue
        if name is None or one.kind != "package":
            if one.kind in ("url", "vcs"):
                unknown.setdefault(one.raw)
            continue
        if (name, one.extras) in seen:
            continue
        seen.add((name, one.extras))
        row = measured(knowledge, name, pins.get(name))
        if name not in found:
            distribution = weigh(knowledge, name, pins.get(name), platform, row, no_binary)
            if distribution.unpacked is None:
                unknown.setdefault(name)
            found[name] = distribution
        if dependencies:
            wanted += [(need, False) for need in needs(knowledge, name, row, one.extras, platform)]
    return Installation(tuple(found.values()), tuple(unknown))


def locked(
    knowledge: KnowledgeBase, packages: Iterable[Locked], platform: Platform, extras: tuple[str, ...] = ()
) -> Installation:
    """What a lock file installs: these packages and nothing else."""
    found: list[Distribution] = []
    unknown: list[str] = []
    for one in packages:
        if not applies(one.marker, platform, extras):
            continue
        version = one.version or None
        row = measured(knowledge, one.name, version)
        distribution = weigh(knowledge, one.name, version, platform, row, frozenset(), one.download)
        if distribution.unpacked is None:
            unknown.append(one.name)
        found.append(distribution)
    return Installation(tuple(found), tuple(unknown))


def measured(knowledge: KnowledgeBase, name: str, version: str | None) -> MeasuredWheel | None:
    """The measured version nearest to the one asked for; the newest for any. None when nobody measured one."""
    rows = knowledge.wheels_of(name, version)
    if not rows:
        return None
    if version is None:
        return max(rows, key=lambda row: _key(row.version))
    for row in rows:
        if row.version == version:
            return row
    wanted = _key(version)
    later = [row for row in rows if _key(row.version) >= wanted]
    return min(later, key=lambda row: _key(row.version)) if later else max(rows, key=lambda row: _key(row.version))


@lru_cache(4096)
def _key(version: str) -> Version:
    from packaging.version import InvalidVersion, Version  # here, since start-up would pay for it

    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def needs(
    knowledge: KnowledgeBase,
    name: str,
    row: MeasuredWheel | None,
    extras: tuple[str, ...],
    platform: Platform,
) -> list[Requirement]:
    """A distribution's own requirements there; those of `extras` included."""
    if row is not None:
        texts: tuple[str, ...] = row.requires
    else:
        package = knowledge.python_package(name)
        texts = package.requires if package is not None else ()
    parsed = [_parsed(text) for text in texts]
    return [one for one in parsed if one.name is not None and applies(one.marker, platform, extras)]


@lru_cache(8192)
def _parsed(text: str) -> Requirement:
    return parse_requirement(text)


@lru_cache(8192)
def applies(marker: str | None, platform: Platform, extras: tuple[str, ...]) -> bool:
    """Whether a marker holds on Linux; True when it cannot be read."""
    if marker is None:
        return True
    python = platform.python or "3.12"
    environment = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": platform.machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "python_version": python,
        "python_full_version": python + ".9",
        "implementation_version": python + ".9",
        "platform_release": "",
        "platform_version": "",
    }
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        parsed = Marker(marker)
        return any(parsed.evaluate({**environment, "extra": extra}) for extra in (extras or ("",)))
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName):
        return True


def weigh(
    knowledge: KnowledgeBase,
    name: str,
    version: str | None,
    platform: Platform,
    row: MeasuredWheel | None,
    no_binary: frozenset[str],
    download: int | None = None,
) -> Distribution:
    """One package's bytes, the interval as wide as the measured version is far from the one asked for."""
    if row is not None and name not in no_binary and ":all:" not in no_binary:
        return _from_measured(name, version, platform, row)
    package = knowledge.python_package(name)
    if package is None:
        if download is not None:  # uv.lock tells what is downloaded: a wheel unpacks to about 3.6 times that
            guess = Size(round(download * 3.6), round(download * 2.2), round(download * 5.5), "computed", ("uv-lock",))
            code = Size(round(guess.bytes * 0.4), 0, round(guess.bytes * 1.1), "computed", ("uv-lock",))
            return Distribution(name, version, guess, code, _exact(download, "indexed"))
        return Distribution(name, version, None, NOTHING, NOTHING)
    return _from_index(name, version, platform, package, no_binary)


def _from_measured(name: str, version: str | None, platform: Platform, row: MeasuredWheel) -> Distribution:
    margin = _distance(version, row.version)
    if row.platform != "any" and (platform.libc == "musl" or platform.machine != "x86_64" or platform.python != "3.11"):
        margin += 0.06
    code_margin = margin + row.code_margin + (0.02 if platform.python == "3.11" else 0.08)
    return Distribution(
        name,
        version or row.version,
        _around(row.unpacked, margin, SOURCE),
        _around(round(row.code * platform.code), code_margin, SOURCE),
        _around(row.download, margin, SOURCE),
    )


def _distance(wanted: str | None, known: str) -> float:
    """How far a version's size may be from that of another one, as a share."""
    if wanted == known:
        return 0.005
    if wanted is None:
        return 0.05  # the newest at the time of the build, which is later than ours
    one, other = _key(wanted).release, _key(known).release
    if one[:2] == other[:2]:
        return 0.06
    return 0.25 if one[:1] == other[:1] else 0.45


def _from_index(
    name: str, version: str | None, platform: Platform, package: PythonPackage, no_binary: frozenset[str]
) -> Distribution:
    wheel = None
    if name not in no_binary and ":all:" not in no_binary:
        wheel = package.wheel_for(platform.python or "3.12", platform.libc, platform.machine)
    margin = _distance(version, package.version)
    if wheel is None:
        if package.sdist is None:
            return Distribution(name, version, None, NOTHING, NOTHING)
        # Compiled here: the source archive, unpacked and built, is the only measure there is.
        unpacked = Size(package.sdist * 3, package.sdist // 2, package.sdist * 12, "assumed", (SOURCE,))
        code = Size(package.sdist // 2, 0, package.sdist * 4, "assumed", (SOURCE,))
        return Distribution(name, version, unpacked, code, _exact(package.sdist, "indexed"))
    if wheel.unpacked is not None:
        unpacked = _around(wheel.unpacked, margin + 0.01, SOURCE)
    else:
        same = [other for other in package.wheels if other.unpacked is not None and other.size]
        ratio = same[0].unpacked / same[0].size if same and same[0].unpacked is not None else 3.5
        unpacked = _around(round(wheel.size * ratio), margin + (0.12 if same else 0.4), SOURCE)
    share, low, high = (1.0, 0.7, 1.35) if package.pure else (0.25, 0.0, 0.6)
    code = Size(
        round(unpacked.bytes * share * platform.code),
        round(unpacked.low * low * platform.code),
        round(unpacked.high * high * platform.code),
        "computed",
        (SOURCE,),
    )
    return Distribution(name, version or package.version, unpacked, code, _around(wheel.size, margin, SOURCE))


def _exact(count: int, basis: Basis) -> Size:
    return Size(count, count, count, basis, (SOURCE,))


def _around(count: int, margin: float, source: str) -> Size:
    """`count` with a margin on both sides; "measured" only when there is next to none."""
    basis: Basis = "measured" if margin <= 0.01 else "computed" if margin <= 0.15 else "assumed"
    return Size(count, round(count * (1 - margin)), round(count * (1 + margin)), basis, (source,))
