"""The vendor, or whoever answers at its address."""

from __future__ import annotations

import itertools
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.attack import vendor_answers, vendor_ground
from tests.attack.rows import Outcome, Row, Side, bounded
from tests.attack.vendor_answers import NO_FRAME, NO_PASS, UNKNOWN, Must
from tests.attack.vendor_ground import (
    FRAME,
    REGION_HOST,
    WAYS,
    Judged,
    Serve,
    Vendor,
    Victim,
    Way,
    answering,
    hex_md5,
    json_answer,
    judge,
    stopping,
)
from tests.support.servers import closed_port, http

# A vendor's answer is held in memory a few times over: as bytes, text and objects.
_MOST_MEMORY = 200 * 1024 * 1024


# -- redirects --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Redirect:
    """A redirect of one of our requests.

    Attributes:
        of: `paid`, `created` (CreateUploadUrl), `stored` (the PUT) or `frame` (the GET).
        to: `elsewhere` (another server, plain http), `itself` or `nobody` (a port without server).
    """

    status: int
    of: str
    to: str
    way: str

    @property
    def name(self) -> str:
        asked = {"paid": "the paid call", "created": "CreateUploadUrl", "stored": "an upload",
                 "frame": "a best frame"}[self.of]  # fmt: skip
        return f"{self.way}: {self.status} of {asked} to {self.to}"

    @property
    def must(self) -> Must:
        return {"paid": UNKNOWN, "frame": NO_FRAME}.get(self.of, NO_PASS)


REDIRECTS = (
    *(Redirect(status, "paid", "elsewhere", way)
      for status in (301, 302, 303, 307, 308) for way in ("photo", "CompareFaceLiveness")),
    *(Redirect(307, "paid", "elsewhere", way)
      for way in ("LivenessCompare", "VideoLivenessCompare", "reflect", "silent")),
    *(Redirect(status, "paid", to, way)
      for status in (302, 307) for to in ("itself", "nobody") for way in ("photo", "silent")),
    *(Redirect(307, of, "elsewhere", "reflect") for of in ("created", "stored", "frame")),
)  # fmt: skip


def _redirected(redirect: Redirect) -> Outcome:
    way = WAYS[redirect.way]
    victim = Victim(json_answer(way.answer()))
    with victim.listening():
        nobody = closed_port()

        def away(connection: Any) -> None:
            ports = {"elsewhere": victim.port, "itself": vendor.port, "nobody": nobody}
            url = f"http://127.0.0.1:{ports[redirect.to]}/redirected"
            connection.sendall(http(redirect.status, Location=url))

        passing = _passing_with_frame(way, lambda: vendor)
        vendor = Vendor(passing)
        setattr(vendor, redirect.of, away)
        judged = judge(way, vendor)
    reached = victim.connections
    told = judged.told() + (f"; the other server got {reached}" if reached else "")
    return Outcome(told, redirect.must.holds(judged) and reached == 0)


def _passing_with_frame(way: Way, vendor: Callable[[], Vendor], **urls: str) -> Serve:
    """A passing answer with a best frame in the vendor's own storage, or at `url`."""

    def serve(connection: Any) -> None:
        url = urls.get("url") or str(vendor().own_urls()["ResourceUrl"])
        fields: dict[str, Any] = {}
        if way.name == "reflect":
            fields = {"BestFrameUrl": url, "BestFrameMd5": hex_md5(FRAME)}
        elif way.name == "VideoLivenessCompare":
            fields = {"BestFrame": {"Url": url, "MD5": hex_md5(FRAME)}}
        connection.sendall(json_answer(way.answer(**fields)))

    return serve


# -- URLs that the vendor gives ---------------------------------------------------------------

_HOST = f"x.{REGION_HOST}"
# $PORT is a server of somebody else on 127.0.0.1.
URLS = {
    "plain http to another host": "http://127.0.0.1:$PORT/a",
    "https to another host": "https://127.0.0.1:$PORT/a",
    "a file": "file:///etc/passwd",
    "ftp": "ftp://127.0.0.1:$PORT/a",
    "another region": "https://x.cos.ap-guangzhou.myqcloud.com/a",
    "the region's host as the beginning of another": f"https://{_HOST}.127.0.0.1.invalid:$PORT/a",
    "userinfo that looks like the host": f"https://{_HOST}@127.0.0.1:$PORT/a",
    "userinfo before the right host": f"https://user:pw@{_HOST}:$PORT/a",
    "the host in the fragment": f"https://127.0.0.1:$PORT/#.{_HOST}",
    "the host in the query": f"https://127.0.0.1:$PORT/?.{_HOST}",
    "plain http to COS": f"http://{_HOST}/a",
    "the metadata service": "http://169.254.169.254/latest/meta-data/",
    "empty": "",
    "no URL": "best_frame.jpg",
    "a broken IPv6 host": "https://[::1/a",
    "a port that is none": f"https://{_HOST}:x/a",
    "port 22 of COS": f"https://{_HOST}:22/a",
    "CR and LF": f"https://{_HOST}/a\r\nHost: 127.0.0.1:$PORT",
    "a backslash before @": f"https://127.0.0.1:$PORT\\@{_HOST}/a",
    "a backslash before the host": f"https://127.0.0.1:$PORT\\.{REGION_HOST}/a",
    "a tab in the host": f"https://127.0.0.1:$PORT\t.{_HOST}/a",
    "a space in the host": f"https://127.0.0.1:$PORT .{_HOST}/a",
    "NUL in the host": f"https://127.0.0.1\x00.{_HOST}/a",
    "%2f in the host": f"https://127.0.0.1%2f.{_HOST}/a",
    "the host in letters of full width": f"https://127.0.0.1:$PORT\uff0f.{_HOST}/a",
    "another port of the API's host": f"http://127.0.0.1:$PORT/x.{REGION_HOST}/a",
    "a list for a URL": ["https://evil.example/"],
}


class Asked:
    """Which hosts of URLs were looked for while a row ran; only 127.0.0.1 is found."""

    def __init__(self) -> None:
        self.hosts: list[tuple[str, int]] = []
        self._real = socket.getaddrinfo

    def __enter__(self) -> Asked:
        def looked_for(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
            if host in ("127.0.0.1", b"127.0.0.1"):
                return self._real(host, port, *rest, **more)
            self.hosts.append((str(host), int(port or 0)))
            raise socket.gaierror(socket.EAI_NONAME, "not found")

        socket.getaddrinfo = looked_for
        return self

    def __exit__(self, *exc: object) -> None:
        socket.getaddrinfo = self._real


def _offered(url: Any, port: int) -> Any:
    return url.replace("$PORT", str(port)) if isinstance(url, str) else url


def _frame_at(url: Any) -> Outcome:
    """The vendor's best frame is said to be at this URL."""
    way = WAYS["reflect"]
    with Victim(http(200, FRAME)).listening() as victim, Asked() as asked:
        offered = _offered(url, victim.port)

        def paid(connection: Any) -> None:
            fields = {"BestFrameUrl": offered, "BestFrameMd5": hex_md5(FRAME)}
            connection.sendall(json_answer(way.answer(**fields)))

        judged = judge(way, Vendor(paid))
        return _reached(judged, NO_FRAME, victim, asked)


def _uploaded_to(url: Any) -> Outcome:
    """CreateUploadUrl gives this URL; a face must not go there."""
    way = WAYS["reflect"]
    with Victim(http(200)).listening() as victim, Asked() as asked:
        offered = _offered(url, victim.port)
        vendor = Vendor(answering(json_answer(way.answer())))
        vendor.upload_urls = lambda: {"UploadUrl": offered, "ResourceUrl": offered}
        judged = judge(way, vendor)
        return _reached(judged, NO_PASS, victim, asked)


def _reached(judged: Judged, must: Must, victim: Victim, asked: Asked) -> Outcome:
    reached = victim.connections
    hosts = [f"{host}:{port}" for host, port in asked.hosts]
    told = judged.told()
    told += f"; the other server got {reached}" if reached else ""
    told += f"; asked for {', '.join(hosts)}" if hosts else ""
    return Outcome(told, must.holds(judged) and reached == 0 and not hosts)


def _plain_http_beside_https() -> Outcome:
    """The endpoint is https; a URL of its own host with http must not be followed."""
    from liveproof.secret_documents import VendorKey
    from liveproof.vendors.errors import RelayFailed
    from liveproof.vendors.tencent.api import TencentApi
    from liveproof.vendors.tencent.relay import Relay

    api = TencentApi("https://faceid.invalid", "ap-singapore", lambda: VendorKey("a", "b"))
    url = f"http://faceid.invalid/{_HOST}/a"
    with Asked() as asked:
        try:
            Relay(api).download(url, "0" * 32, 1000, 2)
            told = "downloaded"
        except RelayFailed:
            told = "refused"
    hosts = [f"{host}:{port}" for host, port in asked.hosts]
    return Outcome(f"{told}; asked for {hosts or 'nobody'}", told == "refused" and not hosts)


# -- answers without an end -------------------------------------------------------------------


def drip_head(connection: Any) -> None:
    letters = itertools.chain(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(120))
    stopping(connection, (bytes([each]) for each in letters), 0.2)


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
        packed = zlib.compressobj(6, zlib.DEFLATED, 31)
        part = packed.compress(b" " * 1_000_000)
        for _ in range(megabytes - 1):
            part += packed.compress(b" " * 1_000_000)
        part += packed.flush()
        with suppress(OSError):
            connection.sendall(json_answer(part, Content_Encoding="gzip"))

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


def _endless(endless: Endless) -> Outcome:
    way = WAYS[endless.way]
    vendor = Vendor(_passing_with_frame(way, lambda: vendor))
    setattr(vendor, endless.of, endless.serve)
    tracemalloc.start()
    try:
        judged = judge(
            way, vendor, timeout=1, seconds=8 if endless.of in ("created", "stored") else 120
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    told = f"{judged.told()}; at most {peak // 1_000_000} MB"
    return Outcome(told, endless.must.holds(judged) and peak < _MOST_MEMORY)


# -- frames -----------------------------------------------------------------------------------

_FRAME_BODIES: dict[str, tuple[bytes, bytes]] = {
    "of 0 bytes": (b"", b""),
    "that is HTML": (b"<script>1</script>", b"<script>1</script>"),
    "with another MD5": (FRAME, b"other"),
    "of 11 MB": (FRAME + bytes(11 * 1024 * 1024), FRAME + bytes(11 * 1024 * 1024)),
}


def _frame_of(body: bytes, promised: bytes) -> Outcome:
    way = WAYS["reflect"]

    def paid(connection: Any) -> None:
        url = vendor.own_urls()["ResourceUrl"]
        fields = {"BestFrameUrl": url, "BestFrameMd5": hex_md5(promised)}
        connection.sendall(json_answer(way.answer(**fields)))

    vendor = Vendor(paid, frame=answering(http(200, body)))
    judged = judge(way, vendor)
    return Outcome(f"{judged.told()}; {len(judged.kept)} kept", NO_FRAME.holds(judged))


def _frame_kept() -> Outcome:
    way = WAYS["reflect"]
    vendor = Vendor(_passing_with_frame(way, lambda: vendor))
    judged = judge(way, vendor)
    right = judged.decision == "passed" and judged.kept == (FRAME,)
    return Outcome(f"{judged.told()}; {len(judged.kept)} kept", right)


# -- the table --------------------------------------------------------------------------------


def _tables() -> Iterator[Row]:
    yield from vendor_answers.ROWS
    for redirect in REDIRECTS:
        expected = f"{redirect.must.text}, nothing elsewhere"
        yield bounded(redirect.name, expected, _redirected, redirect)
    for name, url in URLS.items():
        yield bounded(f"best frame at {name}", "nobody is asked, no frame kept", _frame_at, url)
    for name, url in URLS.items():
        yield bounded(f"upload URL: {name}", "nobody is asked, no pass", _uploaded_to, url)
    yield bounded(
        "best frame by http beside an https endpoint", "nobody is asked", _plain_http_beside_https
    )
    for endless in ENDLESS:
        expected = f"{endless.must.text}, within bounds"
        yield bounded(endless.name, expected, _endless, endless, slow=endless.slow)
    yield bounded("best frame, honest", "passed, the frame is kept", _frame_kept)
    for name, (body, promised) in _FRAME_BODIES.items():
        yield bounded(f"best frame {name}", NO_FRAME.text, _frame_of, body, promised)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""
    return tuple(_tables())


SIDE = Side("vendor", "the vendor, or whoever answers at its address", rows, vendor_ground.standing)
