"""Our presigned S3 PUT URLs beside boto3's: per URL, and from a fresh interpreter to the first."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config

from bench.figure import BenchError, Figure
from bench.interpreters import Program, run_interleaved
from liveproof.clouds.aws.signature import Credentials, presign

_REGION, _BUCKET = "ap-southeast-1", "liveproof-uploads"
_KEY = "uploads/ver_0123456789abcdefghjkmnpqrs/live_data/abcdefghijklmnopqrstuvwxyz"
_MD5, _SIZE, _TYPE = "1B2M2Y8AsgTpgAmY7PhCfg==", 200_000, "application/gzip"
_SECONDS = 900
_BASE_URL = f"https://{_BUCKET}.s3.{_REGION}.amazonaws.com"
_HEADERS = {
    "Content-MD5": _MD5,
    "Content-Length": str(_SIZE),
    "Content-Type": _TYPE,
    "If-None-Match": "*",
}
_ACCESS_KEY, _SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
_ROUNDS, _URLS = 31, 300
_COLD_RUNS = 9

_OURS_COLD = """
STARTED = CLOCK()
from liveproof.clouds.aws.signature import Credentials, presign
presign_put(INPUT["base"], INPUT["key"], INPUT["headers"], Credentials(*INPUT["pair"], None),
            INPUT["region"], int(time.time() * 1000), INPUT["seconds"])
ENDED = CLOCK()
"""
_THEIRS_COLD = """
STARTED = CLOCK()
import boto3
from botocore.config import Config
config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
client = boto3.client("s3", region_name=INPUT["region"], aws_access_key_id=INPUT["pair"][0],
                      aws_secret_access_key=INPUT["pair"][1], config=config)
client.generate_presigned_url("put_object", Params=INPUT["parameters"], ExpiresIn=INPUT["seconds"])
ENDED = CLOCK()
"""


def measure() -> Iterator[Figure]:
    """Warm, then cold. The goal is the warm one: at least three times as fast as boto3."""
    ours, theirs = _ours(), _theirs()
    _require_same_headers(ours(), theirs())
    mine, boto = _warm(ours, theirs)
    yield Figure("presign.aws.warm", mine, "us", boto, "boto3 generate_presigned_url, s3v4", 1 / 3)
    values = {
        "base": _BASE_URL,
        "key": _KEY,
        "headers": _HEADERS,
        "pair": [_ACCESS_KEY, _SECRET_KEY],
        "region": _REGION,
        "seconds": _SECONDS,
        "parameters": _parameters(),
    }
    programs = {"ours": Program(_OURS_COLD, values), "boto3": Program(_THEIRS_COLD, values)}
    cold = run_interleaved(programs, _COLD_RUNS)
    baseline = "boto3: import, client, first URL"
    yield Figure("presign.aws.cold", cold["ours"], "ms", cold["boto3"], baseline)


def _ours() -> Callable[[], str]:
    credentials = Credentials(_ACCESS_KEY, _SECRET_KEY, None)

    def url() -> str:
        now = int(time.time() * 1000)
        return presign("PUT", _BASE_URL, _KEY, _HEADERS, credentials, _REGION, now, _SECONDS)

    return url


def _theirs() -> Callable[[], str]:
    client = boto3.client(
        "s3",
        region_name=_REGION,
        aws_access_key_id=_ACCESS_KEY,
        aws_secret_access_key=_SECRET_KEY,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    parameters = _parameters()

    def url() -> str:
        signed: str = client.generate_presigned_url(
            "put_object", Params=parameters, ExpiresIn=_SECONDS
        )
        return signed

    return url


def _parameters() -> dict[str, Any]:
    return {
        "Bucket": _BUCKET,
        "Key": _KEY,
        "ContentMD5": _MD5,
        "ContentLength": _SIZE,
        "ContentType": _TYPE,
        "IfNoneMatch": "*",
    }


def _require_same_headers(*urls: str) -> None:
    signed = {parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0] for url in urls}
    if len(signed) != 1:
        raise BenchError(f"the two sign different headers: {signed}")


def _warm(ours: Callable[[], str], theirs: Callable[[], str]) -> tuple[float, float]:
    """Medians of rounds that alternate, in microseconds per URL."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for make_url, side in zip((ours, theirs), times, strict=True):
            started = time.perf_counter()
            for _ in range(_URLS):
                make_url()
            side.append((time.perf_counter() - started) / _URLS * 1e6)
    return statistics.median(times[0]), statistics.median(times[1])
