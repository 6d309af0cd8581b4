"""Wheels and npm packages against static servers, and which indexes the user's own clients name."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import pytest

from slimstage.online import clients
from slimstage.online.cache import Cache
from slimstage.online.clients import Index, node_index, python_index
from slimstage.online.http import Client, Unavailable
from slimstage.online.npm import Npm
from slimstage.online.wheels import Target, Wheels
from tests.online.conftest import Stub, ranged

METADATA = """Metadata-Version: 2.1
Name: demo
Version: {}
Requires-Dist: other>=1
Requires-Dist: more; extra == 'x'

Text
"""
PLAIN = Target("3.11", "glibc", "x86_64")


def wheel(version: str, *, filler: int = 300_000) -> bytes:
    """A wheel whose directory lies at the end of more bytes than one request brings."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("demo/__init__.py", "x = 1\n" * 1000)
        archive.writestr(f"demo-{version}.dist-info/METADATA", METADATA.format(version))
        archive.writestr(zipfile.ZipInfo("demo/data.bin"), os.urandom(filler))
    return made.getvalue()


def unpacked(version: str, filler: int = 300_000) -> int:
    return 6000 + len(METADATA.format(version)) + filler


def wheels(stub: Stub, folder: Path | None = None, target: Target = PLAIN) -> Wheels:
    return Wheels(Client(timeout=5), Cache(folder), Index(f"{stub.url}/simple", {}), target, "2026-11-25")


def publish(stub: Stub, *names: str, html: bool = False, supported: bool = True) -> None:
    """Put these wheels of `demo` there."""
    rows = []
    for name in names:
        body = wheel(name.split("-")[1])
        stub.routes[f"/files/{name}"] = ranged(body, supported=supported)
        rows.append({"filename": name, "url": f"../../files/{name}#sha256=0", "requires-python": ">=3.8"})
    rows.append({"filename": "demo-9.0.tar.gz", "url": "../../files/demo-9.0.tar.gz"})
    if html:
        page = "".join(f'<a href="{row["url"]}" data-requires-python="&gt;=3.8">x</a><br>' for row in rows)
        stub.routes["/simple/demo/"] = (200, {"Content-Type": "text/html"}, page.encode())
    else:
        kind = "application/vnd.pypi.simple.v1+json"
        stub.routes["/simple/demo/"] = (200, {"Content-Type": kind}, json.dumps({"files": rows}).encode())


@pytest.mark.parametrize("html", [False, True])
def test_a_wheel_is_read_from_its_end(stub: Stub, html: bool) -> None:
    publish(stub, "demo-1.0-py3-none-any.whl", html=html)
    row = wheels(stub).wheel("demo", "1.0")
    assert row.version == "1.0"
    assert row.unpacked == unpacked("1.0")
    assert 300_000 < row.download < 302_000
    assert row.code == round(6000 * 1.17)
    assert row.requires == ("other>=1", "more; extra == 'x'")
    brought = [headers["range"] for path, headers in stub.asked if path.startswith("/files")]
    assert brought[0] == "bytes=-65536"
    assert len(brought) == 2  # the directory at the end, and the block with the metadata at the start


def test_the_wheel_is_the_one_pip_would_take(stub: Stub) -> None:
    names = [
        "demo-1.0-py3-none-any.whl",
        "demo-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "demo-2.0-cp311-cp311-musllinux_1_2_aarch64.whl",
        "demo-2.0-cp312-cp312-win_amd64.whl",
        "demo-3.0rc1-py3-none-any.whl",
        "broken.whl",
    ]
    publish(stub, *names[:-1])
    chosen = wheels(stub)
    assert chosen.wheel("demo", None)[:2] == ("2.0", "glibc-x86_64")
    assert chosen.wheel("demo", "3.0rc1").version == "3.0rc1"
    assert wheels(stub, target=Target("3.12", "glibc", "x86_64")).wheel("demo", None)[:2] == ("1.0", "any")
    assert wheels(stub, target=Target("3.11", "musl", "aarch64")).wheel("demo", None).platform == "musl-aarch64"
    with pytest.raises(Unavailable, match="no-wheel"):
        wheels(stub, target=Target("3.7", "glibc", "x86_64")).wheel("demo", None)
    with pytest.raises(Unavailable, match="no-wheel"):
        chosen.wheel("demo", "1.5")
    with pytest.raises(Unavailable, match="no-wheel"):
        chosen.wheel("demo", "not a version")


def test_a_server_without_parts_of_files_is_left_alone(stub: Stub) -> None:
    publish(stub, "demo-1.0-py3-none-any.whl", supported=False)
    with pytest.raises(Unavailable) as caught:
        wheels(stub).wheel("demo", "1.0")
    assert caught.value.reason in ("no-ranges", "too-large")  # its whole file is not taken


@pytest.mark.parametrize(
    ("body", "reason"), [(b"no zip at all" * 9, "unreadable-wheel"), (wheel("1.0")[:-30], "unreadable-wheel")]
)
def test_a_file_that_is_no_wheel(stub: Stub, body: bytes, reason: str) -> None:
    publish(stub, "demo-1.0-py3-none-any.whl")
    stub.routes["/files/demo-1.0-py3-none-any.whl"] = ranged(body)
    with pytest.raises(Unavailable, match=reason):
        wheels(stub).wheel("demo", "1.0")


@pytest.mark.parametrize("body", [b"garbage", b"[]", b'{"files": 3}', b'{"files": [{}]}'])
def test_a_page_that_cannot_be_read(stub: Stub, body: bytes) -> None:
    stub.routes["/simple/demo/"] = (200, {"Content-Type": "application/json"}, body)
    with pytest.raises(Unavailable, match="broken"):
        wheels(stub).wheel("demo", None)


def test_wheels_are_kept(stub: Stub, tmp_path: Path) -> None:
    publish(stub, "demo-1.0-py3-none-any.whl")
    row = wheels(stub, tmp_path / "kept").wheel("demo", "1.0")
    stub.routes.clear()
    assert wheels(stub, tmp_path / "kept").wheel("demo", "1.0") == row


def test_npm_says_what_its_publisher_counted(stub: Stub, tmp_path: Path) -> None:
    stub.routes["/left-pad/1.3.0"] = (200, {}, b'{"dist": {"unpackedSize": 9876}}')
    stub.routes["/@types%2Fnode/20.1.0"] = (200, {}, b'{"dist": {"unpackedSize": 3456789}}')
    stub.routes["/old/1.0.0"] = (200, {}, b'{"dist": {"tarball": "..."}}')
    stub.routes["/odd/1.0.0"] = (200, {}, b'{"dist": {"unpackedSize": true}}')
    stub.routes["/broken/1.0.0"] = (200, {}, b"<html>")
    npm = Npm(Client(timeout=5), Cache(tmp_path / "kept"), Index(stub.url, {}))
    assert npm.unpacked("left-pad", "1.3.0") == 9876
    assert npm.unpacked("@types/node", "20.1.0") == 3456789
    for name in ("old", "odd", "broken"):
        with pytest.raises(Unavailable, match="no-size"):
            npm.unpacked(name, "1.0.0")
    with pytest.raises(Unavailable, match="status"):
        npm.unpacked("missing", "1.0.0")
    stub.routes.clear()
    assert npm.unpacked("left-pad", "1.3.0") == 9876


def test_the_python_index_is_pips(quiet_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_pip_default", lambda: "https://default.example/simple/")
    monkeypatch.setattr(sys, "prefix", str(quiet_home / "venv"))
    named = quiet_home / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert python_index() == Index("https://default.example/simple", {})
    monkeypatch.setenv("PIP_CONFIG_FILE", str(named))
    named.write_text("[global]\nindex-url = https://me:p%40w@index.example/simple/\n")
    auth = "Basic " + base64.b64encode(b"me:p@w").decode()
    assert python_index() == Index("https://index.example/simple", {"Authorization": auth})
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    assert python_index() == Index("https://variable.example/simple", {})
    monkeypatch.setenv("PIP_INDEX_URL", "http://plain.example/simple")
    assert python_index() is None
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert python_index() == Index("http://127.0.0.1:1/simple", {})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert python_index() is None


def test_the_node_index_is_npms(quiet_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_npm_answer", lambda: None)
    assert node_index() is None
    (quiet_home / ".npmrc").write_text("loglevel=silent\nregistry = https://npm.example/npm/\n")
    assert node_index() == Index("https://npm.example/npm", {})
    monkeypatch.setenv("npm_config_registry", "https://variable.example/")
    assert node_index() == Index("https://variable.example", {})


def test_the_cache_forgets_in_time_and_takes_no_foreign_entry(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("a", [1], 60)
    cache.put("b", [2], -1)
    assert cache.get("a") == [1]
    assert cache.get("b") is None
    (file,) = [path for path in tmp_path.rglob("*.json") if '"a"' in path.read_text()]
    file.write_text(file.read_text().replace('"a"', '"c"'))
    assert cache.get("a") is None
    for text in ("[]", "null", "{", '{"key": "a", "until": "x", "made": 0, "value": 1}'):
        file.write_text(text)
        assert cache.get("a") is None
    assert not list(tmp_path.rglob(".new-*"))
    blocked = tmp_path / "file"
    blocked.write_text("")
    Cache(blocked).put("a", 1, 60)
    assert Cache(blocked).get("a") is None
