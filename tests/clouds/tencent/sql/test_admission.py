"""The Admission port in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from liveproof.clouds.tencent.sql import admission_rows as rows
from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.errors import Contention
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Session
from tests.support.admission_contract import AdmissionContract
from tests.support.admission_store import LATER, LEASE, PER_SECOND, PERMITS, Store
from tests.support.verifications import NOW, numbered
from tools.mariadb import ScratchDatabase

LIMITS = {check: Limit(PERMITS, PER_SECOND) for check in ("reflect", "photo")}


class TestSqlAdmission(AdmissionContract):
    @pytest.fixture
    def store(self, place: ScratchDatabase) -> Iterator[Store]:
        with ExitStack() as opened:

            def another() -> SqlAdmission:
                return SqlAdmission(opened.enter_context(closing(place.open())), LIMITS)

            records = SqlRecords(opened.enter_context(closing(place.open())), record_days=30)
            yield Store(another(), records, another)

    def test_a_verification_costs_four_statements_and_one_that_waits_fifteen_at_most(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """docs/operating.md has the numbers."""
        alone, waiting = store.arrives(30), store.arrives(20)
        store.next_ids()  # connects
        statements = _counted(monkeypatch)
        store.enters(alone)
        store.admission.leave(alone, NOW + LEASE)
        store.next_ids()
        assert len(statements) == 4

        first, *_ = store.full("shop")
        statements.clear()
        assert not store.enters(waiting)
        store.next_ids()
        store.admission.leave(first, NOW + LEASE)
        assert store.next_ids() == [waiting.id]
        assert store.enters(waiting)
        assert len(statements) == 14  # one more, unless it is the first in the queue

    def test_the_sweep_looks_a_minute_after_twice_the_time_that_the_turn_should_take(
        self, store: Store
    ) -> None:
        """Earlier, and it would request the steps of a long queue again and again."""
        store.full()
        waiting = [store.arrives(number) for number in (10, 11, 12)]
        for verification in waiting:
            store.enters(verification)

        turn_ms = 1000 / PER_SECOND
        due = {due.id: due.due_at - NOW for due in store.records.due(NOW + LATER, 100)}
        assert [due[verification.id] for verification in waiting] == [
            60_000 + 2 * turn_ms * place for place in (1, 2, 3)
        ]

    def test_a_permit_is_left_for_the_next_by_one_that_no_longer_waits(
        self, store: Store, place: ScratchDatabase
    ) -> None:
        """Else it is unused until the sweep looks again, while others wait."""
        store.full()
        waiting = store.arrives(10)
        store.enters(waiting)
        free = [PERMITS, PERMITS + 1]

        def give(verification_id: str) -> bool:
            return database.run(
                lambda session, _: rows.give_one_of(session, verification_id, free, NOW)
            )

        with closing(place.open()) as database:
            assert not give(numbered(11).id)
            assert free == [PERMITS, PERMITS + 1]
            assert give(waiting.id)
            assert free == [PERMITS]

    def test_a_permit_that_another_one_took_first_is_not_taken(
        self, store: Store, place: ScratchDatabase
    ) -> None:
        """The head of the queue has changed since it looked."""
        store.full()
        waiting = store.arrives(10)
        store.enters(waiting)

        with closing(place.open()) as database:
            assert not database.run(
                lambda session, _: rows.take(session, waiting.id, 0, NOW + LEASE)
            )
        assert not store.enters(waiting)

    def test_where_a_permit_was_taken_meanwhile_the_next_one_is_given(
        self, store: Store, place: ScratchDatabase
    ) -> None:
        store.full()
        waiting = store.arrives(10)
        store.enters(waiting)
        free = [PERMITS, 0]

        with closing(place.open()) as database:
            assert database.run(
                lambda session, _: rows.give_one_of(session, waiting.id, free, NOW + LEASE)
            )
        assert free == []

    def test_contention_forgets_none_that_was_called_before_it(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waiting = [store.arrives(number) for number in (10, 11, 12)]
        holders = store.full()
        for verification in waiting:
            store.enters(verification)
        for holder in holders:
            store.admission.leave(holder, NOW + LEASE)
        _deadlock_at(monkeypatch, "UPDATE admission", 2)

        assert store.next_ids() == [verification.id for verification in waiting]


def _deadlock_at(monkeypatch: pytest.MonkeyPatch, beginning: str, number: int) -> None:
    """The statement of this number, of those that begin so, is rolled back by the database."""
    run, left = Session._run, [number]

    def deadlocking(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
        if statement.startswith(beginning):
            left[0] -= 1
            if left[0] == 0:
                raise Contention("a deadlock")
        return run(session, statement, values)

    monkeypatch.setattr(Session, "_run", deadlocking)


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements from now on."""
    statements: list[str] = []
    run = Session._run

    def counted(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
        statements.append(statement)
        return run(session, statement, values)

    monkeypatch.setattr(Session, "_run", counted)
    return statements
