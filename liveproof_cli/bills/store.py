"""A bill and the ledger side by side in a temporary database, so that neither has to fit into
memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from liveproof.domain.ledger import Call
from liveproof.domain.verification import Verification
from liveproof_cli.bills.reading import BillRow
from liveproof_cli.ledger import Period, billed, made_at

_TABLES = """
CREATE TABLE bill (line INTEGER, request_id TEXT, action TEXT, region TEXT, at INTEGER, day TEXT,
    count INTEGER, amount TEXT, verification TEXT);
CREATE TABLE other_items (action TEXT PRIMARY KEY, rows INTEGER);
CREATE TABLE ledger (request_id TEXT, verification TEXT, client TEXT, number INTEGER, action TEXT,
    region TEXT, at INTEGER, day TEXT, billed TEXT, inside INTEGER);
"""
_INDEXES = """
CREATE INDEX bill_ids ON bill (request_id);
CREATE INDEX ledger_ids ON ledger (request_id);
CREATE INDEX ledger_times ON ledger (action, at);
"""


class Store:
    """Both sides. Every amount is the text of a decimal number."""

    def __init__(self, connection: sqlite3.Connection, zone: timezone) -> None:
        self._connection = connection
        self._zone = zone
        connection.executescript(_TABLES)
        connection.create_aggregate("decimal_sum", 1, _Sum)  # type: ignore[arg-type]

    def add_bill(self, rows: Iterable[BillRow]) -> None:
        """Keep the rows of our actions, and count those of other items by their names."""
        for row in rows:
            if not row.is_ours and row.action:
                self._connection.execute(
                    "INSERT INTO other_items VALUES (?, 1)"
                    " ON CONFLICT (action) DO UPDATE SET rows = rows + 1",
                    (row.action,),
                )
                continue
            amount = None if row.amount is None else str(row.amount)
            values = (row.line, row.request_id, row.action, row.region, row.at, row.day, row.count)
            self._connection.execute(
                "INSERT INTO bill VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)", (*values, amount)
            )

    def add_ledger(self, calls: Iterable[tuple[Verification, Call]], period: Period) -> None:
        """Keep the calls that left. Those outside of the period only explain rows of the bill."""
        for verification, call in calls:
            if call.called_at is None:
                continue
            request_id = None if call.request_id is None else call.request_id.lower()
            at = made_at(call)
            values = (request_id, verification.id, verification.client, call.number, call.action)
            self._connection.execute(
                "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, call.region, at, self.day_of(at), billed(call), at in period),
            )
        self._connection.executescript(_INDEXES)
        # A bill of RequestIds alone has neither actions nor days.
        for column in ("action", "day"):
            self._connection.execute(
                f"UPDATE bill SET {column} = COALESCE((SELECT {column} FROM ledger"  # noqa: S608 - names of ours
                f" WHERE ledger.request_id = bill.request_id), {column})"
                f" WHERE COALESCE({column}, '') = ''"
            )

    def keep_period(self, first: str, last: str) -> int:
        """Forget rows of the bill outside of these days, which both belong to the period.

        Returns:
            How many there were.
        """
        forgotten = self._connection.execute(
            "DELETE FROM bill WHERE day < ? OR day > ?", (first, last)
        )
        return forgotten.rowcount

    def days(self) -> tuple[str, str] | None:
        """The first and the last day of the bill; None where it has none."""
        first, last = self._connection.execute("SELECT MIN(day), MAX(day) FROM bill").fetchone()
        return None if first is None else (first, last)

    def day_of(self, at: int) -> str:
        """The day of a time (ms since 1970) in the bill's time zone."""
        return datetime.fromtimestamp(at / 1000, tz=self._zone).date().isoformat()

    def query(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT, one at a time."""
        yield from self._connection.execute(statement, values)

    def change(self, statement: str, *values: Any) -> None:
        """One change."""
        self._connection.execute(statement, values)


@contextmanager
def temporary_store(zone: timezone) -> Iterator[Store]:
    """An empty store, in a file that SQLite deletes."""
    connection = sqlite3.connect("")
    try:
        yield Store(connection, zone)
    finally:
        connection.close()


class _Sum:
    """SQLite's SUM takes decimal numbers for floating point ones."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, amount: str | None) -> None:
        if amount is not None:
            self._sum = (self._sum or Decimal(0)) + Decimal(amount)

    def finalize(self) -> str | None:
        return None if self._sum is None else str(self._sum)
