"""The ledger: every paid call of a verification, how far it got, what came of it and its charge.

`lifecycle.call_intended`, `call_sent` and `call_settled` write its entries. Times are milliseconds
since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from msgspec import Struct


class CallState(str, Enum):
    """How far a paid call got: the right to it is won, the bytes leave, the outcome is recorded."""

    INTENT = "intent"
    CALLED = "called"
    SETTLED = "settled"


class CallOutcome(str, Enum):
    """What a settled call means for the next one.

    ANSWERED is a verdict. NOT_EXECUTED cost nothing (never sent, refused at the gateway, or an
    engine fault that the code table lists as not billed) and may be repeated. UNKNOWN may have been
    executed and billed: only the policy `LIVEPROOF_UNKNOWN_OUTCOME` repeats it, once.
    """

    ANSWERED = "answered"
    NOT_EXECUTED = "not_executed"
    UNKNOWN = "unknown"


class Call(Struct, frozen=True, kw_only=True):
    """One entry of the ledger: a paid request to a vendor.

    Attributes:
        region: the region that the request names; None for an action that takes none. `private` for
            a service in the team's own network.
        version: of the API; None in old records.
        face_model: the vendor's face model that the request names; None where it names none.
        codes_date: of the code table that judged the answer; None where none did.
        billable: "yes", "no" or "unknown", from the code table, once settled.
        score: the vendor's score; None where it gave none that means something.
    """

    number: int
    action: str
    region: str | None
    state: CallState
    intent_at: int
    called_at: int | None = None
    settled_at: int | None = None
    outcome: CallOutcome | None = None
    code: str | None = None
    request_id: str | None = None
    latency_ms: int | None = None
    billable: str | None = None
    score: float | None = None
    version: str | None = None
    face_model: str | None = None
    codes_date: str | None = None


@dataclass(frozen=True)
class Settlement:
    """How a call ended: what `lifecycle.call_settled` writes into its entry.

    Attributes: as those of `Call`.
    """

    outcome: CallOutcome
    billable: str = "unknown"
    code: str | None = None
    request_id: str | None = None
    latency_ms: int | None = None
    score: float | None = None
    codes_date: str | None = None
