"""What an answer to a webhook means."""

from __future__ import annotations

import pytest

from liveproof.domain.delivery import WebhookResponse


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(None, False), (101, False), (199, False), (200, True), (299, True), (300, False)],
)
def test_only_a_2xx_accepts_a_webhook(status: int | None, accepted: bool) -> None:
    assert WebhookResponse(status, None, 5).accepted is accepted
