"""Webhooks: how fast one function sends them, what signing costs, endpoints that hang, and deaths.

`rate` compares whole runs of `deliver_result`, with every port but the way to the endpoint in
memory, with a bare client that posts the same bodies. Both make a TLS connection for each, to a
server of this machine that answers at once. A real endpoint is further away: that helps the ratio.

`isolation` and `killed` are on virtual time (`simulator/deliveries.py`): ten thousand deliveries
that are due at once would take this machine as long as it takes a cloud.
"""

from __future__ import annotations

import http.client
import json
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock
from urllib.parse import urlsplit

from bench.delivery.delivery_ports import Sent, bag, decided_verifications
from bench.figure import BenchError, Figure
from liveproof import observability
from liveproof.outbound import connection
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.webhooks.keys import PrivateKey, SecretKey, SigningKey
from liveproof.webhooks.signature import signed_headers
from simulator.deliveries import Backlog, Delivered, deliver
from simulator.plan import Cloud
from tools import ROOT
from tools.certificates import Issued, issue

_ROUNDS, _PER_ROUND = 9, 60
# At least 0.7 of the bare client's webhooks per second, as times.
_SLOWEST = 1 / 0.7
_SIGNATURES = 400
_BACKLOG, _ENDPOINTS, _HANGING = 10_000, 50, 5
_FEWER = 2_000
"""Where functions are killed, and on Tencent Cloud, where SCF starts no more than fifty at once and
tries the others a minute later: what a backlog takes there says little of endpoints."""

_BESIDE_HANGING = 1.2
_KILLED = 1.0
"""Of every run a moment within eight seconds is drawn: four of a hundred are not over by then."""


def measure() -> Iterator[Figure]:
    """The rate, the signatures, and the backlog on both clouds.

    Raises:
        BenchError: a webhook was not taken, or a delivery was lost.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        issued = issue(folder, "127.0.0.1")
        with _server(folder, issued) as url, _trust(issued) as context:
            yield from _sending(url, context)
    yield from on_virtual_time("aws", _BACKLOG, _ENDPOINTS, _HANGING)
    yield from on_virtual_time("tencent", _FEWER, _ENDPOINTS, _HANGING)


def on_virtual_time(cloud: Cloud, count: int, endpoints: int, hanging: int) -> Iterator[Figure]:
    """A backlog with endpoints that hang beside one without them, and one whose runs are killed."""
    healthy = endpoints - hanging
    alone = _all_sent(Backlog(cloud, count * healthy // endpoints, healthy))
    beside = _all_sent(Backlog(cloud, count, endpoints, hanging))
    yield Figure(
        f"deliveries.{cloud}.isolation",
        beside.seconds,
        "s",
        alone.seconds,
        f"virtual time of the deliveries to {healthy} endpoints without the {hanging} that hang",
        _BESIDE_HANGING,
        {
            "deliveries": count,
            "put_off": beside.put_off,
            "most_at_one_that_hangs": beside.most_at_hanging,
        },
    )
    killed = _all_sent(Backlog(cloud, _FEWER, endpoints, hanging, _KILLED))
    sent = _FEWER * healthy // endpoints
    yield Figure(
        f"deliveries.{cloud}.killed",
        sent + killed.duplicates,
        "webhooks",
        sent,
        "deliveries, none of which was lost although functions were killed at random",
        extra={"lost": killed.lost, "duplicates": killed.duplicates, "runs": killed.runs},
    )


def _all_sent(backlog: Backlog) -> Delivered:
    delivered = deliver(backlog)
    if delivered.lost:
        raise BenchError(f"{backlog.cloud}: {delivered.lost} deliveries were lost")
    return delivered


def _sending(url: str, context: ssl.SSLContext) -> Iterator[Figure]:
    ours, bare = _webhooks_per_second(url, context)
    yield Figure(
        "deliveries.rate",
        1000 / ours,
        "ms",
        1000 / bare,
        "a POST of the same body by http.client",
        _SLOWEST,
        {"per_second": ours, "bare_per_second": bare},
    )
    post = 1000 / bare
    for name, keys in _KEYS.items():
        yield Figure(
            f"deliveries.signing.{name}",
            _signing_ms(keys),
            "ms",
            post,
            "the bare POST; the value is what the signatures add to a webhook",
        )


_KEYS: dict[str, list[SigningKey]] = {
    "v1": [SecretKey(bytes(32))],
    "v1a_and_v1": [PrivateKey(bytes(range(32))), SecretKey(bytes(32))],
}


def _signing_ms(keys: list[SigningKey]) -> float:
    body = json.dumps({"data": "x" * 700}).encode()
    signed_headers(keys, "msg_1", 1, body)  # imports what it needs
    began = time.perf_counter()
    for number in range(_SIGNATURES):
        signed_headers(keys, f"msg_{number}", number, body)
    return (time.perf_counter() - began) * 1000 / _SIGNATURES


def _webhooks_per_second(url: str, context: ssl.SSLContext) -> tuple[float, float]:
    """Ours and the bare client's, each the median of rounds that take turns."""
    observability.logger.setLevel("CRITICAL")
    rounds = [_round(url, context) for _ in range(_ROUNDS)]
    ours, bare = zip(*rounds, strict=True)
    return statistics.median(ours), statistics.median(bare)


def _round(url: str, context: ssl.SSLContext) -> tuple[float, float]:
    verifications = decided_verifications(_PER_ROUND)
    dependencies, sent = bag(verifications, url)
    deadline = dependencies.clock.now() + 60_000
    began = time.perf_counter()
    for verification in verifications:
        deliver_result(dependencies, verification.id, deadline)
    ours = time.perf_counter() - began
    taken = sum(webhook.status == 200 for webhook in sent)
    if taken != _PER_ROUND:
        raise BenchError(f"{taken} of {_PER_ROUND} webhooks were taken")
    began = time.perf_counter()
    for webhook in sent:
        _post(urlsplit(url).netloc, context, webhook)
    return _PER_ROUND / ours, _PER_ROUND / (time.perf_counter() - began)


def _post(host: str, context: ssl.SSLContext, webhook: Sent) -> None:
    """What a client does at least: connect, send, read the answer, close."""
    connected = http.client.HTTPSConnection(host, timeout=15, context=context)
    try:
        headers = {**webhook.headers, "Content-Type": "application/json"}
        connected.request("POST", "/", webhook.body, headers)
        answer = connected.getresponse()
        answer.read(1024)
    finally:
        connected.close()
    if answer.status != 200:
        raise BenchError(f"the server answered {answer.status}")


@contextmanager
def _server(folder: Path, issued: Issued) -> Iterator[str]:
    """A server in its own process that answers every POST at once, by TLS."""
    answer = folder / "answer.json"
    answer.write_text("{}", encoding="utf-8")
    command = [sys.executable, "-m", "bench.bare_server", str(answer)]
    command += ["--tls", str(issued.certificate), str(issued.key)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            yield str(json.loads(line)["url"])
        finally:
            process.terminate()


@contextmanager
def _trust(issued: Issued) -> Iterator[ssl.SSLContext]:
    """Ours and the bare client take the server's certificate."""
    with mock.patch.object(connection, "authorities_path", return_value=issued.authority):
        yield ssl.create_default_context(cafile=issued.authority)
