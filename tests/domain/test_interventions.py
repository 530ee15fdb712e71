"""What an operator changes of a held verification."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from liveproof.domain import lifecycle
from liveproof.domain.interventions import (
    released,
    unknown_call_billed,
    unknown_call_not_executed,
)
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.lifecycle import CallNotAllowed
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from tests.support.verifications import NOW, ready, settled

Change = Callable[[Verification, int], Verification]


def held(entry: Verification) -> Verification:
    """Held after all that can be spent was spent."""
    tired = replace(entry, runs=100, vendor_failures=40, vendor_waited_ms=7_200_000)
    return lifecycle.held(tired, NOW + 10, NOW)


@pytest.mark.parametrize("change", [released, unknown_call_not_executed])
def test_a_check_that_an_operator_sends_on_has_all_its_attempts_again(change: Change) -> None:
    """Else the first failure after the release would end it as `error`."""
    freed = change(held(settled(CallOutcome.UNKNOWN)), NOW + 5)

    assert (freed.status, freed.due_at, freed.waiting_for) == (Status.CHECKING, NOW + 5, None)
    assert (freed.runs, freed.vendor_failures, freed.vendor_waited_ms) == (0, 0, 0)


def test_only_a_release_after_an_unknown_outcome_allows_the_repetition() -> None:
    """A check that was held before its first call keeps the policy for the one that comes."""
    unknown, fresh = held(settled(CallOutcome.UNKNOWN)), held(ready())

    assert released(unknown, NOW + 5).released_at == NOW + 5
    assert released(fresh, NOW + 5).released_at is None
    assert released(fresh, NOW + 5).status is Status.READY


def test_a_call_that_was_not_executed_costs_nothing_and_is_made_after_all() -> None:
    corrected = unknown_call_not_executed(held(settled(CallOutcome.UNKNOWN)), NOW + 5)

    (call,) = corrected.calls
    assert (call.outcome, call.billable) == (CallOutcome.NOT_EXECUTED, "no")
    again = lifecycle.call_intended(corrected, "Action", None, NOW + 6, NOW + 7)
    assert [call.number for call in again.calls] == [1, 2]


def test_a_call_that_was_billed_stays_unknown_and_held() -> None:
    corrected = unknown_call_billed(held(settled(CallOutcome.UNKNOWN)), NOW + 5)

    (call,) = corrected.calls
    assert (call.outcome, call.billable) == (CallOutcome.UNKNOWN, "yes")
    assert (corrected.status, corrected.due_at) == (Status.HELD, NOW + 10)


@pytest.mark.parametrize("change", [unknown_call_not_executed, unknown_call_billed])
def test_an_outcome_is_corrected_of_the_last_unknown_call_alone(change: Change) -> None:
    first = settled(CallOutcome.UNKNOWN)
    again = lifecycle.call_sent(
        lifecycle.call_intended(first, "Action", None, NOW, NOW + 1), NOW, NOW + 1
    )
    both = change(held(settled(CallOutcome.UNKNOWN, again)), NOW + 5)
    earlier = change(held(settled(CallOutcome.NOT_EXECUTED, again)), NOW + 5)

    assert both.calls[0].billable == "unknown"
    assert both.calls[1].billable in ("no", "yes")
    assert earlier.calls[0].billable in ("no", "yes")
    assert earlier.calls[1] == settled(CallOutcome.NOT_EXECUTED, again).calls[1]


@pytest.mark.parametrize("change", [unknown_call_not_executed, unknown_call_billed])
@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (settled(CallOutcome.UNKNOWN), "only a held"),
        (held(ready()), "no outcome"),
        (held(settled(CallOutcome.NOT_EXECUTED)), "no outcome"),
    ],
)
def test_nothing_else_is_corrected(change: Change, entry: Verification, why: str) -> None:
    with pytest.raises(CallNotAllowed, match=why):
        change(entry, NOW + 5)
