"""One HTTP try of a webhook: to the checked address, no redirects, bounded in time and bytes."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from liveproof import __version__
from liveproof.facts import WebhookSchedule
from liveproof.trust import authorities
from liveproof.webhooks.addresses import AddressRefused, resolve

_PATH = "/%:@!$&'()*+,;=~"
_QUERY = _PATH + "?"
"""RFC 3986: what a path and a query may hold as it is."""


@dataclass(frozen=True)
class Response:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code: url_not_https, url_unusable,
            name_not_resolved, address_not_public, timed_out, not_connected, tls_failed or
            no_answer.
        retry_after: seconds that the endpoint asked to wait, None without a usable header.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Standard Webhooks: only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class _Target:
    """A URL taken apart; `authority` is the Host header."""

    tls: bool
    host: str
    port: int
    authority: str
    path: str


def send(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    schedule: WebhookSchedule,
    seconds_left: float,
    public_only: bool,
) -> Response:
    """POST `body` to `url`. Never raises for what the endpoint or the network does.

    The total timeout holds for all of it: an endpoint that answers byte by byte is cut off.

    Args:
        seconds_left: the function's remaining time; caps the schedule's timeouts.
        public_only: refuse http and addresses that are not public.
    """
    started = time.monotonic()
    try:
        target = _target(url)
    except ValueError:
        return Response(None, "url_unusable", 0)
    if target is None or (public_only and not target.tls):
        return Response(None, "url_not_https", 0)
    try:
        address = resolve(target.host, target.port, public_only=public_only)
    except AddressRefused as refused:
        return Response(None, str(refused), _milliseconds_since(started))
    ends = started + min(schedule.total_timeout_seconds, seconds_left)
    try:
        connected = socket.create_connection(
            (address, target.port),
            timeout=max(0.01, min(schedule.connect_timeout_seconds, ends - time.monotonic())),
        )
    except OSError as error:
        why = "timed_out" if isinstance(error, TimeoutError) else "not_connected"
        return Response(None, why, _milliseconds_since(started))
    with closing(connected), _Cutter(connected, ends) as cutter:
        try:
            status, retry_after = _exchange(connected, target, body, headers, schedule, ends)
        except (OSError, http.client.HTTPException) as error:
            why = "tls_failed" if isinstance(error, ssl.SSLError) else "no_answer"
            if cutter.has_cut or isinstance(error, TimeoutError):
                why = "timed_out"
            return Response(None, why, _milliseconds_since(started))
    return Response(status, None, _milliseconds_since(started), _retry_after(retry_after))


class _Cutter:
    """Ends a connection when its time is over, whatever its owner waits for."""

    def __init__(self, connected: socket.socket, ends: float) -> None:
        self.has_cut = False
        # A duplicate: TLS takes the socket's own descriptor away.
        self._socket = connected.dup()
        self._timer = threading.Timer(max(0.0, ends - time.monotonic()), self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        self.has_cut = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> _Cutter:
        self._timer.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._socket.close()


def _target(url: str) -> _Target | None:
    """None for another scheme than http and https. Raises ValueError for what is no URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return None
    if not parts.hostname:
        raise ValueError("no host")
    tls = parts.scheme == "https"
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    authority = f"[{host}]" if ":" in host else host
    if parts.port is not None:
        authority = f"{authority}:{parts.port}"
    path = quote(parts.path or "/", safe=_PATH)
    if parts.query:
        path = f"{path}?{quote(parts.query, safe=_QUERY)}"
    return _Target(tls, host, parts.port or (443 if tls else 80), authority, path)


def _exchange(
    connected: socket.socket,
    target: _Target,
    body: bytes,
    headers: dict[str, str],
    schedule: WebhookSchedule,
    ends: float,
) -> tuple[int, str | None]:
    """Send the request; the answer's status and Retry-After."""
    connected.settimeout(max(0.01, ends - time.monotonic()))
    if target.tls:
        connected = _tls().wrap_socket(connected, server_hostname=target.host)
    connection = http.client.HTTPConnection(target.host)
    connection.sock = connected
    with closing(connected), closing(connection):
        connection.request(
            "POST",
            target.path,
            body,
            {
                **headers,
                "Host": target.authority,
                "Content-Type": "application/json",
                "User-Agent": f"liveproof/{__version__}",
                "Connection": "close",
            },
        )
        answer = connection.getresponse()
        # http.client takes a connection that is cut within the headers for their end.
        if time.monotonic() >= ends:
            raise TimeoutError
        # The status is the answer; what follows is read to end the connection in order.
        with suppress(OSError, http.client.HTTPException):
            answer.read(schedule.response_bytes_read)
        return answer.status, answer.headers.get("Retry-After")


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities())


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _retry_after(value: str | None) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date. None for anything else, whoever sent it."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, moment.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
