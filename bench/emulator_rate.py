"""Calls per second that the emulator judges, beside an aiohttp server that says the same at once.

A call is what it is for an application: signature checked, both files fetched over HTTP, their MD5
proven, the photo decoded, a best frame drawn, kept and signed. The limiter is raised, not left out.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from botocore.response import StreamingBody

from bench.figure import BenchError, Figure
from emulator import tc3, testing
from liveproof.clouds.aws.bucket import S3Stream
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.relay import Relay
from local import BUILD, ROOT, client
from local.processes import Child, clean_environment

_ACTION, _VERSION, _REGION = "DetectReflectLivenessAndCompare", "2018-03-01", "ap-singapore"
# More than one process can serve: the limiter counts, and never says no.
_UNLIMITED = 1_000_000
_ROUNDS, _ROUND_SECONDS, _AT_ONCE = 5, 1.0, 8
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class _Request:
    """A signed call that may be sent again and again: a signature is valid for five minutes."""

    url: str
    headers: dict[str, str]
    body: bytes


class _OneSecret:
    """The Secrets port over one document."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def get(self, name: str) -> bytes:
        return self._text


def measure() -> Iterator[Figure]:
    """One figure; higher is better.

    Raises:
        BenchError: a call was not answered with Success.
    """
    logs = BUILD / "bench"
    with ExitStack() as stack:
        vendor_child, vendor = _started(
            stack,
            "emulator",
            ["-m", "emulator", "--calls-per-second", f"{_ACTION}={_UNLIMITED}"],
            logs / "emulator.log",
        )
        request = _signed_call(vendor)
        answer = client.request("POST", request.url, request.headers, request.body).body
        if json.loads(answer)["Response"].get("Result") != "Success":
            raise BenchError(f"the emulator answered {answer.decode()[:300]}")
        same = logs / "answer.json"
        same.write_bytes(answer)
        bare_child, bare = _started(
            stack, "bare server", ["-m", "bench.bare_server", str(same)], logs / "bare.log"
        )
        rates = asyncio.run(_rates(request, bare["url"], len(answer)))
        for child in (vendor_child, bare_child):
            child.require_running()
    yield Figure(
        "emulator_rate.reflect",
        statistics.median(rates[0]),
        "calls/s",
        statistics.median(rates[1]),
        "a bare aiohttp endpoint with the same JSON",
    )


def _started(
    stack: ExitStack, name: str, arguments: list[str], log: Path
) -> tuple[Child, dict[str, Any]]:
    """The running program, and the document that is its first line."""
    log.unlink(missing_ok=True)
    environment = clean_environment({"PYTHONPATH": f"{ROOT / 'layers'}:{ROOT}"})
    command = [sys.executable, *arguments]
    child = stack.enter_context(Child(name, command, log, environment, ROOT, read_stdout=True))
    return child, json.loads(child.first_line(_TIMEOUT_SECONDS))


def _signed_call(vendor: dict[str, Any]) -> _Request:
    """Uploads both files and signs the call that names them."""
    pair = {name: vendor[name] for name in ("secret_id", "secret_key")}
    relay = Relay(TencentApi(vendor["url"], _REGION, _OneSecret(json.dumps(pair).encode()), "key"))
    parameters = {}
    for name, data in (("LiveData", testing.live_data()), ("Image", testing.photo())):
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        stream = S3Stream(StreamingBody(io.BytesIO(data), len(data)), len(data))
        parameters[f"{name}Url"] = relay.upload(_ACTION, stream, md5, _TIMEOUT_SECONDS)
        parameters[f"{name}Md5"] = md5
    body = json.dumps(parameters).encode()
    now = int(time.time())
    headers = {
        "Host": urlsplit(vendor["url"]).netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-TC-Action": _ACTION,
        "X-TC-Version": _VERSION,
        "X-TC-Region": _REGION,
        "X-TC-Timestamp": str(now),
    }
    headers["Authorization"] = _authorization(vendor, headers, body, now)
    del headers["Host"]  # every HTTP client sends its own
    return _Request(vendor["url"] + "/", headers, body)


def _authorization(vendor: dict[str, Any], headers: dict[str, str], body: bytes, now: int) -> str:
    date = datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%d")
    names = ("content-type", "host")
    arrived = tc3.Arrived("POST", "", {name.lower(): v for name, v in headers.items()}, body)
    signature = tc3.sign(arrived, vendor["secret_key"], date, "faceid", names, headers["Host"])
    return (
        f"{tc3.ALGORITHM} Credential={vendor['secret_id']}/{date}/faceid/tc3_request, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )


async def _rates(request: _Request, bare: str, size: int) -> tuple[list[float], list[float]]:
    """Calls per second of rounds that alternate between the two servers."""
    found: tuple[list[float], list[float]] = ([], [])
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for _ in range(_ROUNDS):
            for url, rates in ((request.url, found[0]), (bare + "/", found[1])):
                rates.append(await _rate(session, url, request, size))
    return found


async def _rate(session: aiohttp.ClientSession, url: str, request: _Request, size: int) -> float:
    started = time.perf_counter()

    async def caller() -> int:
        calls = 0
        while time.perf_counter() - started < _ROUND_SECONDS:
            async with session.post(url, data=request.body, headers=request.headers) as reply:
                answer = await reply.read()
            # An error is much shorter than a verdict with its best frame's URL.
            if reply.status != 200 or abs(len(answer) - size) > size // 4:
                raise BenchError(f"HTTP {reply.status}: {answer[:300]!r}")
            calls += 1
        return calls

    calls = sum(await asyncio.gather(*(caller() for _ in range(_AT_ONCE))))
    return calls / (time.perf_counter() - started)
