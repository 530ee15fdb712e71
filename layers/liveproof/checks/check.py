"""What a check is, and how the codes of every check are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from liveproof import facts
from liveproof.domain.verification import CallOutcome, Decision
from liveproof.facts import CheckFacts, CodeClass, VendorCode
from liveproof.ports import ObjectStream
from liveproof.vendors.tencent.api import Answer


@dataclass(frozen=True)
class Source:
    """A proven input: its MD5 (32 hex digits) and how to open its bytes."""

    md5: str
    open: Callable[[], AbstractContextManager[ObjectStream]]


@dataclass(frozen=True)
class Frame:
    """The best frame as the vendor offers it. Its URL grants access: kept out of every text."""

    url: str
    md5: str

    def __repr__(self) -> str:
        return "Frame(...)"


@dataclass(frozen=True)
class Reading:
    """What an answer means.

    Attributes:
        outcome: for the ledger; only ANSWERED carries a decision.
        decision, reason: the decision and its code of `data/reasons.json`.
        billable: "yes", "no" or "unknown", from the code table.
        known: False for a code that is not in the table.
        alert: True when a code says that liveproof itself may be wrong.
    """

    outcome: CallOutcome
    decision: Decision | None
    reason: str
    billable: str
    known: bool = True
    alert: bool = False


class Check(Protocol):
    """One check: what it calls, what it needs, how its answer is read."""

    @property
    def name(self) -> str: ...

    @property
    def facts(self) -> CheckFacts: ...

    def prepare(self, sources: Mapping[str, Source], timeout: float) -> dict[str, Any]:
        """The parameters of the paid call. Only free requests happen here.

        Raises:
            VendorError: as `Relay.upload` does.
        """

    def call(self, parameters: dict[str, Any], timeout: float) -> Answer:
        """The paid call, once. Raises NotSent or OutcomeUnknown."""

    def read(self, code: str | None, similarity: float | None, threshold: float) -> Reading:
        """What the ledger's facts of an answered call mean."""

    def code_of(self, answer: Answer) -> str | None:
        """The answer's code, from whichever channel it came."""

    def similarity_of(self, answer: Answer) -> float | None:
        """The answer's score, None where there is none or it is filler."""

    def frame_of(self, answer: Answer) -> Frame | None:
        """The best frame that the answer offers."""

    def fetch(self, frame: Frame, timeout: float) -> bytes:
        """The best frame's bytes, its MD5 proven. Raises RelayFailed."""


def read_code(
    codes: Mapping[str, VendorCode], code: str | None, score: float | None, threshold: float
) -> Reading:
    """Read a code and a score through a vendor's table. Whatever is unknown is not passed."""
    if code is None:
        return _answered("vendor_answer_incomplete", "unknown", alert=True)
    entry = codes.get(code)
    if entry is None:
        return _answered("vendor_code_unknown", "unknown", known=False)
    if entry.class_ in (CodeClass.RETRYABLE, CodeClass.RATE_LIMITED):
        repeatable = entry.billable == "no"
        outcome = CallOutcome.NOT_EXECUTED if repeatable else CallOutcome.UNKNOWN
        return Reading(outcome, None, entry.reason, entry.billable)
    if entry.class_ is CodeClass.PASSED:
        if score is None:
            return _answered("vendor_answer_incomplete", entry.billable, alert=True)
        if score < threshold:
            return _answered("score_below_threshold", entry.billable)
    alert = entry.reason == "vendor_refused_input" or entry.class_ is CodeClass.OPERATOR_ACTION
    return _answered(entry.reason, entry.billable, alert=alert)


def _answered(reason: str, billable: str, *, known: bool = True, alert: bool = False) -> Reading:
    decision = facts.reasons()[reason].decision
    return Reading(CallOutcome.ANSWERED, decision, reason, billable, known=known, alert=alert)


def score_in(value: object, lowest: float, highest: float) -> float | None:
    """`value` as a score, None unless it is a number in the range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if lowest <= value <= highest else None
