"""The Records port in SQL: on SQLite, and on a server of MySQL's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from msgspec.structs import replace

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain import delivery_transitions, lifecycle
from liveproof.domain.audit import CLIENT
from liveproof.domain.filter import Filter
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status
from liveproof.domain.verification import Attempt, Decision, DeliveryState, Verification
from liveproof.ports import Conflict, Due, IdempotencyConflict, Records
from tests.support.records_contract import RecordsContract, together
from tests.support.verifications import DAY_MS, NOW, claim, numbered, settled, verdict, verification
from tools.mariadb import ScratchDatabase

KEPT = NOW + 30 * DAY_MS


class SqlRecordsContract(RecordsContract):
    poisoned = 101

    def spoil(self, records: Records, verification_id: str) -> None:
        self._set(records, verification_id, "record", '{"id": 7')

    def unknown_status(self, records: Records, verification_id: str) -> None:
        self._set(records, verification_id, "status", "archived")

    def _set(self, records: Records, verification_id: str, column: str, value: str) -> None:
        assert isinstance(records, SqlRecords)
        records._database.execute(
            f"UPDATE verifications SET {column} = ? WHERE id = ?",  # noqa: S608 - names of ours
            value,
            verification_id,
        )


def test_a_record_at_its_longest_back_off_is_deleted_some_day_unless_it_is_saved(
    records: SqlRecords,
) -> None:
    saved = records.save(verification(due_at=NOW))
    for now in (NOW, NOW + 15_000, NOW + DAY_MS):
        (due,) = records.due(now, 10)
        records.back_off(due, now, 15_000, 30_000)

    assert records.delete_expired(KEPT + 14_999, 10) == 0
    again = records.save(saved)
    assert records.delete_expired(KEPT + DAY_MS, 10) == 0
    for now in (NOW, NOW + 15_000):
        (due,) = records.due(now, 10)
        records.back_off(due, now, 15_000, 30_000)
    assert records.load(saved.id) == again
    assert records.delete_expired(KEPT + 15_000, 10) == 1


class TestSqliteRecords(SqlRecordsContract):
    @pytest.fixture
    def records(self, sqlite_place: ScratchDatabase) -> Iterator[SqlRecords]:
        with closing(sqlite_place.open()) as database:
            yield SqlRecords(database, record_days=30)


class TestMariadbRecords(SqlRecordsContract):
    @pytest.fixture
    def records(self, mariadb_place: ScratchDatabase) -> Iterator[SqlRecords]:
        with closing(mariadb_place.open()) as database:
            yield SqlRecords(database, record_days=30)


@pytest.fixture
def database(place: ScratchDatabase) -> Iterator[Database]:
    with closing(place.open()) as opened:
        yield opened


@pytest.fixture
def records(database: Database) -> SqlRecords:
    return SqlRecords(database, record_days=30)


@pytest.fixture
def containers(place: ScratchDatabase) -> Iterator[list[SqlRecords]]:
    """Adapters with a connection of their own each."""
    opened = [place.open() for _ in range(8)]
    yield [SqlRecords(database, record_days=30) for database in opened]
    for database in opened:
        database.close()


def finished(**changes: object) -> Verification:
    decided = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
    attempt = Attempt(at=NOW, latency_ms=1, status=204)
    done = delivery_transitions.attempt_recorded(decided, attempt, DeliveryState.DELIVERED, None)
    return replace(done, **changes)


# -- containers at the same time


def test_of_many_containers_that_write_one_version_one_wins(containers: list[SqlRecords]) -> None:
    stored = containers[0].save(verification())

    outcomes = together(8, lambda n: containers[n].save(replace(stored, reference=str(n))))

    winners = [one for one in outcomes if isinstance(one, Verification)]
    assert len(winners) == 1
    assert containers[0].load(stored.id) == winners[0]


@pytest.mark.parametrize("expired", [False, True])
def test_of_many_containers_that_use_one_key_one_creates(
    containers: list[SqlRecords], expired: bool
) -> None:
    if expired:
        containers[0].save(numbered(99), claim(expires_at=NOW))

    def create(number: int) -> str:
        try:
            return containers[number].save(numbered(number + 1), claim()).id
        except IdempotencyConflict as conflict:
            return conflict.verification_id

    outcomes = together(8, create)

    assert len(set(outcomes)) == 1
    stored = [n for n in range(8) if containers[0].load(numbered(n + 1).id) is not None]
    assert [numbered(n + 1).id for n in stored] == outcomes[:1]


def test_a_page_that_ends_the_list_has_no_cursor(records: SqlRecords) -> None:
    """DynamoDB cannot tell that there is nothing more, and the next page is empty."""
    for number in range(2):
        records.save(numbered(number))

    assert records.recent("shop", Filter(), 2, None).cursor is None
    assert records.recent("shop", Filter(), 1, None).cursor == numbered(1).id


def test_a_creation_that_fails_takes_no_key(records: SqlRecords) -> None:
    records.save(numbered(1))
    with pytest.raises(Conflict):
        records.save(numbered(1), claim())

    records.save(numbered(2), claim())

    assert records.load(numbered(2).id) is not None


# -- what is compared exactly


def test_clients_whose_names_differ_in_case_accents_or_spaces_do_not_meet(
    records: SqlRecords,
) -> None:
    names = ["shop", "Shop", "shop ", "shöp", "shop\t", "店"]
    for number, name in enumerate(names):
        records.save(numbered(number, client=name))

    for number, name in enumerate(names):
        page = records.recent(name, Filter(), 10, None)
        assert [one.id for one in page.verifications] == [numbered(number).id]


def test_an_id_is_found_by_itself_only(records: SqlRecords) -> None:
    stored = records.save(verification())

    for other in (stored.id + " ", stored.id.upper(), stored.id[:-1] + "é", "", "ver_%", "?"):
        assert records.load(other) is None


def test_keys_that_differ_in_case_do_not_meet(records: SqlRecords) -> None:
    records.save(numbered(1), claim("abc"))
    records.save(numbered(2), claim("ABC"))

    assert records.load(numbered(2).id) is not None


@pytest.mark.parametrize("text", ["'; DROP TABLE quota --", "\\", "%s %(a)s %", "?", '"', "\0\n"])
def test_any_text_comes_back_as_it_was(records: SqlRecords, text: str) -> None:
    saved = records.save(verification(client=text, reference=text, metadata={"key": text}))

    assert records.load(saved.id) == saved
    assert records.recent(text, Filter(), 1, None).verifications == (saved,)


def test_a_value_that_is_too_long_is_an_error_and_is_not_cut_off(
    mariadb_place: ScratchDatabase,
) -> None:
    with closing(mariadb_place.open()) as database:
        records = SqlRecords(database, record_days=30)
        records.save(numbered(1, client="s" * 255))
        with pytest.raises(Exception, match="Data too long"):
            records.save(numbered(2, client="s" * 256))
        assert records.load(numbered(2).id) is None


# -- lists


def test_due_tells_the_time(records: SqlRecords) -> None:
    records.save(numbered(1, due_at=NOW + 5))

    assert list(records.due(NOW + 5, 10)) == [
        Due(numbered(1).id, Status.AWAITING_UPLOAD, NOW + 5, check="reflect", client="shop"),
    ]


def test_due_tells_whether_it_was_put_back(records: SqlRecords) -> None:
    saved = records.save(numbered(1, due_at=NOW))
    (due,) = records.due(NOW, 10)
    records.back_off(due, NOW, 15, 60)

    (put_back,) = records.due(NOW + 15, 10)
    records.save(saved)
    (again,) = records.due(NOW, 10)

    assert [due.backed_off, put_back.backed_off, again.backed_off] == [False, True, False]


def test_due_verifications_may_be_changed_while_they_are_listed(records: SqlRecords) -> None:
    for number in range(20):
        records.save(numbered(number, due_at=NOW + number))

    for due in records.due(NOW + 100, 10):
        loaded = records.load(due.id)
        assert loaded is not None
        records.save(replace(loaded, due_at=NOW + 50))

    assert [one.due_at for one in records.due(NOW + 100, 100)] == [
        *(NOW + number for number in range(10, 20)),
        *[NOW + 50] * 10,
    ]


def test_a_filter_that_finds_little_still_walks_the_whole_list(records: SqlRecords) -> None:
    """A read has fifty: the second of these begins the second one."""
    wanted = (129, 79, 78, 0)
    for number in range(130):
        records.save(numbered(number, reference="order-7" if number in wanted else None))

    page = records.recent("shop", Filter(reference="order-7"), 5, None)

    assert [one.id for one in page.verifications] == [numbered(number).id for number in wanted]
    assert page.cursor is None


# -- forgetting


def test_a_finished_verification_is_forgotten_after_its_days(records: SqlRecords) -> None:
    done = records.save(finished())

    assert records.delete_expired(KEPT - 1, 10) == 0
    assert records.load(done.id) == done
    assert records.delete_expired(KEPT, 10) == 1
    assert records.load(done.id) is None


def test_an_unfinished_verification_is_never_forgotten(records: SqlRecords) -> None:
    waiting = records.save(verification())

    assert records.delete_expired(KEPT + 10 * DAY_MS, 10) == 0
    assert records.load(waiting.id) == waiting


def test_a_delivery_that_starts_again_is_not_forgotten_meanwhile(records: SqlRecords) -> None:
    done = records.save(finished())
    again = records.save(delivery_transitions.delivery_restarted(done, NOW + 5, CLIENT))

    assert records.delete_expired(KEPT, 10) == 0
    assert records.load(again.id) == again


def test_a_delivery_that_starts_again_this_very_moment_is_not_forgotten(
    place: ScratchDatabase, records: SqlRecords, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = records.save(finished())
    delete = database.execute

    def meanwhile(statement: str, *values: object) -> int:
        with closing(place.open()) as other:
            SqlRecords(other, 30).save(
                delivery_transitions.delivery_restarted(done, NOW + 5, CLIENT)
            )
        return delete(statement, *values)

    monkeypatch.setattr(database, "execute", meanwhile)

    assert records.delete_expired(KEPT, 10) == 0
    assert records.load(done.id) is not None


def test_expired_keys_are_forgotten(records: SqlRecords, database: Database) -> None:
    records.save(numbered(1), claim("one", expires_at=NOW + 1))
    records.save(numbered(2), claim("two", expires_at=NOW + 2))

    assert records.delete_expired(NOW + 1, 10) == 1
    assert database.query("SELECT claim_key FROM idempotency_keys") == [("two",)]
    records.save(numbered(3), claim("one"))


def test_forgetting_stops_at_its_limit_and_goes_on_the_next_time(records: SqlRecords) -> None:
    for number in range(230):
        records.save(finished(id=numbered(number).id, version=0, created_at=NOW + number))
    for number in range(300, 303):
        records.save(numbered(number), claim(str(number), expires_at=NOW + 1))

    later = KEPT + 1000
    assert records.delete_expired(later, 215) == 215
    assert records.load(numbered(214).id) is None
    assert records.load(numbered(215).id) is not None
    assert records.delete_expired(later, 17) == 17
    assert records.delete_expired(later, 100) == 1
    assert records.delete_expired(later, 100) == 0
