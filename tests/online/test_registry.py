"""The registry client against a server that behaves, and against one that does not."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from slimstage.online.cache import Cache
from slimstage.online.http import Cancelled, Client, Unavailable
from slimstage.online.registry import Registry, read_name
from tests.online.conftest import INDEX, Answer, Stub, digest, layer

ONE, TWO = layer(64_000), layer(3_200)


def registry(folder: Path | None = None, architecture: str = "amd64", **options: float) -> Registry:
    return Registry(Client(**{"timeout": 5.0, **options}), Cache(folder), architecture)  # type: ignore[arg-type]


def reason(reference: str, **options: float) -> str:
    with pytest.raises(Unavailable) as caught:
        registry(**options).image(reference)
    return caught.value.reason


@pytest.mark.parametrize(
    ("raw", "host", "path", "version"),
    [
        ("python", "docker.io", "library/python", "latest"),
        ("python:3.11-slim", "docker.io", "library/python", "3.11-slim"),
        ("bitnami/node:20", "docker.io", "bitnami/node", "20"),
        ("docker.io/library/debian", "docker.io", "library/debian", "latest"),
        ("index.docker.io/debian:12", "docker.io", "library/debian", "12"),
        ("ghcr.io/a/b/c:v1", "ghcr.io", "a/b/c", "v1"),
        ("localhost/tool", "localhost", "tool", "latest"),
        ("localhost:5000/tool:1", "localhost:5000", "tool", "1"),
        ("[::1]:5000/tool", "[::1]:5000", "tool", "latest"),
        ("a/b:1@sha256:" + "0" * 64, "docker.io", "a/b", "sha256:" + "0" * 64),
    ],
)
def test_a_reference_names_host_repository_and_version(raw: str, host: str, path: str, version: str) -> None:
    assert read_name(raw)[:3] == (host, path, version)


def test_layers_are_summed_and_their_archives_too(stub: Stub) -> None:
    expected = stub.manifest("team/app", "1.0", ONE, TWO)
    found = registry().image(f"{stub.host}/team/app:1.0")
    assert found == (len(ONE) + len(TWO), 64_000 + 3_200, expected)
    blobs = [headers["range"] for path, headers in stub.asked if "/blobs/" in path]
    assert blobs == [f"bytes={len(one) - 4}-{len(one) - 1}" for one in (ONE, TWO)]


def test_the_index_is_resolved_by_platform(stub: Stub) -> None:
    small, large = stub.manifest("app", "small", TWO), stub.manifest("app", "large", ONE)
    rows = [
        {"digest": digest(b"?"), "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": digest(b"!"), "platform": {"os": "windows", "architecture": "amd64"}},
        {"digest": small, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": large, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
    ]
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": rows}).encode()
    stub.routes["/v2/app/manifests/latest"] = (200, {"Content-Type": INDEX}, body)
    assert registry().image(f"{stub.host}/app").download == len(TWO)
    assert registry(architecture="arm64").image(f"{stub.host}/app").download == len(ONE)
    with pytest.raises(Unavailable, match="no-platform"):
        registry(architecture="s390x").image(f"{stub.host}/app")
    assert INDEX in stub.asked[0][1]["accept"]


def test_a_digest_must_be_that_of_the_answer(stub: Stub) -> None:
    right = stub.manifest("app", "1", ONE)
    assert registry().image(f"{stub.host}/app:1@{right}").download == len(ONE)
    wrong = digest(b"something else")
    stub.routes[f"/v2/app/manifests/{wrong}"] = stub.routes["/v2/app/manifests/1"]
    assert reason(f"{stub.host}/app:1@{wrong}") == "digest"


def _guard(stub: Stub, realm: str, token: str = "secret-token") -> None:
    """Let the registry answer only those who bring the token."""
    for path, route in list(stub.routes.items()):

        def guarded(stub: Stub, path: str, headers: dict[str, str], route: object = route) -> Answer:
            if headers.get("authorization") == f"Bearer {token}":
                return route(stub, path, headers) if callable(route) else route  # type: ignore[return-value]
            asks = f'Bearer realm="{realm}",service="reg",scope="repository:app:pull"'
            return 401, {"WWW-Authenticate": asks}, b""

        stub.routes[path] = guarded


def test_an_anonymous_token_is_fetched_once(stub: Stub, other: Stub) -> None:
    stub.manifest("app", "1", ONE, TWO)
    _guard(stub, f"{other.url}/token")
    other.routes["/token"] = (200, {}, b'{"access_token": "secret-token"}')
    assert registry().image(f"{stub.host}/app:1").archives == 67_200
    assert other.paths() == ["/token?service=reg&scope=repository%3Aapp%3Apull"]
    assert "authorization" not in other.asked[0][1]
    assert len([path for path in stub.paths() if "manifests" in path]) == 2


def test_a_login_of_docker_goes_to_the_token_service_of_its_registry_only(
    stub: Stub, other: Stub, quiet_home: Path
) -> None:
    auth = base64.b64encode(b"me:pw").decode()
    (quiet_home / ".docker").mkdir()
    config = quiet_home / ".docker" / "config.json"
    config.write_text(json.dumps({"auths": {stub.host: {"auth": auth}, "broken": {"auth": "%"}, "helper": {}}}))
    stub.manifest("app", "1", ONE)
    _guard(stub, f"{other.url}/token")
    other.routes["/token"] = (200, {}, b'{"token": "secret-token"}')
    assert registry().image(f"{stub.host}/app:1").download == len(ONE)
    assert [headers.get("authorization") for _, headers in other.asked] == [f"Basic {auth}"]
    assert all(auth not in headers.get("authorization", "") for _, headers in stub.asked)
    config.write_text("{broken")
    registry().image(f"{stub.host}/app:1")
    assert "authorization" not in other.asked[-1][1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, {}, b"garbage"), "broken"),
        ((200, {}, b'{"token": 5}'), "broken"),
        ((200, {}, b'{"token": "a\\r\\nX: y"}'), "broken"),
        ((200, {}, b"[]"), "broken"),
        ((403, {}, b""), "status"),
        ((200, {}, b"{" + b" " * 2**20 + b"}"), "too-large"),
    ],
)
def test_a_token_service_that_fails(stub: Stub, other: Stub, answer: Answer, expected: str) -> None:
    stub.manifest("app", "1", ONE)
    _guard(stub, f"{other.url}/token")
    other.routes["/token"] = answer
    assert reason(f"{stub.host}/app:1") == expected


def test_a_token_service_in_plain_text_elsewhere_gets_nothing(stub: Stub) -> None:
    stub.manifest("app", "1", ONE)
    _guard(stub, "http://tokens.example/token")
    assert reason(f"{stub.host}/app:1") == "token"


def test_credentials_do_not_follow_a_redirect_to_another_host(stub: Stub, other: Stub) -> None:
    stub.manifest("app", "1", ONE)
    blob = f"/v2/app/blobs/{digest(ONE)}"
    other.routes["/store"] = stub.routes[blob]
    stub.routes[blob] = (307, {"Location": f"{other.url}/store"}, b"")
    _guard(stub, f"{stub.url}/token")
    stub.routes["/token"] = (200, {}, b'{"token": "secret-token"}')
    assert registry().image(f"{stub.host}/app:1").archives == 64_000
    (path, headers) = other.asked[0]
    assert path == "/store"
    assert "authorization" not in headers
    assert headers["range"]


def test_a_redirect_to_plain_http_elsewhere_is_not_followed(stub: Stub) -> None:
    stub.routes["/v2/app/manifests/1"] = (307, {"Location": "http://registry.example/v2/"}, b"")
    assert reason(f"{stub.host}/app:1") == "plain-http"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, {}, b""), "status"),
        ((429, {"Retry-After": "3600"}, b"slow down"), "status"),
        ((500, {}, b"oops"), "status"),
        ((401, {}, b""), "status"),
        ((200, {}, b"<html>no registry</html>"), "broken"),
        ((200, {}, b"\xff\xfe"), "broken"),
        ((200, {}, b"[" * 100_000), "broken"),
        ((200, {}, b"null"), "broken"),
        ((200, {}, b"{}"), "manifest"),
        ((200, {}, b'{"layers": [{"size": "12"}]}'), "manifest"),
        ((200, {}, b'{"layers": [7]}'), "manifest"),
        ((200, {}, b'{"manifests": [1, {"platform": 2}]}'), "no-platform"),
        ((200, {"Content-Length": "5000000"}, b"{}"), "too-large"),
        ((200, {}, b" " * (4 * 2**20 + 1)), "too-large"),
        ((200, {"Content-Length": "400"}, b"{}"), "broken"),
    ],
)
def test_an_answer_that_is_of_no_use(stub: Stub, answer: Answer, expected: str) -> None:
    stub.routes["/v2/app/manifests/1"] = answer
    assert reason(f"{stub.host}/app:1", timeout=2.0 if answer[1] == {"Content-Length": "400"} else 5.0) == expected


def test_a_slow_host_is_given_up_and_not_asked_again(stub: Stub) -> None:
    def slow(stub: Stub, path: str, headers: dict[str, str]) -> Answer:
        time.sleep(1.5)
        return 200, {}, b"{}"

    stub.routes["/v2/app/manifests/1"] = slow
    client = Client(timeout=0.2)
    for _ in range(3):
        with pytest.raises(Unavailable, match="no-answer"):
            Registry(client, Cache(None)).image(f"{stub.host}/app:1")
    assert len(stub.asked) == 1


def test_nobody_listens(stub: Stub) -> None:
    stub.stop()
    assert reason(f"{stub.host}/app:1") == "no-connection"


def test_cancelling_ends_at_the_next_request(stub: Stub) -> None:
    stub.manifest("app", "1", ONE, TWO)
    client = Client(cancelled=lambda: len(stub.asked) >= 2)
    with pytest.raises(Cancelled):
        Registry(client, Cache(None)).image(f"{stub.host}/app:1")
    assert len(stub.asked) == 2


def test_a_layer_that_cannot_be_read_leaves_the_archives_unknown(stub: Stub) -> None:
    stub.manifest("app", "1", ONE, TWO)
    del stub.routes[f"/v2/app/blobs/{digest(TWO)}"]
    found = registry().image(f"{stub.host}/app:1")
    assert (found.download, found.archives) == (len(ONE) + len(TWO), None)


def test_what_was_said_once_is_kept(stub: Stub, tmp_path: Path) -> None:
    stub.manifest("app", "1", ONE)
    first = registry(tmp_path / "kept").image(f"{stub.host}/app:1")
    stub.routes.clear()
    assert registry(tmp_path / "kept").image(f"{stub.host}/app:1") == first
    for file in (tmp_path / "kept").rglob("*.json"):
        file.write_text("{broken")
    with pytest.raises(Unavailable):
        registry(tmp_path / "kept").image(f"{stub.host}/app:1")
