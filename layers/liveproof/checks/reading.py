"""Reading a vendor's code and score: exact codes, one table per product, unknown fails closed."""

from __future__ import annotations

from liveproof import facts
from liveproof.checks.check import Reading
from liveproof.domain.ledger import CallOutcome
from liveproof.facts import ApiFacts, CheckFacts, CodeClass


def read(
    check: CheckFacts, api: ApiFacts, code: str | None, score: float | None, threshold: float
) -> Reading:
    """What the ledger's facts of an answered call mean."""
    if code is None:
        return _answered("vendor_answer_incomplete", "unknown", alert=True)
    entry = facts.code_table(api.codes).codes.get(code)
    if entry is None:
        return _answered("vendor_code_unknown", "unknown", known=False)
    if entry.class_ in (CodeClass.RETRYABLE, CodeClass.RATE_LIMITED):
        repeatable = entry.billable == "no"
        outcome = CallOutcome.NOT_EXECUTED if repeatable else CallOutcome.UNKNOWN
        return Reading(outcome, None, entry.reason, entry.billable)
    if entry.class_ is CodeClass.PASSED:
        if score is None:
            return _answered("vendor_answer_incomplete", entry.billable, alert=True)
        if score < threshold or (check.above_threshold_only and score == threshold):
            return _answered(check.below_threshold, entry.billable)
        return _answered(check.passed, entry.billable)
    alert = entry.reason == "vendor_refused_input" or entry.class_ is CodeClass.OPERATOR_ACTION
    return _answered(entry.reason, entry.billable, alert=alert)


def scored(api: ApiFacts, code: str | None) -> bool:
    """Whether the score that came with a code means something."""
    entry = facts.code_table(api.codes).codes.get(code or "")
    return entry is not None and entry.scored


def score_in(value: object, lowest: float, highest: float) -> float | None:
    """`value` as a score, None unless it is a number in the range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if lowest <= value <= highest else None


def _answered(reason: str, billable: str, *, known: bool = True, alert: bool = False) -> Reading:
    decision = facts.reasons()[reason].decision
    return Reading(CallOutcome.ANSWERED, decision, reason, billable, known=known, alert=alert)
