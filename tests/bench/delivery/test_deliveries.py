"""The bench of deliveries compares what it says, and prints what became of killed runs."""

from __future__ import annotations

import pytest

from bench.delivery import deliveries
from bench.delivery.delivery_ports import bag, decided_verifications
from liveproof.use_cases.deliver_result import deliver_result


def test_a_backlog_beside_endpoints_that_hang_and_one_with_killed_runs_are_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deliveries, "_FEWER", 60)
    isolation, killed = deliveries.on_virtual_time("aws", 60, 6, 1)

    assert isolation.name == "deliveries.aws.isolation"
    assert isolation.extra["most_at_one_that_hangs"] == 1
    assert killed.extra["lost"] == 0
    assert killed.value - killed.baseline == killed.extra["duplicates"]


def test_a_webhook_that_nobody_takes_is_no_rate() -> None:
    (verification,) = decided_verifications(1)
    dependencies, sent = bag([verification], "http://127.0.0.1:1")
    deliver_result(dependencies, verification.id, dependencies.clock.now() + 60_000)

    assert [webhook.status for webhook in sent] == [None]
