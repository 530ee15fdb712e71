"""Verdicts: the one place where a reason's code becomes a decision, saved and announced."""

from __future__ import annotations

from collections.abc import Mapping

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.lifecycle import decided, unknown_calls
from liveproof.domain.states import Step
from liveproof.domain.verification import Decision, Reason, Verdict, Verification
from liveproof.observability import Event, Metric
from liveproof.use_cases.ask_for import ask_for


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
    """The verdict when the verification ends by anything but an answer.

    A call whose outcome is unknown may have been judged and paid: whatever ended the verification
    afterwards, that is what its client and its operator have to know.
    """
    last = verification.last_call
    answered = last is not None and last.outcome is CallOutcome.ANSWERED
    if answered or unknown_calls(verification) == 0:
        return verdict_of(reason, now, vendor_code)
    unknown = [call for call in verification.calls if call.outcome is CallOutcome.UNKNOWN]
    return verdict_of("call_outcome_unknown", now, unknown[-1].code)


def reason_of_refusal(reason: str) -> str:
    """The reason when the vendor refuses a free request before the paid call.

    The person's files have not been looked at, so nothing is theirs to mend: it is an error.
    """
    ours = facts.reasons()[reason].decision is Decision.ERROR
    return reason if ours else "vendor_request"


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
    ask_for(dependencies, Step.DELIVER_RESULT, verification.id)
