"""An estimate with registries' figures on top: the library call and `slimstage size --online` as a process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slimstage.analysis import Analysis
from slimstage.context.folder import FolderContext
from slimstage.knowledge import load
from slimstage.online.collect import collect, with_figures
from slimstage.online.http import Cancelled
from slimstage.text import SourceText
from tests.cli.conftest import Run, run
from tests.online.conftest import Stub, layer
from tests.online.test_packages import publish, unpacked

__all__ = ["run"]
BASE = layer(640_000)
LOCK = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/zz-nobody": {"version": "1.2.3"}}}


def analysis(text: str, folder: Path | None = None) -> Analysis:
    return Analysis(SourceText(text), load(), FolderContext(folder) if folder else None)


def test_base_and_packages_come_from_their_registries(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{stub.url}/simple")
    monkeypatch.setenv("npm_config_registry", stub.url)
    stub.manifest("base", "1", BASE)
    publish(stub, "demo-1.0-py3-none-any.whl")
    stub.routes["/zz-nobody/1.2.3"] = (200, {}, b'{"dist": {"unpackedSize": 20000000}}')
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    text = (
        f"FROM {stub.host}/base:1\nCOPY package-lock.json .\nRUN npm ci\n"
        "RUN pip install --no-compile --no-cache-dir --no-deps demo==1.0\n"
    )
    before = analysis(text, tmp_path)
    seen: list[tuple[int, int]] = []
    found = collect(before, progress=lambda settled, wanted: seen.append((settled, wanted)))
    assert (found.missed, found.reasons) == (0, {})
    assert seen[-1] == (3, 3)
    after = with_figures(before, found).sizes
    assert after is not None
    base = after.final.base
    assert base.download.bytes == base.download.low == base.download.high == len(BASE)
    assert base.download.basis == "measured"
    assert base.disk.low <= 640_000 * 0.97 <= base.disk.high
    assert base.disk.basis == "computed"
    source = found.knowledge.sources[base.download.sources[0]]
    assert source.title.en == stub.host
    parts = {part.what: part for one in after.final.instructions for part in one.parts}
    python = parts["python"].disk
    assert python is not None
    assert abs(python.bytes - unpacked("1.0")) < 10
    node = parts["node"].disk
    assert node is not None
    assert 20_000_000 <= node.bytes < 20_100_000  # npm writes a record of its own beside it
    assert "package-unknown" not in parts
    offline = before.sizes
    assert offline is not None
    assert offline.final.base.unknown  # the analysis asked about is left as it was


def test_requirements_of_a_wheel_are_asked_for_too(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{stub.url}/simple")
    publish(stub, "demo-1.0-py3-none-any.whl")
    found = collect(analysis("FROM scratch\nRUN pip install demo==1.0\n"))
    assert "/simple/other/" in stub.paths()
    assert "/simple/more/" not in stub.paths()  # it belongs to an extra
    assert found.missed == 1
    assert [error.status for error in found.reasons.values()] == [404]


def test_two_digests_of_one_name_are_left_to_the_offline_estimate(stub: Stub) -> None:
    one, two = stub.manifest("app", "1", BASE), stub.manifest("app", "2", layer(32))
    found = collect(analysis(f"FROM {stub.host}/app:1@{one} AS a\nFROM {stub.host}/app:1@{two}\nCOPY --from=a / /\n"))
    assert not found.knowledge.figures.images
    assert not stub.asked


def test_cancelling_raises(stub: Stub) -> None:
    with pytest.raises(Cancelled):
        collect(analysis(f"FROM {stub.host}/app:1\n"), cancelled=lambda: True)
    assert not stub.asked


def test_the_command_uses_figures_and_says_once_what_is_missing(run: Run, stub: Stub, tmp_path: Path) -> None:
    stub.manifest("base", "1", BASE)
    (tmp_path / "Dockerfile").write_text(f"FROM {stub.host}/base:1 AS a\nFROM {stub.host}/gone:1 AS b\nFROM a\n")
    done = run("size", "--online", "--lang", "en", "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["image"]["download"]["bytes"] == len(BASE)
    (note,) = done.stderr.splitlines()
    assert note.startswith("note: 1 online figures could not be had")
    assert "HTTP status 404" in note
    stub.stop()
    later = run("size", "--online", "--lang", "ko", "--format", "json")
    assert json.loads(later.stdout)["image"]["download"]["bytes"] == len(BASE)  # kept from the first time
    assert "연결할 수 없습니다" in later.stderr


def test_without_the_option_nobody_is_asked(run: Run, stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {stub.host}/base:1\n")
    assert run("size", "--lang", "en").returncode == 0
    assert not stub.asked
