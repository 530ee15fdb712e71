"""The decision that an answered call stands for, with the evidence of a person who passed."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks.check import Check
from liveproof.checks.frames import Frame
from liveproof.checks.reading import interpret
from liveproof.dependencies import Dependencies
from liveproof.domain.lifecycle import decided
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Metric
from liveproof.use_cases.conclude import verdict_of
from liveproof.use_cases.keep_evidence import keep_evidence


def decide_by_call(
    dependencies: Dependencies,
    check: Check,
    verification: Verification,
    frames: tuple[Frame, ...] | None,
    seconds_left: float,
) -> Verification:
    """The verification as its last call decides it, not yet saved.

    Args:
        verification: its last call is settled and was answered.
        frames: what the answer offers; None when the answer itself is no longer there.
        seconds_left: of the function.
    """
    call = verification.calls[-1]
    reading = interpret(check.facts, check.api, call.code, call.score, verification.threshold)
    if not reading.is_in_table:
        observability.count(Metric.UNKNOWN_VENDOR_CODE)
    if reading.is_alert:
        observability.count(Metric.VENDOR_ALERT)
    if reading.decision is Decision.PASSED:
        verification = keep_evidence(dependencies, verification, frames, seconds_left)
    scores = {} if call.score is None else {check.facts.score: call.score}
    verdict = verdict_of(reading.reason, dependencies.clock.now(), call.code, scores)
    return decided(verification, verdict)
