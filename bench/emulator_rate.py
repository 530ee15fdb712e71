"""Calls per second that the emulator judges, beside an aiohttp server that says the same at once.

A call is what it is for an application: signature checked, files fetched over HTTP and their MD5
proven (or taken from base64), photo and film decoded, a best frame made, kept and signed. The
limiter is raised, not left out.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.figure import BenchError, Figure
from liveproof.clouds.object_stream import ObjectStream
from liveproof.secret_documents import VendorKey
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.relay import Relay
from liveproof_emulator import testing
from liveproof_emulator.api import tc3
from liveproof_emulator.api.request import RawRequest
from tools import BUILD, ROOT, http_client
from tools.processes import Child, clean_environment

_REGION = "ap-singapore"
# More than one process can serve: the limiter counts, and never says no.
_UNLIMITED = 1_000_000
_ROUNDS, _ROUND_SECONDS, _AT_ONCE = 3, 1.0, 8
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class _Request:
    """A signed call that may be sent again and again: a signature is valid for five minutes."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class _Subject:
    """An action, and the files that it is given: by URL with their MD5, or in base64."""

    name: str
    action: str
    service: str
    version: str
    by_url: Mapping[str, Callable[[], bytes]]
    inline: Mapping[str, Callable[[], bytes]]
    other: Mapping[str, str]


_SUBJECTS = (
    _Subject(
        "reflect",
        "DetectReflectLivenessAndCompare",
        "faceid",
        "2018-03-01",
        {"LiveData": testing.live_data, "Image": testing.photo},
        {},
        {},
    ),
    _Subject(
        "video",
        "VideoLivenessCompare",
        "faceid",
        "2018-03-01",
        {"Video": testing.video, "Image": testing.photo},
        {},
        {"LivenessType": "SILENT"},
    ),
    _Subject(
        "photo", "DetectLiveFaceAccurate", "iai", "2020-03-03", {}, {"Image": testing.photo}, {}
    ),
)


def measure() -> Iterator[Figure]:
    """One figure per action; higher is better.

    Raises:
        BenchError: a call was not answered with a verdict.
    """
    logs = BUILD / "bench"
    limits = [f"--calls-per-second={subject.action}={_UNLIMITED}" for subject in _SUBJECTS]
    with ExitStack() as stack:
        child, vendor = _start(
            stack, "emulator", ["-m", "liveproof_emulator", *limits], logs / "emulator.log"
        )
        for subject in _SUBJECTS:
            yield _measure(subject, vendor, logs)
        child.require_running()


def _measure(subject: _Subject, vendor: dict[str, Any], logs: Path) -> Figure:
    request = _signed_call(subject, vendor)
    answer = http_client.request("POST", request.url, request.headers, request.body).body
    _require_verdict(200, answer)
    same = logs / "answer.json"
    same.write_bytes(answer)
    with ExitStack() as stack:
        child, bare = _start(
            stack, "bare server", ["-m", "bench.bare_server", str(same)], logs / "bare.log"
        )
        rates = asyncio.run(_rates(request, bare["url"]))
        child.require_running()
    return Figure(
        f"emulator_rate.{subject.name}",
        statistics.median(rates[0]),
        "calls/s",
        statistics.median(rates[1]),
        "a bare aiohttp endpoint with the same JSON",
    )


def _require_verdict(status: int, answer: bytes) -> None:
    if status != 200 or b'"Error"' in answer or b"FailedOperation" in answer:
        raise BenchError(f"HTTP {status}: {answer[:300]!r}")


def _start(
    stack: ExitStack, name: str, arguments: list[str], log: Path
) -> tuple[Child, dict[str, Any]]:
    """The running program, and the document that is its first line."""
    log.unlink(missing_ok=True)
    environment = clean_environment({"PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"})
    command = [sys.executable, *arguments]
    child = stack.enter_context(Child(name, command, log, environment, ROOT, read_stdout=True))
    return child, json.loads(child.first_line(_TIMEOUT_SECONDS))


def _signed_call(subject: _Subject, vendor: dict[str, Any]) -> _Request:
    """Uploads the files that the call names, and signs it."""
    key = VendorKey(vendor["secret_id"], vendor["secret_key"])
    relay = Relay(TencentApi(vendor["url"], _REGION, lambda: key))
    parameters = dict(subject.other)
    for name, make in subject.by_url.items():
        data = make()
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        stream = ObjectStream(io.BytesIO(data), len(data), md5, OSError)
        parameters[f"{name}Url"] = relay.upload(subject.action, stream, md5, _TIMEOUT_SECONDS)
        parameters[f"{name}Md5"] = md5
    for name, make in subject.inline.items():
        parameters[name] = base64.b64encode(make()).decode("ascii")
    body = json.dumps(parameters).encode()
    now = int(time.time())
    headers = {
        "Host": urlsplit(vendor["url"]).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-TC-Action": subject.action,
        "X-TC-Version": subject.version,
        "X-TC-Region": _REGION,
        "X-TC-Timestamp": str(now),
    }
    headers["Authorization"] = _authorization(vendor, subject.service, headers, body, now)
    del headers["Host"]  # every HTTP client sends its own
    return _Request(vendor["url"] + "/", headers, body)


def _authorization(
    vendor: dict[str, Any], service: str, headers: dict[str, str], body: bytes, now: int
) -> str:
    date = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d")
    names = ("content-type", "host")
    arrived = RawRequest("POST", "", {name.lower(): v for name, v in headers.items()}, body)
    signature = tc3.sign(arrived, vendor["secret_key"], date, service, names, headers["Host"])
    return (
        f"{tc3.ALGORITHM} Credential={vendor['secret_id']}/{date}/{service}/tc3_request, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )


async def _rates(request: _Request, bare: str) -> tuple[list[float], list[float]]:
    """Calls per second of rounds that alternate between the two servers."""
    rates: tuple[list[float], list[float]] = ([], [])
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for _ in range(_ROUNDS):
            for url, side in ((request.url, rates[0]), (bare + "/", rates[1])):
                side.append(await _rate(session, url, request))
    return rates


async def _rate(session: aiohttp.ClientSession, url: str, request: _Request) -> float:
    started = time.perf_counter()

    async def caller() -> int:
        calls = 0
        while time.perf_counter() - started < _ROUND_SECONDS:
            async with session.post(url, data=request.body, headers=request.headers) as reply:
                answer = await reply.read()
            _require_verdict(reply.status, answer)
            calls += 1
        return calls

    calls = sum(await asyncio.gather(*(caller() for _ in range(_AT_ONCE))))
    return calls / (time.perf_counter() - started)
