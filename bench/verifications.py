"""Verifications in a local cloud, one at a time or many at once."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from bench.figure import BenchError
from liveproof import facts
from liveproof_client import Liveproof, models
from tools import http_client
from tools.demo import samples
from tools.demo.samples import Sample
from tools.local.cloud import LocalCloud
from tools.local.receiver import ReceivedWebhook

ACTION = "DetectReflectLivenessAndCompare"
QUOTA = facts.apis()[ACTION].calls_per_second
"""The vendor's limit for the paid call of `reflect`."""
_LIMIT_SECONDS = 60.0
_UPLOADERS = 4
_UPLOADERS_NICENESS = 10
_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Uploaded:
    """A verification whose last file was answered at `at` (time.monotonic)."""

    id: str
    at: float


def files(rng: random.Random) -> dict[str, Sample]:
    """The inputs of the reflect check; the emulator lets them pass."""
    return {"live_data": samples.packet(None, rng), "image": samples.photo(None, rng)}


def request_body(inputs: dict[str, Sample], check: str = "reflect") -> models.CreateVerification:
    """The body of POST /v1/verifications."""
    declared = {name: sample.declaration() for name, sample in inputs.items()}
    body = {"check": check, "inputs": declared, "reference": "bench"}
    return cast(models.CreateVerification, body)


def put_all(uploads: Mapping[str, models.Upload], inputs: dict[str, Sample]) -> float:
    """Sends the files; when the last was answered (time.monotonic). Raises BenchError."""
    for name, sample in inputs.items():
        status = http_client.put(uploads[name], sample.data).status
        if status != 200:
            raise BenchError(f"the bucket answered {status} to the PUT of {name}")
    return time.monotonic()


def start(
    cloud: LocalCloud, inputs: dict[str, Sample], pause: float = 0.0, check: str = "reflect"
) -> Uploaded:
    """Asks for a verification and uploads its files, `pause` seconds after asking."""
    with Liveproof(cloud.api, cloud.api_key) as api:
        created = api.create(request_body(inputs, check))
    time.sleep(pause)
    return Uploaded(str(created["id"]), put_all(created["uploads"], inputs))


def start_many(url: str, api_key: str, count: int) -> list[Uploaded]:
    """Asks for all of them first, then uploads their files as fast as the bucket takes them.

    Real uploads take no processor of the functions, so these give way to them.
    """
    inputs = [files(samples.new_rng()) for _ in range(count)]
    uploaders = ThreadPoolExecutor(_UPLOADERS, initializer=_give_way)
    with Liveproof(url, api_key) as api, uploaders as pool:
        created = list(pool.map(lambda files: api.create(request_body(files)), inputs))
        ended = list(pool.map(lambda pair: put_all(pair[0]["uploads"], pair[1]),
                              zip(created, inputs, strict=True)))  # fmt: skip
    return [Uploaded(str(document["id"]), at) for document, at in zip(created, ended, strict=True)]


def _give_way() -> None:
    """Lower the priority of this thread; Linux has one for each."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _UPLOADERS_NICENESS)


def wait_for_webhook(cloud: LocalCloud, verification: Uploaded) -> float:
    """Waits for a verification's webhook; when it arrived (time.monotonic).

    Raises:
        BenchError: none came in time, its signature is wrong, or it does not say `passed`.
    """
    return wait_for_webhooks(cloud, [verification])[verification.id]


def wait_for_webhooks(cloud: LocalCloud, started: Sequence[Uploaded]) -> dict[str, float]:
    """Waits for the webhooks of verifications; when each arrived (time.monotonic), by id.

    The wait is a minute, and twice the time that the quota of `reflect` needs for all of them.

    Raises:
        BenchError: as `wait_for_webhook`.
    """
    deadline = time.monotonic() + _LIMIT_SECONDS + 2 * len(started) / QUOTA
    awaited = {upload.id for upload in started}
    arrived: dict[str, float] = {}
    looked_at = 0
    while True:
        received = cloud.receiver.received()
        for webhook in received[looked_at:]:
            if (id := webhook.verification_id()) in awaited:
                _require_passed_webhook(webhook)
                arrived.setdefault(str(id), webhook.at)
        looked_at = len(received)
        if len(arrived) == len(awaited):
            return arrived
        if time.monotonic() > deadline:
            missing = min(awaited - arrived.keys())
            many = f"{len(awaited) - len(arrived)} of {len(awaited)}"
            raise BenchError(f"no webhook about {many}, such as {missing}")
        time.sleep(_LOOK_SECONDS)


def _require_passed_webhook(webhook: ReceivedWebhook) -> None:
    if not webhook.verified or webhook.payload().get("type") != "verification.passed":
        raise BenchError(f"an unexpected webhook: {webhook.body}")


def wait_until_proven(cloud: LocalCloud, started: Sequence[Uploaded]) -> None:
    """Waits until every upload was proven, so that only the paid calls are left to do."""
    with Liveproof(cloud.api, cloud.api_key) as api:
        for upload in started:
            while api.get(upload.id)["status"] == "awaiting_upload":
                time.sleep(_LOOK_SECONDS)


def missing_webhooks(cloud: LocalCloud, started: Sequence[Uploaded]) -> list[str]:
    """The ids of those about which no webhook has come yet."""
    arrived = {webhook.verification_id() for webhook in cloud.receiver.received()}
    return [upload.id for upload in started if upload.id not in arrived]


def require_passed(view: Mapping[str, Any]) -> None:
    """Raises BenchError for a verification, as the API shows it, that did not pass or whose webhook
    was not delivered."""
    delivered = view["delivery"] and view["delivery"]["state"] == "delivered"
    if view["decision"] != "passed" or not delivered:
        raise BenchError(f"{view['id']} ended as {view['status']}: {view['reason']}")


def paid_calls(calls: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The paid calls among the emulator's calls."""
    return [call for call in calls if call["action"] == ACTION]
