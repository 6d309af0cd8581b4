"""GET requests with bounds: time, size, cancellation, credentials that stay with the host they were given for."""

from __future__ import annotations

import http.client
import ipaddress
import os
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from slimstage import __version__

_CHUNK = 65_536
_CA_FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


class Unavailable(Exception):
    """Something that could not be had: the host, and the reason as a message key below `online.reason`."""

    def __init__(self, host: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{host}: {reason}")
        self.host = host
        self.reason = reason
        self.status = status


class Cancelled(Exception):
    """The user went on; nothing more is to be asked."""


class Response(NamedTuple):
    """An answer. Header names are lower case; `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine itself."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed(url: str) -> bool:
    """Whether a URL may be asked: https, and plain http on this machine only."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str]:
    """Scheme and host with port: what credentials are bound to."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not allowed(newurl):
            raise Unavailable(origin(req.full_url)[1], "plain-http")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and origin(newurl) != origin(req.full_url):
            following.remove_header("Authorization")
        return following


class Client:
    """Proxies and certificate authorities are those of the environment.

    A host that did not answer once is not asked again, so that being offline costs one time-out and not hundreds.
    """

    def __init__(self, timeout: float = 10.0, cancelled: Callable[[], bool] | None = None) -> None:
        self.timeout = timeout
        self._cancelled = cancelled or (lambda: False)
        self._opener = urllib.request.build_opener(_Redirects(), urllib.request.HTTPSHandler(context=_context()))
        # A name on this machine is never behind a proxy.
        self._direct = urllib.request.build_opener(_Redirects(), urllib.request.ProxyHandler({}))
        self._silent: dict[str, str] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise `Cancelled` when the user went on."""
        if self._cancelled():
            raise Cancelled

    def get(self, url: str, headers: Mapping[str, str] | None = None, *, limit: int) -> Response:
        """The answer, whatever its status; the body of an answer other than 200 and 206 is left unread.

        Raises `Unavailable` without an answer, for one longer than `limit` bytes or one that takes longer than the
        time-out as a whole.
        """
        self.check()
        if not allowed(url):
            raise Unavailable(origin(url)[1], "plain-http")
        host = origin(url)[1]
        with self._lock:
            silent = self._silent.get(host)
        if silent is not None:
            raise Unavailable(host, silent)
        request = urllib.request.Request(url, headers={"User-Agent": f"slimstage/{__version__}"})  # noqa: S310
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        opener = self._direct if is_loopback(urlsplit(url).hostname) else self._opener
        deadline = time.monotonic() + self.timeout
        try:
            with opener.open(request, timeout=self.timeout) as answer:
                return self._read(answer, answer.status, limit, deadline, host)
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.code, _headers(error.headers), b"", url)
        except (Unavailable, Cancelled):
            raise
        except TimeoutError:
            raise self._gave_up(host, "no-answer") from None
        except urllib.error.URLError as error:
            slow = isinstance(error.reason, TimeoutError)
            raise self._gave_up(host, "no-answer" if slow else "no-connection") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise Unavailable(host, "broken") from None

    def _gave_up(self, host: str, reason: str) -> Unavailable:
        with self._lock:
            self._silent[host] = reason
        return Unavailable(host, reason)

    def _read(self, answer: http.client.HTTPResponse, status: int, limit: int, deadline: float, host: str) -> Response:
        headers = _headers(answer.headers)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise Unavailable(host, "too-large")
        body = bytearray()
        while True:
            self.check()
            chunk = answer.read1(_CHUNK)
            if not chunk:
                break
            body += chunk
            if len(body) > limit:
                raise Unavailable(host, "too-large")
            if time.monotonic() > deadline:
                raise self._gave_up(host, "no-answer")
        if declared.isdigit() and len(body) < int(declared):
            raise Unavailable(host, "broken")
        return Response(status, headers, bytes(body), answer.geturl())


def _headers(message: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in message.items()}


def _context() -> ssl.SSLContext:
    """The system's authorities (SSL_CERT_FILE and SSL_CERT_DIR included) and those of other clients' variables."""
    context = ssl.create_default_context()
    for name in _CA_FILES:
        path = os.environ.get(name)
        try:
            if path and os.path.isdir(path):
                context.load_verify_locations(capath=path)
            elif path:
                context.load_verify_locations(cafile=path)
        except OSError:  # a file that is not there or holds no certificate adds nothing
            continue
    return context
