"""The end of a verification whose files never come."""

from __future__ import annotations

from typing import Any

from tests.acceptance.client import Client


def test_a_verification_without_uploads_expires_by_the_schedule_alone(
    client: Client, expiring: dict[str, Any]
) -> None:
    seen = client.outcome(expiring["id"], 180)
    assert seen["decision"] == "expired"
    assert seen["decided_at"] >= seen["expires_at"] == expiring["expires_at"]
    assert seen["calls"] == client.paid_calls() == []
