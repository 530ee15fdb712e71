"""How a run of `run_check` spends its function's time.

    the relay's slot  up to 10 s: the wait until the files may be brought to the vendor
    preparation  up to 40 s: the files are brought to the vendor
    the slot     up to 10 s: the wait for the moment that the quota gives to the call
    the call     LIVEPROOF_CALL_TIMEOUT_SECONDS
    reserve      10 s: the answer is recorded, evidence kept, the decision taken
    margin       1 s: the run is over before its function is stopped

The code that runs and its refusal at start (`use_cases/run_check.py`) ask this module. The checks
before a deployment (`infra/aws/params.js`, `infra/tencent/variables.tf`) cannot: tests hold them to
it.
"""

from __future__ import annotations

PREPARE_SECONDS = 40.0
"""The longest preparation. A run whose function has less time gives it less."""

SHORTEST_PREPARE_SECONDS = 3.0
"""A run that has less than this left for the preparation does not begin it."""

RETRY_WAIT_SECONDS = 2.0
"""The shortest wait for the next run. On Tencent Cloud a run waits inside its function, so the wait
takes of the function's time."""

SLOT_WAIT_SECONDS = 10.0
"""The longest wait for a slot, of the relay and of the call. A later slot is not taken: the run
ends, and another begins later. Who has to wait longer waits in the line before the runs."""

RESERVE_SECONDS = 10.0
"""Kept free after a call for settling, evidence and the decision."""

SETTLING_SECONDS = 5.0
"""Of the reserve, what a call that leaves after its slot must not use up: the store may take long
to record that the call is sent. A call that leaves later may be stopped with its function, and
nobody knows then what came of it."""

MARGIN_SECONDS = 1.0
"""A run ends this long before its function is stopped."""

_LEAST_SECONDS = 1.0
"""What is still tried near the end gets this much."""


def seconds_left(deadline: int, now: int) -> float:
    """What a run has left of its time, its margin taken off.

    Args:
        deadline: when its function is stopped (ms since 1970, as `now`).
    """
    return max(_LEAST_SECONDS, (deadline - now) / 1000 - MARGIN_SECONDS)


def preparing_seconds(seconds_left: float, call_timeout: float) -> float:
    """What a run may spend on the preparation, so that slot, call and reserve still fit.

    Args:
        seconds_left: until the run must end, its margin taken off.
        call_timeout: seconds of the paid call.
    """
    return min(PREPARE_SECONDS, seconds_left - SLOT_WAIT_SECONDS - call_timeout - RESERVE_SECONDS)


def latest_call_slot(now: int, deadline: int, call_timeout: float) -> int:
    """The latest slot that a run may take for its call (ms); before `now` if the call fits no more.

    Args:
        deadline: when its function is stopped (ms).
        call_timeout: seconds of the paid call.
    """
    latest = deadline - _ms(MARGIN_SECONDS + RESERVE_SECONDS + call_timeout)
    return min(now + _ms(SLOT_WAIT_SECONDS), latest)


def latest_departure(deadline: int, call_timeout: float) -> int:
    """The latest time at which a call may leave (ms), whatever delayed it since it took its slot.

    Args:
        deadline, call_timeout: as for `latest_call_slot`.
    """
    return deadline - _ms(MARGIN_SECONDS + SETTLING_SECONDS + call_timeout)


def latest_relay_slot(now: int, deadline: int, call_timeout: float) -> int:
    """The latest slot that a run may take for its relay (ms): what follows has to fit, too.

    Args:
        deadline, call_timeout: as for `latest_call_slot`.
    """
    after = SHORTEST_PREPARE_SECONDS + SLOT_WAIT_SECONDS + call_timeout + RESERVE_SECONDS
    return min(now + _ms(SLOT_WAIT_SECONDS), deadline - _ms(MARGIN_SECONDS + after))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def longest_call_seconds(run_seconds: float, prepare_seconds: float = PREPARE_SECONDS) -> float:
    """The longest call timeout for a function that has `run_seconds` for one run."""
    return run_seconds - MARGIN_SECONDS - prepare_seconds - SLOT_WAIT_SECONDS - RESERVE_SECONDS
