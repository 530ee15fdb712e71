"""Connections for http.client (HTTP/1.1), to chosen addresses, that a deadline can end."""

from __future__ import annotations

import http.client
import re
import select
import socket
import ssl
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from liveproof.outbound.ca_certificates import authorities_path
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import NeverSent
from liveproof.outbound.names import look_up
from liveproof.outbound.urls import Origin

_IDLE_CONNECTIONS = 4


_MAX_HEAD_BYTES = 256 * 1024
"""Of an answer's head and the interim answers before it."""


class _Head:
    """The lines of an answer's head. http.client takes a connection's end for the head's."""

    def __init__(self, lines: BinaryIO) -> None:
        self._lines = lines
        self._left = _MAX_HEAD_BYTES
        self.close = lines.close

    def readline(self, limit: int) -> bytes:
        line = self._lines.readline(limit)
        self._left -= len(line)
        if not line:
            raise http.client.RemoteDisconnected("the connection ended within the head")
        if self._left < 0:
            raise http.client.HTTPException("the head is too large")
        return line


class _Response(http.client.HTTPResponse):
    """An answer by RFC 9110 and 9112, where http.client takes more, or reads otherwise."""

    fp: Any  # None once it is through

    def begin(self) -> None:
        """Read the head; interim answers (RFC 9110, 15.2) are passed over, not 100 alone."""
        connected = self.fp
        self.fp = _Head(connected)
        try:
            super().begin()
            while 100 < self.status < 200 and self.status != http.client.SWITCHING_PROTOCOLS:
                self.headers = None  # type: ignore[assignment]  # http.client's: still to be read
                super().begin()
        finally:
            if self.fp is not None:
                self.fp = connected
        self._require_one_length()

    def _require_one_length(self) -> None:
        """Where the body ends (RFC 9112, 6.3), or HTTPException."""
        if self.length == 0:
            # Nothing follows 204, 304 and answers to HEAD, whatever they announce.
            self.chunked = False
            return
        codings = ",".join(self.headers.get_all("Transfer-Encoding", [])).strip().lower()
        if not self.chunked and codings not in ("", "identity"):
            raise http.client.HTTPException("another Transfer-Encoding than chunked")
        announced = ",".join(self.headers.get_all("Content-Length", []))
        lengths = {length.strip() for length in announced.split(",")} - {""}
        if len(lengths) > 1 or not all(re.fullmatch("[0-9]{1,19}", length) for length in lengths):
            raise http.client.HTTPException("no length, or several")

    def _read_next_chunk_size(self) -> int:
        """http.client takes a negative one, and reads to the connection's end for -1."""
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        if size < 0:
            raise http.client.IncompleteRead(b"")
        return size


class Connection:
    """An open connection.

    Attributes:
        http: speaks HTTP over it; never connects by itself.
        socket: what is read and written.
        handle: the same connection below TLS, for a deadline to shut down.
    """

    def __init__(self, origin: Origin, opened: socket.socket, handle: socket.socket) -> None:
        # Name and port are given apart: http.client would take a host like abcd::ef for a port.
        self.http = http.client.HTTPConnection(origin.host, origin.port)
        self.http.response_class = _Response
        self.http.auto_open = 0
        self.http.sock = opened
        self.socket = opened
        self.handle = handle

    def is_usable(self) -> bool:
        """Whether the server has neither closed it nor said anything since the last answer."""
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        with suppress(OSError):
            self.http.close()
        self.handle.close()


class Pool:
    """Idle connections that are used again. Any thread may take one.

    They are closed when the pool is no longer referred to.
    """

    def __init__(self) -> None:
        self._idle: dict[Origin, deque[Connection]] = {}
        weakref.finalize(self, _close_all, self._idle)

    def take(self, origin: Origin) -> Connection | None:
        """A connection that still looks alive, None without one."""
        idle = self._idle.setdefault(origin, deque())
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                return None
            if connection.is_usable():
                return connection
            connection.close()

    def give(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose last answer was read to its end."""
        idle = self._idle.setdefault(origin, deque())
        if len(idle) < _IDLE_CONNECTIONS:
            idle.append(connection)
        else:
            connection.close()


def _close_all(idle: dict[Origin, deque[Connection]]) -> None:
    for connections in idle.values():
        for connection in connections:
            connection.close()


def connect(
    origin: Origin,
    deadline: Deadline,
    connect_seconds: float,
    addresses: Sequence[str] | None = None,
) -> Connection:
    """Open a connection, to the first address that takes one and proves the host's name.

    Args:
        connect_seconds: for each address, within the deadline.
        addresses: of the host; None: look them up.

    Raises:
        NeverSent: no address does. It says why the last one that was tried does not.
    """
    if addresses is None:
        addresses = look_up(origin.host, origin.port, deadline)
    failure = NeverSent("not_connected")
    for address in addresses:
        if deadline.has_passed:
            raise NeverSent("timed_out")
        try:
            return _connect_to(address, origin, deadline, connect_seconds)
        except NeverSent as failed:
            failure = failed
    raise failure


def _connect_to(
    address: str, origin: Origin, deadline: Deadline, connect_seconds: float
) -> Connection:
    seconds = min(connect_seconds, deadline.left)
    try:
        connected = socket.create_connection((address, origin.port), timeout=seconds)
    except OSError as error:
        timed_out = isinstance(error, TimeoutError)
        raise NeverSent("timed_out" if timed_out else "not_connected") from None
    try:
        # A duplicate: TLS takes the socket's own descriptor away.
        handle = connected.dup()
    except OSError:
        connected.close()
        raise NeverSent("not_connected") from None
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if origin.tls:
            connected = _start_tls(connected, handle, origin.host, deadline)
    except (OSError, ValueError) as error:  # ValueError: a name that TLS cannot have
        connected.close()
        handle.close()
        late = deadline.has_passed or isinstance(error, TimeoutError)
        why = "tls_failed" if isinstance(error, (ssl.SSLError, ValueError)) else "not_connected"
        raise NeverSent("timed_out" if late else why) from None
    return Connection(origin, connected, handle)


@contextmanager
def connected_ahead(origin: Origin, seconds: float) -> Iterator[Connection | None]:
    """A connection for one request that has to leave at a certain time, closed at the end.

    Args:
        seconds: how long opening it may take, from looking up the name.

    Returns:
        None if it could not be opened in that time; the request then opens its own.
    """
    connection = None
    if seconds > 0:
        with suppress(NeverSent):
            connection = connect(origin, Deadline(seconds), seconds)
    try:
        yield connection
    finally:
        if connection is not None:
            connection.close()


def _start_tls(
    connected: socket.socket, handle: socket.socket, host: str, deadline: Deadline
) -> ssl.SSLSocket:
    connected.settimeout(deadline.left)
    cutter = deadline.start_cutter(handle)
    try:
        # A trailing dot says that the name is whole; certificates have none.
        return _tls(authorities_path()).wrap_socket(
            connected, server_hostname=host.removesuffix(".")
        )
    finally:
        cutter.stop()


def prepare_tls() -> None:
    """Make what each TLS connection needs, which the first one would do otherwise."""
    _tls(authorities_path())


@lru_cache(maxsize=4)
def _tls(authorities: Path) -> ssl.SSLContext:
    context = (
        ssl.create_default_context(capath=authorities)
        if authorities.is_dir()
        else ssl.create_default_context(cafile=authorities)
    )
    # RFC 9525, 2: a host is proven by its alternative names. The common name is a label.
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["http/1.1"])
    return context
