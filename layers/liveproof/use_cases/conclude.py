"""Building verdicts: the one place where a reason's code becomes a decision with its words."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.lifecycle import decided
from liveproof.domain.states import Step
from liveproof.domain.verification import Decision, Reason, Verdict, Verification
from liveproof.observability import Event, Metric


def verdict_of(
    reason: str,
    now: int,
    vendor_code: str | None = None,
    scores: Mapping[str, float] | None = None,
) -> Verdict:
    """The verdict that a reason stands for. Raises KeyError for a reason not in `reasons.json`."""
    fact = facts.reasons()[reason]
    return Verdict(
        decision=fact.decision,
        reason=Reason(code=reason, message=fact.message, vendor_code=vendor_code),
        scores=dict(scores or {}),
        decided_at=now,
    )


def verdict_of_refusal(reason: str, now: int, vendor_code: str) -> Verdict:
    """The verdict when the vendor refuses a free request before the paid call.

    The person's files have not been looked at, so nothing is theirs to mend: it is an error.
    """
    ours = facts.reasons()[reason].decision is Decision.ERROR
    return verdict_of(reason if ours else "vendor_request", now, vendor_code)


def conclude(dependencies: Dependencies, verification: Verification, verdict: Verdict) -> None:
    """Save the decision and start its delivery. Raises Conflict."""
    announce(dependencies, dependencies.records.save(decided(verification, verdict)))


def announce(dependencies: Dependencies, verification: Verification) -> None:
    """A saved decision: log it, count it, ask for its delivery."""
    verdict = verification.verdict
    if verdict is None:
        raise ValueError("only a decided verification can be announced")
    observability.record(
        Event.DECIDED,
        verification=verification.id,
        decision=verdict.decision.value,
        reason=verdict.reason.code,
        vendor_code=verdict.reason.vendor_code,
    )
    observability.count(Metric[f"DECIDED_{verdict.decision.name}"])
    dependencies.steps.run(Step.DELIVER_RESULT, verification.id)
