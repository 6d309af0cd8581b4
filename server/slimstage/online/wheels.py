"""What a wheel takes once unpacked, read from the directory at the end of the archive without fetching the rest."""

from __future__ import annotations

import io
import json
import zipfile
from email.parser import HeaderParser
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from slimstage.knowledge.records import MeasuredWheel
from slimstage.online.cache import DAY, HOUR, Cache
from slimstage.online.clients import Index
from slimstage.online.http import Client, Response, Unavailable, origin

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_PAGE_BYTES = 32 * 2**20
_BLOCK = 65_536
_WHEEL_BYTES = 8 * 2**20  # of one archive: its directory and its metadata
_METADATA_BYTES = 2**20
# Byte code of Python 3.11 relative to the .py files: half of 128 pure wheels lie between 1.06 and 1.29 of all files.
_CODE, _CODE_MARGIN = 1.17, 0.2

_KEPT = 7  # fields of a row in the cache


class Target(NamedTuple):
    """Where pip installs: Python's minor version ("3.11"), the C library, the machine."""

    python: str
    libc: str
    machine: str


class _File(NamedTuple):
    name: str
    url: str
    requires: str | None
    yanked: bool


def compatible(target: Target) -> dict[Tag, int]:
    """The tags pip takes there, best first, with their rank."""
    machine = target.machine
    if target.libc == "musl":
        platforms = [f"musllinux_1_{minor}_{machine}" for minor in (2, 1, 0)]
    else:
        platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(41, 16, -1)]
        platforms += [f"manylinux2014_{machine}"]
        platforms += [f"manylinux_2_{minor}_{machine}" for minor in range(16, 11, -1)]
        platforms += [f"manylinux2010_{machine}", f"manylinux_2_5_{machine}", f"manylinux1_{machine}"]
    platforms.append(f"linux_{machine}")
    numbers = [int(part) for part in target.python.split(".")]
    tags = [*cpython_tags(numbers, platforms=platforms), *compatible_tags(numbers, platforms=platforms)]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


class Wheels:
    """Wheels of one package index for one target."""

    def __init__(self, client: Client, cache: Cache, index: Index, target: Target, today: str) -> None:
        self._client = client
        self._cache = cache
        self._index = index
        self._target = target
        self._today = today
        self._tags = compatible(target)

    def wheel(self, name: str, version: str | None) -> MeasuredWheel:
        """The wheel that pip would take of a version, the newest final one for None.

        Raises `Unavailable` when there is none, or the index does not serve parts of files.
        """
        key = f"wheel {self._index.url} {name} {version} {'-'.join(self._target)}"
        kept = _row(self._cache.get(key))
        if kept is not None:
            return kept
        file, found = self._chosen(name, version)
        row = self._read(file, str(found))
        self._cache.put(key, list(row[:_KEPT]), 30 * DAY if version is not None else 6 * HOUR)
        return row

    def _chosen(self, name: str, version: str | None) -> tuple[_File, Version]:
        try:
            wanted = Version(version) if version is not None else None
        except InvalidVersion:
            raise Unavailable(self._host, "no-wheel") from None
        best: tuple[tuple[Version, int], _File, Version] | None = None
        for file in self._files(name):
            try:
                _, found, _, tags = parse_wheel_filename(file.name)
            except (InvalidWheelFilename, InvalidVersion):
                continue
            if found != wanted if wanted is not None else (found.is_prerelease or file.yanked):
                continue
            ranks = [self._tags[tag] for tag in tags if tag in self._tags]
            if not ranks or not self._takes(file.requires):
                continue
            rank = (found, -min(ranks))
            if best is None or rank > best[0]:
                best = (rank, file, found)
        if best is None:
            raise Unavailable(self._host, "no-wheel")
        return best[1], best[2]

    def _takes(self, requires: str | None) -> bool:
        try:
            return not requires or SpecifierSet(requires).contains(self._target.python + ".9")
        except InvalidSpecifier:
            return True

    def _files(self, name: str) -> list[_File]:
        url = f"{self._index.url}/{name}/"
        answer = self._client.get(url, {"Accept": _ACCEPT, **self._index.headers}, limit=_PAGE_BYTES)
        if answer.status != 200:
            raise Unavailable(self._host, "status", answer.status)
        if "json" in answer.headers.get("content-type", ""):
            return _json_files(answer, self._host)
        page = _Page()
        page.feed(answer.body.decode("utf-8", "replace"))
        return [file._replace(url=urljoin(answer.url, file.url)) for file in page.files]

    def _read(self, file: _File, version: str) -> MeasuredWheel:
        headers = self._index.headers if origin(file.url) == origin(self._index.url) else {}
        remote = _Remote(self._client, file.url, headers)
        try:
            with zipfile.ZipFile(remote) as archive:
                members = archive.infolist()
                unpacked = sum(member.file_size for member in members)
                code = sum(member.file_size for member in members if member.filename.endswith(".py"))
                requires = _requires(archive, members)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
            raise Unavailable(origin(file.url)[1], "unreadable-wheel") from None
        platform = "any" if file.name.endswith("-any.whl") else f"{self._target.libc}-{self._target.machine}"
        code = round(code * _CODE)
        return MeasuredWheel(version, platform, remote.size, unpacked, code, self._today, requires, _CODE_MARGIN)

    @property
    def _host(self) -> str:
        return origin(self._index.url)[1]


def _requires(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> tuple[str, ...]:
    for member in members:
        folder, _, last = member.filename.partition("/")
        if last == "METADATA" and folder.endswith(".dist-info") and member.file_size <= _METADATA_BYTES:
            text = archive.read(member).decode("utf-8", "replace")
            return tuple(
                " ".join(str(value).split()) for value in HeaderParser().parsestr(text).get_all("Requires-Dist", ())
            )
    return ()


class _Remote(io.RawIOBase):
    """A file read over HTTP in blocks, each fetched once; raises `Unavailable` when the server sends no parts."""

    def __init__(self, client: Client, url: str, headers: dict[str, str]) -> None:
        super().__init__()
        self._client, self._url, self._headers = client, url, headers
        self._blocks: dict[int, bytes] = {}
        self._at = 0
        self._fetched = 0
        tail = self._get(f"bytes=-{_BLOCK}")
        total = tail.headers.get("content-range", "").rpartition("/")[2]
        if not total.isdigit() or int(total) < len(tail.body):
            raise Unavailable(origin(url)[1], "broken")
        self.size = int(total)
        self._tail_start = self.size - len(tail.body)
        self._tail = tail.body

    def _get(self, wanted: str) -> Response:
        answer = self._client.get(self._url, {**self._headers, "Range": wanted}, limit=_BLOCK)
        if answer.status != 206:
            host = origin(self._url)[1]
            raise Unavailable(host, "no-ranges" if answer.status == 200 else "status", answer.status)
        self._fetched += len(answer.body)
        if self._fetched > _WHEEL_BYTES:
            raise Unavailable(origin(self._url)[1], "too-large")
        return answer

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        piece = self._piece(self._at)[: len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _piece(self, at: int) -> bytes:
        """Some bytes from there on; none at the end."""
        if at >= self._tail_start:
            return self._tail[at - self._tail_start :]
        number = at // _BLOCK
        block = self._blocks.get(number)
        if block is None:
            start = number * _BLOCK
            end = min(start + _BLOCK, self._tail_start)
            block = self._get(f"bytes={start}-{end - 1}").body
            if len(block) != end - start:
                raise Unavailable(origin(self._url)[1], "broken")
            self._blocks[number] = block
        return block[at - number * _BLOCK :]


def _json_files(answer: Response, host: str) -> list[_File]:
    try:
        rows = json.loads(answer.body)["files"]
        return [
            _File(
                str(row["filename"]),
                urljoin(answer.url, str(row["url"])),
                row.get("requires-python"),
                bool(row.get("yanked")),
            )
            for row in rows
            if str(row["filename"]).endswith(".whl")
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unavailable(host, "broken") from None


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[_File] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        url = given.get("href")
        if tag != "a" or not url:
            return
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        if name.endswith(".whl"):
            self.files.append(_File(name, url, given.get("data-requires-python"), "data-yanked" in given))


def _row(value: Any) -> MeasuredWheel | None:
    """A kept row, or None for anything else."""
    if not isinstance(value, list) or len(value) != _KEPT:
        return None
    version, platform, download, unpacked, code, date, requires = value
    texts = (version, platform, date, *(requires if isinstance(requires, list) else (None,)))
    if not all(isinstance(text, str) for text in texts):
        return None
    if not all(isinstance(number, int) for number in (download, unpacked, code)):
        return None
    return MeasuredWheel(version, platform, download, unpacked, code, date, tuple(requires), _CODE_MARGIN)
