"""Verifications in a local cloud, one at a time or many at once."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bench.figure import BenchError
from tools import client
from tools.demo import samples
from tools.demo.samples import Sample
from tools.local.cloud import LocalCloud
from tools.local.receiver import ReceivedWebhook

ACTION = "DetectReflectLivenessAndCompare"
_LIMIT_SECONDS = 60.0
_UPLOADERS = 4


@dataclass(frozen=True)
class Uploaded:
    """A verification whose last file was answered at `at` (time.monotonic)."""

    id: str
    at: float


def files(rng: random.Random) -> dict[str, Sample]:
    """The inputs of the reflect check; the emulator lets them pass."""
    return {"live_data": samples.packet(None, rng), "image": samples.photo(None, rng)}


def request_body(inputs: dict[str, Sample]) -> dict[str, Any]:
    """The body of POST /v1/verifications."""
    declared = {name: sample.declaration() for name, sample in inputs.items()}
    return {"check": "reflect", "inputs": declared, "reference": "bench"}


def put_all(uploads: dict[str, Any], inputs: dict[str, Sample]) -> float:
    """Sends the files; when the last was answered (time.monotonic). Raises BenchError."""
    for name, sample in inputs.items():
        status = client.put(uploads[name], sample.data).status
        if status != 200:
            raise BenchError(f"the bucket answered {status} to the PUT of {name}")
    return time.monotonic()


def start(cloud: LocalCloud, rng: random.Random, pause: float = 0.0) -> Uploaded:
    """Asks for a verification and uploads its files, `pause` seconds after asking."""
    inputs = files(rng)
    created = client.Api(cloud.api, cloud.api_key).create(request_body(inputs))
    time.sleep(pause)
    return Uploaded(str(created["id"]), put_all(created["uploads"], inputs))


def start_many(cloud: LocalCloud, count: int) -> list[Uploaded]:
    """Asks for all of them first, then uploads their files as fast as the bucket takes them."""
    api = client.Api(cloud.api, cloud.api_key)
    inputs = [files(samples.new_rng()) for _ in range(count)]
    with ThreadPoolExecutor(_UPLOADERS) as pool:
        created = list(pool.map(lambda files: api.create(request_body(files)), inputs))
        ended = list(pool.map(lambda pair: put_all(pair[0]["uploads"], pair[1]),
                              zip(created, inputs, strict=True)))  # fmt: skip
    return [Uploaded(str(document["id"]), at) for document, at in zip(created, ended, strict=True)]


def wait_for_webhook(cloud: LocalCloud, verification: Uploaded) -> ReceivedWebhook:
    """Waits for a verification's webhook.

    Raises:
        BenchError: none came in time, its signature is wrong, or it does not say `passed`.
    """
    received = cloud.receiver.wait_for(verification.id, time.monotonic() + _LIMIT_SECONDS)
    if received is None:
        raise BenchError(f"no webhook about {verification.id} within {_LIMIT_SECONDS:.0f} s")
    if not received.verified or received.payload().get("type") != "verification.passed":
        raise BenchError(f"an unexpected webhook: {received.body}")
    return received


def require_passed(view: dict[str, Any]) -> None:
    """Raises BenchError for a verification, as the API shows it, that did not pass or whose webhook
    was not delivered."""
    delivered = view["delivery"] and view["delivery"]["state"] == "delivered"
    if view["decision"] != "passed" or not delivered:
        raise BenchError(f"{view['id']} ended as {view['status']}: {view['reason']}")


def paid_calls(calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The paid calls among the emulator's calls."""
    return [call for call in calls if call["action"] == ACTION]
