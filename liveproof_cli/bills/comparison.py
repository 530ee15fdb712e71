"""Where a bill and the ledger differ.

With RequestIds each call is looked up. Without them only numbers can be compared: of each action,
region and day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from liveproof_cli.bills.store import Store

_NEAR_MS = 10 * 60 * 1000
"""A call without a RequestId and a row of the bill this close may be the same call."""


class Kind(str, Enum):
    """What differs, or is worth knowing."""

    meaning: str
    is_difference: bool

    def __new__(cls, name: str, meaning: str, is_difference: bool) -> Kind:
        """A kind with this stable name."""
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.meaning = meaning
        kind.is_difference = is_difference
        return kind

    NOT_IN_LEDGER = (
        "not_in_ledger",
        "The bill has a call that this deployment did not make.",
        True,
    )
    NOT_IN_BILL = ("not_in_bill", "The ledger says billed, and the bill has no such call.", True)
    NOT_BILLABLE = (
        "not_billable",
        "The bill has a call whose answer the code table lists as not billed.",
        True,
    )
    BILLED_TWICE = ("billed_twice", "The bill has the same RequestId more than once.", True)
    AMOUNT = ("amount", "The bill's amount is not the configured price.", True)
    COUNT = ("count", "The bill has another number of calls than the ledger.", True)
    LEARNED = (
        "learned",
        "The ledger did not know whether the call was billed: it was.",
        False,
    )
    NOT_BILLED = (
        "not_billed",
        "The ledger did not know whether the call was billed: the bill has no such call.",
        False,
    )
    SEVERAL_CALLS = (
        "several_calls",
        "A verification was billed more than once: its call was repeated.",
        False,
    )


@dataclass(frozen=True)
class Finding:
    """Something that differs or is worth knowing. Fields without a meaning for it are None."""

    kind: Kind
    detail: str
    request_id: str | None = None
    verification: str | None = None
    action: str | None = None
    region: str | None = None
    day: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class DaySum:
    """An action's calls of a day. `price` times `billed` is what the ledger expects."""

    action: str
    day: str
    billed: int
    unknown: int
    not_billed: int
    bill_calls: int
    bill_amount: str | None
    expected_amount: str | None


def compare(
    store: Store, prices: Mapping[str, float], *, by_request_id: bool, has_regions: bool
) -> Iterator[Finding]:
    """Every finding, the differences of single calls first."""
    if by_request_id:
        yield from _unknown_rows(store)
        yield from _missing_calls(store)
        yield from _matched(store)
        yield from _several(store)
        yield from _amounts(store, prices)
    else:
        yield from _counts(store, has_regions)
        yield from _summed_amounts(store, prices)


def sums(store: Store, prices: Mapping[str, float]) -> Iterator[DaySum]:
    """By action and day. A bill without actions or days has its sum on a line without them."""
    rows = store.query(
        "SELECT action, day, SUM(yes), SUM(unknown), SUM(no), SUM(calls), decimal_sum(amount)"
        " FROM (SELECT action, day, billed = 'yes' AS yes, billed LIKE 'unknown%' AS unknown,"
        " billed = 'no' AS no, 0 AS calls, NULL AS amount FROM ledger WHERE inside"
        " UNION ALL SELECT action, COALESCE(day, ''), 0, 0, 0, count, amount FROM bill"
        ") GROUP BY action, day ORDER BY action, day"
    )
    for action, day, yes, unknown, no, calls, amount in rows:
        price = prices.get(action)
        expected = None if price is None else str(_price(price) * yes)
        yield DaySum(action, day, yes, unknown, no, calls, amount, expected)


def _unknown_rows(store: Store) -> Iterator[Finding]:
    """Rows whose RequestId the ledger does not have. A lost answer leaves a call without one."""
    rows = list(
        store.query(
            "SELECT rowid, line, request_id, action, region, at, day FROM bill WHERE NOT EXISTS"
            " (SELECT 1 FROM ledger WHERE ledger.request_id = bill.request_id) ORDER BY line"
        )
    )
    for rowid, line, request_id, action, region, at, day in rows:
        lost = _lost_call(store, action, at)
        if lost is not None:
            store.change("UPDATE bill SET verification = ? WHERE rowid = ?", lost[1], rowid)
            store.change(
                "UPDATE ledger SET billed = 'unknown: in the bill', request_id = ? WHERE rowid = ?",
                request_id,
                lost[0],
            )
            detail = f"no answer came to call {lost[2]}, which was made at about this time"
            yield Finding(Kind.LEARNED, detail, request_id, lost[1], action, region, day, line)
        else:
            detail = "another deployment, person or program uses the account, or the record is gone"
            yield Finding(Kind.NOT_IN_LEDGER, detail, request_id, None, action, region, day, line)


def _lost_call(store: Store, action: str, at: int | None) -> tuple[int, str, int] | None:
    """The call without a RequestId that was made closest to a time: row, verification, number."""
    if at is None:
        return None
    closest = store.query(
        "SELECT rowid, verification, number FROM ledger WHERE request_id IS NULL"
        " AND billed = 'unknown' AND (? = '' OR action = ?) AND at BETWEEN ? AND ?"
        " ORDER BY ABS(at - ?) LIMIT 1",
        action,
        action,
        at - _NEAR_MS,
        at + _NEAR_MS,
        at,
    )
    return next(((row[0], row[1], row[2]) for row in closest), None)


def _missing_calls(store: Store) -> Iterator[Finding]:
    rows = store.query(
        "SELECT request_id, verification, action, region, day, billed FROM ledger WHERE inside"
        " AND billed IN ('yes', 'unknown') AND NOT EXISTS"
        " (SELECT 1 FROM bill WHERE bill.request_id = ledger.request_id) ORDER BY at"
    )
    for request_id, verification, action, region, day, billed in rows:
        kind = Kind.NOT_IN_BILL if billed == "yes" else Kind.NOT_BILLED
        yield Finding(kind, kind.meaning, request_id, verification, action, region, day)


def _matched(store: Store) -> Iterator[Finding]:
    rows = store.query(
        "SELECT ledger.request_id, ledger.verification, ledger.action, ledger.region, ledger.day,"
        " billed, SUM(bill.count), MIN(bill.line) FROM ledger"
        " JOIN bill ON bill.request_id = ledger.request_id"
        " GROUP BY ledger.rowid ORDER BY MIN(bill.line)"
    )
    for request_id, verification, action, region, day, billed, count, line in rows:
        where = (request_id, verification, action, region, day, line)
        if count > 1:
            yield Finding(Kind.BILLED_TWICE, f"billed {count} times", *where)
        if billed == "no" and count > 0:
            yield Finding(Kind.NOT_BILLABLE, Kind.NOT_BILLABLE.meaning, *where)
        if billed == "unknown" and count > 0:
            yield Finding(Kind.LEARNED, Kind.LEARNED.meaning, *where)


def _several(store: Store) -> Iterator[Finding]:
    rows = store.query(
        "SELECT verification, action, COUNT(*), GROUP_CONCAT(request_id, ', ') FROM ledger"
        " WHERE EXISTS (SELECT 1 FROM bill WHERE bill.request_id = ledger.request_id"
        " AND bill.count > 0) GROUP BY verification HAVING COUNT(*) > 1 ORDER BY verification"
    )
    for verification, action, count, request_ids in rows:
        detail = f"{count} calls were billed: {request_ids}"
        yield Finding(Kind.SEVERAL_CALLS, detail, None, verification, action)


def _amounts(store: Store, prices: Mapping[str, float]) -> Iterator[Finding]:
    rows = store.query(
        "SELECT bill.line, bill.request_id, ledger.verification, ledger.action, ledger.region,"
        " ledger.day, bill.count, bill.amount FROM bill"
        " JOIN ledger ON bill.request_id = ledger.request_id"
        " WHERE bill.amount IS NOT NULL ORDER BY bill.line"
    )
    for line, request_id, verification, action, region, day, count, amount in rows:
        price = prices.get(action)
        if price is not None and _price(price) * count != Decimal(amount):
            detail = f"{amount} instead of {_price(price) * count}"
            yield Finding(Kind.AMOUNT, detail, request_id, verification, action, region, day, line)


def _counts(store: Store, has_regions: bool) -> Iterator[Finding]:
    region = "COALESCE(region, '')" if has_regions else "''"
    rows = store.query(
        f"SELECT action, place, day, SUM(yes), SUM(unknown), SUM(calls) FROM ("  # noqa: S608 - names of ours
        f" SELECT action, {region} AS place, day, billed = 'yes' AS yes,"
        " billed = 'unknown' AS unknown, 0 AS calls FROM ledger WHERE inside"
        f" UNION ALL SELECT action, {region}, COALESCE(day, ''), 0, 0, count FROM bill"
        ") GROUP BY action, place, day ORDER BY action, place, day"
    )
    for action, place, day, yes, unknown, calls in rows:
        if yes <= calls <= yes + unknown:
            continue
        expected = f"{yes}" if unknown == 0 else f"{yes} to {yes + unknown}"
        detail = f"the bill has {calls}, the ledger {expected}"
        yield Finding(Kind.COUNT, detail, None, None, action, place or None, day or None)


def _summed_amounts(store: Store, prices: Mapping[str, float]) -> Iterator[Finding]:
    rows = store.query(
        "SELECT action, COALESCE(day, ''), SUM(count), decimal_sum(amount) FROM bill"
        " WHERE amount IS NOT NULL GROUP BY action, day ORDER BY action, day"
    )
    for action, day, count, amount in rows:
        price = prices.get(action)
        if price is not None and _price(price) * count != Decimal(amount):
            detail = f"{amount} for {count} calls instead of {_price(price) * count}"
            yield Finding(Kind.AMOUNT, detail, action=action, day=day or None)


def _price(price: float) -> Decimal:
    """As it was written: 0.1 and not what a floating point number makes of it."""
    return Decimal(str(price))
