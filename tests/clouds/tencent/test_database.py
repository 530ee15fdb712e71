"""Connections: opened late, opened again, shared by threads; and work that is done again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from liveproof.clouds.tencent import database as module
from liveproof.clouds.tencent import mysql, sqlite
from liveproof.clouds.tencent.database import Database, DatabaseUnavailable, Session
from liveproof.clouds.tencent.dialects import Busy, Duplicate
from tests.support.mariadb import MariadbServer, Place
from tests.support.mysql_proxy import wait_for
from tests.support.servers import closed_port, serving


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    """A database with the rows a and b in a table of the test's own."""
    with closing(place.open()) as opened:
        _rows(opened)
        yield opened


@pytest.fixture
def served(mariadb_place: Place) -> Iterator[Database]:
    """The same on the server only."""
    with closing(mariadb_place.open()) as opened:
        _rows(opened)
        yield opened


def _rows(database: Database) -> None:
    database.execute("CREATE TABLE counters (name VARCHAR(20) NOT NULL PRIMARY KEY, n INTEGER)")
    for name in ("a", "b"):
        database.execute("INSERT INTO counters (name, n) VALUES (?, 0)", name)


def counters(database: Database) -> dict[str, int]:
    return dict(database.query("SELECT name, n FROM counters"))


def add(session: Session, name: str) -> None:
    assert session.execute("UPDATE counters SET n = n + 1 WHERE name = ?", name) == 1


# -- cold starts


def test_no_driver_is_imported_before_the_first_use(tmp_path: Path) -> None:
    source = (
        "import sys\n"
        "from liveproof.clouds.tencent.database import Database, DatabaseLogin\n"
        "from liveproof.clouds.tencent.records import SqlRecords\n"
        "from liveproof.clouds.tencent.quota import SqlQuota\n"
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


def test_what_a_transaction_raises_takes_all_of_it_back(database: Database) -> None:
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
        with pytest.raises(Duplicate):
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


def test_of_two_that_deadlock_both_are_done(mariadb_place: Place, served: Database) -> None:
    both_have_one = threading.Barrier(2)
    tries = {"a": 0, "b": 0}

    def work(first: str, second: str) -> None:
        def transaction(session: Session, lost: bool) -> None:
            assert not lost
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
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Place = request.getfixturevalue(f"{kind}_place")
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.1)
    monkeypatch.setattr(mysql, "_SETTINGS", "SET SESSION innodb_lock_wait_timeout = 1")
    holds = threading.Event()
    tries: list[int] = []

    def hold(session: Session, _: bool) -> None:
        add(session, "a")
        holds.set()
        assert wait_for(lambda: len(tries) > 1, 10)

    def wait(session: Session, _: bool) -> None:
        tries.append(1)
        add(session, "a")

    with closing(place.open()) as one, closing(place.open()) as other:
        _rows(one)
        assert counters(other) == {"a": 0, "b": 0}
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(one.transaction, hold)
            holds.wait(5)
            other.run(wait)
            held.result()
        assert counters(other) == {"a": 2, "b": 0}


def test_repeating_ends(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0)
    tries = []

    def busy(session: Session, _: bool) -> None:
        tries.append(1)
        add(session, "a")
        raise Busy("others")

    with pytest.raises(DatabaseUnavailable, match="others"):
        database.transaction(busy)

    assert len(tries) == 10
    assert counters(database) == {"a": 0, "b": 0}


# -- connections that break


def _say_nothing(connection: socket.socket) -> None:
    connection.recv(1)


def _kill(mariadb: MariadbServer, connection: int) -> None:
    with mariadb.connect() as other, other.cursor() as cursor:
        cursor.execute(f"KILL {connection}")


def test_a_connection_that_the_server_closed_is_opened_again(
    mariadb: MariadbServer, served: Database
) -> None:
    before = served.query("SELECT CONNECTION_ID()")[0][0]
    _kill(mariadb, before)

    assert served.execute("UPDATE counters SET n = 5 WHERE name = 'a'") == 1
    assert served.query("SELECT CONNECTION_ID()")[0][0] != before


def test_work_is_told_that_it_may_have_been_done(mariadb: MariadbServer, served: Database) -> None:
    told = []

    def work(session: Session, lost: bool) -> None:
        told.append(lost)
        add(session, "a")
        if len(told) == 1:
            _kill(mariadb, session.query("SELECT CONNECTION_ID()")[0][0])
        add(session, "b")

    served.transaction(work)

    assert told == [False, True]
    assert counters(served) == {"a": 1, "b": 1}


def test_an_idle_connection_is_not_trusted(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = served.query("SELECT CONNECTION_ID()")
    assert served.query("SELECT CONNECTION_ID()") == before

    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.01)
    time.sleep(0.02)

    assert served.query("SELECT CONNECTION_ID()") != before


def test_work_that_is_stopped_in_the_middle_leaves_no_connection_behind(
    served: Database,
) -> None:
    before = served.query("SELECT CONNECTION_ID()")

    def stopped(session: Session, _: bool) -> None:
        add(session, "a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        served.transaction(stopped)

    assert counters(served) == {"a": 0, "b": 0}
    assert served.query("SELECT CONNECTION_ID()") != before


def test_a_server_that_is_not_there_is_unavailable(mariadb: MariadbServer) -> None:
    place = Place(mariadb.url("any", port=closed_port()), mariadb.login)

    with pytest.raises(DatabaseUnavailable) as unavailable, closing(place.open()) as database:
        database.query("SELECT 1")

    assert mariadb.login.password not in str(unavailable.value)


def test_a_server_that_says_nothing_is_not_waited_for_long(
    mariadb: MariadbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mysql, "_READ_TIMEOUT_SECONDS", 0.2)
    with serving(_say_nothing) as silent:
        place = Place(mariadb.url("any", port=silent.port), mariadb.login)
        started = time.monotonic()
        with pytest.raises(DatabaseUnavailable), closing(place.open()) as database:
            database.query("SELECT 1")

    assert time.monotonic() - started < 8
    assert silent.connections == 3


def test_the_wrong_password_is_no_reason_to_try_again(mariadb: MariadbServer) -> None:
    logins = []

    def login() -> module.DatabaseLogin:
        logins.append(1)
        return module.DatabaseLogin(mariadb.login.user, "secret-password", mariadb.login.ca)

    with (
        pytest.raises(Exception, match="Access denied") as denied,
        closing(Database(mariadb.url("any"), login)) as database,
    ):
        database.query("SELECT 1")

    assert logins == [1]
    assert "secret-password" not in str(denied.value)


def test_every_connection_asks_for_the_password_again(mariadb_place: Place) -> None:
    asked = []

    def login() -> module.DatabaseLogin:
        asked.append(1)
        assert mariadb_place.login is not None
        return mariadb_place.login

    with closing(Database(mariadb_place.url, login)) as database:
        database.query("SELECT 1")
        database.close()
        database.query("SELECT 1")

    assert len(asked) == 2


def test_a_connection_does_not_depend_on_the_servers_defaults(served: Database) -> None:
    found = served.query(
        "SELECT @@sql_mode, @@innodb_lock_wait_timeout, @@wait_timeout, @@autocommit,"
        " @@character_set_client, @@collation_connection"
    )

    assert found == [
        ("STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", 3, 300, 1, "utf8mb4", "utf8mb4_bin")
    ]
