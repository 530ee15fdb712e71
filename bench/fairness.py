"""Whom a backlog makes wait: another check, and another client of the same check."""

from __future__ import annotations

import hashlib
import random
import secrets
import statistics
import time
from collections.abc import Iterator

from bench import verifications
from bench.figure import Figure
from bench.verifications import Uploaded
from tools.demo import samples
from tools.local.cloud import CLIENT, LocalCloud

_OTHER_CLIENT = "other"
_FEW = 5
_PHOTOS, _PHOTOS_PER_SECOND = 40, 4.0
_BESIDE_A_BURST = 1.5


def two_clients(cloud: LocalCloud) -> tuple[str, str]:
    """Give the cloud a second client; the API keys of both. Before the first request: functions
    keep the secrets that they have read."""
    keys = {CLIENT: cloud.api_key, _OTHER_CLIENT: "lp_" + secrets.token_urlsafe(32)}
    endpoint = {"url": cloud.webhooks, "secrets": [cloud.webhook_secret]}
    digests = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
    cloud.deployment.put_secrets(
        {
            "api_keys": {
                "clients": {name: {"keys_sha256": [each]} for name, each in digests.items()}
            },
            "webhooks": {"endpoints": dict.fromkeys(keys, endpoint)},
        }
    )
    return keys[CLIENT], keys[_OTHER_CLIENT]


def figures(cloud: LocalCloud, clients: tuple[str, str], count: int) -> Iterator[Figure]:
    """With a backlog of `count` reflect verifications of the first client."""
    yield _between_checks(cloud, count)
    yield _between_clients(cloud, clients, count)


def _between_checks(cloud: LocalCloud, count: int) -> Figure:
    _photos(cloud, _PHOTOS // 4)  # starts the workers
    alone = _percentile(_photos(cloud, _PHOTOS))
    backlog = verifications.start_many(cloud.api, cloud.api_key, count)
    verifications.wait_until_proven(cloud, backlog)
    beside = _percentile(_photos(cloud, _PHOTOS))
    behind = len(verifications.missing_webhooks(cloud, backlog))
    verifications.wait_for_webhooks(cloud, backlog)
    return Figure(
        f"burst.{cloud.name}.photo_beside_reflect",
        beside * 1000,
        "ms",
        alone * 1000,
        "p95 from the last PUT of a photo to its webhook without the backlog",
        _BESIDE_A_BURST,
        {"photos": _PHOTOS, "reflect_before": count, "reflect_left_after": behind},
    )


def _between_clients(cloud: LocalCloud, clients: tuple[str, str], count: int) -> Figure:
    """The backlog's files are proven before, so that all of it waits for the same slots."""
    first, other = clients
    alone = _seconds_of_few(cloud, other)
    backlog = verifications.start_many(cloud.api, first, count)
    verifications.wait_until_proven(cloud, backlog)
    before = len(verifications.missing_webhooks(cloud, backlog))
    began = time.monotonic()
    beside = _seconds_of_few(cloud, other)
    left = len(verifications.missing_webhooks(cloud, backlog))
    whole = max(verifications.wait_for_webhooks(cloud, backlog).values()) - began
    return Figure(
        f"burst.{cloud.name}.few_beside_many",
        beside,
        "s",
        whole,
        "until the end of the other client's backlog",
        0.5,
        {"few": _FEW, "alone_s": alone, "others_before": before, "others_left": left},
    )


def _seconds_of_few(cloud: LocalCloud, api_key: str) -> float:
    """From the first upload of a few verifications to their last webhook."""
    began = time.monotonic()
    few = verifications.start_many(cloud.api, api_key, _FEW)
    return max(verifications.wait_for_webhooks(cloud, few).values()) - began


def _photos(cloud: LocalCloud, count: int) -> list[float]:
    """Seconds from PUT to webhook of photos that come at a steady rate."""
    rng = samples.new_rng()
    uploaded: list[Uploaded] = []
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / _PHOTOS_PER_SECOND - time.monotonic()))
        uploaded.append(_photo(cloud, rng))
    arrived = verifications.wait_for_webhooks(cloud, uploaded)
    return [arrived[each.id] - each.at for each in uploaded]


def _photo(cloud: LocalCloud, rng: random.Random) -> Uploaded:
    inputs = {"image": samples.photo(None, rng)}
    return verifications.start(cloud, inputs, check="photo")


def _percentile(values: list[float]) -> float:
    """The 95th."""
    return statistics.quantiles(values, n=20)[-1]
