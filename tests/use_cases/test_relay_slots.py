"""The free requests that bring the files to the vendor keep to a quota of their own."""

from __future__ import annotations

import itertools

import pytest

from liveproof.domain.states import Status
from liveproof.vendors.errors import VendorRefused
from tests.support.deployment import FREE, Deployment, verdict_code


def test_a_relay_slot_that_is_far_away_is_not_taken_and_is_no_run(deployment: Deployment) -> None:
    entry = deployment.ready()
    far = deployment.quota.next_at[FREE] = deployment.clock.now() + 11_000

    waiting = deployment.run_check(entry)

    assert (waiting.status, waiting.runs, waiting.calls) == (Status.READY, 0, ())
    assert deployment.quota.next_at[FREE] == far
    assert deployment.clock.now() < far
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


@pytest.mark.parametrize("is_late", [False, True])
def test_a_relay_slot_after_which_the_rest_would_not_fit_into_the_run_is_not_taken(
    deployment: Deployment, is_late: bool
) -> None:
    """3 s of the files, 10 s for the call's slot, 30 s of the call, 10 s afterwards, 1 s margin."""
    entry = deployment.ready()
    now = deployment.clock.now()
    slot = deployment.quota.next_at[FREE] = now + 5_000 + is_late

    after = deployment.run_check(entry, seconds=59)

    if is_late:
        assert (after.status, deployment.check.prepared) == (Status.READY, 0)
        assert deployment.quota.next_at[FREE] == slot
        assert deployment.clock.now() == now
    else:
        assert verdict_code(after)[1] == "passed"


def test_the_free_requests_before_the_calls_keep_to_their_quota_too(
    deployment: Deployment,
) -> None:
    for _ in range(10):
        deployment.ready()
    for entry in deployment.records.all():
        deployment.run_check(entry)
    deployment.settle()

    per_second = deployment.dependencies.settings.upload_urls_per_second / 2
    taken = deployment.quota.reserved[FREE]
    gaps = [later - earlier for earlier, later in itertools.pairwise(taken)]
    assert len(taken) >= 10
    assert min(gaps) >= 1000 / per_second - 1


def test_a_relay_that_the_vendor_throttles_slows_down_the_relay(deployment: Deployment) -> None:
    deployment.check.prepare_fails = [VendorRefused("RequestLimitExceeded", "r")]
    entry = deployment.run_check(deployment.ready())

    assert deployment.quota.slowed == [FREE]
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
