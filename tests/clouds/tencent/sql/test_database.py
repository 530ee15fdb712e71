"""Transactions, and work that is done again because others were in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import (
    ConnectionLost,
    Contention,
    DatabaseError,
    DatabaseUnavailable,
    DuplicateKey,
)
from liveproof.clouds.tencent.sql.session import Session, Timeouts
from tests.support.counters import add, counters, make
from tests.support.mysql_proxy import wait_for
from tools.mariadb import ScratchDatabase


@pytest.fixture
def database(place: ScratchDatabase) -> Iterator[Database]:
    """A database with the rows a and b in a table of the test's own."""
    with closing(place.open()) as opened:
        make(opened)
        yield opened


@pytest.fixture
def served(mariadb_place: ScratchDatabase) -> Iterator[Database]:
    """The same on the server only."""
    with closing(mariadb_place.open()) as opened:
        make(opened)
        yield opened


# -- cold starts


def test_no_driver_is_imported_before_the_first_use(tmp_path: Path) -> None:
    source = (
        "import sys\n"
        "from liveproof.clouds.tencent.sql.address import DatabaseLogin\n"
        "from liveproof.clouds.tencent.sql.database import Database\n"
        "from liveproof.clouds.tencent.sql.records import SqlRecords\n"
        "from liveproof.clouds.tencent.sql.quota import SqlQuota\n"
        "database = Database('mysql://127.0.0.1/a', lambda: DatabaseLogin('u', 'p'))\n"
        "SqlRecords(database, 30), SqlQuota(database)\n"
        "Database(f'sqlite:///{sys.argv[1]}', None)\n"
        "print([name for name in ('pymysql', 'sqlite3', 'cryptography') if name in sys.modules])\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", source, str(tmp_path / "records.sqlite")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "records.sqlite").exists()


# -- transactions


def test_an_exception_in_a_transaction_rolls_it_back(database: Database) -> None:
    def fail(session: Session, _: bool) -> None:
        add(session, "a")
        raise LookupError

    with pytest.raises(LookupError):
        database.transaction(fail)

    assert counters(database) == {"a": 0, "b": 0}
    database.transaction(lambda session, _: add(session, "a"))
    assert counters(database) == {"a": 1, "b": 0}


def test_a_statement_that_fails_does_not_end_its_transaction(database: Database) -> None:
    def work(session: Session, _: bool) -> None:
        add(session, "a")
        with pytest.raises(DuplicateKey):
            session.execute("INSERT INTO counters (name, n) VALUES ('b', 0)")
        add(session, "b")

    database.transaction(work)

    assert counters(database) == {"a": 1, "b": 1}


def test_an_update_counts_the_rows_that_it_finds_not_those_that_it_changes(
    database: Database,
) -> None:
    assert database.execute("UPDATE counters SET n = 0") == 2


def test_transactions_of_threads_that_share_a_connection_do_not_mix(database: Database) -> None:
    def work(session: Session, _: bool) -> None:
        add(session, "a")
        time.sleep(0.002)
        add(session, "b")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: database.transaction(work), range(24)))

    assert counters(database) == {"a": 24, "b": 24}


# -- others in the way


def test_of_two_that_deadlock_both_are_done(
    mariadb_place: ScratchDatabase, served: Database
) -> None:
    both_have_one = threading.Barrier(2)
    tries = {"a": 0, "b": 0}

    def work(first: str, second: str) -> None:
        def transaction(session: Session, in_doubt: bool) -> None:
            assert not in_doubt
            tries[first] += 1
            add(session, first)
            if tries[first] == 1:
                both_have_one.wait(5)
            add(session, second)

        with closing(mariadb_place.open()) as own:
            own.transaction(transaction)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("a", "b"), ("b", "a")))

    assert counters(served) == {"a": 2, "b": 2}
    assert sorted(tries.values()) == [1, 2]


@pytest.mark.parametrize("kind", ["sqlite", "mariadb"])
def test_a_lock_that_does_not_come_in_time_is_waited_for_again(
    kind: str, request: pytest.FixtureRequest
) -> None:
    place: ScratchDatabase = request.getfixturevalue(f"{kind}_place")
    timeouts = Timeouts(row_lock=1, exclusive=0.1)
    holds = threading.Event()
    tries: list[int] = []

    def hold(session: Session, _: bool) -> None:
        add(session, "a")
        holds.set()
        assert wait_for(lambda: len(tries) > 1, 10)

    def wait(session: Session, _: bool) -> None:
        tries.append(1)
        add(session, "a")

    with closing(place.open()) as one, closing(place.open(timeouts=timeouts)) as other:
        make(one)
        assert counters(other) == {"a": 0, "b": 0}
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(one.transaction, hold)
            holds.wait(5)
            other.run(wait)
            held.result()
        assert counters(other) == {"a": 2, "b": 0}


def test_attempts_end(place: ScratchDatabase, database: Database) -> None:
    pauses: list[float] = []
    tries = []

    def busy(session: Session, _: bool) -> None:
        tries.append(1)
        add(session, "a")
        raise Contention("others")

    with (
        closing(place.open(pause=pauses.append)) as other,
        pytest.raises(DatabaseUnavailable, match="others"),
    ):
        other.transaction(busy)

    assert len(tries) == 10
    assert len(pauses) == 9
    assert all(0 <= pause <= 0.5 for pause in pauses)
    assert counters(database) == {"a": 0, "b": 0}


@pytest.mark.parametrize(
    ("failure", "pauses"),
    [
        (Contention, [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5, 0.5, 0.5]),
        (ConnectionLost, [0.02, 0.04]),
    ],
)
def test_pauses_double_up_to_half_a_second(
    place: ScratchDatabase,
    monkeypatch: pytest.MonkeyPatch,
    failure: type[DatabaseError],
    pauses: list[float],
) -> None:
    monkeypatch.setattr("random.uniform", lambda shortest, longest: (shortest, longest))
    taken: list[object] = []

    def busy(session: Session, _: bool) -> None:
        raise failure("others")

    with closing(place.open(pause=taken.append)) as database, pytest.raises(DatabaseUnavailable):
        database.run(busy)

    assert taken == [(0, longest) for longest in pauses]
