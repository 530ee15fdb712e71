"""The decision tree of a paid call, branch by branch, with both sides of every limit."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.next_move import (
    HOLD_MS,
    SLOT_LATENESS_MS,
    SLOT_LEAD_MS,
    SLOT_WAIT_MS,
    Decide,
    GiveUp,
    Hold,
    Move,
    Prepare,
    ReserveSlot,
    Send,
    SettleInterrupted,
    UnknownPolicy,
    Wait,
    has_missed,
    move_after_failure,
    move_after_unknown,
    move_when_prepared,
    move_with_new_slot,
    next_move,
)
from liveproof.domain.retries import (
    LONGEST_FAILING_MS,
    LONGEST_RETRY_MS,
    MOST_RUNS,
    SHORTEST_RETRY_MS,
    VENDOR_FAILURES,
    is_stuck,
    retry_delay_ms,
)
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification

NOW = 1_795_000_000_000
HOLD, REPEAT = UnknownPolicy.HOLD, UnknownPolicy.REPEAT_ONCE
ANSWERED, NOT_EXECUTED, UNKNOWN = (
    CallOutcome.ANSWERED,
    CallOutcome.NOT_EXECUTED,
    CallOutcome.UNKNOWN,
)
UNKNOWN_IS_THE_END = GiveUp("call_outcome_unknown")


def call(outcome: CallOutcome | None, state: CallState = CallState.SETTLED) -> Call:
    return Call(number=1, action="A", region=None, state=state, intent_at=NOW, outcome=outcome)


def verification(*outcomes: CallOutcome, **changes: Any) -> Verification:
    """One that is `checking`, with calls that ended so."""
    values: dict[str, Any] = {
        "id": "ver_" + "0" * 26,
        "client": "shop",
        "check": "reflect",
        "region": "ap-singapore",
        "created_at": NOW,
        "expires_at": NOW,
        "inputs": {},
        "threshold": 70.0,
        "status": Status.CHECKING,
        "due_at": NOW,
        "calls": tuple(call(outcome) for outcome in outcomes),
    }
    return Verification(**{**values, **changes})


SENT = call(None, CallState.CALLED)
INTENDED = call(None, CallState.INTENT)

ROWS: list[tuple[str, Verification, UnknownPolicy, Move]] = [
    ("held", verification(UNKNOWN, status=Status.HELD), HOLD, UNKNOWN_IS_THE_END),
    (
        "held, though the policy changed since",
        verification(UNKNOWN, status=Status.HELD),
        REPEAT,
        UNKNOWN_IS_THE_END,
    ),
    ("sent", verification(calls=(SENT,)), REPEAT, SettleInterrupted()),
    ("sent, with hold", verification(calls=(SENT,)), HOLD, SettleInterrupted()),
    (
        "sent for the second time",
        verification(calls=(call(UNKNOWN), SENT)),
        REPEAT,
        SettleInterrupted(),
    ),
    (
        "sent in the last run",
        verification(calls=(SENT,), runs=MOST_RUNS),
        HOLD,
        SettleInterrupted(),
    ),
    ("answered", verification(ANSWERED), REPEAT, Decide(call(ANSWERED))),
    (
        "answered in the last run",
        verification(ANSWERED, runs=MOST_RUNS),
        HOLD,
        Decide(call(ANSWERED)),
    ),
    (
        "answered after an unknown outcome",
        verification(UNKNOWN, ANSWERED),
        HOLD,
        Decide(call(ANSWERED)),
    ),
    ("unknown once", verification(UNKNOWN), REPEAT, ReserveSlot()),
    ("unknown once, with hold", verification(UNKNOWN), HOLD, Hold(NOW + HOLD_MS)),
    ("unknown once and released", verification(UNKNOWN, released_at=NOW), HOLD, ReserveSlot()),
    ("unknown twice", verification(UNKNOWN, UNKNOWN), REPEAT, UNKNOWN_IS_THE_END),
    ("unknown twice, with hold", verification(UNKNOWN, UNKNOWN), HOLD, UNKNOWN_IS_THE_END),
    (
        "unknown twice, once after a release",
        verification(UNKNOWN, UNKNOWN, released_at=NOW),
        HOLD,
        UNKNOWN_IS_THE_END,
    ),
    (
        "unknown in the last run: that is what the end says",
        verification(UNKNOWN, UNKNOWN, runs=MOST_RUNS),
        REPEAT,
        UNKNOWN_IS_THE_END,
    ),
    ("unknown, then not executed", verification(UNKNOWN, NOT_EXECUTED), HOLD, ReserveSlot()),
    ("not executed", verification(NOT_EXECUTED), HOLD, ReserveSlot()),
    ("intended and never sent", verification(calls=(INTENDED,)), REPEAT, ReserveSlot()),
    ("ready", verification(status=Status.READY), HOLD, ReserveSlot()),
    ("the last run but one", verification(runs=MOST_RUNS - 1), REPEAT, ReserveSlot()),
    ("every run used up", verification(runs=MOST_RUNS), REPEAT, GiveUp("not_finished")),
    (
        "every run used up, a slot in store",
        verification(runs=MOST_RUNS, call_not_before=NOW + 1),
        REPEAT,
        GiveUp("not_finished"),
    ),
]


@pytest.mark.parametrize(
    ("entry", "policy", "move"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_run_begins_with(entry: Verification, policy: UnknownPolicy, move: Move) -> None:
    assert next_move(entry, policy, NOW) == move


@pytest.mark.parametrize(
    ("slot", "due_at", "latest"),
    [
        pytest.param(NOW + 9_000, NOW, NOW + SLOT_LEAD_MS, id="long files: 2 s after it was due"),
        pytest.param(NOW + 2_001, NOW, NOW + SLOT_LEAD_MS, id="a little more than the lead"),
        pytest.param(NOW + 2_000, NOW, NOW + 2_000, id="the lead"),
        pytest.param(NOW + 500, NOW, NOW + 500, id="less than the lead: in the slot"),
        pytest.param(NOW + 500, None, NOW + 500, id="no due time"),
    ],
)
def test_a_stored_slot_is_kept_by_a_run_that_begins_early_enough(
    slot: int, due_at: int | None, latest: int
) -> None:
    waiting = verification(call_not_before=slot, due_at=due_at)

    assert next_move(waiting, REPEAT, latest - 1) == Prepare(slot)
    assert next_move(waiting, REPEAT, latest) == Prepare(slot)
    assert next_move(waiting, REPEAT, latest + 1) == ReserveSlot()


@pytest.mark.parametrize("slot", [NOW, NOW + 1, NOW + SLOT_WAIT_MS])
def test_a_new_slot_within_the_wait_is_prepared_for_at_once(slot: int) -> None:
    assert move_with_new_slot(verification(), slot, NOW) == Prepare(slot)


def test_a_new_slot_beyond_the_wait_is_left_to_a_run_that_starts_shortly_before_it() -> None:
    slot = NOW + SLOT_WAIT_MS + 1

    assert move_with_new_slot(verification(), slot, NOW) == Wait(slot - SLOT_LEAD_MS, "slot", slot)


def test_a_run_whose_files_take_long_starts_as_early_before_its_new_slot_as_before_the_missed() -> (
    None
):
    lead = 30_000
    missed = verification(call_not_before=NOW + 25_000, due_at=NOW + 25_000 - lead)

    assert move_with_new_slot(missed, NOW + lead, NOW) == Prepare(NOW + lead)
    assert move_with_new_slot(missed, NOW + lead + 1, NOW) == Wait(NOW + 1, "slot", NOW + lead + 1)


def test_a_lead_shorter_than_two_seconds_counts_as_two_seconds() -> None:
    late = verification(call_not_before=NOW + 100, due_at=NOW)
    slot = NOW + SLOT_WAIT_MS + 1

    assert move_with_new_slot(late, slot, NOW) == Wait(slot - SLOT_LEAD_MS, "slot", slot)


def test_a_slot_is_missed_50_ms_after_it() -> None:
    assert SLOT_LATENESS_MS == 50
    assert not has_missed(NOW, NOW - 1)
    assert not has_missed(NOW, NOW + 50)
    assert has_missed(NOW, NOW + 51)


def prepared(slot: int, *, took: int = 0, left: float = 100.0) -> Move:
    return move_when_prepared(slot, NOW, began=NOW - took, seconds_left=left, call_timeout=30)


def test_a_slot_within_the_wait_is_called_in() -> None:
    assert prepared(NOW) == Send(NOW)
    assert prepared(NOW - 50) == Send(NOW - 50)
    assert prepared(NOW + SLOT_WAIT_MS) == Send(NOW + SLOT_WAIT_MS)


def test_a_slot_beyond_the_wait_is_left_to_a_run_that_starts_as_much_earlier_as_this_one_took() -> (
    None
):
    slot = NOW + SLOT_WAIT_MS + 1

    assert prepared(slot, took=3_000) == Wait(slot - SLOT_LEAD_MS - 3_000, "slot", slot)
    assert prepared(slot, took=8_001) == Wait(NOW, "slot", slot)
    assert prepared(slot, took=30_000) == Wait(NOW, "slot", slot)


def test_a_call_that_no_longer_fits_into_the_run_is_left_to_the_next_one() -> None:
    """30 s of the call, 10 s for what follows it."""
    assert prepared(NOW, left=40.0) == Send(NOW)
    assert prepared(NOW, left=39.999) == Wait(NOW, "slot", NOW)
    assert prepared(NOW + 4_000, left=44.0) == Send(NOW + 4_000)
    assert prepared(NOW + 4_000, left=43.999) == Wait(NOW + 2_000, "slot", NOW + 4_000)


def test_a_failure_that_cost_nothing_is_tried_again_at_growing_distances() -> None:
    waits = [
        move_after_failure(verification(vendor_failures=failures), "RelayFailed", NOW)
        for failures in (0, 1, 2, VENDOR_FAILURES - 2)
    ]

    assert waits == [
        Wait(NOW + wait, "RelayFailed", is_failure=True)
        for wait in (2_000, 3_000, 4_500, LONGEST_RETRY_MS)
    ]


def test_the_fortieth_failure_is_the_end() -> None:
    assert VENDOR_FAILURES == 40
    assert move_after_failure(verification(vendor_failures=39), "NotSent", NOW) == GiveUp(
        "vendor_unavailable"
    )


@pytest.mark.parametrize(
    ("entry", "policy", "move"),
    [
        (verification(UNKNOWN), REPEAT, Wait(NOW + 2_000, "call_outcome_unknown")),
        (
            verification(UNKNOWN, vendor_failures=1),
            REPEAT,
            Wait(NOW + 3_000, "call_outcome_unknown"),
        ),
        (verification(UNKNOWN, released_at=1), HOLD, Wait(NOW + 2_000, "call_outcome_unknown")),
        (verification(UNKNOWN), HOLD, Hold(NOW + 24 * 60 * 60 * 1000)),
        (verification(UNKNOWN, UNKNOWN), REPEAT, UNKNOWN_IS_THE_END),
        (verification(UNKNOWN, UNKNOWN), HOLD, UNKNOWN_IS_THE_END),
        (verification(UNKNOWN, UNKNOWN, released_at=1), HOLD, UNKNOWN_IS_THE_END),
    ],
)
def test_after_an_unknown_outcome_comes(
    entry: Verification, policy: UnknownPolicy, move: Move
) -> None:
    assert move_after_unknown(entry, policy, NOW) == move


def test_waits_grow_by_half_from_two_seconds_to_two_minutes() -> None:
    assert [retry_delay_ms(failures) for failures in (0, 1, 2, 3)] == [2_000, 3_000, 4_500, 6_750]
    assert retry_delay_ms(10) == 115_330
    assert retry_delay_ms(11) == retry_delay_ms(5_000) == LONGEST_RETRY_MS == 120_000
    assert SHORTEST_RETRY_MS == 2_000
    assert MOST_RUNS == 100


def test_a_step_is_stuck_after_a_day_without_a_save() -> None:
    assert LONGEST_FAILING_MS == 24 * 60 * 60 * 1000
    assert not is_stuck(None, NOW)
    assert not is_stuck(NOW, NOW + LONGEST_FAILING_MS - 1)
    assert is_stuck(NOW, NOW + LONGEST_FAILING_MS)
