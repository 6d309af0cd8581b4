"""What an npm package takes in node_modules, as its publisher's client counted it (`dist.unpackedSize`)."""

from __future__ import annotations

import json
from urllib.parse import quote

from slimstage.online.cache import DAY, Cache
from slimstage.online.clients import Index
from slimstage.online.http import Client, Unavailable, origin

_BYTES = 4 * 2**20


class Npm:
    """Packages of one npm registry."""

    def __init__(self, client: Client, cache: Cache, index: Index) -> None:
        self._client = client
        self._cache = cache
        self._index = index

    def unpacked(self, name: str, version: str) -> int:
        """Bytes of a version's files. Raises `Unavailable` when the registry does not say."""
        key = f"npm {self._index.url} {name} {version}"
        kept = self._cache.get(key)
        if isinstance(kept, int):
            return kept
        host = origin(self._index.url)[1]
        url = f"{self._index.url}/{quote(name, safe='@')}/{quote(version, safe='')}"
        answer = self._client.get(url, {"Accept": "application/json", **self._index.headers}, limit=_BYTES)
        if answer.status != 200:
            raise Unavailable(host, "status", answer.status)
        try:
            size = json.loads(answer.body)["dist"]["unpackedSize"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unavailable(host, "no-size") from None
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise Unavailable(host, "no-size")
        self._cache.put(key, size, 30 * DAY)
        return size
