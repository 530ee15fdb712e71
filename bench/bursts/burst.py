"""A burst: how fast a backlog drains at the vendor's quota, and whom it makes wait."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench import verifications
from bench.bursts import fairness
from bench.figure import BenchError, Figure
from tools.local.cloud import CLOUDS, LocalCloud, run_cloud

_WARM_BURST = 15
_THROTTLED = "RequestLimitExceeded"
_MOST_OF_THE_LIMITS_TIME = 1.04


def measure() -> Iterator[Figure]:
    """On each cloud. The variable BURST says how many verifications are a burst.

    Raises:
        BenchError: a verification did not pass, was paid twice or got no webhook.
    """
    count = size()
    for name in CLOUDS:
        with run_cloud(name) as cloud:
            # A first burst starts the workers; the quota has no part in how long that takes.
            _drain(cloud, _WARM_BURST)
            yield from figures(cloud, count)
        yield from fairness.measure(name, count)


def size() -> int:
    """The variable BURST, 60 by default. Raises BenchError."""
    text = os.environ.get("BURST", "60")
    if not text.isascii() or not text.isdigit() or int(text) < 2:
        raise BenchError(f"BURST={text}: it must be a whole number from 2")
    return int(text)


def figures(cloud: LocalCloud, count: int) -> Iterator[Figure]:
    """A burst that meets warm workers."""
    retries = cloud.deployment.retries()
    calls, seconds = _drain(cloud, count)
    paid = verifications.paid_calls(calls)
    moments = sorted(_seconds(call["at"]) for call in paid)
    quota = verifications.QUOTA
    yield Figure(
        f"burst.{cloud.name}.drain",
        moments[-1] - moments[0],
        "s",
        (count - 1) / quota,
        f"{count} calls at {quota:g} per second, the vendor's quota",
        _MOST_OF_THE_LIMITS_TIME,
        {"offered": count, "first_upload_to_last_webhook_s": seconds},
    )
    yield Figure(
        f"burst.{cloud.name}.throttled",
        _throttled(paid),
        "calls",
        count,
        "the verifications offered at once",
        0.0,
        {"throttled_free_calls": _throttled(calls) - _throttled(paid)},
    )
    yield Figure(
        f"burst.{cloud.name}.retries",
        cloud.deployment.retries() - retries,
        "deliveries",
        count,
        "the verifications offered at once",
        0.0,
    )


def _drain(cloud: LocalCloud, count: int) -> tuple[list[dict[str, Any]], float]:
    """Offers verifications at once; the vendor's calls, and seconds until the last webhook."""
    before = len(cloud.emulator.calls())
    uploaded = verifications.start_many(cloud.api, cloud.api_key, count)
    arrived = verifications.wait_for_webhooks(cloud, uploaded)
    calls = cloud.emulator.calls()[before:]
    billed = sum(call["billed"] == "yes" for call in verifications.paid_calls(calls))
    if billed != count:
        raise BenchError(f"{billed} calls were billed for {count} verifications")
    return calls, max(arrived.values()) - min(verification.at for verification in uploaded)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def _throttled(calls: list[dict[str, Any]]) -> int:
    return sum(call["code"] == _THROTTLED for call in calls)
