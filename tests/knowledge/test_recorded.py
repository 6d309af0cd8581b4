"""The table of recorded image sizes, and the reader of the pages it comes from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from slimstage.knowledge import base, image_pages
from slimstage.knowledge.recorded import Figure, Recorded, RecordedTable, read_figure, read_row, write_table
from slimstage.knowledge.store import data_folder

KB = base.load()
TABLE = data_folder() / "images" / "recorded.table"

LOCAL = """# `demo:2.1-slim`

## Docker Metadata

- Image ID: `sha256:{image:064x}`
- Created: `2020-09-24T21:55:41.623163767Z`
- Virtual Size: ~ 113.00 Mb  
  (total size of all layers on-disk)
- Arch: `linux`/`amd64`

## `dpkg` (`.deb`-based packages)
"""  # noqa: W291 - as the pages have it
PLATFORM = """### `demo:{tag}` - {platform}

```console
$ docker pull demo@sha256:00
```

-	Total Size: **{size} B ({size} bytes)**
	(compressed transfer size, not on-disk size)
-	Image ID: `sha256:{image:064x}`

```dockerfile
# Tue, 13 Oct 2020 01:39:05 GMT
ADD file:00 in /
# Wed, 02 Sep 2020 01:39:05 GMT
CMD ["bash"]
```

"""


def remote(tag: str, image: int, **sizes: int) -> str:
    names = {"amd64": "linux; amd64", "arm64": "linux; arm64 variant v8", "windows": "windows version 10.0; amd64"}
    sections = (
        PLATFORM.format(tag=tag, platform=names[name], size=size, image=image + number)
        for number, (name, size) in enumerate(sizes.items())
    )
    return f"## `demo:{tag}`\n\n-\tPlatforms: {len(sizes)}\n\n" + "".join(sections)


def write(folder: Path, place: str, tag: str, text: str) -> None:
    path = folder / "demo" / place / f"{tag}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "figure"),
    [
        ("44566512", Figure(44566512, 44566512, 44566512)),
        ("115.02M", Figure(115_020_000, 115_015_000, 115_025_000)),
        ("1.11G", Figure(1_110_000_000, 1_105_000_000, 1_115_000_000)),
        ("9.9K", Figure(9900, 9850, 9950)),
    ],
)
def test_a_figure_is_right_to_its_last_digit(written: str, figure: Figure) -> None:
    assert read_figure(written) == figure


def test_pages_of_one_image_become_one_row(tmp_path: Path) -> None:
    write(tmp_path, "local", "2-slim", LOCAL.format(image=7))
    write(tmp_path, "local", "2.1-slim", LOCAL.format(image=7))
    for tag in ("2-slim", "2.1-slim", "slim"):  # the last one has no local page
        write(tmp_path, "remote", tag, remote(tag, 8, amd64=42_887_195, arm64=41_522_518))
    write(tmp_path, "remote", "2-nanoserver", remote("2-nanoserver", 20, windows=900))
    assert list(image_pages.read_folder(tmp_path, "repo-info")) == [
        (
            "demo",
            Recorded(
                "2020-10-13", "repo-info", "measured", "apt", "113.00M", "42887195", "", "41522518",
                ("2-slim", "2.1-slim", "slim"),
            ),
        )
    ]  # fmt: skip


def test_the_rows_of_a_source_are_replaced_and_the_others_kept(tmp_path: Path) -> None:
    table = tmp_path / "recorded.table"
    kept = read_row("2018-01-01 other measured apk 4.00M 2000000 - - 3")
    stale = read_row("2018-01-01 copy measured - - 1 - - stale")
    table.write_text(write_table(["# head"], {"alpine": [kept], "demo": [stale]}), encoding="utf-8")
    write(tmp_path / "repos", "remote", "latest", remote("latest", 1, arm64=41))
    assert image_pages.main([str(table), "copy", str(tmp_path / "repos")]) == 0
    text = table.read_text(encoding="utf-8")
    assert text.startswith("# head\n")
    held = RecordedTable(text)
    assert held.repositories() == ["alpine", "demo"]
    assert held.rows("alpine") == (kept,)
    assert [(row.download, row.download_arm64, row.tags) for row in held.rows("demo")] == [("", "41", ("latest",))]
    assert held.rows("emo") == held.rows("de") == ()


def test_pages_without_figures_are_passed_over() -> None:
    assert image_pages.read_local("# `demo:1`\n") is None
    assert image_pages.read_local(LOCAL.format(image=1).replace("amd64", "arm64")) is None
    assert image_pages.read_remote("## `demo:1`\n") is None
    assert image_pages.read_remote(remote("1", 1, windows=5)) is None


def test_every_row_says_where_it_comes_from_and_makes_sense() -> None:
    text = TABLE.read_text(encoding="utf-8")
    table = RecordedTable(text)
    seen = set()
    for repository in table.repositories():
        for row in table.rows(repository):
            assert row.source in KB.sources, (repository, row)
            assert row.basis in ("measured", "documented", "computed"), (repository, row)
            assert row.manager in ("", "apt", "apk", "rpm"), (repository, row)
            assert dt.date.fromisoformat(row.date) <= dt.date.fromisoformat(KB.sources[row.source].date)
            assert row.tags and (row.disk or row.download or row.disk_arm64 or row.download_arm64), (repository, row)
            for tag in row.tags:
                assert (repository, row.source, tag) not in seen, (repository, row.source, tag)
                seen.add((repository, row.source, tag))
            for arm64 in (False, True):
                disk, download = row.figure("disk", arm64), row.figure("download", arm64)
                assert disk is None or download is None or download.value <= disk.value * 1.05, (repository, row)
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert write_table(head, {name: table.rows(name) for name in table.repositories()}) == text


def test_a_repository_is_read_when_somebody_asks() -> None:
    knowledge = base.load()
    assert "_recorded" not in vars(knowledge)
    assert any("3.8.6-slim-buster" in row.tags for row in knowledge.recorded("docker.io/library/python"))
    assert knowledge.recorded("nobody/nothing") == ()
