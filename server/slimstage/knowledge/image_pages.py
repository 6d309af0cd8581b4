"""Read the pages of docker-library/repo-info, which give the sizes of the official images' tags, into recorded.table.

Run `python -m slimstage.knowledge.image_pages TABLE SOURCE FOLDER` with the `repos` folder of a copy of that
repository and the copy's id in sources.yaml: the rows of SOURCE become those of the folder, all others stay.
`local/<tag>.md` says what an image takes on disk, `remote/<tag>.md` what the image of every platform takes in the
registry. The tags of one image become one row; images for Windows are left out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from slimstage.knowledge.recorded import Recorded, RecordedTable, write_table

_DISK = re.compile(r"Virtual Size: ~ ([\d.]+) ([KMG])b")
_CREATED = re.compile(r"Created: `(\d{4}-\d\d-\d\d)")
_IMAGE = re.compile(r"Image ID: `sha256:([0-9a-f]{12})")
_TOTAL = re.compile(r"Total Size: \*\*[^(]*\((\d+) bytes\)")
_PLATFORM = re.compile(r"^### `[^`]+` - (.+)$", re.MULTILINE)
_STEP = re.compile(r"^# \w{3}, (\d\d) (\w{3}) (\d{4}) ", re.MULTILINE)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MANAGER = re.compile(r"^## `(dpkg|apk|rpm)` ", re.MULTILINE)
_MANAGERS = {"dpkg": "apt", "apk": "apk", "rpm": "rpm"}
_ARM64 = ("linux; arm64 variant v8", "linux; arm64")

Page = TypeVar("Page")


class Local(NamedTuple):
    """What a page below `local/` says of linux/amd64; `disk` as written, with its unit: "113.00M"."""

    image: str
    date: str
    disk: str
    manager: str


class Remote(NamedTuple):
    """What a page below `remote/` says: bytes in the registry, "" for a platform it does not list."""

    image: str
    date: str
    amd64: str
    arm64: str


def read_local(text: str) -> Local | None:
    """The facts of a local page; None when it has no size, or is of another platform than linux/amd64."""
    head = text[:4000]
    image, created, disk = _IMAGE.search(head), _CREATED.search(head), _DISK.search(head)
    if image is None or created is None or disk is None or "Arch: `linux`/`amd64`" not in head:
        return None
    manager = _MANAGER.search(text)
    return Local(image[1], created[1], f"{disk[1]}{disk[2]}", _MANAGERS[manager[1]] if manager is not None else "")


def read_remote(text: str) -> Remote | None:
    """The facts of a remote page; None when it lists no Linux image for amd64 or arm64."""
    found: dict[str, tuple[str, str, str]] = {}
    marks = list(_PLATFORM.finditer(text))
    for mark, end in zip(marks, [*(mark.start() for mark in marks[1:]), len(text)], strict=False):
        section = text[mark.end() : end]
        total, image = _TOTAL.search(section), _IMAGE.search(section)
        steps = [f"{year}-{_MONTHS.index(month) // 3 + 1:02}-{day}" for day, month, year in _STEP.findall(section)]
        if total is not None and image is not None and steps:
            found.setdefault(mark[1].strip(), (image[1], max(steps), total[1]))
    amd64 = found.get("linux; amd64")
    arm64 = next((found[name] for name in _ARM64 if name in found), None)
    first = amd64 or arm64
    if first is None:
        return None
    return Remote(first[0], first[1], amd64[2] if amd64 else "", arm64[2] if arm64 else "")


def read_folder(folder: Path, source: str) -> Iterator[tuple[str, Recorded]]:
    """Repository and row of every image below a `repos` folder."""
    for repository in sorted(path for path in folder.iterdir() if path.is_dir()):
        images: dict[tuple[Local | None, Remote | None], list[str]] = {}
        names = {path.stem for place in ("local", "remote") for path in (repository / place).glob("*.md")}
        for tag in sorted(names):
            local = _read(repository / "local" / f"{tag}.md", read_local)
            remote = _read(repository / "remote" / f"{tag}.md", read_remote)
            if local is not None or remote is not None:
                images.setdefault((local, remote), []).append(tag)
        full = {remote: local for local, remote in images if local is not None and remote is not None}
        for local, remote in list(images):
            twin = full.get(remote) if local is None and remote is not None else None
            if twin is not None:  # another tag of the same image has the local page
                images[twin, remote] += images.pop((local, remote))
        for (local, remote), tags in images.items():
            yield (
                repository.name,
                Recorded(
                    date=max(page.date for page in (local, remote) if page is not None),
                    source=source,
                    basis="measured",
                    manager=local.manager if local is not None else "",
                    disk=local.disk if local is not None else "",
                    download=remote.amd64 if remote is not None else "",
                    disk_arm64="",
                    download_arm64=remote.arm64 if remote is not None else "",
                    tags=tuple(sorted(tags, key=lambda tag: (tag == "latest", tag))),
                ),
            )


def _read(path: Path, reader: Callable[[str], Page | None]) -> Page | None:
    return reader(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Put a folder's images into the table."""
    table, source, folder = Path(arguments[0]), arguments[1], Path(arguments[2])
    text = table.read_text(encoding="utf-8")
    held = RecordedTable(text)
    rows = {
        repository: [row for row in held.rows(repository) if row.source != source] for repository in held.repositories()
    }
    for repository, row in read_folder(folder, source):
        rows.setdefault(repository, []).append(row)
    head = [line for line in text.splitlines() if line.startswith("#")]
    table.write_text(write_table(head, {name: kept for name, kept in rows.items() if kept}), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
