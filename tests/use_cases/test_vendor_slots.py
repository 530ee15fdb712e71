"""Slots are reserved under one name for each API, at the deployment's rates."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liveproof.checks.reading import interpret
from liveproof.quota import QuotaFull
from liveproof.use_cases.vendor_slots import (
    SequenceSlots,
    health_of_calls,
    health_of_relay,
    quota_name,
    reserve_call,
    reserve_relay,
)
from tests.support.deployment import FREE, PAID, Deployment

SEQUENCE = "faceid.GenerateReflectSequence.ap-singapore"


def test_a_quota_is_named_by_service_action_and_region() -> None:
    assert quota_name("faceid", "CreateUploadUrl", "ap-singapore") == FREE


def test_calls_of_a_check_are_a_slot_apart(deployment: Deployment) -> None:
    now = deployment.clock.now()
    slots = [reserve_call(deployment.dependencies, deployment.check, now + 600) for _ in range(3)]

    assert [slot - now for slot in slots] == [0, 280, 560]
    assert deployment.quota.reserved == {PAID: slots}


def test_a_relay_takes_one_upload_url_for_each_file(deployment: Deployment) -> None:
    now = deployment.clock.now()
    slots = [
        reserve_relay(deployment.dependencies, deployment.check, 2, now + 500) for _ in range(3)
    ]

    assert slots == [now, now + 140, now + 280]
    assert deployment.quota.reserved == {FREE: slots}


def test_a_relay_without_files_reserves_nothing(deployment: Deployment) -> None:
    now = deployment.clock.now()

    assert reserve_relay(deployment.dependencies, deployment.check, 0, now) == now
    assert deployment.quota.reserved == {}


@pytest.mark.parametrize("is_late", [False, True])
def test_a_slot_later_than_asked_for_is_not_taken(deployment: Deployment, is_late: bool) -> None:
    latest = deployment.clock.now() + 700
    slot = latest + is_late
    deployment.quota.next_at = {FREE: slot, PAID: slot}
    reservations: list[Callable[[], int]] = [
        lambda: reserve_relay(deployment.dependencies, deployment.check, 1, latest),
        lambda: reserve_call(deployment.dependencies, deployment.check, latest),
    ]

    for reserve in reservations:
        if not is_late:
            assert reserve() == slot
            continue
        with pytest.raises(QuotaFull):
            reserve()
    assert is_late == (deployment.quota.next_at == {FREE: slot, PAID: slot})


def test_a_refusal_slows_down_the_api_that_refused(deployment: Deployment) -> None:
    throttled = interpret(
        deployment.check.facts, deployment.check.api, "RequestLimitExceeded", None, 70
    )
    health_of_relay(deployment.dependencies, deployment.check).report(throttled)
    health_of_calls(deployment.dependencies, deployment.check).report(throttled)

    assert deployment.quota.slowed == [FREE, PAID]


def test_a_light_sequence_has_a_place_in_the_line_and_a_slot_of_each_api(
    deployment: Deployment,
) -> None:
    now = deployment.clock.now()
    slots = SequenceSlots(deployment.dependencies)
    slots.join_line(now)

    assert [slots.reserve_upload(now), slots.reserve_sequence(now)] == [now, now]
    assert deployment.quota.reserved == {f"{SEQUENCE}.line": [now], FREE: [now], SEQUENCE: [now]}


@pytest.mark.parametrize("full", ["line", "uploads", "sequences"])
def test_a_light_sequence_does_not_wait_longer_than_asked(
    deployment: Deployment, full: str
) -> None:
    latest = deployment.clock.now() + 700
    slots = SequenceSlots(deployment.dependencies)
    name = {"line": f"{SEQUENCE}.line", "uploads": FREE, "sequences": SEQUENCE}[full]
    deployment.quota.next_at[name] = latest + 1
    step = {
        "line": slots.join_line,
        "uploads": slots.reserve_upload,
        "sequences": slots.reserve_sequence,
    }[full]

    with pytest.raises(QuotaFull):
        step(latest)
    deployment.quota.next_at[name] = latest
    step(latest)
