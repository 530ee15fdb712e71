"""How a delivery changes: its log of attempts, and whether it waits for a turn."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.audit import CLIENT
from liveproof.domain.delivery_transitions import (
    attempt_recorded,
    delivery_fault_recorded,
    delivery_put_off,
    delivery_restarted,
    former_attempt_recorded,
    probe_recorded,
)
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import ForbiddenTransition
from liveproof.domain.verification import Attempt, Decision, DeliveryState, Verification
from tests.support.verifications import NOW, settled, verdict

DECIDED = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))


def attempt(at: int) -> Attempt:
    return Attempt(at=NOW + at, latency_ms=5, status=503)


def log(entry: Verification) -> list[tuple[int, int | None, int]]:
    """Delivery, number and time of each entry."""
    assert entry.delivery is not None
    return [(one.delivery, one.number, one.at - NOW) for one in entry.delivery.log]


def test_probes_in_a_row_have_one_place_in_the_log_and_attempts_keep_theirs() -> None:
    """A pause of two weeks has more than a thousand probes: they would push out all else."""
    entry = attempt_recorded(DECIDED, attempt(1), DeliveryState.PENDING, NOW + 9)
    for at in (2, 3, 4):
        entry = probe_recorded(entry, attempt(at), NOW + 9)
    assert log(entry) == [(1, 1, 1), (1, None, 4)]

    entry = attempt_recorded(entry, attempt(5), DeliveryState.PENDING, NOW + 9)
    entry = probe_recorded(entry, attempt(6), NOW + 9)
    entry = probe_recorded(entry, attempt(7), NOW + 9)
    assert log(entry) == [(1, 1, 1), (1, None, 4), (1, 2, 5), (1, None, 7)]


def test_faults_in_a_row_have_one_place_in_the_log_and_attempts_keep_theirs() -> None:
    entry = attempt_recorded(DECIDED, attempt(1), DeliveryState.PENDING, NOW + 9)
    entry = attempt_recorded(entry, attempt(2), DeliveryState.PENDING, NOW + 9)
    for at in (3, 4):
        entry = delivery_fault_recorded(entry, attempt(at), NOW + 9)

    assert log(entry) == [(1, 1, 1), (1, 2, 2), (1, None, 4)]


def test_a_fault_after_a_probe_is_the_first_of_its_row() -> None:
    """The probe keeps its place in the log, and the next try comes soon."""
    entry = probe_recorded(DECIDED, attempt(1), NOW + 9)
    entry = delivery_fault_recorded(entry, attempt(2), NOW + 9)

    assert log(entry) == [(1, None, 1), (1, None, 2)]
    assert entry.delivery is not None
    assert entry.delivery.faults == 1


def test_a_probe_after_a_fault_leaves_the_fault_in_the_log() -> None:
    """The probe took the fault for an earlier probe, and its place."""
    entry = delivery_fault_recorded(DECIDED, attempt(1), NOW + 9)
    for at in (2, 3):
        entry = probe_recorded(entry, attempt(at), NOW + 9)

    assert log(entry) == [(1, None, 1), (1, None, 3)]


def test_a_delivery_that_is_put_off_waits_for_its_turn_and_one_with_a_schedule_does_not() -> None:
    put_off = delivery_put_off(DECIDED, NOW + 9, NOW)
    ended = delivery_put_off(put_off, None, NOW)
    scheduled = attempt_recorded(put_off, attempt(1), DeliveryState.PENDING, NOW + 9)

    deliveries = [entry.delivery for entry in (put_off, ended, scheduled)]
    assert [one and (one.state, one.waits) for one in deliveries] == [
        (DeliveryState.PENDING, True),
        (DeliveryState.EXHAUSTED, False),
        (DeliveryState.PENDING, False),
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_only_an_attempt_of_an_earlier_delivery_is_a_former_one(number: int) -> None:
    with pytest.raises(ForbiddenTransition):
        former_attempt_recorded(DECIDED, replace(attempt(1), delivery=number, number=1))


def test_a_probe_of_a_new_delivery_does_not_replace_the_one_of_the_delivery_before() -> None:
    entry = probe_recorded(DECIDED, attempt(1), NOW + 9)
    entry = delivery_restarted(entry, NOW + 2, CLIENT)
    entry = probe_recorded(entry, attempt(3), NOW + 9)

    assert log(entry) == [(1, None, 1), (2, None, 3)]


def test_a_probe_that_ends_the_delivery_leaves_nothing_due() -> None:
    waiting = probe_recorded(replace(DECIDED, due_at=NOW), attempt(1), NOW + 9)
    ended = probe_recorded(waiting, attempt(2), None)

    assert waiting.delivery is not None
    assert (waiting.delivery.state, waiting.delivery.waits, waiting.due_at) == (
        DeliveryState.PENDING,
        True,
        NOW + 9,
    )
    assert ended.delivery is not None
    assert (ended.delivery.state, ended.delivery.waits, ended.due_at) == (
        DeliveryState.EXHAUSTED,
        False,
        None,
    )
