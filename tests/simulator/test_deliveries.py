"""Endpoints that hang do not slow the others, and functions that die lose no delivery."""

from __future__ import annotations

import pytest

from simulator.deliveries import Backlog, deliver
from simulator.plan import Cloud

COUNT, ENDPOINTS, HANGING = 300, 10, 1


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_endpoints_that_hang_hardly_delay_the_others(cloud: Cloud) -> None:
    """Without permits each endpoint that hangs takes run after run, until none is left."""
    healthy = ENDPOINTS - HANGING
    alone = deliver(Backlog(cloud, COUNT * healthy // ENDPOINTS, healthy))
    beside = deliver(Backlog(cloud, COUNT, ENDPOINTS, HANGING))

    assert beside.seconds <= 1.2 * alone.seconds
    assert (alone.lost, beside.lost) == (0, 0)
    assert (alone.duplicates, beside.duplicates) == (0, 0)
    assert beside.most_at_hanging == 1, "nothing was ever accepted there: one attempt at a time"
    assert beside.put_off >= COUNT // ENDPOINTS - 1, "each of its deliveries got a turn"


@pytest.mark.parametrize("cloud", ["aws", "tencent"])
def test_runs_that_are_killed_lose_nothing_and_send_little_twice(cloud: Cloud) -> None:
    killed = deliver(Backlog(cloud, COUNT, ENDPOINTS, HANGING, killed=1.0))

    assert killed.lost == 0
    assert killed.duplicates < COUNT / 10
