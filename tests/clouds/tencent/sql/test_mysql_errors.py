"""What the server's errors mean, by the names that the driver gives their numbers."""

from __future__ import annotations

from types import SimpleNamespace

import pymysql
import pytest
from pymysql.constants import CR, ER

from liveproof.clouds.tencent.sql.address import DatabaseLogin, MysqlAddress
from liveproof.clouds.tencent.sql.errors import (
    AlreadyExists,
    ConnectionLost,
    Contention,
    DatabaseError,
    DuplicateKey,
    NoSuchTable,
)
from liveproof.clouds.tencent.sql.mysql import Mysql

MYSQL = Mysql(MysqlAddress("localhost", 3306, "liveproof", "off"), lambda: DatabaseLogin("u", "p"))
# The driver has no names for these.
READ_ONLY_MODE, CONNECTION_KILLED, TDSQL_C_STARTING = 1836, 1927, 9449
IDLE_TOO_LONG = 4031


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (ER.DUP_ENTRY, DuplicateKey),
        (ER.LOCK_WAIT_TIMEOUT, Contention),
        (ER.LOCK_DEADLOCK, Contention),
        (ER.CON_COUNT_ERROR, ConnectionLost),
        (ER.SERVER_SHUTDOWN, ConnectionLost),
        (ER.OPTION_PREVENTS_STATEMENT, ConnectionLost),
        (READ_ONLY_MODE, ConnectionLost),
        (CONNECTION_KILLED, ConnectionLost),
        (CR.CR_CONN_HOST_ERROR, ConnectionLost),
        (CR.CR_SERVER_GONE_ERROR, ConnectionLost),
        (CR.CR_SERVER_LOST, ConnectionLost),
        (TDSQL_C_STARTING, ConnectionLost),
        (IDLE_TOO_LONG, ConnectionLost),
        (ER.NO_SUCH_TABLE, NoSuchTable),
        (ER.TABLE_EXISTS_ERROR, AlreadyExists),
        (ER.DUP_FIELDNAME, AlreadyExists),
        (ER.DUP_KEYNAME, AlreadyExists),
        (ER.ACCESS_DENIED_ERROR, None),
        (ER.BAD_DB_ERROR, None),
        (ER.PARSE_ERROR, None),
    ],
)
def test_an_error_means_what_its_name_says(code: int, meaning: type[DatabaseError] | None) -> None:
    assert MYSQL.classify(pymysql.OperationalError(code, "text"), None) is meaning


@pytest.mark.parametrize(("is_open", "meaning"), [(True, None), (False, ConnectionLost)])
def test_an_error_without_a_number_breaks_the_connection_that_it_closed(
    is_open: bool, meaning: type[DatabaseError] | None
) -> None:
    connection = SimpleNamespace(open=is_open)

    assert MYSQL.classify(pymysql.InterfaceError(), connection) is meaning
    assert MYSQL.classify(pymysql.InterfaceError(), None) is None
