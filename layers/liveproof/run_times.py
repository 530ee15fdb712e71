"""How a run of `run_check` spends its function's time, and whether a call timeout fits into it.

    preparing    up to 40 s: the bytes are brought to the vendor
    the slot     up to 10 s: the moment that the quota gives to the call
    the call     LIVEPROOF_CALL_TIMEOUT_SECONDS
    reserve      10 s: the answer is recorded, evidence kept, the decision taken

The code that runs and the refusal at start ask this module. The checks before a deployment
(`infra/aws/params.js`, `infra/tencent/variables.tf`) cannot: tests hold them to it.
"""

from __future__ import annotations

from liveproof.settings import SettingsError

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


def preparing_seconds(seconds_left: float, call_timeout: float) -> float:
    """What a run may spend on the preparation, so that slot, call and reserve still fit.

    Args:
        seconds_left: until the run must end, its margin taken off.
        call_timeout: seconds of the paid call.
    """
    return min(PREPARE_SECONDS, seconds_left - SLOT_WAIT_SECONDS - call_timeout - RESERVE_SECONDS)


def longest_call(run_seconds: float, prepare_seconds: float = PREPARE_SECONDS) -> float:
    """The longest call timeout (seconds) for a function that has `run_seconds` for one run."""
    return run_seconds - MARGIN_SECONDS - prepare_seconds - SLOT_WAIT_SECONDS - RESERVE_SECONDS


def require_fit(run_seconds: float, call_timeout: float) -> None:
    """Refuse times with which a call could never be made.

    Args:
        run_seconds: what the function has for one run.
        call_timeout: LIVEPROOF_CALL_TIMEOUT_SECONDS.

    Raises:
        SettingsError: naming both sides.
    """
    longest = longest_call(run_seconds, SHORTEST_PREPARE_SECONDS)
    if call_timeout > longest:
        raise SettingsError(
            f"LIVEPROOF_CALL_TIMEOUT_SECONDS is {call_timeout:g} seconds, "
            f"but run_check is stopped after {run_seconds:.0f}: "
            f"with that, a call may take at most {max(0.0, longest):.0f}. "
            "Shorten the one or lengthen the other"
        )
