"""One package as every package manager knows it: role, size, run-time twins, wheels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from slimstage.features.compare import claim_item
from slimstage.features.conversion import size_item
from slimstage.features.describe import LIBCS, PYTHONS, size_text, supports_python
from slimstage.knowledge import KnowledgeBase, PythonPackage
from slimstage.knowledge.base import MANAGERS, normalised
from slimstage.sizes.apk import weigh
from slimstage.sizes.apt import closure

MACHINES = ("x86_64", "aarch64")
RELEASES = ("bullseye", "bookworm", "trixie")
_MOST_VERSIONS = 3
_MOST_NEEDS = 8


class Wanted(NamedTuple):
    """What is asked of a package; None means everything that is known."""

    release: str | None = None
    python: str | None = None
    libc: str | None = None
    machine: str | None = None


def lookup(kb: KnowledgeBase, name: str, manager: str | None, wanted: Wanted, lang: str) -> list[dict[str, Any]]:
    """One item for each manager that has a package of that name; empty when none is known to have one."""
    found: list[dict[str, Any]] = []
    for system in MANAGERS:
        if manager in (None, system):
            found += _system(kb, system, name, wanted, lang)
    if manager in (None, "pip"):
        package = kb.python_package(name)
        if package is not None:
            found.append(_python(kb, package, wanted, lang))
    if manager in (None, "npm") and name in kb.node_packages:
        versions = [{"version": version, "bytes": size} for version, size in kb.node_packages[name].items()]
        found.append({"manager": "npm", "name": name, "versions": versions})
    return found


def describe_apt_added(name: str, release: str | None, kb: KnowledgeBase, lang: str) -> str:
    """What a Debian package brings to the slim image of its release, as a list item; empty when no table has it."""
    debian = kb.debian(release)
    if release is None or debian is None or debian.table.package(name) is None:
        return ""
    added = closure(debian.table, [name], debian.slim, recommends=False)
    disk, download = size_text(added.disk.bytes), size_text(added.download)
    figures = {"release": release, "count": len(added.added), "disk": disk, "download": download}
    return kb.text("describe.package.apt_table", lang, **figures) if added.added else ""


def describe_apk_added(name: str, kb: KnowledgeBase, lang: str) -> str:
    """What an Alpine package brings to the image of the release there is a table of, as a list item; else empty."""
    figures = next(_apk_sizes(kb, name), None)
    if figures is None or not figures["packages"]:
        return ""
    return kb.text(
        "describe.package.apk_table",
        lang,
        release=figures["release"],
        count=figures["packages"],
        disk=size_text(figures["disk"]["bytes"]),
        download=size_text(figures["download"]),
    )


def describe_wheels(name: str, kb: KnowledgeBase, lang: str) -> str | None:
    """A PyPI package of which only the installed sizes of some versions are known."""
    wheels = kb.measured_wheels.get(normalised(name), ())
    lines = [
        kb.text(
            "describe.package.installed",
            lang,
            version=wheel.version,
            size=size_text(wheel.unpacked + wheel.code),
            download=size_text(wheel.download),
            date=wheel.date,
        )
        for wheel in wheels[:_MOST_VERSIONS]
    ]
    return f"### {normalised(name)} (pip)\n\n" + "\n".join(lines) + "\n" if lines else None


def describe_node_package(name: str, kb: KnowledgeBase, lang: str) -> str | None:
    """An npm package: what its known versions take in node_modules, and what they need."""
    versions = list(kb.node_packages[name].items()) if name in kb.node_packages else []
    lines = [
        kb.text("describe.package.npm_version", lang, version=version, size=size_text(size))
        for version, size in versions[:_MOST_VERSIONS]
    ]
    needs = kb.node_needs.get(name, ())
    if lines and needs:
        more = ", …" if len(needs) > _MOST_NEEDS else ""
        shown = ", ".join(f"`{need}`" for need in needs[:_MOST_NEEDS]) + more
        lines.append(kb.text("describe.package.npm_needs", lang, packages=shown))
    return f"### {name} (npm)\n\n" + "\n".join(lines) + "\n" if lines else None


def _system(kb: KnowledgeBase, manager: str, name: str, wanted: Wanted, lang: str) -> Iterator[dict[str, Any]]:
    listed = (manager, name) in kb.system_packages
    package = kb.system_package(manager, name) if listed else None
    sizes = list(_apt_sizes(kb, name, wanted.release)) if manager == "apt" else []
    if manager == "apk" and wanted.release is None:
        sizes = list(_apk_sizes(kb, name))
    if package is None and not sizes:
        return
    releases = () if package is None else package.twins
    yield {
        "manager": manager,
        "name": name,
        "role": None if package is None else package.role,
        "summary": None if package is None else package.summary.to(lang),
        "twins": [
            {"release": release, "packages": list(kb.twins(manager, name, release))}
            for release in releases
            if wanted.release in (None, release) or release == "*"
        ],
        "added": [
            {"on": claim.subject, "quantity": claim.quantity, **item}
            for claim in (() if package is None else package.added)
            if (item := claim_item(claim)) is not None and (wanted.release is None or wanted.release in claim.subject)
        ],
        "installs": sizes,
    }


def _apt_sizes(kb: KnowledgeBase, name: str, only: str | None) -> Iterator[dict[str, Any]]:
    """What `apt-get install` of the package alone adds to the slim image of each Debian release."""
    for release in RELEASES if only is None else (only,):
        debian = kb.debian(release)
        if debian is None or debian.table.package(name) is None:
            continue
        for recommends in (False, True):
            added = closure(debian.table, [name], debian.slim, recommends=recommends)
            yield {
                "release": release,
                "recommends": recommends,
                "packages": len(added.added),
                "disk": size_item(added.disk),
                "download": added.download,
            }


def _apk_sizes(kb: KnowledgeBase, name: str) -> Iterator[dict[str, Any]]:
    """What `apk add` of the package alone adds to the image of the Alpine release there is a table of."""
    table = kb.alpine
    if table is None or table.real(name) is None:
        return
    added = table.closure([name]) - table.base
    disk, download = weigh(table, added, [name], table.release, "x86_64", sure=True)
    yield {
        "release": table.release,
        "recommends": False,
        "packages": len(added),
        "disk": size_item(disk),
        "download": download.bytes,
    }


def _python(kb: KnowledgeBase, package: PythonPackage, wanted: Wanted, lang: str) -> dict[str, Any]:
    measured = kb.measured_wheels.get(package.name, ())
    return {
        "manager": "pip",
        "name": package.name,
        "version": package.version,
        "date": package.date,
        "summary": package.summary.to(lang) or None,
        "pure": package.pure,
        "requires_python": package.requires_python,
        "sdist": package.sdist,
        "wheels": list(_wheels(package, wanted)),
        "installed": [
            {"version": wheel.version, "bytes": wheel.unpacked + wheel.code, "download": wheel.download}
            for wheel in measured
        ],
        "build_needs": {system: list(names) for system, names in package.build_needs.items()},
        "runtime_needs": {system: list(names) for system, names in package.runtime_needs.items()},
        "compiles_at_run_time": package.compiles_at_run_time,
    }


def _wheels(package: PythonPackage, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """For each Python, libc and machine: what pip takes.

    `takes` is "wheel", "sdist" (pip compiles), "older" (this version is not for that Python) or "nothing".
    """
    for python in PYTHONS if wanted.python is None else (wanted.python,):
        for libc in LIBCS if wanted.libc is None else (wanted.libc,):
            for machine in MACHINES if wanted.machine is None else (wanted.machine,):
                supported = supports_python(package, python)
                wheel = package.wheel_for(python, libc, machine) if supported else None
                otherwise = "sdist" if package.sdist is not None else "nothing"
                yield {
                    "python": python,
                    "libc": libc,
                    "machine": machine,
                    "takes": "older" if not supported else otherwise if wheel is None else "wheel",
                    "wheel": None if wheel is None else f"{wheel.python}-{wheel.platform}",
                    "download": None if wheel is None else wheel.size,
                    "unpacked": None if wheel is None else wheel.unpacked,
                }
