"""Reading a vendor's code and score: exact codes, one table per product, unknown fails closed."""

from __future__ import annotations

from dataclasses import dataclass

from liveproof import facts
from liveproof.checks.thresholds import passes
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Decision
from liveproof.facts import ApiFacts, CheckFacts, CodeKind, VendorCode


@dataclass(frozen=True)
class Reading:
    """What an answer means.

    Attributes:
        outcome: for the ledger; only ANSWERED carries a decision.
        reason: a code of `data/reasons.json`.
        billable: "yes", "no" or "unknown", from the code table.
        codes_date: the date of that table.
        score: the answer's, where it means something with this code.
        decision: what the reason stands for.
        is_in_table: False for a code that the table does not have.
        is_alert: True when a code says that liveproof itself may be wrong.
        is_throttled: True when the request was refused because there were too many.
    """

    outcome: CallOutcome
    reason: str
    billable: str
    codes_date: str
    score: float | None = None
    decision: Decision | None = None
    is_in_table: bool = True
    is_alert: bool = False
    is_throttled: bool = False


def is_throttling(api: ApiFacts, code: str) -> bool:
    """Whether the vendor refuses a request with this code because there were too many."""
    entry = facts.code_table(api.codes).codes.get(code)
    return entry is not None and entry.kind is CodeKind.RATE_LIMITED


def load_tables(api: ApiFacts) -> None:
    """Read what `interpret` needs, before a call is paid for.

    Raises:
        OSError, msgspec.DecodeError: a table is missing or broken.
    """
    facts.code_table(api.codes)
    facts.reasons()


def interpret(
    check: CheckFacts, api: ApiFacts, code: str | None, score: float | None, threshold: float
) -> Reading:
    """What the code and the score of an answered call mean.

    Args:
        code: None for an answer that has none.
        score: as `Check.read` takes it out of the answer, or as the ledger kept it.
        threshold: of the verification.
    """
    table = facts.code_table(api.codes)
    if code is None:
        return _answered("vendor_answer_incomplete", "unknown", table.date, is_alert=True)
    entry = table.codes.get(code)
    if entry is None:
        return _answered("vendor_code_unknown", "unknown", table.date, is_in_table=False)
    meant = score if entry.scored else None
    if entry.kind is CodeKind.PASSED:
        return _interpret_pass(check, entry, table.date, meant, threshold)
    if entry.kind in (CodeKind.RETRYABLE, CodeKind.RATE_LIMITED):
        is_free = entry.billable == "no"
        outcome = CallOutcome.NOT_EXECUTED if is_free else CallOutcome.UNKNOWN
        throttled = is_throttling(api, code)
        return Reading(
            outcome, entry.reason, entry.billable, table.date, meant, is_throttled=throttled
        )
    is_alert = entry.reason == "vendor_refused_input" or entry.kind is CodeKind.OPERATOR_ACTION
    return _answered(entry.reason, entry.billable, table.date, meant, is_alert=is_alert)


def _interpret_pass(
    check: CheckFacts, entry: VendorCode, date: str, score: float | None, threshold: float
) -> Reading:
    if score is None:
        return _answered("vendor_answer_incomplete", entry.billable, date, is_alert=True)
    reason = check.passed if passes(check, score, threshold) else check.below_threshold
    return _answered(reason, entry.billable, date, score)


def score_in(value: object, lowest: float, highest: float) -> float | None:
    """`value` as a score, None unless it is a number in the range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if lowest <= value <= highest else None


def _answered(
    reason: str,
    billable: str,
    date: str,
    score: float | None = None,
    *,
    is_in_table: bool = True,
    is_alert: bool = False,
) -> Reading:
    decision = facts.reasons()[reason].decision
    return Reading(
        CallOutcome.ANSWERED, reason, billable, date, score, decision, is_in_table, is_alert
    )
