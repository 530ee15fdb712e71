"""Connections that break between a write and its answer, through a proxy before a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from msgspec.structs import replace

from liveproof.clouds.tencent.sql.admission import CALL_MS, Limit, SqlAdmission
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.clouds.tencent.sql.quota import SqlQuota
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain import lifecycle
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict, IdempotencyConflict
from tests.support.mysql_proxy import Cut, MysqlProxy, proxy, wait_for
from tests.support.quota_contract import NEAR
from tests.support.verifications import NOW, claim, numbered, verification
from tools.mariadb import MariadbServer, ScratchDatabase

UPDATE, INSERT = b"UPDATE verifications", b"INSERT INTO verifications"
WHEN = pytest.mark.parametrize("executed", [True, False])


@pytest.fixture
def between(mariadb: MariadbServer) -> Iterator[MysqlProxy]:
    with proxy(mariadb.host, mariadb.port) as made:
        yield made


@pytest.fixture
def meanwhile() -> list[Callable[[], object]]:
    """What others do while the adapter pauses between two attempts; tests add to it."""
    return []


@pytest.fixture
def database(
    mariadb: MariadbServer,
    mariadb_place: ScratchDatabase,
    between: MysqlProxy,
    meanwhile: list[Callable[[], object]],
) -> Iterator[Database]:
    """The place as seen through the proxy, its tables made."""

    def pause(seconds: float) -> None:
        for act in meanwhile:
            act()
        time.sleep(seconds)

    name = mariadb_place.url.rsplit("/", 1)[1].partition("?")[0]
    url = mariadb.url(name, port=between.port, query="?tls=off").replace(mariadb.host, "127.0.0.1")
    with closing(ScratchDatabase(url, mariadb_place.login).open(pause=pause)) as opened:
        opened.query("SELECT 1")
        yield opened


@pytest.fixture
def records(database: Database) -> SqlRecords:
    return SqlRecords(database, record_days=30)


@pytest.fixture
def others(mariadb_place: ScratchDatabase) -> Iterator[SqlRecords]:
    """Another container, which does not use the proxy."""
    with closing(mariadb_place.open()) as opened:
        yield SqlRecords(opened, record_days=30)


@WHEN
def test_a_new_verification_is_saved_once(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy, executed: bool
) -> None:
    between.cuts.append(Cut(INSERT, executed))

    saved = records.save(verification())

    assert between.made == 1
    assert others.load(saved.id) == saved
    assert saved.version == 1


@WHEN
def test_a_change_is_saved_once(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy, executed: bool
) -> None:
    first = records.save(verification())
    between.cuts.append(Cut(UPDATE, executed))

    second = records.save(lifecycle.postponed(first, NOW + 1))

    assert between.made == 1
    assert others.load(first.id) == second
    assert second.version == 2


@WHEN
@pytest.mark.parametrize("statement", [b"INSERT INTO idempotency_keys", INSERT, b"COMMIT"])
def test_a_creation_with_a_key_is_done_once_and_does_not_meet_itself(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy, statement: bytes, executed: bool
) -> None:
    between.cuts.append(Cut(statement, executed))

    saved = records.save(numbered(1), claim())

    assert between.made == 1
    assert others.load(saved.id) == saved
    with pytest.raises(IdempotencyConflict) as taken:
        others.save(numbered(2), claim())
    assert taken.value.verification_id == saved.id


def test_a_change_that_reaches_the_server_after_its_repetition_does_nothing(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy
) -> None:
    first = records.save(verification())
    late = threading.Event()
    between.cuts.append(Cut(UPDATE, executed=True, late=late))

    second = records.save(lifecycle.postponed(first, NOW + 1))
    third = records.save(lifecycle.postponed(second, NOW + 2))
    late.set()
    assert wait_for(lambda: between.lost_answers)

    assert others.load(first.id) == third


def test_a_creation_waits_for_its_own_first_try_that_has_not_ended(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy
) -> None:
    late = threading.Event()
    between.cuts.append(Cut(b"COMMIT", executed=True, late=late))
    timer = threading.Timer(0.3, late.set)
    timer.start()

    saved = records.save(numbered(1), claim())

    timer.join()
    assert wait_for(lambda: between.lost_answers)
    assert others.load(saved.id) == saved


def test_a_change_that_was_made_and_then_changed_by_another_is_a_conflict(
    records: SqlRecords,
    others: SqlRecords,
    between: MysqlProxy,
    meanwhile: list[Callable[[], object]],
) -> None:
    first = records.save(verification())
    between.cuts.append(Cut(UPDATE, executed=True))

    def change() -> None:
        stored = others.load(first.id)
        assert stored is not None
        others.save(replace(stored, reference="another"))

    meanwhile.append(change)
    with pytest.raises(Conflict):
        records.save(lifecycle.postponed(first, NOW + 1))

    stored = others.load(first.id)
    assert stored is not None
    assert (stored.version, stored.reference, stored.due_at) == (3, "another", NOW + 1)


def test_a_lost_answer_does_not_make_anothers_write_ones_own(
    records: SqlRecords,
    others: SqlRecords,
    between: MysqlProxy,
    meanwhile: list[Callable[[], object]],
) -> None:
    first = records.save(verification())
    change = lifecycle.postponed(first, NOW + 1)
    between.cuts.append(Cut(UPDATE, executed=False))
    made: list[Verification] = []
    meanwhile.append(lambda: made.append(others.save(change)))

    with pytest.raises(Conflict):
        records.save(change)

    assert others.load(first.id) == made[0]


def test_after_a_lost_answer_anothers_creation_with_the_key_is_recognised(
    records: SqlRecords,
    others: SqlRecords,
    between: MysqlProxy,
    meanwhile: list[Callable[[], object]],
) -> None:
    between.cuts.append(Cut(b"COMMIT", executed=False))
    meanwhile.append(lambda: others.save(numbered(2), claim()))

    with pytest.raises(IdempotencyConflict) as taken:
        records.save(numbered(1), claim())

    assert taken.value.verification_id == numbered(2).id
    assert others.load(numbered(1).id) is None


@WHEN
def test_a_back_off_is_made_once(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy, executed: bool
) -> None:
    others.save(verification(due_at=NOW))
    (due,) = records.due(NOW, 10)
    between.cuts.append(Cut(UPDATE, executed))

    assert records.back_off(due, NOW, 15_000, 60_000) == 15_000

    assert between.made == 1
    (later,) = others.due(NOW + 15_000, 10)
    assert later.due_at == NOW + 15_000
    assert others.back_off(later, NOW + 15_000, 15_000, 60_000) == 30_000


def test_a_back_off_whose_answer_was_lost_leaves_what_was_saved_meanwhile(
    records: SqlRecords,
    others: SqlRecords,
    between: MysqlProxy,
    meanwhile: list[Callable[[], object]],
) -> None:
    saved = others.save(verification(due_at=NOW))
    (due,) = records.due(NOW, 10)
    between.cuts.append(Cut(UPDATE, executed=False))
    meanwhile.append(lambda: others.save(lifecycle.postponed(saved, NOW + 20_000)))

    assert records.back_off(due, NOW, 15_000, 60_000) is None

    (later,) = others.due(NOW + 20_000, 10)
    assert (later.due_at, later.backed_off) == (NOW + 20_000, False)


def test_reads_are_sent_again(records: SqlRecords, others: SqlRecords, between: MysqlProxy) -> None:
    saved = others.save(verification())
    between.cuts += [Cut(b"SELECT record", executed) for executed in (True, False)]

    assert records.load(saved.id) == saved
    assert between.made == 2


@WHEN
def test_a_slot_whose_answer_was_lost_is_given_to_nobody(
    database: Database, between: MysqlProxy, mariadb_place: ScratchDatabase, executed: bool
) -> None:
    quota = SqlQuota(database)
    assert quota.reserve("reflect", 5, NOW) == NOW
    between.cuts.append(Cut(b"UPDATE quota", executed))

    mine = quota.reserve("reflect", 5, NOW)

    assert mine == (NOW + 2 * NEAR if executed else NOW + NEAR)
    with closing(mariadb_place.open()) as opened:
        assert SqlQuota(opened).reserve("reflect", 5, NOW) > mine


def test_a_server_that_never_answers_a_write_is_given_up(
    records: SqlRecords, others: SqlRecords, between: MysqlProxy
) -> None:
    first = records.save(verification())
    before = between.connections
    between.cuts.append(Cut(UPDATE, executed=False, times=100))

    with pytest.raises(DatabaseUnavailable):
        records.save(lifecycle.postponed(first, NOW + 1))

    assert between.connections - before == 2
    assert others.load(first.id) == first
    between.cuts.clear()
    assert records.save(lifecycle.postponed(first, NOW + 1)).version == 2


@pytest.fixture
def admission(database: Database) -> SqlAdmission:
    return SqlAdmission(database, {"reflect": Limit(1, 5.0)})


@WHEN
def test_a_permit_is_taken_once(
    admission: SqlAdmission, between: MysqlProxy, executed: bool
) -> None:
    between.cuts.append(Cut(b"INSERT INTO admission", executed))

    assert admission.enter(numbered(1), NOW, NOW + 60_000) is True
    assert admission.enter(numbered(2), NOW, NOW + 60_001) is False
    admission.leave(numbered(1), NOW + 60_000)
    assert [waiting.id for waiting in admission.call_next("reflect", NOW)] == [numbered(2).id]


@WHEN
def test_one_that_was_called_enters_although_the_answer_was_lost(
    admission: SqlAdmission, between: MysqlProxy, executed: bool
) -> None:
    admission.enter(numbered(1), NOW, NOW + 60_000)
    admission.enter(numbered(2), NOW, NOW + 60_001)
    admission.leave(numbered(1), NOW + 60_000)
    admission.call_next("reflect", NOW)
    between.cuts.append(Cut(b"UPDATE admission", executed))

    assert admission.enter(numbered(2), NOW, NOW + 60_002) is True


@WHEN
def test_a_call_whose_answer_was_lost_is_made_again_or_frees_its_permit(
    admission: SqlAdmission, between: MysqlProxy, executed: bool
) -> None:
    for number in (1, 2, 3):
        admission.enter(numbered(number), NOW, NOW + 60_000)
    admission.leave(numbered(1), NOW + 60_000)
    between.cuts.append(Cut(b"UPDATE admission", executed))

    called = [waiting.id for waiting in admission.call_next("reflect", NOW)]

    assert called == ([] if executed else [numbered(2).id])
    later = admission.call_next("reflect", NOW + CALL_MS)
    assert [waiting.id for waiting in later] == [numbered(3).id]
