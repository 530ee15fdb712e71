"""Limits that are asked before money is spent: what is counted of a day, and when that is too much.

A counter belongs to a reference, a client or the deployment, and to one day in UTC. Money is an
integer: millionths of the currency in which the settings name prices.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from liveproof.domain.verification import Decision, Verification

DAY_MS = 24 * 60 * 60 * 1000
MILLION = 1_000_000

KEPT_MS = 2 * DAY_MS
"""How long a counter is kept after its day: a verification of the day ends, and gives back what it
reserved, within that time. What comes later is given back to nobody."""


class Limit(str, Enum):
    """What is limited. Values are those of the log."""

    ATTEMPTS = "attempts"
    OPEN = "open"
    SPEND = "spend"


class Counts(NamedTuple):
    """What a counter has counted, or an amount to add to it.

    Attributes:
        attempts: verifications that were created.
        open: those of them that are not decided.
        spend: what their calls cost or may cost, in millionths.
    """

    attempts: int = 0
    open: int = 0
    spend: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def minus(self, other: Counts) -> Counts:
        """Without the other's."""
        return Counts(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Most(NamedTuple):
    """What a counter may reach; None: there is no limit. The fields are those of `Counts`."""

    attempts: int | None = None
    open: int | None = None
    spend: int | None = None


class LimitReached(Exception):
    """A counter would pass what it may reach; nothing was counted."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.value)
        self.limit = limit


def taken(before: Counts, added: Counts, most: Most) -> Counts:
    """What a counter has after `added`. Raises LimitReached."""
    after = before.plus(added)
    for limit, value, highest in zip(Limit, after, most, strict=True):
        if highest is not None and value > highest:
            raise LimitReached(limit)
    return after


def day_of(at: int) -> int:
    """The number of a time's day in UTC, from 1970."""
    return at // DAY_MS


def seconds_to_tomorrow(now: int) -> int:
    """Whole seconds until the next day begins in UTC."""
    return -(-(DAY_MS - now % DAY_MS) // 1000)


def counter_name(day: int, *parts: str) -> str:
    """The name of a counter: a digest of 64 hex digits, so that it names no person and no client.

    Args:
        parts: nothing for the deployment; the client; the client and its reference.
    """
    return hashlib.sha256(json.dumps([day, *parts]).encode()).hexdigest()


def question_digest(verification: Verification) -> str | None:
    """A keyed digest of what a verification asks: check, files, challenge and threshold.

    The key is the client's reference, which is not stored beside the digest: without it nobody can
    find out of which files a digest is. None without a reference.
    """
    if verification.reference is None:
        return None
    challenge = verification.challenge
    question = [
        verification.client,
        verification.check,
        verification.threshold,
        challenge and [challenge.type, challenge.data],
        sorted([name, file.md5, file.size] for name, file in verification.inputs.items()),
    ]
    message = json.dumps(question).encode()
    return hmac.new(verification.reference.encode(), message, hashlib.sha256).hexdigest()


def rejected_digest(verification: Verification) -> str | None:
    """`question_digest` of a verification that was rejected; None for any other."""
    verdict = verification.verdict
    if verdict is None or verdict.decision is not Decision.REJECTED:
        return None
    return question_digest(verification)


def millionths(amount: float) -> int:
    """An amount of money as an integer."""
    return round(amount * MILLION)


def cost(verification: Verification, prices: dict[str, float]) -> int:
    """What the calls of a verification cost or may have cost, in millionths."""
    return sum(millionths(prices.get(action, 0.0)) for action in _paid(verification))


def _paid(verification: Verification) -> Iterable[str]:
    for call in verification.calls:
        may_be_billed = call.called_at is not None if call.billable is None else (
            call.billable != "no"
        )  # fmt: skip
        if may_be_billed:
            yield call.action
