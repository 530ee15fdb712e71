"""The paid call of a verification: once for a proven input set, and the ledger says how far it got.

    intent     won by a conditional write; the free relay of the bytes follows
    called     written just before the request leaves, in the quota's slot
    settled    written as soon as the answer is there, before anything else is done with it

A function may die between any two lines. After its lease the step runs again and reads the ledger:
`domain/next_move.py` says what follows, and `use_cases/paid_call.py` does it.
"""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import CallOutcome, CallState, Settlement
from liveproof.domain.lifecycle import call_settled
from liveproof.domain.retries import is_stuck
from liveproof.domain.run_times import SHORTEST_PREPARE_SECONDS, longest_call_seconds
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict
from liveproof.settings import SettingsError
from liveproof.use_cases.admission import admission, give_up_turn
from liveproof.use_cases.conclude import conclude, verdict_without_answer
from liveproof.use_cases.load_due import load_due
from liveproof.use_cases.paid_call import PaidCall

_IN_A_QUEUE = (Status.READY, Status.CHECKING)
_CHECKABLE = (*_IN_A_QUEUE, Status.HELD)


def require_times(dependencies: Dependencies, time_limit: float) -> None:
    """Refuse a function whose time has no room for the call timeout.

    Args:
        time_limit: seconds that the function has for a run.

    Raises:
        SettingsError: naming both.
    """
    require_fit(time_limit, dependencies.settings.call_timeout_seconds)


def require_fit(run_seconds: float, call_timeout: float) -> None:
    """Refuse times with which a call could never be made.

    Args:
        run_seconds: what the function has for one run.
        call_timeout: LIVEPROOF_CALL_TIMEOUT_SECONDS.

    Raises:
        SettingsError: naming both sides.
    """
    longest = longest_call_seconds(run_seconds, SHORTEST_PREPARE_SECONDS)
    if call_timeout > longest:
        raise SettingsError(
            f"LIVEPROOF_CALL_TIMEOUT_SECONDS is {call_timeout:g} seconds, "
            "but run_check is stopped after "
            f"{run_seconds:.0f}: with that, a call may take at most {max(0.0, longest):.0f}. "
            "Shorten the one or lengthen the other"
        )


def run_check(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Move a verification whose inputs are proven towards its decision.

    Args:
        deadline: when the function is stopped (ms since 1970).

    Raises:
        Exception: any error of the step. The verification stays due, and the sweep requests the
            step again, at growing intervals and for a day at most.
    """
    verification = load_due(dependencies, verification_id, _CHECKABLE)
    if (
        verification is None
        or verification.status not in _CHECKABLE
        or not verification.is_due(dependencies.clock.now())
    ):
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        if verification is not None and verification.status not in _IN_A_QUEUE:
            give_up_turn(dependencies, verification)
        return
    try:
        _run(dependencies, verification, deadline)
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)


def _run(dependencies: Dependencies, verification: Verification, deadline: int) -> None:
    now = dependencies.clock.now()
    check = dependencies.checks.get(verification.check)
    if check is None:
        observability.count(Metric.VENDOR_ALERT)
        _end(dependencies, verification, "check_switched_off")
        give_up_turn(dependencies, verification)
        return
    try:
        with admission(dependencies, verification, deadline) as is_admitted:
            if is_admitted:
                PaidCall(dependencies, verification, check, deadline).proceed()
            else:
                observability.record(
                    Event.CALL_POSTPONED, verification=verification.id, why="admission"
                )
    except Conflict:
        raise
    except Exception as error:
        if not is_stuck(verification.due_at, now):
            raise
        observability.record_failure(Event.STEP_STUCK, error, verification=verification.id)
        observability.count(Metric.RUNS_EXHAUSTED)
        _end(dependencies, verification, "not_finished")


def _end(dependencies: Dependencies, verification: Verification, reason: str) -> None:
    """Conclude without an answer; of a call that was sent, the outcome is unknown then."""
    now = dependencies.clock.now()
    last = verification.last_call
    if last is not None and last.state is CallState.CALLED:
        observability.count(Metric.CALL_OUTCOME_UNKNOWN)
        verification = call_settled(
            verification, now, Settlement(CallOutcome.UNKNOWN, code="interrupted"), lease_until=now
        )
    verdict = verdict_without_answer(verification, reason, now)
    conclude(dependencies, verification, verdict)
