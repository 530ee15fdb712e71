"""Answers of the vendor that have no end, or no size that a function could hold."""

from __future__ import annotations

import itertools
import tracemalloc
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.attack.rows import Outcome
from tests.attack.vendor_addresses import passing_with_frame
from tests.attack.vendor_answers import NO_FRAME, NO_PASS, UNKNOWN, Must
from tests.attack.vendor_ground import (
    WAYS,
    Serve,
    Vendor,
    json_answer,
    judge,
    stopping,
)
from tests.support.bombs import gzip_bomb

_MOST_MEMORY = 200 * 1024 * 1024


def drip_head(connection: Any) -> None:
    letters = itertools.chain(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(120))
    stopping(connection, (bytes([letter]) for letter in letters), 0.2)


def drip_body(connection: Any) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    stopping(connection, itertools.repeat(b" "), 0.2)


def drip_continue(connection: Any) -> None:
    stopping(connection, itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), 0.05)


def say_nothing(connection: Any) -> None:
    with suppress(OSError):
        connection.recv(1)


def many_headers(connection: Any) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(2_000_000):
            connection.sendall(b"X-%d: y\r\n" % number)


def endless_body(connection: Any) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        part = b" " * 65_536
        for _ in range(16_000):  # 1 GB
            connection.sendall(part)


def bomb(megabytes: int) -> Serve:
    """Spaces, compressed to a thousandth, before a good answer."""

    def serve(connection: Any) -> None:
        with suppress(OSError):
            packed = gzip_bomb(megabytes, b" ")
            connection.sendall(json_answer(packed, Content_Encoding="gzip"))

    return serve


@dataclass(frozen=True)
class Endless:
    """An answer that does not end, or not soon, to one kind of request."""

    name: str
    serve: Serve
    way: str
    of: str = "paid"
    slow: bool = False

    @property
    def must(self) -> Must:
        return {"paid": UNKNOWN, "frame": NO_FRAME}.get(self.of, NO_PASS)


_DRIPS: dict[str, Serve] = {
    "its head byte by byte": drip_head,
    "its body byte by byte": drip_body,
    "100 Continue without end": drip_continue,
    "no answer": say_nothing,
}
_FLOODS: dict[str, Serve] = {
    "2 000 000 headers": many_headers,
    "a body of 1 GB": endless_body,
    "a gzip bomb of 300 MB": bomb(300),
}
ENDLESS = (
    *(Endless(f"{way}: {name}", serve, way)
      for name, serve in _DRIPS.items() for way in ("photo", "silent")),
    *(Endless(f"reflect: CreateUploadUrl, {name}", serve, "reflect", "created")
      for name, serve in _DRIPS.items()),
    *(Endless(f"reflect: an upload, {name}", serve, "reflect", "stored", slow=True)
      for name, serve in _DRIPS.items()),
    *(Endless(f"reflect: a best frame, {name}", serve, "reflect", "frame", slow=True)
      for name, serve in _DRIPS.items()),
    *(Endless(f"{way}: {name}", serve, way)
      for name, serve in _FLOODS.items() for way in ("photo", "silent")),
    *(Endless(f"reflect: a best frame, {name}", serve, "reflect", "frame")
      for name, serve in _FLOODS.items()),
)  # fmt: skip


def endless_outcome(endless: Endless) -> Outcome:
    way = WAYS[endless.way]
    vendor = Vendor(passing_with_frame(way, lambda: vendor))
    setattr(vendor, endless.of, endless.serve)
    tracemalloc.start()
    try:
        judged = judge(
            way, vendor, timeout=1, seconds=8 if endless.of in ("created", "stored") else 120
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    summary = f"{judged.summary()}; at most {peak // 1_000_000} MB"
    return Outcome(summary, endless.must.holds(judged) and peak < _MOST_MEMORY)
