"""What a burst and its neighbours are measured as."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any, cast

import pytest

from bench import verifications
from bench.bursts import burst, fairness
from bench.figure import BenchError
from bench.verifications import Uploaded
from tools.local.cloud import LocalCloud
from tools.local.receiver import ReceivedWebhook

NOW = time.monotonic()


def webhook(id: str, at: float = NOW, **changes: Any) -> ReceivedWebhook:
    about = {"type": "verification.passed", "data": {"id": id}, **changes}
    return ReceivedWebhook({}, json.dumps(about), changes.get("verified", True), at)


class Cloud:
    """A local cloud to which webhooks came one after the other."""

    def __init__(self, *webhooks: ReceivedWebhook) -> None:
        self._webhooks = list(webhooks)
        self.looks = 0
        self.receiver = self

    def received(self) -> list[ReceivedWebhook]:
        self.looks += 1
        return self._webhooks[: self.looks]


def cloud(*webhooks: ReceivedWebhook) -> LocalCloud:
    return cast("LocalCloud", Cloud(*webhooks))


def started(*ids: str) -> list[Uploaded]:
    return [Uploaded(id, NOW) for id in ids]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifications, "_LOOK_SECONDS", 0.0)


def test_each_verification_counts_with_its_first_webhook() -> None:
    received = [webhook("x", 1.0), webhook("b", 2.0), webhook("b", 3.0), webhook("a", 4.0)]

    arrived = verifications.wait_for_webhooks(cloud(*received), started("a", "b"))
    assert arrived == {"b": 2.0, "a": 4.0}


@pytest.mark.parametrize(
    "wrong", [{"type": "verification.failed"}, {"verified": False}], ids=["failed", "unsigned"]
)
def test_an_unexpected_webhook_is_no_measurement(wrong: dict[str, Any]) -> None:
    with pytest.raises(BenchError, match="an unexpected webhook"):
        verifications.wait_for_webhooks(cloud(webhook("a", **wrong)), started("a"))


def test_a_webhook_that_never_comes_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifications, "_LIMIT_SECONDS", -1.0)

    with pytest.raises(BenchError, match="no webhook about 1 of 2, such as b"):
        verifications.wait_for_webhooks(cloud(webhook("a")), started("a", "b"))


def test_a_verification_without_a_webhook_is_missing() -> None:
    assert verifications.missing_webhooks(cloud(webhook("a")), started("a", "b")) == ["b"]


@pytest.mark.parametrize(("text", "count"), [(None, 60), ("1000", 1000), ("2", 2)])
def test_the_size_of_a_burst_is_a_variable(
    monkeypatch: pytest.MonkeyPatch, text: str | None, count: int
) -> None:
    monkeypatch.delenv("BURST", raising=False)
    if text is not None:
        monkeypatch.setenv("BURST", text)

    assert burst.size() == count


@pytest.mark.parametrize("text", ["", "1", "-5", "many", "6.5"])
def test_another_size_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BURST", text)

    with pytest.raises(BenchError, match="BURST="):
        burst.size()


def test_only_calls_refused_for_their_rate_are_throttled() -> None:
    calls = [{"code": code} for code in ("Success", "RequestLimitExceeded", "InternalError")]
    assert burst._throttled(calls) == 1


def test_the_slowest_twentieth_is_above_the_percentile() -> None:
    values: Iterable[float] = [float(number) for number in range(1, 101)]
    assert 95 <= fairness._percentile(list(values)) <= 96
