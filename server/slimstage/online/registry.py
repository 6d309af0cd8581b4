"""What an image weighs, as its registry's manifest says (OCI distribution API)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from slimstage.online.cache import DAY, HOUR, Cache
from slimstage.online.http import Client, Response, Unavailable, allowed, is_loopback, origin

HUB = "docker.io"
_HUB_API = "registry-1.docker.io"
_HUB_NAMES = (HUB, "index.docker.io", _HUB_API)
# Docker's own files name its hub so.
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", HUB, _HUB_API)
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ACCEPT = ", ".join((*_MANIFESTS, *_INDEXES))
_MANIFEST_BYTES = 4 * 2**20  # what registries accept at most
_TOKEN_BYTES = 2**20
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'([a-zA-Z_]+)="([^"]*)"')
_LAYERS_ASKED = 60


class ImageFigures(NamedTuple):
    """`download` are the compressed bytes of all layers, exactly.

    `archives` are the bytes of the layers' unpacked archives, padding and headers included; None when a layer does
    not tell. `digest` is that of the manifest of one platform.
    """

    download: int
    archives: int | None
    digest: str


class Name(NamedTuple):
    """Where a reference points: the registry's host as a user writes it, the repository there, tag or digest."""

    host: str
    path: str
    version: str  # a tag or a digest
    pinned: bool


def read_name(raw: str) -> Name:
    """The place of an image reference that `model.images.parse_image` accepts."""
    name, _, digest = raw.partition("@")
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        host, path = first, rest
    else:
        host, path = HUB, name
    folder, _, last = path.rpartition("/")
    last, _, tag = last.partition(":")
    path = f"{folder}/{last}" if folder else last
    if host in _HUB_NAMES:
        host, path = HUB, path if "/" in path else f"library/{path}"
    return Name(host, path, digest or tag or "latest", bool(digest))


class Registry:
    """Registries as an anonymous client sees them, or with what `docker login` left in the user's configuration."""

    def __init__(self, client: Client, cache: Cache, architecture: str = "amd64") -> None:
        self._client = client
        self._cache = cache
        self._architecture = architecture
        self._logins = _logins()
        self._headers: dict[tuple[str, str], str] = {}  # authorization by API and repository

    def image(self, raw: str) -> ImageFigures:
        """The figures of a reference. Raises `Unavailable` when they cannot be had."""
        name = read_name(raw)
        key = f"image {name.host}/{name.path} {name.version} {self._architecture}"
        kept = self._cache.get(key)
        if isinstance(kept, list) and len(kept) == 3 and isinstance(kept[0], int) and isinstance(kept[2], str):
            return ImageFigures(kept[0], kept[1] if isinstance(kept[1], int) else None, kept[2])
        manifest, digest = self._manifest(name, name.version, pinned=name.pinned)
        if isinstance(manifest.get("manifests"), list):
            child = self._platform(name, manifest["manifests"])
            manifest, digest = self._manifest(name, child, pinned=True)
        found = self._figures(name, manifest, digest)
        self._cache.put(key, list(found), 30 * DAY if name.pinned else 6 * HOUR)
        return found

    def _manifest(self, name: Name, version: str, *, pinned: bool) -> tuple[Mapping[str, Any], str]:
        if pinned and not _DIGEST.fullmatch(version):
            raise Unavailable(name.host, "digest")
        answer = self._get(name, f"manifests/{version}", {"Accept": _ACCEPT}, _MANIFEST_BYTES)
        digest = "sha256:" + hashlib.sha256(answer.body).hexdigest()
        if pinned and digest != version:
            raise Unavailable(name.host, "digest")
        try:
            manifest = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise Unavailable(name.host, "broken") from None
        if not isinstance(manifest, dict):
            raise Unavailable(name.host, "broken")
        return manifest, digest

    def _platform(self, name: Name, manifests: list[Any]) -> str:
        """The digest of the image for Linux on the wanted processor."""
        for one in manifests:
            platform = one.get("platform") if isinstance(one, dict) else None
            if not isinstance(platform, dict) or platform.get("os") != "linux":
                continue
            digest = one.get("digest")
            if platform.get("architecture") == self._architecture and isinstance(digest, str):
                return digest
        raise Unavailable(name.host, "no-platform")

    def _figures(self, name: Name, manifest: Mapping[str, Any], digest: str) -> ImageFigures:
        layers = manifest.get("layers")
        if not isinstance(layers, list):  # schema 1 tells no sizes
            raise Unavailable(name.host, "manifest")
        download = 0
        archives: int | None = 0
        for index, layer in enumerate(layers):
            size = layer.get("size") if isinstance(layer, dict) else None
            if not isinstance(size, int) or size < 0:
                raise Unavailable(name.host, "manifest")
            download += size
            if archives is not None:
                one = self._archive(name, layer, size) if index < _LAYERS_ASKED else None
                archives = None if one is None else archives + one
        return ImageFigures(download, archives, digest)

    def _archive(self, name: Name, layer: Mapping[str, Any], size: int) -> int | None:
        """Bytes of a layer once decompressed: gzip writes them, modulo 2^32, into a file's last four bytes."""
        kind, digest = str(layer.get("mediaType")), str(layer.get("digest"))
        if not kind.endswith(("gzip",)) or not _DIGEST.fullmatch(digest) or not 18 <= size < 2**30:
            return None
        kept = self._cache.get(f"layer {digest}")
        if isinstance(kept, int):
            return kept
        try:
            answer = self._get(name, f"blobs/{digest}", {"Range": f"bytes={size - 4}-{size - 1}"}, 4)
        except Unavailable:
            return None
        if answer.status != 206 or len(answer.body) != 4:
            return None
        count = int.from_bytes(answer.body, "little")
        # A file of several gzip members tells the last one's size only.
        if not size * 0.9 <= count <= size * 40:
            return None
        self._cache.put(f"layer {digest}", count, 30 * DAY)
        return count

    def _get(self, name: Name, path: str, headers: Mapping[str, str], limit: int) -> Response:
        host = _HUB_API if name.host == HUB else name.host
        bare = urlsplit(f"//{host}").hostname
        api = f"{'http' if is_loopback(bare) else 'https'}://{host}"
        url = f"{api}/v2/{name.path}/{path}"
        place = (api, name.path)
        known = self._headers.get(place)
        answer = self._client.get(url, {**headers, **({"Authorization": known} if known else {})}, limit=limit)
        if answer.status == 401:
            self._headers[place] = self._authorization(name, answer.headers.get("www-authenticate", ""))
            answer = self._client.get(url, {**headers, "Authorization": self._headers[place]}, limit=limit)
        if answer.status not in (200, 206):
            raise Unavailable(name.host, "status", answer.status)
        return answer

    def _authorization(self, name: Name, challenge: str) -> str:
        """The header that answers a registry's challenge."""
        scheme, _, rest = challenge.partition(" ")
        login = self._logins.get(name.host)
        if scheme.lower() == "basic" and login is not None:
            return f"Basic {login}"
        if scheme.lower() != "bearer":
            raise Unavailable(name.host, "status", 401)
        parameters = {key.lower(): value for key, value in _PARAMETER.findall(rest)}
        realm = parameters.get("realm", "")
        if not allowed(realm):
            raise Unavailable(name.host, "token")
        asked = {"service": parameters.get("service", ""), "scope": f"repository:{name.path}:pull"}
        url = realm + ("&" if "?" in realm else "?") + urlencode({key: value for key, value in asked.items() if value})
        answer = self._client.get(url, {"Authorization": f"Basic {login}"} if login else {}, limit=_TOKEN_BYTES)
        if answer.status != 200:
            raise Unavailable(origin(realm)[1], "status", answer.status)
        try:
            data = json.loads(answer.body)
            token = data.get("token") or data.get("access_token")
        except (ValueError, AttributeError, RecursionError):
            token = None
        if not isinstance(token, str) or not token.isprintable():
            raise Unavailable(origin(realm)[1], "broken")
        return f"Bearer {token}"


def _logins() -> dict[str, str]:
    """Basic credentials by registry, from the user's Docker configuration; empty when they lie in a helper's store."""
    folder = os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    try:
        data = json.loads((Path(folder) / "config.json").read_bytes())
        entries = dict(data.get("auths") or {})
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for key, entry in entries.items():
        auth = entry.get("auth") if isinstance(entry, dict) else None
        if not isinstance(auth, str) or not auth:
            continue
        try:
            base64.b64decode(auth, validate=True)
        except ValueError:
            continue
        host = HUB if key in _HUB_KEYS else key.removeprefix("https://").removeprefix("http://").partition("/")[0]
        found[host] = auth
    return found
