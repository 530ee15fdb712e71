"""What MySQL's dialect asks of the server."""

from __future__ import annotations

from typing import Any, cast

from liveproof.clouds.tencent.sql.address import DatabaseLogin, MysqlAddress
from liveproof.clouds.tencent.sql.mysql import Mysql
from liveproof.clouds.tencent.sql.session import Session


class Granting:
    """A session of a server that grants every lock; `locks` has the name in each statement."""

    def __init__(self) -> None:
        self.locks: list[str] = []

    def query(self, statement: str, *values: Any) -> list[tuple[int]]:
        self.locks.append(values[0])
        return [(1,)]


def test_the_name_of_a_lock_is_no_longer_than_mysql_allows() -> None:
    """64 characters from 5.7 on; the name of a database may be as long."""
    address = MysqlAddress("localhost", 3306, "n" * 64, "off")
    session = Granting()

    with Mysql(address, lambda: DatabaseLogin("u", "p")).exclusive(cast(Session, session)):
        pass

    assert [len(name) for name in session.locks] == [64, 64]
