"""The tables: created at the first connection, migrated from any older version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import msgspec
import pytest

from liveproof.clouds.tencent.sql import migrations
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable, NoSuchTable
from liveproof.clouds.tencent.sql.migrations import MIGRATIONS, migrate, schema_version
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Done, Session, Timeouts
from liveproof.domain.verification import Verification
from tests.support.verifications import NOW, verification
from tools.mariadb import ScratchDatabase

ALL = list(range(1, len(MIGRATIONS) + 1))


@pytest.fixture
def empty(place: ScratchDatabase) -> Iterator[Database]:
    """A database without tables."""
    with closing(place.open(migrations=())) as database:
        yield database


def versions(database: Database) -> list[int]:
    rows = database.query("SELECT version FROM schema_migrations ORDER BY version")
    return [row[0] for row in rows]


def statements(session: Session) -> list[str]:
    """Every statement that the session executes from now on."""
    seen: list[str] = []
    run = session._run

    def remember(statement: str, values: tuple[object, ...]) -> Done:
        seen.append(statement)
        return run(statement, values)

    session._run = remember  # type: ignore[method-assign]
    return seen


def test_the_first_use_makes_the_tables(place: ScratchDatabase) -> None:
    with closing(place.open()) as database:
        saved = SqlRecords(database, 30).save(verification())

        assert versions(database) == ALL
        assert SqlRecords(database, 30).load(saved.id) == saved


def test_a_database_without_tables_has_had_no_migration_and_gets_none(empty: Database) -> None:
    assert empty.run(lambda session, _: schema_version(session)) == 0
    with pytest.raises(NoSuchTable):
        versions(empty)


def test_tables_that_are_up_to_date_cost_one_select(empty: Database) -> None:
    def twice(session: Session, _: bool) -> list[str]:
        migrate(session)
        seen = statements(session)
        migrate(session)
        return seen

    assert empty.run(twice) == ["SELECT MAX(version) FROM schema_migrations"]


@pytest.mark.parametrize("older", range(len(MIGRATIONS)))
def test_every_older_version_is_brought_up_to_date(empty: Database, older: int) -> None:
    empty.run(lambda session, _: migrate(session, MIGRATIONS[:older]))
    assert versions_or_none(empty) == ALL[:older]

    empty.run(lambda session, _: migrate(session))

    assert versions(empty) == ALL
    records = SqlRecords(empty, 30)
    saved = records.save(verification())
    assert records.load(saved.id) == saved


def versions_or_none(database: Database) -> list[int]:
    return versions(database) if database.run(lambda session, _: schema_version(session)) else []


def test_records_of_an_older_version_stay(empty: Database) -> None:
    empty.run(lambda session, _: migrate(session, MIGRATIONS[:1]))
    saved = verification(version=1)
    insert_as_before_back_offs(empty, saved)

    empty.run(lambda session, _: migrate(session))

    assert SqlRecords(empty, 30).load(saved.id) == saved


def insert_as_before_back_offs(database: Database, saved: Verification) -> None:
    """What the versions before `next_backoff` wrote."""
    database.run(
        lambda session, _: session.execute(
            "INSERT INTO verifications"
            " (id, version, status, client, due_at, keep_until, write_token, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(saved.id, 1, saved.status.value, saved.client, saved.due_at, None, "token"),
            msgspec.json.encode(saved).decode(),
        )
    )


def test_records_that_an_older_version_stores_meanwhile_can_be_backed_off(empty: Database) -> None:
    empty.run(lambda session, _: migrate(session))
    saved = verification(version=1, due_at=NOW)
    insert_as_before_back_offs(empty, saved)
    records = SqlRecords(empty, 30)

    (due,) = records.due(NOW, 10)

    assert records.back_off(due, NOW, 100, 800) == 100


def test_newer_tables_than_the_code_are_left_alone(empty: Database) -> None:
    newer = (*MIGRATIONS, "ALTER TABLE quota ADD COLUMN later {number} NULL")
    empty.run(lambda session, _: migrate(session, newer))

    def migrate_again(session: Session, _: bool) -> list[str]:
        seen = statements(session)
        migrate(session)
        return seen

    assert empty.run(migrate_again) == ["SELECT MAX(version) FROM schema_migrations"]
    assert versions(empty) == [*ALL, len(newer)]
    saved = SqlRecords(empty, 30).save(verification())
    assert SqlRecords(empty, 30).load(saved.id) == saved


@pytest.mark.parametrize("change", range(len(MIGRATIONS)))
def test_a_change_that_was_made_but_not_numbered_is_numbered(empty: Database, change: int) -> None:
    """MySQL commits a change by itself; the function is killed before it writes the number."""
    empty.run(lambda session, _: migrate(session, MIGRATIONS[:change]))
    empty.run(lambda session, _: session.execute(MIGRATIONS[change].format(**session.types)))

    empty.run(lambda session, _: migrate(session))

    assert versions(empty) == ALL


def test_a_column_that_was_added_but_not_numbered_is_numbered(empty: Database) -> None:
    newer = (*MIGRATIONS, "ALTER TABLE quota ADD COLUMN later {number} NULL")
    empty.run(lambda session, _: migrate(session))
    empty.run(lambda session, _: session.execute(newer[-1].format(**session.types)))

    empty.run(lambda session, _: migrate(session, newer))

    assert versions(empty) == [*ALL, len(newer)]


def test_a_change_that_fails_is_not_numbered(empty: Database) -> None:
    broken = (*MIGRATIONS[:2], "CREATE INDEX broken ON no_such_table (id)")
    with pytest.raises(Exception, match="no_such_table"):
        empty.run(lambda session, _: migrate(session, broken))

    assert versions_or_none(empty) in ([], ALL[:2])  # SQLite takes the whole of it back
    empty.run(lambda session, _: migrate(session))
    assert versions(empty) == ALL


def test_containers_that_start_at_once_make_the_tables_once(place: ScratchDatabase) -> None:
    barrier = threading.Barrier(8)

    def start(_: int) -> str:
        with closing(place.open()) as database:
            barrier.wait()
            return SqlRecords(database, 30).save(verification()).id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(start, range(8)))

    with closing(place.open()) as database:
        assert versions(database) == ALL
        assert all(SqlRecords(database, 30).load(one) for one in ids)


def test_a_connection_waits_while_another_migrates(place: ScratchDatabase) -> None:
    with closing(place.open()) as one, closing(place.open()) as other:
        began, made = threading.Event(), []

        def slow(session: Session, _: bool) -> None:
            with session.exclusive():
                began.set()
                threading.Event().wait(0.3)
                made.append("one")

        def after(session: Session, _: bool) -> None:
            with session.exclusive():
                made.append("other")

        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(one.run, slow)
            began.wait(5)
            other.run(after)
            first.result()
        assert made == ["one", "other"]


def test_a_connection_that_waits_too_long_for_a_migration_gives_up(
    mariadb_place: ScratchDatabase,
) -> None:
    impatient = mariadb_place.open(timeouts=Timeouts(exclusive=0), pause=lambda _: None)
    attempts = []

    def migrate_too(session: Session, _: bool) -> None:
        attempts.append(session)
        with session.exclusive():
            pytest.fail("two connections were in the block")

    def inside(session: Session, _: bool) -> None:
        with session.exclusive(), pytest.raises(DatabaseUnavailable, match="changing the tables"):
            impatient.run(migrate_too)

    with closing(mariadb_place.open()) as one, closing(impatient):
        one.run(inside)

    assert len(attempts) == 10


def test_a_migration_is_one_statement_for_both_databases() -> None:
    for change in MIGRATIONS:
        assert ";" not in change
        assert "?" not in change
    assert migrations._HISTORY.startswith("CREATE TABLE IF NOT EXISTS schema_migrations")
