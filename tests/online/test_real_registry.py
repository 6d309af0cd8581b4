"""The same client against a registry server as people run it: Debian's docker-registry on loopback."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from slimstage.analysis import Analysis
from slimstage.knowledge import load
from slimstage.online.cache import Cache
from slimstage.online.collect import collect, with_figures
from slimstage.online.http import Client, Unavailable
from slimstage.online.registry import Registry
from slimstage.text import SourceText
from tests.online.conftest import INDEX, LAYER, MANIFEST, digest

pytestmark = pytest.mark.registry
CACHE = Path(os.environ.get("SLIMSTAGE_REGISTRY_CACHE", Path.home() / ".cache" / "slimstage-registry"))
CONFIG = """version: 0.1
storage: {filesystem: {rootdirectory: %s}}
http: {addr: "127.0.0.1:%d"}
"""


@pytest.fixture(scope="session")
def program() -> Path:
    """The server; unpacked from the Debian package, without root, when it is not installed."""
    installed = shutil.which("docker-registry")
    if installed:
        return Path(installed)
    unpacked = CACHE / "usr" / "bin" / "docker-registry"
    if unpacked.exists():
        return unpacked
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        pytest.skip("docker-registry is not installed, and there is no apt-get to get it with")
    CACHE.mkdir(parents=True, exist_ok=True)
    got = subprocess.run(
        ["apt-get", "-q", "download", "docker-registry"], cwd=CACHE, capture_output=True, text=True, check=False
    )
    archives = sorted(CACHE.glob("docker-registry_*.deb"))
    if got.returncode or not archives:
        pytest.skip(f"apt-get cannot download docker-registry: {got.stderr.strip()[-200:]}")
    subprocess.run(["dpkg", "-x", str(archives[-1]), str(CACHE)], check=True)
    return unpacked


class Server:
    """One running registry, and what is needed to push to it."""

    def __init__(self, program: Path, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        config = folder / "config.yml"
        config.write_text(CONFIG % (folder / "data", port))
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([program, "serve", config], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.request("GET", "/v2/")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    pytest.fail(f"the registry does not start: {self.log.read_text()[-500:]}")
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def request(self, method: str, path: str, body: bytes | None = None, kind: str | None = None) -> dict[str, str]:
        headers = {"Content-Type": kind} if kind else {}
        url = path if path.startswith("http") else f"http://{self.host}{path}"
        asked = urllib.request.Request(url, data=body, method=method, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(asked, timeout=20) as answer:
            return {name.lower(): value for name, value in answer.headers.items()}

    def blob(self, repository: str, body: bytes) -> str:
        place = self.request("POST", f"/v2/{repository}/blobs/uploads/", b"")["location"]
        path = urlsplit(place)
        target = f"{path.path}?{path.query}&digest={digest(body)}"
        self.request("PUT", target, body, "application/octet-stream")
        return digest(body)

    def image(self, repository: str, tag: str, machine: str, *layers: bytes) -> str:
        config = json.dumps({"os": "linux", "architecture": machine, "rootfs": {"type": "layers", "diff_ids": []}})
        kind = "application/vnd.oci.image.config.v1+json"
        first = {"mediaType": kind, "size": len(config), "digest": self.blob(repository, config.encode())}
        rows = [{"mediaType": LAYER, "size": len(one), "digest": self.blob(repository, one)} for one in layers]
        body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": first, "layers": rows}).encode()
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", body, MANIFEST)
        return digest(body)


def archive(count: int) -> tuple[bytes, int, int]:
    """A layer of so many files: compressed, the bytes of its tar archive, the bytes of its files."""
    plain = io.BytesIO()
    files = 0
    with tarfile.open(fileobj=plain, mode="w") as made:
        for number in range(count):
            body = b"".join(
                hashlib.sha256(b"%d %d" % (number, part)).digest() for part in range(40 * (number % 9 + 20))
            )
            member = tarfile.TarInfo(f"usr/share/{number}.bin")
            member.size = len(body)
            made.addfile(member, io.BytesIO(body))
            files += len(body)
    return gzip.compress(plain.getvalue()), len(plain.getvalue()), files


@pytest.fixture
def server(program: Path, tmp_path: Path) -> Iterator[Server]:
    made = Server(program, tmp_path)
    yield made
    made.stop()


def test_a_pushed_image_is_weighed(server: Server) -> None:
    (one, one_plain, _), (two, two_plain, _) = archive(30), archive(5)
    pushed = server.image("team/app", "1.0", "amd64", one, two)
    registry = Registry(Client(), Cache(None))
    expected = (len(one) + len(two), one_plain + two_plain, pushed)
    assert registry.image(f"{server.host}/team/app:1.0") == expected
    assert registry.image(f"{server.host}/team/app:1.0@{pushed}") == expected
    assert registry.image(f"{server.host}/team/app@{pushed}") == expected


def test_the_files_lie_in_the_interval_told(server: Server) -> None:
    body, _, files = archive(60)
    server.image("base", "1", "amd64", body)
    analysis = Analysis(SourceText(f"FROM {server.host}/base:1\n"), load())
    found = collect(analysis)
    assert not found.missed
    sizes = with_figures(analysis, found).sizes
    assert sizes is not None
    assert sizes.download.bytes == len(body)
    assert sizes.disk.low <= files <= sizes.disk.high


def test_an_index_is_resolved_by_platform(server: Server) -> None:
    small, large = archive(1)[0], archive(9)[0]
    rows = [
        {
            "mediaType": MANIFEST,
            "digest": server.image("multi", machine, machine, body),
            "size": 500,
            "platform": {"os": "linux", "architecture": machine},
        }
        for machine, body in (("amd64", small), ("arm64", large))
    ]
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": rows}).encode()
    server.request("PUT", "/v2/multi/manifests/latest", body, INDEX)
    assert Registry(Client(), Cache(None), "amd64").image(f"{server.host}/multi").download == len(small)
    assert Registry(Client(), Cache(None), "arm64").image(f"{server.host}/multi").download == len(large)


def test_what_is_not_there(server: Server) -> None:
    with pytest.raises(Unavailable) as caught:
        Registry(Client(), Cache(None)).image(f"{server.host}/nobody:1")
    assert (caught.value.reason, caught.value.status) == ("status", 404)
