"""How a run of `run_check` spends its function's time.

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
"""A slot nearer than this is waited for; a later one ends the run and starts another. Shorter waits
free workers for other checks sooner, but more runs come late for their slots (`make bench`)."""

RESERVE_SECONDS = 10.0
"""Kept free after a call for settling, evidence and the decision."""

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


def longest_call_seconds(run_seconds: float, prepare_seconds: float = PREPARE_SECONDS) -> float:
    """The longest call timeout for a function that has `run_seconds` for one run."""
    return run_seconds - MARGIN_SECONDS - prepare_seconds - SLOT_WAIT_SECONDS - RESERVE_SECONDS
