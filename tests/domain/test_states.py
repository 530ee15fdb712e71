"""The state table is the one truth about what may follow what."""

from __future__ import annotations

import pytest

from liveproof.domain.states import (
    FIRST,
    STATES,
    ForbiddenTransition,
    Status,
    Step,
    allowed_before,
    require_successor,
)


def test_every_status_has_exactly_one_row() -> None:
    assert set(STATES) == set(Status)


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_code_and_store_condition_agree_on_every_pair(before: Status, after: Status) -> None:
    try:
        require_successor(before, after)
        allowed = True
    except ForbiddenTransition:
        allowed = False

    assert allowed == (before in allowed_before(after))


def test_staying_in_a_state_is_always_allowed() -> None:
    assert all(status in allowed_before(status) for status in Status)


ERASED = {Status.ERASING, Status.ERASED}


def test_only_an_erasure_follows_a_decision_and_nothing_follows_an_erasure() -> None:
    assert STATES[Status.DECIDED].successors == (Status.ERASING,)
    assert STATES[Status.ERASING].successors == (Status.ERASED,)
    assert STATES[Status.ERASED].successors == ()


def test_every_state_may_be_erased() -> None:
    assert set(allowed_before(Status.ERASING)) == set(Status) - {Status.ERASED}


def test_nothing_leads_back_to_the_first_state() -> None:
    assert allowed_before(FIRST) == (FIRST,)


def test_every_state_is_reached_and_leads_to_a_decision_until_it_is_erased() -> None:
    reached, wave = {FIRST}, {FIRST}
    while wave:
        wave = {after for status in wave for after in STATES[status].successors} - reached
        reached |= wave

    assert reached == set(Status)
    assert all(
        Status.DECIDED in state.successors
        for status, state in STATES.items()
        if status not in {Status.DECIDED, *ERASED}
    )


def test_a_refused_transition_names_both_states() -> None:
    with pytest.raises(ForbiddenTransition, match=r"decided cannot become ready"):
        require_successor(Status.DECIDED, Status.READY)


def test_every_step_moves_some_state() -> None:
    assert {step for state in STATES.values() for step in state.steps} == set(Step)


def test_only_the_check_moves_states_that_may_cost_money() -> None:
    paying = {Status.READY, Status.CHECKING, Status.HELD}

    assert {s for s, state in STATES.items() if state.step is Step.RUN_CHECK} == paying
