"""Redirects, and URLs that the vendor gives: whom they must not lead to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.attack.rows import Outcome
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
)
from tests.support.servers import closed_port, http


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
        origin = {"paid": "the paid call", "created": "CreateUploadUrl", "stored": "an upload",
                 "frame": "a best frame"}[self.of]  # fmt: skip
        return f"{self.way}: {self.status} of {origin} to {self.to}"

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


def redirected(redirect: Redirect) -> Outcome:
    way = WAYS[redirect.way]
    victim = Victim(json_answer(way.answer()))
    with victim.listening():
        nobody = closed_port()

        def away(connection: Any) -> None:
            ports = {"elsewhere": victim.port, "itself": vendor.port, "nobody": nobody}
            url = f"http://127.0.0.1:{ports[redirect.to]}/redirected"
            connection.sendall(http(redirect.status, Location=url))

        passing = passing_with_frame(way, lambda: vendor)
        vendor = Vendor(passing)
        setattr(vendor, redirect.of, away)
        judged = judge(way, vendor)
    reached = victim.connections
    summary = judged.summary() + (f"; the other server got {reached}" if reached else "")
    return Outcome(summary, redirect.must.holds(judged) and reached == 0)


def passing_with_frame(way: Way, vendor: Callable[[], Vendor], **urls: str) -> Serve:
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


class Lookups:
    """Which hosts of URLs were looked for while a row ran; only 127.0.0.1 is found."""

    def __init__(self) -> None:
        self.hosts: list[tuple[str, int]] = []
        self._real = socket.getaddrinfo

    def __enter__(self) -> Lookups:
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


def frame_at(url: Any) -> Outcome:
    """The vendor's best frame is said to be at this URL."""
    way = WAYS["reflect"]
    with Victim(http(200, FRAME)).listening() as victim, Lookups() as lookups:
        offered = _offered(url, victim.port)

        def paid(connection: Any) -> None:
            fields = {"BestFrameUrl": offered, "BestFrameMd5": hex_md5(FRAME)}
            connection.sendall(json_answer(way.answer(**fields)))

        judged = judge(way, Vendor(paid))
        return _reached(judged, NO_FRAME, victim, lookups)


def uploaded_to(url: Any) -> Outcome:
    """CreateUploadUrl gives this URL; a face must not go there."""
    way = WAYS["reflect"]
    with Victim(http(200)).listening() as victim, Lookups() as lookups:
        offered = _offered(url, victim.port)
        vendor = Vendor(answering(json_answer(way.answer())))
        vendor.upload_urls = lambda: {"UploadUrl": offered, "ResourceUrl": offered}
        judged = judge(way, vendor)
        return _reached(judged, NO_PASS, victim, lookups)


def _reached(judged: Judged, must: Must, victim: Victim, lookups: Lookups) -> Outcome:
    reached = victim.connections
    hosts = [f"{host}:{port}" for host, port in lookups.hosts]
    summary = judged.summary()
    summary += f"; the other server got {reached}" if reached else ""
    summary += f"; asked for {', '.join(hosts)}" if hosts else ""
    return Outcome(summary, must.holds(judged) and reached == 0 and not hosts)


def plain_http_beside_https() -> Outcome:
    """The endpoint is https; a URL of its own host with http must not be followed."""
    from liveproof.secret_documents import VendorKey
    from liveproof.vendors.errors import RelayFailed
    from liveproof.vendors.tencent.api import TencentApi
    from liveproof.vendors.tencent.relay import Relay

    api = TencentApi("https://faceid.invalid", "ap-singapore", lambda: VendorKey("a", "b"))
    url = f"http://faceid.invalid/{_HOST}/a"
    with Lookups() as lookups:
        try:
            Relay(api).download(url, "0" * 32, 1000, 2)
            result = "downloaded"
        except RelayFailed:
            result = "refused"
    hosts = [f"{host}:{port}" for host, port in lookups.hosts]
    return Outcome(f"{result}; asked for {hosts or 'nobody'}", result == "refused" and not hosts)
