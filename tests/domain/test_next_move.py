"""The decision tree of a paid call, branch by branch, with both sides of every limit."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.next_move import (
    HOLD_MS,
    Decide,
    GiveUp,
    Hold,
    MakeCall,
    Move,
    SettleInterrupted,
    UnknownPolicy,
    Wait,
    move_after_failure,
    move_after_unknown,
    move_while_down,
    move_without_slot,
    next_move,
    put_off,
)
from liveproof.domain.retries import (
    LONGEST_FAILING_MS,
    LONGEST_RETRY_MS,
    MOST_RUNS,
    SHORTEST_RETRY_MS,
    VENDOR_DOWN_MS,
    VENDOR_FAILURES,
    is_stuck,
    retry_delay_ms,
)
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification, WaitingFor

NOW = 1_795_000_000_000
HOLD, REPEAT = UnknownPolicy.HOLD, UnknownPolicy.REPEAT_ONCE
ANSWERED, NOT_EXECUTED, UNKNOWN = (
    CallOutcome.ANSWERED,
    CallOutcome.NOT_EXECUTED,
    CallOutcome.UNKNOWN,
)
SOON = Wait(NOW + 2_000, "call_outcome_unknown", WaitingFor.VENDOR)
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
    ("unknown once", verification(UNKNOWN), REPEAT, MakeCall()),
    ("unknown once, with hold", verification(UNKNOWN), HOLD, Hold(NOW + HOLD_MS)),
    ("unknown once and released", verification(UNKNOWN, released_at=NOW), HOLD, MakeCall()),
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
    ("unknown, then not executed", verification(UNKNOWN, NOT_EXECUTED), HOLD, MakeCall()),
    ("not executed", verification(NOT_EXECUTED), HOLD, MakeCall()),
    ("intended and never sent", verification(calls=(INTENDED,)), REPEAT, MakeCall()),
    ("ready", verification(status=Status.READY), HOLD, MakeCall()),
    ("the last run but one", verification(runs=MOST_RUNS - 1), REPEAT, MakeCall()),
    ("every run used up", verification(runs=MOST_RUNS), REPEAT, GiveUp("not_finished")),
    ("more than every run", verification(runs=MOST_RUNS + 1), REPEAT, GiveUp("not_finished")),
]


@pytest.mark.parametrize(
    ("entry", "policy", "move"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_run_begins_with(entry: Verification, policy: UnknownPolicy, move: Move) -> None:
    assert next_move(entry, policy, NOW) == move


@pytest.mark.parametrize(
    ("runs", "free_at", "until"),
    [
        pytest.param(0, NOW, NOW + 2_000, id="no run intended a call yet"),
        pytest.param(1, NOW + 10_001, NOW + 3_000, id="a slot just beyond the wait"),
        pytest.param(1, NOW + 13_000, NOW + 3_000, id="within the wait by then"),
        pytest.param(1, NOW + 13_001, NOW + 3_001, id="when it is within the wait"),
        pytest.param(1, NOW + 90_000, NOW + 80_000, id="a far one"),
        pytest.param(2, NOW + 10_001, NOW + 4_500, id="longer with each run"),
        pytest.param(99, NOW + 10_001, NOW + 120_000, id="two minutes at most"),
    ],
)
def test_without_a_slot_the_next_run_comes_later(runs: int, free_at: int, until: int) -> None:
    assert move_without_slot(verification(runs=runs), free_at, NOW) == Wait(
        until, "quota", WaitingFor.QUOTA
    )


@pytest.mark.parametrize(
    ("waited", "seconds"), [(0, 15), (15_000, 15), (40_000, 20), (200_000, 100), (300_000, 120)]
)
def test_while_the_vendor_is_down_the_next_runs_come_at_growing_distances(
    waited: int, seconds: int
) -> None:
    waiting = verification(vendor_waited_ms=waited)
    move = move_while_down(waiting, NOW)

    assert move == Wait(NOW + seconds * 1000, "vendor_down", WaitingFor.VENDOR, is_down=True)
    after = put_off(waiting, move, NOW)
    assert (after.due_at, after.waiting_for) == (NOW + seconds * 1000, WaitingFor.VENDOR)
    assert after.vendor_waited_ms == waited + seconds * 1000
    assert after.vendor_failures == 0


def test_a_vendor_that_is_down_is_waited_for_two_hours_longer_than_forty_failures_take() -> None:
    """Operators read of the two hours in docs/pace.md."""
    assert VENDOR_DOWN_MS == 2 * 60 * 60 * 1000
    assert move_while_down(verification(vendor_waited_ms=VENDOR_DOWN_MS), NOW) == GiveUp(
        "vendor_unavailable"
    )
    failures = sum(retry_delay_ms(number) for number in range(VENDOR_FAILURES))
    assert failures + VENDOR_FAILURES * 60_000 < VENDOR_DOWN_MS


def test_a_failure_is_counted_and_a_wait_for_a_slot_is_not() -> None:
    failed = put_off(verification(), Wait(NOW + 1, "a", WaitingFor.VENDOR, is_failure=True), NOW)
    waited = put_off(verification(), Wait(NOW + 1, "a", WaitingFor.QUOTA), NOW)

    assert (failed.vendor_failures, failed.waiting_for) == (1, WaitingFor.VENDOR)
    assert (waited.vendor_failures, waited.waiting_for) == (0, WaitingFor.QUOTA)
    assert failed.vendor_waited_ms == waited.vendor_waited_ms == 0


def test_a_failure_that_cost_nothing_is_tried_again_at_growing_distances() -> None:
    waits = [
        move_after_failure(verification(vendor_failures=failures), "RelayFailed", NOW)
        for failures in (0, 1, 2, VENDOR_FAILURES - 2)
    ]

    assert waits == [
        Wait(NOW + wait, "RelayFailed", WaitingFor.VENDOR, is_failure=True)
        for wait in (2_000, 3_000, 4_500, LONGEST_RETRY_MS)
    ]


@pytest.mark.parametrize("before", [39, 40], ids=["the 40th", "one more, of another version"])
def test_the_fortieth_failure_is_the_end(before: int) -> None:
    assert VENDOR_FAILURES == 40
    assert move_after_failure(verification(vendor_failures=before), "NotSent", NOW) == GiveUp(
        "vendor_unavailable"
    )


@pytest.mark.parametrize(
    ("entry", "policy", "move"),
    [
        (
            verification(UNKNOWN),
            REPEAT,
            SOON,
        ),
        (
            verification(UNKNOWN, vendor_failures=1),
            REPEAT,
            Wait(NOW + 3_000, "call_outcome_unknown", WaitingFor.VENDOR),
        ),
        (
            verification(UNKNOWN, released_at=1),
            HOLD,
            SOON,
        ),
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
