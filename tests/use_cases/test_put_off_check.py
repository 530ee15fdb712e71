"""A check that is put off: what its log line says."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.domain.next_move import Wait
from liveproof.observability import Event
from liveproof.use_cases.put_off_check import put_off_check
from tests.support.deployment import HOUR_MS, Deployment


def test_the_log_says_why_a_check_waits_and_for_how_many_seconds(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[Event, dict[str, object]]] = []
    entry = deployment.ready()
    until = deployment.clock.now() + HOUR_MS
    monkeypatch.setattr(
        observability, "record", lambda event, **fields: lines.append((event, fields))
    )

    put_off_check(deployment.dependencies, entry, Wait(until, "vendor_down"))

    fields = {"verification": entry.id, "why": "vendor_down", "seconds": 3_600}
    assert lines == [(Event.CALL_POSTPONED, fields)]
    assert deployment.steps.requests[-1].at == until
