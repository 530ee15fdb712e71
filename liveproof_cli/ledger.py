"""The ledger of a deployment, a row for each paid call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from liveproof.clock import iso
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import Call
from liveproof.domain.verification import Verification
from liveproof.ports import Records
from liveproof_cli.listing import complete

LONGEST_LIFE_MS = 33 * 24 * 60 * 60 * 1000
"""A call is made so long after its verification was created, at most: a day for the uploads, thirty
for which the bucket keeps them (the most of uploadsExpireDays) while an operator holds it, and two
until the bucket has deleted them."""

Read = Callable[[Verification], None]


@dataclass(frozen=True)
class Period:
    """Times (ms since 1970) from `since` up to `until`, which does not belong to it; None: open."""

    since: int | None = None
    until: int | None = None

    def __contains__(self, at: int) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Row:
    """A paid call as an export shows it. Times are RFC 3339 in UTC; None: it did not happen.

    Attributes:
        call: its number among the calls of the verification, from 1.
        billed: "yes", "no" or "unknown", as the code table says of the vendor's answer. A call that
            was sent and is not settled is "unknown", and one that was never sent is "no".
        price: of one billed call of the action; None where none is configured.
    """

    verification: str
    client: str
    check: str
    call: int
    action: str
    api_version: str | None
    region: str | None
    request_id: str | None
    state: str
    intent_at: str
    called_at: str | None
    settled_at: str | None
    outcome: str | None
    code: str | None
    billed: str
    price: float | None


COLUMNS = tuple(Row.__dataclass_fields__)


def ledger(
    records: Records,
    clients: Sequence[str],
    period: Period,
    *,
    check: str | None = None,
    read: Read = lambda verification: None,
) -> Iterator[tuple[Verification, Call]]:
    """The calls that were made in a period, by the age of their verifications, the oldest first.

    A page of verifications is in memory at a time. A call that was never sent counts at the time of
    its intent.

    Args:
        read: is called with every verification that was read, before its calls.
    """
    since = None if period.since is None else max(0, period.since - LONGEST_LIFE_MS)
    criteria = Filter(since=since, until=period.until, oldest_first=True)
    for verification in complete(records, clients, criteria):
        read(verification)
        if check in (None, verification.check):
            for call in verification.calls:
                if made_at(call) in period:
                    yield verification, call


def made_at(call: Call) -> int:
    """When a call left (ms since 1970), or was intended, if it never left."""
    return call.intent_at if call.called_at is None else call.called_at


def build_row(verification: Verification, call: Call, prices: Mapping[str, float]) -> Row:
    """A call of a verification as a row."""
    return Row(
        verification=verification.id,
        client=verification.client,
        check=verification.check,
        call=call.number,
        action=call.action,
        api_version=call.version,
        region=call.region,
        request_id=call.request_id,
        state=call.state.value,
        intent_at=iso(call.intent_at),
        called_at=_iso(call.called_at),
        settled_at=_iso(call.settled_at),
        outcome=None if call.outcome is None else call.outcome.value,
        code=call.code,
        billed=billed(call),
        price=prices.get(call.action),
    )


def billed(call: Call) -> str:
    """Whether a call was billed: "yes", "no" or "unknown"."""
    if call.billable is not None:
        return call.billable
    return "no" if call.called_at is None else "unknown"


def _iso(at: int | None) -> str | None:
    return None if at is None else iso(at)
