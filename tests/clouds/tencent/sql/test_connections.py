"""Connections that break, and what a connection is like."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from liveproof.clouds.tencent.sql.address import DatabaseLogin
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.clouds.tencent.sql.session import Session, Timeouts
from tests.support.counters import add, counters, make
from tests.support.servers import closed_port, serving
from tools.mariadb import MariadbServer, ScratchDatabase


@pytest.fixture
def served(mariadb_place: ScratchDatabase) -> Iterator[Database]:
    """A database of the server, with the counters a and b."""
    with closing(mariadb_place.open()) as opened:
        make(opened)
        yield opened


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


def test_a_retried_transaction_knows_that_it_may_have_been_committed(
    mariadb: MariadbServer, served: Database
) -> None:
    flags = []

    def work(session: Session, in_doubt: bool) -> None:
        flags.append(in_doubt)
        add(session, "a")
        if len(flags) == 1:
            _kill(mariadb, session.query("SELECT CONNECTION_ID()")[0][0])
        add(session, "b")

    served.transaction(work)

    assert flags == [False, True]
    assert counters(served) == {"a": 1, "b": 1}


@pytest.mark.parametrize(("idle", "reused"), [(60, True), (0.01, False)])
def test_a_connection_that_was_idle_for_too_long_is_not_used_again(
    place: ScratchDatabase, idle: float, reused: bool
) -> None:
    with closing(place.open(timeouts=Timeouts(idle=idle))) as database:
        before = database.run(lambda session, _: session)
        time.sleep(0.02)

        assert (database.run(lambda session, _: session) is before) == reused


def test_work_that_is_stopped_in_the_middle_leaves_no_connection_behind(
    place: ScratchDatabase,
) -> None:
    def stopped(session: Session, _: bool) -> None:
        add(session, "a")
        raise KeyboardInterrupt

    with closing(place.open()) as database:
        make(database)
        before = database.run(lambda session, _: session)
        with pytest.raises(KeyboardInterrupt):
            database.transaction(stopped)

        assert counters(database) == {"a": 0, "b": 0}
        assert database.run(lambda session, _: session) is not before


def test_a_server_that_is_not_there_is_unavailable(mariadb: MariadbServer) -> None:
    place = ScratchDatabase(mariadb.url("any", port=closed_port()), mariadb.login)

    with pytest.raises(DatabaseUnavailable) as unavailable, closing(place.open()) as database:
        database.query("SELECT 1")

    assert mariadb.login.password not in str(unavailable.value)


def test_a_server_that_says_nothing_is_not_waited_for_long(mariadb: MariadbServer) -> None:
    timeouts = Timeouts(answer=0.2)
    with serving(_say_nothing) as silent:
        place = ScratchDatabase(mariadb.url("any", port=silent.port), mariadb.login)
        started = time.monotonic()
        with (
            pytest.raises(DatabaseUnavailable),
            closing(place.open(timeouts=timeouts)) as database,
        ):
            database.query("SELECT 1")

    assert time.monotonic() - started < 8
    assert silent.connections == 3


def test_the_wrong_password_is_no_reason_to_try_again(mariadb: MariadbServer) -> None:
    logins = []

    def login() -> DatabaseLogin:
        logins.append(1)
        return DatabaseLogin(mariadb.login.user, "secret-password", mariadb.login.ca)

    with (
        pytest.raises(Exception, match="Access denied") as denied,
        closing(Database(mariadb.url("any"), login)) as database,
    ):
        database.query("SELECT 1")

    assert logins == [1]
    assert "secret-password" not in str(denied.value)


def test_every_connection_asks_for_the_password_again(mariadb_place: ScratchDatabase) -> None:
    reads = []

    def login() -> DatabaseLogin:
        reads.append(1)
        assert mariadb_place.login is not None
        return mariadb_place.login

    with closing(Database(mariadb_place.url, login)) as database:
        database.query("SELECT 1")
        database.close()
        database.query("SELECT 1")

    assert len(reads) == 2


def test_a_connection_does_not_depend_on_the_servers_defaults(served: Database) -> None:
    settings = served.query(
        "SELECT @@sql_mode, @@innodb_lock_wait_timeout, @@wait_timeout, @@autocommit,"
        " @@character_set_client, @@collation_connection"
    )

    assert settings == [
        ("STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", 3, 300, 1, "utf8mb4", "utf8mb4_bin")
    ]


@pytest.mark.parametrize(("code", "tries"), [(9449, 3), (9448, 1)])
def test_a_paused_instance_that_is_starting_is_asked_again(
    mariadb: MariadbServer, code: int, tries: int
) -> None:
    """TDSQL-C says 9449 while a paused instance starts; other codes are no such thing."""

    def refuse(connection: socket.socket) -> None:
        text = b"\xff" + struct.pack("<H", code) + b"#HY000the instance is not running"
        connection.sendall(struct.pack("<I", len(text))[:3] + b"\x00" + text)

    with serving(refuse) as server:
        place = ScratchDatabase(mariadb.url("any", port=server.port), mariadb.login)
        with pytest.raises(Exception, match=str(code)) as raised, closing(place.open()) as database:
            database.query("SELECT 1")

    assert isinstance(raised.value, DatabaseUnavailable) == (tries > 1)
    assert server.connections == tries
