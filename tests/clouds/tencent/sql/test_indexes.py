"""Lists and sweeps read what they return, however much lies beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest

from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.filter import Filter
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
        ("verifications_recent", lambda records: records.recent("client-3", Filter(), 20, None)),
        (
            "verifications_recent",
            lambda records: records.recent("client-3", Filter(), 20, numbered(700).id),
        ),
        (
            "verifications_recent_by_status",
            lambda records: records.recent("client-0", Filter(status=Status.READY), 20, None),
        ),
        ("verifications_kept", lambda records: records.delete_expired(NOW + 20, 10)),
        ("idempotency_keys_kept", lambda records: records.delete_expired(NOW - 30 * DAY_MS, 10)),
    ],
)
def test_an_index_answers(
    place: ScratchDatabase, full: Database, monkeypatch: pytest.MonkeyPatch, index: str, ask: Ask
) -> None:
    plans = _plans(place, monkeypatch)

    ask(SqlRecords(full, record_days=30))

    _require_no_sorting(next(plan for plan in plans if index in plan))


def _plans(place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each SELECT is answered from now on."""
    plans: list[str] = []
    query = Session.query

    def explained(session: Session, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        words = "EXPLAIN" if _is_mysql(place) else "EXPLAIN QUERY PLAN"
        plans.append(str(query(session, f"{words} {statement}", *values)))
        return query(session, statement, *values)

    monkeypatch.setattr(Session, "query", explained)
    return plans


def _require_no_sorting(plan: str) -> None:
    assert "filesort" not in plan
    assert "TEMP B-TREE" not in plan
    assert "SCAN verifications" not in plan
    assert "SCAN admission" not in plan


def test_a_queue_of_any_length_is_asked_by_its_indexes(
    place: ScratchDatabase, full: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = SqlAdmission(full, {"reflect": Limit(5, 5.0)})
    for number in range(400):
        admission.enter(numbered(number, client=f"c{number % 20}", version=1), NOW, NOW + 1_000)
    full.query("ANALYZE TABLE admission" if _is_mysql(place) else "ANALYZE")
    plans = _plans(place, monkeypatch)

    admission.enter(numbered(500, client="c1", version=1), NOW, NOW + 1_000)
    admission.leave(numbered(0), NOW + 1_000)
    assert len(admission.call_next("reflect", NOW)) == 1

    assert any("admission_turns" in plan for plan in plans)
    assert any("admission_queue" in plan for plan in plans)
    for plan in plans:
        _require_no_sorting(plan)
        assert "'admission', 'ALL'" not in plan
