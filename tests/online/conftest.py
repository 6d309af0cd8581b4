"""Servers on loopback that behave as told, and a room without settings of the machine's own."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Answer = tuple[int, dict[str, str], bytes]
Route = Callable[["Stub", str, dict[str, str]], Answer]
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Stub:
    """A server whose answers are a table: path -> (status, headers, body), or a function that makes one."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer | Route] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path
                headers = {name.lower(): value for name, value in self.headers.items()}
                stub.asked.append((path, headers))
                found = stub.routes.get(path) or stub.routes.get(path.partition("?")[0], (404, {}, b""))
                status, more, body = found(stub, path, headers) if callable(found) else found
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(body)), **more}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # a client that has enough hangs up
                    return

            def log_message(self, *arguments: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def manifest(self, repository: str, tag: str, *layers: bytes, **more: Any) -> str:
        """Put a one-platform image there; its digest."""
        listed = [{"mediaType": LAYER, "digest": digest(layer), "size": len(layer)} for layer in layers]
        body = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": listed, **more}).encode()
        for name in (tag, digest(body)):
            self.routes[f"/v2/{repository}/manifests/{name}"] = (200, {"Content-Type": MANIFEST}, body)
        for layer in layers:
            self.routes[f"/v2/{repository}/blobs/{digest(layer)}"] = ranged(layer)
        return digest(body)


def digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def ranged(body: bytes, *, supported: bool = True) -> Route:
    """A static file, served in parts as servers do."""

    def answer(stub: Stub, path: str, headers: dict[str, str]) -> Answer:
        wanted = headers.get("range")
        if wanted is None or not supported:
            return 200, {}, body
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = max(0, len(body) - int(last)) if not first else int(first)
        end = min(int(last) + 1, len(body)) if first and last else len(body)
        return 206, {"Content-Range": f"bytes {start}-{end - 1}/{len(body)}"}, body[start:end]

    return answer


def layer(count: int) -> bytes:
    """A gzip file that unpacks to so many bytes (a multiple of 32)."""
    return gzip.compress(b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(count // 32)))


@pytest.fixture
def stub() -> Iterator[Stub]:
    server = Stub()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[Stub]:
    server = Stub()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def quiet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without Docker's, pip's or npm's settings; nothing here may ask a host outside this machine."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("DOCKER_CONFIG", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "XDG_CONFIG_HOME", "NPM_CONFIG_REGISTRY",
                 "npm_config_registry", "NPM_CONFIG_USERCONFIG", "PIP_NO_INDEX"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return home
