"""Ending a verification: a reason's code becomes a decision, which is saved and published."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.lifecycle import decided, unknown_calls
from liveproof.domain.states import Step
from liveproof.domain.verification import Decision, Reason, Verdict, Verification
from liveproof.observability import Event, Measure, wide_event
from liveproof.use_cases.limits import settle as settle_limits
from liveproof.use_cases.request_step import request_step


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


def verdict_without_answer(
    verification: Verification, reason: str, now: int, vendor_code: str | None = None
) -> Verdict:
    """The verdict when something else than the vendor's answer ends the verification.

    If a call's outcome is unknown, the reason is `call_outcome_unknown`, whatever ended the
    verification afterwards: the client and the operator must know that the call may be billed.
    """
    last = verification.last_call
    answered = last is not None and last.outcome is CallOutcome.ANSWERED
    if answered or unknown_calls(verification) == 0:
        return verdict_of(reason, now, vendor_code)
    unknown = [call for call in verification.calls if call.outcome is CallOutcome.UNKNOWN]
    return verdict_of("call_outcome_unknown", now, unknown[-1].code)


def reason_of_refusal(reason: str) -> str:
    """The reason when the vendor refuses a free request that precedes the paid call.

    The vendor has not seen the person's files, so the person cannot do better: the decision is
    `error`, by the same reason if that leads to `error`, else by `vendor_request`.
    """
    is_error = facts.reasons()[reason].decision is Decision.ERROR
    return reason if is_error else "vendor_request"


def conclude(dependencies: Dependencies, verification: Verification, verdict: Verdict) -> None:
    """Save the decision and start its delivery. Raises Conflict."""
    publish_decision(dependencies, dependencies.records.save(decided(verification, verdict)))


def publish_decision(dependencies: Dependencies, verification: Verification) -> None:
    """Log and count a saved decision, and request its delivery. Raises ValueError without one."""
    verdict = verification.verdict
    if verdict is None:
        raise ValueError("only a decision can be published")
    observability.record(
        Event.DECIDED,
        verification=verification.id,
        decision=verdict.decision.value,
        reason=verdict.reason.code,
        vendor_code=verdict.reason.vendor_code,
    )
    wide_event.current().note(decision=verdict.decision.value)
    observability.measure(
        Measure.DECISIONS, 1, check=verification.check, decision=verdict.decision.value
    )
    request_step(dependencies, Step.DELIVER_RESULT, verification)
    settle_limits(dependencies, verification)
