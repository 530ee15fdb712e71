"""The Endpoints port in SQL: one row per client, with `Endpoint` as JSON.

Each change is one transaction whose first statement locks the row. A change whose answer was lost
is made again: a permit is lost until its lease ends, or a failure is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.endpoint_health import Change, Policy, Report
from liveproof.domain.endpoint_permits import (
    Endpoint,
    Permit,
    Turn,
    give_back,
    record_test,
    take_permit,
)

_T = TypeVar("_T")


class SqlEndpoints:
    """The table of endpoints. Every method raises DatabaseUnavailable, after several attempts."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy

    def load(self, client: str) -> Endpoint:
        rows = self._database.query("SELECT state FROM endpoints WHERE client = ?", client)
        return _decode(rows[0][0]) if rows else Endpoint()

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        return self._change(
            client, lambda row: take_permit(row, self._policy, client, now, waited=waited)
        )

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        return self._change(
            permit.client, lambda row: give_back(row, self._policy, permit, report, now)
        )

    def record_test(self, client: str, report: Report, now: int) -> Change:
        return self._change(client, lambda row: record_test(row, report, now))

    def _change(self, client: str, change: Callable[[Endpoint], tuple[Endpoint, _T]]) -> _T:
        def work(session: Session, _: bool) -> tuple[_T] | None:
            if not session.execute(
                "UPDATE endpoints SET changes = changes + 1 WHERE client = ?", client
            ):
                return None
            rows = session.query("SELECT state FROM endpoints WHERE client = ?", client)
            before = _decode(rows[0][0])
            after, result = change(before)
            if after != before:
                session.execute(
                    "UPDATE endpoints SET state = ? WHERE client = ?",
                    msgspec.json.encode(after).decode(),
                    client,
                )
            return (result,)

        while True:
            done = self._database.transaction(work)
            if done is not None:
                return done[0]
            self._add_row(client)

    def _add_row(self, client: str) -> None:
        # In a statement of its own: within the transactions, two concurrent inserts would deadlock.
        try:
            self._database.execute(
                "INSERT INTO endpoints (client, changes, state) VALUES (?, 0, '{}')", client
            )
        except DuplicateKey:
            return  # added by another function


def _decode(state: str) -> Endpoint:
    """A text that this version cannot read is as good as none: the next change replaces it."""
    try:
        return msgspec.json.decode(state, type=Endpoint)
    except msgspec.MsgspecError:
        return Endpoint()
