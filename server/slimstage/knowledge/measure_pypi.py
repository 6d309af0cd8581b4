"""Which wheels a PyPI package has, and what they want of the system; a maintainers' tool.

`python -m slimstage.knowledge.measure_pypi FOLDER DATE` reads the wheels and source archives of a folder (made by
`pip download --no-deps`, one call for each Python and platform) and prints rows for `knowledge/packages/pypi.yaml`.
Above a row stands what a person must judge before it goes in: `loads`, the shared libraries that the wheel's compiled
files want and neither the wheel nor Debian's slim image has, and `looks for`, its files that search for a library or
start a program. A package without either wants nothing of the system.
"""

from __future__ import annotations

import re
import struct
import sys
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from slimstage.knowledge.measure_wheels import platform_of

# What glibc, libgcc and libstdc++ bring, and zlib: in every Debian slim image.
_EVERYWHERE = re.compile(
    r"(ld-linux.*|ld-musl.*|lib(c|m|dl|rt|pthread|util|resolv|gcc_s|stdc\+\+|z|crypt|atomic)\.(so.*|musl.*))"
)
_LOOKS = re.compile(
    rb"find_library\(|\bCDLL\(|\bcdll\.|LoadLibrary\(|\bdlopen\(|\bsubprocess\b|os\.system\(|os\.popen\(|create_subprocess"
)
_OF_NO_INTEREST = re.compile(r"(^|/)(tests?|testing|examples?|docs?|benchmarks?)/|(^|/)(test_|conftest)[^/]*\.py$")
_MACHINES = ("x86_64", "aarch64")
_DYNAMIC, _NEEDED = 6, 1


class File(NamedTuple):
    """One wheel: its tags in the words of pypi.yaml, its bytes, its metadata and what it wants."""

    version: str
    python: str
    platform: str
    size: int
    unpacked: int
    glibc: str | None
    metadata: Message
    scripts: tuple[str, ...]
    loads: frozenset[str]
    looks: tuple[str, ...]


def read(path: Path) -> File:
    """Read one wheel. Raises `zipfile.BadZipFile` or `ValueError` for a file that is none."""
    _, version, *_, python, abi, platform = path.stem.split("-")
    metadata, scripts = Message(), ""
    loads: set[str] = set()
    brings: set[str] = set()
    looks: list[str] = []
    unpacked = 0
    with zipfile.ZipFile(path) as wheel:
        for entry in wheel.infolist():
            unpacked += entry.file_size
            name = PurePosixPath(entry.filename)
            if entry.filename.endswith(".dist-info/METADATA"):
                metadata = HeaderParser().parsestr(wheel.read(entry).decode("utf-8", "replace"))
            elif entry.filename.endswith(".dist-info/entry_points.txt"):
                scripts = wheel.read(entry).decode("utf-8", "replace")
            elif ".so" in name.suffixes or name.name.endswith(".so"):
                brings.add(name.name)
                loads |= needed(wheel.read(entry))
            elif name.suffix == ".py" and not _OF_NO_INTEREST.search(entry.filename) and _calls(wheel.read(entry)):
                looks.append(entry.filename)
    foreign = frozenset(one for one in loads - brings if not _EVERYWHERE.fullmatch(one))
    tag = "abi3" if abi == "abi3" else "py3" if python.startswith(("py3", "py2.py3")) else python
    found = re.findall(r"manylinux_(\d+)_(\d+)", platform)
    glibc = min((int(a), int(b)) for a, b in found) if found else None
    return File(
        version,
        tag,
        next((one for one in map(platform_of, platform.split(".")) if one.endswith(("any", *_MACHINES))), platform),
        path.stat().st_size,
        unpacked,
        f"{glibc[0]}.{glibc[1]}" if glibc is not None else None,
        metadata,
        tuple(re.findall(r"^([\w.-]+)\s*=", _section(scripts, "console_scripts"), re.MULTILINE)),
        foreign,
        tuple(looks),
    )


def _calls(source: bytes) -> bool:
    return _LOOKS.search(source) is not None


def needed(data: bytes) -> set[str]:
    """The shared libraries that an ELF file of a 64-bit machine asks its loader for; empty for another file."""
    if data[:6] != b"\x7fELF\x02\x01":
        return set()
    start, size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, start + at * size) for at in range(count)]
    found: set[str] = set()
    for section in sections:
        if section[1] != _DYNAMIC:
            continue
        names = sections[section[6]][4]
        for tag, value in struct.iter_unpack("<QQ", data[section[4] : section[4] + section[5] // 16 * 16]):
            if tag == _NEEDED:
                at = names + value
                found.add(data[at : data.index(b"\0", at)].decode("utf-8", "replace"))
    return found


def _section(text: str, name: str) -> str:
    found = re.search(rf"^\[{name}\]\s*$(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found is not None else ""


def rows(folder: Path, date: str) -> Iterator[str]:
    """Lines of YAML, by package: of each the newest version, and its source archive when no wheel is pure."""
    wheels: dict[str, list[File]] = {}
    for path in sorted(folder.glob("*.whl")):
        wheels.setdefault(canonical(path.name.split("-")[0]), []).append(read(path))
    archives = {canonical(path.name.rpartition("-")[0]): path for path in sorted(folder.glob("*.tar.gz"))}
    for name in sorted({*wheels, *archives}):
        newest = max((file.version for file in wheels.get(name, ())), key=_version, default="")
        files = [file for file in wheels.get(name, ()) if file.version == newest]
        yield from _row(name, files, archives.get(name), date)


def _row(name: str, files: list[File], archive: Path | None, date: str) -> Iterator[str]:
    loads = sorted({library for file in files for library in file.loads})
    looks = sorted({place for file in files for place in file.looks})
    if loads:
        yield f"# loads: {' '.join(loads)}"
    if looks:
        yield f"# looks for: {' '.join(looks)}"
    pure = bool(files) and all(file.platform == "any" for file in files)
    yield f"{name}:"
    named = archive.name.removesuffix(".tar.gz").rpartition("-")[2] if archive is not None else ""
    yield f'  version: "{files[0].version if files else named}"'
    metadata = files[0].metadata if files else Message()
    if metadata.get("Requires-Python"):
        yield f'  requires_python: "{metadata["Requires-Python"]}"'
    yield f"  pure: {str(pure).lower()}"
    yield f"  sdist: {archive.stat().st_size if archive is not None and not pure else 'null'}"
    yield f'  date: "{date}"'
    if files and files[0].scripts:
        yield f"  scripts: [{', '.join(files[0].scripts)}]"
    wanted = [need for need in metadata.get_all("Requires-Dist") or () if "extra ==" not in need and ";" not in need]
    names = dict.fromkeys(canonical(re.split(r"[^\w.-]", need.strip(), maxsplit=1)[0]) for need in wanted)
    if names:
        yield f"  requires: [{', '.join(names)}]"
    yield "  wheels:" if files else "  wheels: []"
    for file in sorted(files, key=_place):
        glibc = f', glibc: "{file.glibc}"' if file.glibc is not None else ""
        place = f"python: {file.python}, platform: {file.platform}"
        yield f"    - {{{place}, size: {file.size}, unpacked: {file.unpacked}{glibc}}}"


_PLATFORMS = [f"{flavour}-{machine}" for machine in _MACHINES for flavour in ("manylinux", "musllinux")] + ["any"]


def _place(file: File) -> tuple[int, tuple[int, ...]]:
    at = _PLATFORMS.index(file.platform) if file.platform in _PLATFORMS else len(_PLATFORMS)
    return at, _version(file.python[2:])


def canonical(name: str) -> str:
    """A name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def main(arguments: list[str]) -> int:
    """Print the rows; returns the exit code."""
    if len(arguments) != 2:
        sys.stderr.write(__doc__ or "")
        return 2
    for line in rows(Path(arguments[0]), arguments[1]):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
