"""`make soak` on a small scale, on the local clouds that all suites share."""

from __future__ import annotations

from tests.soak.faults import CHECKS, soak
from tests.soak.intake import sustain
from tools.local.cloud import LocalCloud


def quiet(text: str) -> None:
    """No progress."""


def test_despite_passing_failures_every_verification_ends_right(local_cloud: LocalCloud) -> None:
    local_cloud.emulator.reset()

    soaked = soak(local_cloud, len(CHECKS), seed=1, limit=300, say=quiet)

    assert soaked.violations == ()
    assert sum(soaked.ends.values()) == soaked.verifications == len(CHECKS)
    assert not local_cloud.receiver.is_away("msg_any")


def test_a_steady_load_has_its_waits_and_its_memory_measured(local_cloud: LocalCloud) -> None:
    local_cloud.emulator.reset()

    held = sustain(local_cloud, seconds=2, step_seconds=1, say=quiet)

    assert held.verifications == max(2, round(held.rate * 2))
    assert 0 < held.p50 <= held.p95 <= held.p99
    assert held.cloud.first > 1
    assert held.cloud.last > 1
