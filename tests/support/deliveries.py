"""Decisions that have to be delivered."""

from __future__ import annotations

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.verification import Verification
from tests.support.deployment import Deployment

SERVER_ERROR = WebhookResponse(500, None, 30)
NEVER_PAUSED = 604_800
"""Seconds of failures that no schedule is long enough for."""


def decided(deployment: Deployment) -> Verification:
    """A verification whose webhook is due."""
    after = deployment.run_check(deployment.ready())
    deployment.steps.take()
    return after
