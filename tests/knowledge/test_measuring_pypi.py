"""The maintainers' tool for pypi.yaml: the newest version's wheels, and what they want of the system."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
import yaml

from slimstage.knowledge.measure_pypi import main, needed

METADATA = "Metadata-Version: 2.1\nName: Some.Package\nVersion: {version}\nRequires-Python: >=3.9\n"
REQUIRES = "Requires-Dist: Click>=8\nRequires-Dist: tomli; python_version < '3.11'\nRequires-Dist: x; extra == 'y'\n"


def library(*names: str) -> bytes:
    """A shared object that asks for other ones: a header and the two sections that say so."""
    table = b"\0" + b"".join(name.encode() + b"\0" for name in names)
    offsets = [table.index(name.encode()) for name in names]
    dynamic = b"".join(struct.pack("<QQ", 1, offset) for offset in offsets) + struct.pack("<QQ", 0, 0)
    strings_at = 64
    dynamic_at = strings_at + len(table)
    sections_at = dynamic_at + len(dynamic)
    header = b"\x7fELF\x02\x01".ljust(40, b"\0") + struct.pack("<Q", sections_at)
    header = header.ljust(58, b"\0") + struct.pack("<HHH", 64, 2, 0)
    strings = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, strings_at, len(table), 0, 0, 1, 0)
    wanted = struct.pack("<IIQQQQIIQQ", 0, 6, 0, 0, dynamic_at, len(dynamic), 0, 0, 8, 16)
    return header + table + dynamic + strings + wanted


def wheel(folder: Path, name: str, files: dict[str, bytes | str], version: str = "2.10.0") -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(f"some_package-{version}.dist-info/METADATA", METADATA.format(version=version) + REQUIRES)


def test_an_elf_file_says_what_it_loads() -> None:
    assert needed(library("libX11.so.6", "libc.so.6")) == {"libX11.so.6", "libc.so.6"}
    assert needed(b"print()") == set()


def test_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled: dict[str, bytes | str] = {
        "some_package/_fast.abi3.so": library("libc.so.6", "libown-1.so.2", "libX11.so.6"),
        "some_package.libs/libown-1.so.2": library("libm.so.6", "libglib-2.0.so.0"),
        "some_package/run.py": "import subprocess\n",
        "some_package/tests/test_run.py": "import subprocess\n",
        "some_package-2.10.0.dist-info/entry_points.txt": "[console_scripts]\nsome = a:b\n[other]\nnone = a:b\n",
    }
    wheel(tmp_path, "some_package-2.10.0-cp311-abi3-manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl", compiled)
    wheel(tmp_path, "some_package-2.9.0-cp311-abi3-musllinux_1_2_x86_64.whl", {}, "2.9.0")
    (tmp_path / "some_package-2.10.0.tar.gz").write_bytes(b"x" * 30)
    wheel(tmp_path, "plain-1.0-py3-none-any.whl", {"plain.py": "pass\n"}, "1.0")
    assert main([str(tmp_path), "2026-11-28"]) == 0
    out = capsys.readouterr().out
    assert "# loads: libX11.so.6 libglib-2.0.so.0\n# looks for: some_package/run.py\nsome-package:" in out
    rows = yaml.safe_load(out)
    (found,) = rows["some-package"].pop("wheels")
    assert found["python"] == "abi3" and found["platform"] == "manylinux-x86_64" and found["glibc"] == "2.17"
    assert found["unpacked"] > sum(map(len, compiled.values()))
    assert rows["some-package"] == {
        "version": "2.10.0",
        "requires_python": ">=3.9",
        "pure": False,
        "sdist": 30,
        "date": "2026-11-28",
        "scripts": ["some"],
        "requires": ["click"],
    }
    assert rows["plain"]["pure"] is True and rows["plain"]["wheels"][0]["platform"] == "any"
    assert main([]) == 2
