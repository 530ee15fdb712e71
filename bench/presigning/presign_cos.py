"""Our presigned COS PUT URLs beside cos-python-sdk-v5's: per URL, and from a fresh interpreter."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench import vendor_sdks
from bench.figure import BenchError, Figure
from bench.interpreters import Program, run_interleaved, run_once
from tools import ROOT
from tools.packaging import wheels

_INPUT: dict[str, Any] = {
    "region": "ap-singapore",
    "bucket": "liveproof-uploads-1250000000",
    "key": "uploads/ver_0123456789abcdefghjkmnpqrs/live_data/abcdefghijklmnopqrstuvwxyz",
    "pair": ["AKIDEXAMPLEEXAMPLEEXAMPLEEXAMPLE0000", "EXAMPLEKEYEXAMPLEKEYEXAMPLEKEY00"],
    "seconds": 900,
    "headers": {
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "Content-Length": "200000",
        "Content-Type": "application/gzip",
        "x-cos-forbid-overwrite": "true",
    },
}
_ROUNDS, _URLS = 31, 300
_COLD_RUNS = 9
_WARM_BASELINE = "cos-python-sdk-v5 get_presigned_url, the same headers"
_COLD_BASELINE = "cos-python-sdk-v5: import, client, first URL"

_OURS = """
from liveproof.clouds.tencent.signature import presign_url
from liveproof.secret_documents import VendorKey
base = "https://" + INPUT["bucket"] + ".cos." + INPUT["region"] + ".myqcloud.com"
secret = VendorKey(*INPUT["pair"])
def ours():
    now = int(time.time() * 1000)
    return presign_url("PUT", base, INPUT["key"], INPUT["headers"], secret, now,
                       now + INPUT["seconds"] * 1000)
"""
# The SDK changes its headers.
_THEIRS = """
from qcloud_cos import CosConfig, CosS3Client
config = CosConfig(Region=INPUT["region"], SecretId=INPUT["pair"][0], SecretKey=INPUT["pair"][1],
                   Scheme="https")
client = CosS3Client(config)
def theirs():
    return client.get_presigned_url(Bucket=INPUT["bucket"], Key=INPUT["key"], Method="PUT",
                                    Expired=INPUT["seconds"], Headers=dict(INPUT["headers"]))
"""
_MARKED = "STARTED = CLOCK()\n{made}RESULT = [{name}()]\nENDED = CLOCK()\n"
# Rounds that alternate, in one interpreter, so that a busy moment meets both.
_ALTERNATING = f"""
{_OURS}
{_THEIRS}
STARTED = ENDED = 0
RESULT = {{"urls": [ours(), theirs()], "times": [[], []]}}
for _ in range(INPUT["rounds"]):
    for presign, times in zip((ours, theirs), RESULT["times"]):
        started = time.perf_counter()
        for _ in range({_URLS}):
            presign()
        times.append((time.perf_counter() - started) / {_URLS} * 1e6)
"""


def measure() -> Iterator[Figure]:
    """Warm, then cold. The goal is the warm one: not slower than the vendor's SDK.

    Raises:
        BenchError: the two sign different headers.
    """
    ours, theirs = _warm(alternating(_ROUNDS))
    yield Figure("presign.tencent.warm", ours, "us", theirs, _WARM_BASELINE, 1.0)
    sides = {"ours": _OURS, "theirs": _THEIRS}
    programs = {
        name: _program(_MARKED.format(made=made, name=name), _INPUT) for name, made in sides.items()
    }
    cold = run_interleaved(programs, _COLD_RUNS)
    yield Figure("presign.tencent.cold", cold["ours"], "ms", cold["theirs"], _COLD_BASELINE)


def alternating(rounds: int) -> Program:
    """A program whose RESULT has a URL of ours and one of the SDK's, and microseconds per URL."""
    return _program(_ALTERNATING, {**_INPUT, "rounds": rounds})


def _program(source: str, values: dict[str, Any]) -> Program:
    # What the functions on SCF are made of.
    packages = wheels.install(ROOT / "requirements" / "scf.txt", wheels.Target("scf-local"))
    path = (ROOT / "layers", vendor_sdks.tencent(), packages)
    return Program(source, values, path=path, isolated=True)


def _warm(program: Program) -> tuple[float, float]:
    """Medians in microseconds per URL."""
    result: Mapping[str, Any] = run_once(program)[1]
    require_same_headers(result["urls"])
    ours, theirs = (statistics.median(times) for times in result["times"])
    return ours, theirs


def require_same_headers(urls: Sequence[str]) -> None:
    """Raises BenchError if the URLs do not sign the same headers, or one signs none."""
    signed = {parse_qs(urlsplit(url).query).get("q-header-list", [""])[0] for url in urls}
    if len(signed) != 1 or signed == {""}:
        raise BenchError(f"the two sign different headers: {sorted(signed)}")
