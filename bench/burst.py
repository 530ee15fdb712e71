"""A burst: how fast a backlog of verifications drains at the vendor's quota."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench import verifications
from bench.figure import BenchError, Figure
from tools.local.cloud import LocalCloud

_OFFERED, _WARM_BURST = 30, 15
# The vendor's limit for the paid call; both deployments ask for a little less.
_QUOTA = 5.0
_THROTTLED = "RequestLimitExceeded"


def figures(cloud: LocalCloud) -> Iterator[Figure]:
    """A burst that meets warm workers.

    Raises:
        BenchError: a verification did not pass, was paid twice or got no webhook.
    """
    # A first burst starts the workers; the quota has no part in how long that takes.
    _drain(cloud, _WARM_BURST)
    calls, seconds = _drain(cloud, _OFFERED)
    paid = verifications.paid_calls(calls)
    moments = sorted(_seconds(call["at"]) for call in paid)
    yield Figure(
        f"pipeline.{cloud.name}.burst_drain",
        moments[-1] - moments[0],
        "s",
        (_OFFERED - 1) / _QUOTA,
        f"{_OFFERED} calls at {_QUOTA:.0f} per second, the vendor's quota",
        extra={"offered": _OFFERED, "first_upload_to_last_webhook_s": seconds},
    )
    yield Figure(
        f"pipeline.{cloud.name}.burst_throttled",
        _throttled(paid),
        "calls",
        _OFFERED,
        "the verifications offered at once",
        0.0,
        {"throttled_free_calls": _throttled(calls) - _throttled(paid)},
    )


def _drain(cloud: LocalCloud, count: int) -> tuple[list[dict[str, Any]], float]:
    """Offers verifications at once; the vendor's calls, and seconds until the last webhook."""
    before = len(cloud.emulator.calls())
    uploaded = verifications.start_many(cloud, count)
    last = max(verifications.wait_for_webhook(cloud, verification).at for verification in uploaded)
    calls = cloud.emulator.calls()[before:]
    billed = sum(call["billed"] == "yes" for call in verifications.paid_calls(calls))
    if billed != count:
        raise BenchError(f"{billed} calls were billed for {count} verifications")
    return calls, last - min(verification.at for verification in uploaded)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def _throttled(calls: list[dict[str, Any]]) -> int:
    return sum(call["code"] == _THROTTLED for call in calls)
