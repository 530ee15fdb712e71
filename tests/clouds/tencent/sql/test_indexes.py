"""Lists and sweeps read what they return, however much lies beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.states import Status
from tests.support.verifications import DAY_MS, NOW, numbered
from tools.mariadb import ScratchDatabase

ROWS = 1_000
CLIENTS = 20

Ask = Callable[[SqlRecords], object]


def _is_mysql(place: ScratchDatabase) -> bool:
    return place.url.startswith("mysql:")


@pytest.fixture
def full(place: ScratchDatabase) -> Iterator[Database]:
    """Twenty clients' verifications: a few unfinished, most of them kept for a while yet."""

    def fill(session: Session, _: bool) -> None:
        for number in range(ROWS):
            one = numbered(number, client=f"client-{number % CLIENTS}")
            unfinished = number % 50 == 0
            session.execute(
                "INSERT INTO verifications (id, version, status, client, due_at, keep_until,"
                " write_token, record) VALUES (?, 1, ?, ?, ?, ?, 'x', ?)",
                one.id,
                "ready" if unfinished else "decided",
                one.client,
                NOW + number if unfinished else None,
                None if unfinished else NOW + number,
                msgspec.json.encode(one).decode(),
            )
            session.execute(
                "INSERT INTO idempotency_keys (claim_key, verification, fingerprint, expires_at)"
                " VALUES (?, ?, 'x', ?)",
                f"key-{number}",
                one.id,
                NOW + number,
            )

    with closing(place.open()) as database:
        database.transaction(fill)
        for table in ("verifications", "idempotency_keys"):
            database.query(f"ANALYZE TABLE {table}" if _is_mysql(place) else "ANALYZE")
        yield database


@pytest.mark.parametrize(
    ("index", "ask"),
    [
        ("verifications_due", lambda records: list(records.due(NOW + 300, 100))),
        ("verifications_recent", lambda records: records.recent("client-3", None, 20, None)),
        (
            "verifications_recent",
            lambda records: records.recent("client-3", None, 20, numbered(700).id),
        ),
        (
            "verifications_recent_by_status",
            lambda records: records.recent("client-0", Status.READY, 20, None),
        ),
        ("verifications_kept", lambda records: records.delete_expired(NOW + 20, 10)),
        ("idempotency_keys_kept", lambda records: records.delete_expired(NOW - 30 * DAY_MS, 10)),
    ],
)
def test_an_index_answers(
    place: ScratchDatabase, full: Database, monkeypatch: pytest.MonkeyPatch, index: str, ask: Ask
) -> None:
    plans = []
    query = full.query

    def explained(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        words = "EXPLAIN" if _is_mysql(place) else "EXPLAIN QUERY PLAN"
        plans.append(str(query(f"{words} {statement}", *values)))
        return query(statement, *values)

    monkeypatch.setattr(full, "query", explained)
    ask(SqlRecords(full, record_days=30))

    plan = next(plan for plan in plans if index in plan)
    assert "filesort" not in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN" not in plan
