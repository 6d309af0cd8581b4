"""What a wheel takes on disk once pip has installed it; a maintainers' tool.

`python -m slimstage.knowledge.measure_wheels FOLDER DATE` reads every wheel of a folder (made by `pip download`)
and prints rows for `knowledge/packages/pypi-sizes.yaml`: bytes to download, bytes unpacked, and the bytes of the
byte code pip writes, compiled here with the running interpreter and not guessed.
"""

from __future__ import annotations

import marshal
import sys
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, NamedTuple

_HEADER = 16  # bytes before the code in a .pyc (PEP 552)
_RECORD_LINE = 40  # RECORD names each .pyc: its path and two commas
_SCRIPT = 220  # bytes of a console script


class Measured(NamedTuple):
    """One wheel in bytes; `code` is its byte code for this Python, with pip's records of it."""

    name: str
    version: str
    python: str
    platform: str
    download: int
    unpacked: int
    code: int
    requires: tuple[str, ...]


def measure(path: Path) -> Measured:
    """Read one wheel. Raises `zipfile.BadZipFile` or `ValueError` for a file that is none."""
    name, version, *_, python, _, platform = path.stem.split("-")
    unpacked = code = 0
    requires: tuple[str, ...] = ()
    with zipfile.ZipFile(path) as wheel:
        for entry in wheel.infolist():
            unpacked += entry.file_size
            if entry.filename.endswith(".py") and ".data/" not in entry.filename:
                code += _compiled(wheel.read(entry), entry.filename)
            elif entry.filename.endswith(".dist-info/METADATA"):
                headers = HeaderParser().parsestr(wheel.read(entry).decode("utf-8", "replace"))
                requires = tuple(headers.get_all("Requires-Dist") or ())
                version = headers.get("Version", version)
                name = headers.get("Name", name)
            elif entry.filename.endswith(".dist-info/entry_points.txt"):
                unpacked += _SCRIPT * wheel.read(entry).count(b"=")
    return Measured(name, version, python, platform, path.stat().st_size, unpacked, code, requires)


def _compiled(source: bytes, name: str) -> int:
    try:
        size = len(marshal.dumps(compile(source, f"/usr/local/lib/python3.11/site-packages/{name}", "exec",
                                         dont_inherit=True)))  # fmt: skip
    except (SyntaxError, ValueError, RecursionError):
        return 0  # a template or a test of broken code; pip skips it too
    return size + _HEADER + _RECORD_LINE + len(name)


def platform_of(tag: str) -> str:
    """The platform in the words of pypi.yaml: "any", "manylinux-x86_64", "musllinux-aarch64"; the tag for others."""
    if tag == "any":
        return tag
    for flavour in ("manylinux", "musllinux"):
        for machine in ("x86_64", "aarch64"):
            if tag.startswith(flavour) and tag.endswith(machine):
                return f"{flavour}-{machine}"
    return tag


def rows(wheels: Iterator[Path], date: str) -> Iterator[str]:
    """Lines of YAML, by package and version."""
    import re

    found: dict[str, list[Measured]] = {}
    for path in wheels:
        measured = measure(path)
        found.setdefault(re.sub(r"[-_.]+", "-", measured.name).lower(), []).append(measured)
    for name, versions in sorted(found.items()):
        yield f"{name}:"
        for one in versions:
            needs = ", ".join(_quoted(need) for need in one.requires if not _is_extra_of_no_use(need))
            yield (
                f'  - {{version: "{one.version}", platform: {platform_of(one.platform)}, download: {one.download}, '
                f'unpacked: {one.unpacked}, code: {one.code}, date: "{date}", requires: [{needs}]}}'
            )


# Extras that an image's requirements name; development extras (docs, tests) only lengthen the table.
_EXTRAS = ("standard", "binary", "redis", "bcrypt", "cryptography", "async", "asyncio", "email", "socks", "http2",
           "postgresql", "c", "pool", "flask", "django", "fastapi", "security", "crypto", "brotli", "cli")  # fmt: skip


def _is_extra_of_no_use(need: str) -> bool:
    _, found, extra = need.partition("extra ==")
    return bool(found) and extra.strip().strip(")").strip("\"' ") not in _EXTRAS


def _quoted(text: Any) -> str:
    return '"' + str(text).replace('"', "'") + '"'


def main(arguments: list[str]) -> int:
    """Print the rows; returns the exit code."""
    if len(arguments) != 2:
        sys.stderr.write(__doc__ or "")
        return 2
    for line in rows(iter(sorted(Path(arguments[0]).glob("*.whl"))), arguments[1]):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
