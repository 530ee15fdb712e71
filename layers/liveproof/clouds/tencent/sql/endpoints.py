"""The Endpoints port in SQL: one row per client, with `Endpoint` as JSON.

`changes` counts the changes of a row. A change is one update, under the condition that `changes` is
what this function saw last; it is then right about the row's content too. Where another function
came in between, the update is refused, and the change is a transaction whose first statement locks
the row. So functions that use an endpoint at the same time wait for each other and never starve. A
change whose answer was lost is made again: a permit is lost until its lease ends, or a failure is
counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

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

_MOST_CHANGES = 2**31 - 1
"""MySQL's INT holds no more. After it the count begins anew."""

_T = TypeVar("_T")


class _Seen(NamedTuple):
    """A row."""

    changes: int
    endpoint: Endpoint


class SqlEndpoints:
    """The table of endpoints. Every method raises DatabaseUnavailable, after several attempts."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        # By client, after this function's last change.
        self._seen: dict[str, _Seen] = {}

    def load(self, client: str) -> Endpoint:
        seen = self._read(client)
        return Endpoint() if seen is None else seen.endpoint

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
        seen = self._seen.get(client) or self._read(client)
        if seen is not None:
            after, result = change(seen.endpoint)
            if self._database.execute(
                "UPDATE endpoints SET changes = ?, state = ? WHERE client = ? AND changes = ?",
                _next(seen.changes),
                _encode(after),
                client,
                seen.changes,
            ):
                self._seen[client] = _Seen(_next(seen.changes), after)
                return result

        def work(session: Session, _: bool) -> tuple[_Seen, _T] | None:
            if not session.execute(
                "UPDATE endpoints SET changes = CASE WHEN changes < ? THEN changes + 1 ELSE 0 END"
                " WHERE client = ?",
                _MOST_CHANGES,
                client,
            ):
                return None
            rows = session.query("SELECT changes, state FROM endpoints WHERE client = ?", client)
            before = _decode(rows[0][1])
            after, result = change(before)
            if after != before:
                session.execute(
                    "UPDATE endpoints SET state = ? WHERE client = ?", _encode(after), client
                )
            return _Seen(int(rows[0][0]), after), result

        while True:
            done = self._database.transaction(work)
            if done is not None:
                self._seen[client] = done[0]
                return done[1]
            self._add_row(client)

    def _read(self, client: str) -> _Seen | None:
        rows = self._database.query("SELECT changes, state FROM endpoints WHERE client = ?", client)
        return _Seen(int(rows[0][0]), _decode(rows[0][1])) if rows else None

    def _add_row(self, client: str) -> None:
        # In a statement of its own: within the transactions, two concurrent inserts would deadlock.
        try:
            self._database.execute(
                "INSERT INTO endpoints (client, changes, state) VALUES (?, 0, '{}')", client
            )
        except DuplicateKey:
            return  # added by another function


def _next(changes: int) -> int:
    return changes + 1 if changes < _MOST_CHANGES else 0


def _encode(endpoint: Endpoint) -> str:
    return msgspec.json.encode(endpoint).decode()


def _decode(state: str) -> Endpoint:
    """A text that this version cannot read is as good as none: the next change replaces it."""
    try:
        return msgspec.json.decode(state, type=Endpoint)
    except msgspec.MsgspecError:
        return Endpoint()
