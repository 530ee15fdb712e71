"""Verifications whose ledgers the tests of money begin with."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from liveproof.domain.ids import lowest_id
from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.verification import Verification
from tests.support.verifications import NOW, verification

ACTION = "VideoLivenessCompare"
REGION = "ap-singapore"
HOUR_MS = 3_600_000


def call(number: int = 1, *, at: int = NOW, **changes: Any) -> Call:
    """A call that was answered and billed at a time (ms since 1970)."""
    settled = Call(
        number=number,
        action=ACTION,
        region=REGION,
        version="2018-03-01",
        state=CallState.SETTLED,
        intent_at=at - 1_000,
        called_at=at,
        settled_at=at + 2_000,
        outcome=CallOutcome.ANSWERED,
        code="Success",
        request_id=f"Request-{number}",
        billable="yes",
    )
    return replace(settled, **changes)


def lost(number: int = 1, *, at: int = NOW) -> Call:
    """A call to which no answer came."""
    return call(
        number,
        at=at,
        outcome=CallOutcome.UNKNOWN,
        code="no_answer",
        request_id=None,
        billable="unknown",
    )


def id_of(number: int) -> str:
    """The id of `paid(number)`, which was created so many milliseconds after `NOW`."""
    return lowest_id(NOW + number)


def paid(number: int, *calls: Call, **changes: Any) -> Verification:
    """A verification of `video` with these calls."""
    return verification(id=id_of(number), check="video", calls=calls, **changes)
