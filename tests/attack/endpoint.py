"""A webhook endpoint, or whoever chose its URL or answers for its name."""

from __future__ import annotations

import datetime
import gzip
import itertools
import socket
import ssl
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from liveproof.clock import SystemClock
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import webhook_schedule
from liveproof.webhooks.sender import HttpWebhookSender
from tests.attack.endpoint_urls import ANSWERS, LITERALS, REFUSED, REQUEST_LINES
from tests.attack.rows import Outcome, Row, Side, bounded
from tests.attack.vendor_ground import stopping
from tests.support.servers import closed_port, http, read_request, serving
from tools.local.cloud import LocalCloud

_NOT_SENT = ("url_not_https", "url_unusable", "name_not_resolved", "address_not_public")
_NAME = "hook.example"
Serve = Callable[[Any], None]
Received = list[bytes]


def send(
    url: str, *, public_only: bool, total: float = 2, seconds_left: float = 60
) -> WebhookResponse:
    """One webhook by the real sender."""
    schedule = replace(webhook_schedule(), connect_timeout_seconds=1, total_timeout_seconds=total)
    sender = HttpWebhookSender(schedule, SystemClock(), public_only=public_only)
    return sender.send(url, {"webhook-id": "msg_1"}, b'{"a": 1}', seconds_left)


def told(response: WebhookResponse) -> str:
    return str(response.status or response.error)


# -- what is never sent -----------------------------------------------------------------------


class Network:
    """The machine's network, played: what is looked up and connected to while a row runs.

    Args:
        answers: the addresses of each lookup of `hook.example`, in order; the last stays. None:
            names are looked up for real.
        through: the port on 127.0.0.1 that every connection is led to; None: none succeeds.
        dead: addresses that take no connection.
    """

    def __init__(
        self,
        answers: Sequence[Sequence[str]] | None = None,
        through: int | None = None,
        dead: Sequence[str] = (),
    ) -> None:
        self.lookups = 0
        self.connected: list[str] = []
        self._answers = answers
        self._through, self._dead = through, dead
        self._getaddrinfo, self._connect = socket.getaddrinfo, socket.create_connection
        self._patches = ExitStack()

    def _look_up(self, host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if self._answers is None or host not in (_NAME, _NAME.encode()):
            return self._getaddrinfo(host, port, *rest, **more)
        answer = self._answers[min(self.lookups, len(self._answers) - 1)]
        self.lookups += 1
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        found = []
        for address in answer:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            where = (address, port, 0, 0) if ":" in address else (address, port)
            found.append((family, socket.SOCK_STREAM, 6, "", where))
        return found

    def _connection(self, address: Any, timeout: Any = None, *rest: Any, **more: Any) -> Any:
        self.connected.append(str(address[0]))
        if self._through is None or address[0] in self._dead:
            raise ConnectionRefusedError
        return self._connect(("127.0.0.1", self._through), timeout)

    def __enter__(self) -> Network:
        self._patches.enter_context(mock.patch.object(socket, "getaddrinfo", self._look_up))
        self._patches.enter_context(
            mock.patch.object(socket, "create_connection", self._connection)
        )
        return self

    def __exit__(self, *exc: object) -> None:
        self._patches.close()


def _refused(url: str) -> Outcome:
    with Network() as network:
        response = send(url, public_only=True)
    reached = f", connected to {network.connected}" if network.connected else ""
    right = response.status is None and response.error in _NOT_SENT
    return Outcome(told(response) + reached, right and not network.connected)


def _resolved(addresses: Sequence[str], allowed: bool) -> Outcome:
    with Network([addresses]) as network:
        response = send(f"https://{_NAME}/", public_only=True)
    where = ", ".join(dict.fromkeys(network.connected)) or "nobody"
    right = set(network.connected) <= set(addresses) and bool(network.connected) == allowed
    return Outcome(f"{told(response)}, connected to {where}", right)


def _rebound() -> Outcome:
    with Network([("93.184.216.34",), ("127.0.0.1",)]) as network:
        send(f"https://{_NAME}/", public_only=True)
    right = network.lookups == 1 and network.connected == ["93.184.216.34"]
    return Outcome(f"{network.lookups} lookups, connected to {network.connected}", right)


def _second_address() -> Outcome:
    received: Received = []
    with (
        serving(_keeping(received, http(204))) as server,
        Network([("192.0.2.1", "192.0.2.2")], server.port, dead=["192.0.2.1"]),
    ):
        response = send(f"http://{_NAME}/", public_only=False)
    return Outcome(told(response), response.status == 204)


def _slow_name() -> Outcome:
    real = socket.getaddrinfo

    def slow(host: Any, *rest: Any, **more: Any) -> Any:
        if host in (_NAME, _NAME.encode()):
            time.sleep(10)
        return real(host, *rest, **more)

    began = time.monotonic()
    with mock.patch.object(socket, "getaddrinfo", slow):
        response = send(f"http://{_NAME}/", public_only=False, total=1)
    waited = time.monotonic() - began
    return Outcome(f"{told(response)}, {waited:.0f} s", response.status is None and waited < 8)


def _literal(url: str, authority: str) -> Outcome:
    """An address in the URL is connected to and named in Host."""
    received: Received = []
    with serving(_keeping(received, http(204))) as server, Network(None, server.port) as network:
        response = send(url, public_only=False)
    hosts = [line for request in received for line in request.split(b"\r\n") if b"Host:" in line]
    named = hosts == [f"Host: {authority}".encode()]
    return Outcome(
        f"{told(response)}, connected to {network.connected}", response.status == 204 and named
    )


# -- what an endpoint answers -----------------------------------------------------------------


def _keeping(received: Received, answer: bytes) -> Serve:
    def serve(connection: Any) -> None:
        received.append(read_request(connection))
        connection.sendall(answer)

    return serve


def raw(answer: bytes) -> Serve:
    """Reads the request and answers these bytes."""

    def serve(connection: Any) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(answer)

    return serve


def _after_request(work: Serve) -> Serve:
    def serve(connection: Any) -> None:
        read_request(connection)
        with suppress(OSError):
            work(connection)

    return serve


def _endless(head: bytes, part: bytes, every: float = 0.0, times: int = 4000) -> Serve:
    def work(connection: Any) -> None:
        parts = itertools.chain([head], itertools.repeat(part, times))
        if every:
            stopping(connection, parts, every)
            return
        for each in parts:
            connection.sendall(each)

    return _after_request(work)


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_MB = b"x" * 1_000_000


@dataclass(frozen=True)
class Answered:
    """An endpoint's behaviour; `ends`: the statuses and errors that may come of it."""

    name: str
    serve: Serve
    ends: tuple[int | str, ...]


ANSWERED = (
    *(Answered(f"status {status}", raw(http(status)), (status,))
      for status in (200, 204, 299, 301, 302, 303, 304, 307, 308, 400, 410, 429, 500, 503)),
    Answered("102 before 204", raw(b"HTTP/1.1 102 Processing\r\n\r\n" + http(204)), (204,)),
    Answered("103 before 204",
             raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + http(204)), (204,)),
    Answered("100 before 204", raw(b"HTTP/1.1 100 Continue\r\n\r\n" + http(204)), (204,)),
    Answered("101 and nothing", raw(b"HTTP/1.1 101 Switching\r\n\r\n"), (101, "no_answer")),
    Answered("its status byte by byte", _endless(b"", b"HTTP/1.1 200 OK"[:1], 0.1),
             ("timed_out", "no_answer")),
    Answered("its headers byte by byte", _endless(_OK + b"X: ", b"x", 0.1), ("timed_out",)),
    Answered("its body byte by byte", _endless(_OK + b"\r\n", b"x", 0.1), (200, "timed_out")),
    Answered("100 Continue without end", _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
             ("timed_out", "no_answer")),
    Answered("103 without end", _endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.01),
             ("timed_out", "no_answer")),
    Answered("nothing at all", lambda connection: connection.recv(100_000) and connection.recv(1),
             ("timed_out", "no_answer")),
    Answered("headers without end", _endless(_OK, b"X: y\r\n" * 100), ("no_answer", "timed_out")),
    Answered("one header of 100 MB", _endless(_OK + b"X: ", _MB, times=100),
             ("no_answer", "timed_out")),
    Answered("a body of 1 GB", _endless(_OK + b"\r\n", _MB, times=1000), (200,)),
    Answered("a chunked body of 1 GB", _endless(_CHUNKED, b"f4240\r\n" + _MB + b"\r\n", times=1000),
             (200,)),
    Answered("a chunk of 1 GB in hex", raw(_CHUNKED + b"40000000\r\nx"), (200,)),
    Answered("a chunk's length without end", _endless(_CHUNKED, b"0" * 1000), (200, "no_answer")),
    Answered("chunks that are none", raw(_CHUNKED + b"zz\r\n"), (200, "no_answer")),
    Answered("a gzip bomb",
             raw(http(200, gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")), (200,)),
    Answered("a reason without words", raw(b"HTTP/1.1 200\r\n\r\n"), (200,)),
    Answered("status 999", raw(b"HTTP/1.1 999 X\r\n\r\n"), (999, "no_answer")),
    Answered("status -1", raw(b"HTTP/1.1 -1 X\r\n\r\n"), ("no_answer",)),
    Answered("status 20O", raw(b"HTTP/1.1 20O X\r\n\r\n"), ("no_answer",)),
    Answered("status of arabic digits",
             raw("HTTP/1.1 ٢٠٠ X\r\n\r\n".encode()), ("no_answer",)),
    Answered("status of 36 digits", raw(b"HTTP/1.1 " + b"2" * 36 + b" X\r\n\r\n"), ("no_answer",)),
    Answered("HTTP/9.9", raw(b"HTTP/9.9 200 X\r\n\r\n"), ("no_answer", 200)),
    Answered("no HTTP", raw(b"garbage\r\n\r\n"), ("no_answer",)),
    Answered("a TLS record", raw(b"\x16\x03\x01\x00"), ("no_answer",)),
    Answered("closed at once", raw(b""), ("no_answer",)),
    Answered("Content-Length -5", raw(_OK + b"Content-Length: -5\r\n\r\n"), (200, "no_answer")),
    Answered("Content-Length of 12 digits", raw(_OK + b"Content-Length: 999999999999\r\n\r\n"),
             (200, "no_answer")),
    Answered("a header with NUL", raw(_OK + b"X: \x00\r\n\r\n"), (200, "no_answer")),
)  # fmt: skip

RETRY_AFTER = (
    "120", "-5", "1e9", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 1 23:59:59 +9999",
    "Mon, 32 Foo 2020", "\xff\xfe", "0", "Thu, 01 Jan 99999999999999999999", ",,,", '"((((((((((',
    "nan", "inf", "Wed, 21 Oct 2015 07:28:00 -9999",
)  # fmt: skip


def _answered(answered: Answered) -> Outcome:
    with serving(answered.serve) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook", public_only=False)
        server.ended.set()
    got = response.status if response.status is not None else response.error
    return Outcome(told(response), got in answered.ends)


def _redirected(status: int) -> Outcome:
    received: Received = []
    with serving(_keeping(received, http(200))) as victim:
        away = http(status, Location=f"http://127.0.0.1:{victim.port}/")
        with serving(raw(away)) as server:
            response = send(f"http://127.0.0.1:{server.port}/", public_only=False)
    right = response.status == status and not received and not response.accepted
    return Outcome(f"{told(response)}, {len(received)} followed", right)


def _retry_after(value: str) -> Outcome:
    answer = b"HTTP/1.1 503 X\r\nRetry-After: " + value.encode("latin-1") + b"\r\n\r\n"
    with serving(raw(answer)) as server:
        response = send(f"http://127.0.0.1:{server.port}/", public_only=False)
    after = response.retry_after
    return Outcome(
        f"{told(response)}, {after}", response.status == 503 and (after is None or after >= 0)
    )


def _request_line(path: str) -> Outcome:
    received: Received = []
    with serving(_keeping(received, http(204))) as server:
        response = send(f"http://u:p@127.0.0.1:{server.port}{path}", public_only=False)
    if not received:
        return Outcome(told(response), response.error == "url_unusable")
    head = received[0].partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    first = head.split(b"\r\n", 1)[0]
    clean = (
        len(received) == 1 and names.count(b"host") == 1 and b"x-evil" not in names
        and first.count(b" ") == 2 and b"evil.example" not in b"".join(names)
    )  # fmt: skip
    return Outcome(f"{first.decode('latin-1')[:80]}", clean and response.status == 204)


# -- TLS --------------------------------------------------------------------------------------


@dataclass
class Ground:
    """Certificates of an authority of our own.

    Attributes:
        authorities: its certificate's file.
        chains: a server's context by what is right or wrong about it.
    """

    authorities: Path
    chains: dict[str, ssl.SSLContext]


@dataclass(frozen=True)
class Secured:
    """An endpoint over TLS: which certificate it has, and what must come of it."""

    name: str
    chain: str
    ends: tuple[int | str, ...]
    host: str = "localhost"


SECURED = (
    Secured("the right certificate", "right", (204,)),
    Secured(
        "a name with a dot at its end",
        "right",
        (204, "tls_failed", "name_not_resolved"),
        "localhost.",
    ),
    Secured("a wildcard that fits", "wildcard", (204,), "a.hook.example"),
    Secured("a wildcard of one label more", "wildcard", ("tls_failed",), "a.b.hook.example"),
    Secured("another name", "other", ("tls_failed",)),
    Secured("the name only as common name", "common", ("tls_failed",)),
    Secured("self-signed", "self", ("tls_failed",)),
    Secured("expired", "expired", ("tls_failed",)),
    Secured("not yet valid", "early", ("tls_failed",)),
    Secured("TLS 1.1 at most", "old", ("tls_failed",)),
    Secured("TLS 1.2 only", "twelve", (204,)),
)


def _secured(secured: Secured, ground: Ground) -> Outcome:
    received: Received = []
    with (
        serving(_keeping(received, http(204)), ground.chains[secured.chain]) as server,
        mock.patch.object(certifi, "where", return_value=str(ground.authorities)),
        Network([("127.0.0.1",)], server.port),
        mock.patch.object(socket, "getaddrinfo", _everything_here),
    ):
        response = send(f"https://{secured.host}:{server.port}/", public_only=False)
    got = response.status if response.status is not None else response.error
    return Outcome(told(response), got in secured.ends)


def _everything_here(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def _plain_server() -> Outcome:
    with serving(raw(http(200))) as server:
        response = send(f"https://127.0.0.1:{server.port}/", public_only=False)
    return Outcome(told(response), response.status is None)


def _no_server() -> Outcome:
    response = send(f"http://127.0.0.1:{closed_port()}/", public_only=False)
    return Outcome(told(response), response.error == "not_connected")


def _handshake() -> Outcome:
    with serving(_take_all) as server:
        response = send(f"https://127.0.0.1:{server.port}/", public_only=False, total=1)
        server.ended.set()
    return Outcome(told(response), response.error == "timed_out")


def _take_all(connection: Any) -> None:
    while connection.recv(65_536):
        pass


class _Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "attack authority")])
        certificate = self._builder(self._name, self._name, self._key, 0, 10, ()).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.path = folder / "authority.pem"
        self.path.write_bytes(_pem(certificate.sign(self._key, hashes.SHA256())))

    def _builder(
        self,
        name: x509.Name,
        issuer: x509.Name,
        key: Any,
        since: int,
        until: int,
        names: Sequence[str],
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(tz=datetime.timezone.utc)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=since, minutes=-5))
            .not_valid_after(now + datetime.timedelta(days=until))
        )
        if names:
            alternative = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
            made = made.add_extension(alternative, critical=False)
        return made

    def context(
        self,
        names: Sequence[str],
        *,
        common: str = "hook",
        since: int = -1,
        until: int = 2,
        by_itself: bool = False,
    ) -> ssl.SSLContext:
        """A server's context with a certificate; days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        issuer = name if by_itself else self._name
        builder = self._builder(name, issuer, key, since, until, names)
        chain = self._folder / f"{common}-{since}-{until}-{by_itself}-{len(names)}.pem"
        chain.write_bytes(
            _pem(builder.sign(key if by_itself else self._key, hashes.SHA256()))
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@contextmanager
def standing(_cloud: LocalCloud | None) -> Iterator[Ground]:
    """An authority and its certificates."""
    with tempfile.TemporaryDirectory() as folder:
        authority = _Authority(Path(folder))
        old, twelve = authority.context(["localhost"]), authority.context(["localhost"])
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with suppress(ValueError):
            old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # Python warns of servers as old as this one is meant to be.
            warnings.simplefilter("ignore", DeprecationWarning)
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        twelve.maximum_version = ssl.TLSVersion.TLSv1_2
        chains = {
            "right": authority.context(["localhost"]),
            "wildcard": authority.context(["*.hook.example"], common="wildcard"),
            "other": authority.context(["other.example"], common="other"),
            "common": authority.context([], common="localhost"),
            "self": authority.context(["localhost"], common="self", by_itself=True),
            "expired": authority.context(["localhost"], common="expired", since=-9, until=-1),
            "early": authority.context(["localhost"], common="early", since=1, until=9),
            "old": old,
            "twelve": twelve,
        }
        yield Ground(authority.path, chains)


# -- the table --------------------------------------------------------------------------------


def _tables() -> Iterator[Row]:
    for kind, urls in REFUSED.items():
        for url in urls:
            shown = url if len(url) < 70 else f"{url[:40]}... ({len(url)} letters)"
            yield bounded(f"{kind}: {shown!r}", "not sent", _refused, url)
    for name, (addresses, allowed) in ANSWERS.items():
        expected = "connects there alone" if allowed else "not sent"
        yield bounded(f"DNS: {name}", expected, _resolved, addresses, allowed)
    yield bounded("DNS: another answer at a second lookup", "one lookup, that address", _rebound)
    yield bounded("DNS: the first address is dead", "204 from the second", _second_address)
    yield bounded("DNS: an answer after ten seconds", "given up in time", _slow_name)
    for url, authority in LITERALS.items():
        yield bounded(f"IPv6 literal {url}", "204, the same Host", _literal, url, authority)
    for answered in ANSWERED:
        expected = " or ".join(str(each) for each in answered.ends)
        yield bounded(f"answer: {answered.name}", expected, _answered, answered)
    for status in (301, 302, 303, 307, 308):
        name, expected = f"answer: {status} to another server", f"{status}, not followed"
        yield bounded(name, expected, _redirected, status)
    for value in RETRY_AFTER:
        name = f"answer: 503, Retry-After {value[:34]!r}"
        yield bounded(name, "503, at least 0 s or none", _retry_after, value)
    for name, path in REQUEST_LINES.items():
        yield bounded(
            f"URL with {name}", "one request, no header of the URL's", _request_line, path
        )
    for secured in SECURED:
        expected = " or ".join(str(each) for each in secured.ends)
        yield Row(f"TLS: {secured.name}", expected, partial(_secured, secured))
    yield bounded("TLS: a server that speaks none", "no answer", _plain_server)
    yield bounded("TLS: a handshake without end", "timed_out", _handshake)
    yield bounded("nobody listens", "not_connected", _no_server)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""
    return tuple(_tables())


SIDE = Side("endpoint", "a webhook endpoint, or whoever chose its URL or answers for its name",
            rows, standing)  # fmt: skip
