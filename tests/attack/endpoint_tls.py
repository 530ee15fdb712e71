"""Certificates and handshakes of a webhook endpoint."""

from __future__ import annotations

import datetime
import socket
import ssl
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from liveproof.outbound import connection
from tests.attack.endpoint_answers import raw
from tests.attack.endpoint_ground import Received, keeping, result, send
from tests.attack.endpoint_network import Network
from tests.attack.rows import Outcome
from tests.support.servers import closed_port, http, serving
from tools.local.cloud import LocalCloud


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


def tls_outcome(secured: Secured, ground: Ground) -> Outcome:
    received: Received = []
    with (
        serving(keeping(received, http(204)), ground.chains[secured.chain]) as server,
        mock.patch.object(connection, "authorities_path", return_value=ground.authorities),
        Network([("127.0.0.1",)], server.port),
        mock.patch.object(socket, "getaddrinfo", _everything_here),
    ):
        response = send(f"https://{secured.host}:{server.port}/", public_only=False)
    got = response.status if response.status is not None else response.error
    return Outcome(result(response), got in secured.ends)


def _everything_here(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def plain_server() -> Outcome:
    with serving(raw(http(200))) as server:
        response = send(f"https://127.0.0.1:{server.port}/", public_only=False)
    return Outcome(result(response), response.status is None)


def no_server() -> Outcome:
    response = send(f"http://127.0.0.1:{closed_port()}/", public_only=False)
    return Outcome(result(response), response.error == "not_connected")


def handshake() -> Outcome:
    with serving(_take_all) as server:
        response = send(f"https://127.0.0.1:{server.port}/", public_only=False, total=1)
        server.ended.set()
    return Outcome(result(response), response.error == "timed_out")


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
            alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
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
