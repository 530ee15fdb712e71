"""The pace of a client: who comes too soon learns when to come again."""

from __future__ import annotations

import pytest

from liveproof.use_cases.client_pace import take_turn
from liveproof.use_cases.errors import TooSoon
from tests.support.deployment import CLIENT, Deployment

TURN_MS = 14_000
"""One in ten seconds, with the room that each turn leaves for a late one."""


def turn(deployment: Deployment) -> None:
    take_turn(deployment.dependencies, "test", CLIENT, 0.1, "once in ten seconds")


@pytest.mark.parametrize(
    ("left_ms", "seconds"), [(1, 1), (1_000, 1), (1_001, 2), (2_000, 2), (2_001, 3), (14_000, 14)]
)
def test_the_wait_is_in_whole_seconds_and_never_too_short(
    deployment: Deployment, left_ms: int, seconds: int
) -> None:
    turn(deployment)
    deployment.clock.advance(TURN_MS - left_ms)

    with pytest.raises(TooSoon) as refused:
        turn(deployment)

    assert refused.value.retry_after == seconds
    deployment.clock.advance(seconds * 1000)
    turn(deployment)
