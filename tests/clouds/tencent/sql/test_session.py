"""What a session makes of its driver's errors, judged with the connection that raised them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from liveproof.clouds.tencent.sql.address import SqliteAddress
from liveproof.clouds.tencent.sql.errors import ConnectionLost, DatabaseError
from liveproof.clouds.tencent.sql.session import Connection, Session
from liveproof.clouds.tencent.sql.sqlite import Sqlite


class Broken:
    """A connection on which everything fails."""

    def cursor(self) -> Broken:
        return self

    rowcount = 0
    lastrowid = None

    def execute(self, *_: object) -> None:
        raise sqlite3.OperationalError("execute")

    def fetchall(self) -> list[object]:
        return []

    def commit(self) -> None:
        raise sqlite3.OperationalError("commit")

    def rollback(self) -> None:
        raise sqlite3.OperationalError("rollback")

    def close(self) -> None:
        """Closing a cursor always works."""


class Judging(Sqlite):
    """A dialect whose connections are broken, or that has none."""

    def __init__(self, meaning: type[DatabaseError] | None, *, connects: bool = True) -> None:
        super().__init__(SqliteAddress("/nowhere"))
        self.meaning, self.connects = meaning, connects
        self.judged: list[tuple[str, Connection | None]] = []

    def connect(self) -> Connection:
        if not self.connects:
            raise sqlite3.OperationalError("connect")
        return Broken()

    def classify(
        self, error: Exception, connection: Connection | None
    ) -> type[DatabaseError] | None:
        self.judged.append((str(error), connection))
        return self.meaning


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda session: session.execute("SELECT 1"), "execute"),
        (lambda session: session.query("SELECT 1"), "execute"),
        (Session.begin, "execute"),
        (Session.commit, "commit"),
        (Session.roll_back, "rollback"),
    ],
)
@pytest.mark.parametrize("meaning", [ConnectionLost, None])
def test_an_error_in_use_is_judged_with_its_connection(
    use: Callable[[Session], object], text: str, meaning: type[DatabaseError] | None
) -> None:
    dialect = Judging(meaning)
    session = Session(dialect)
    with pytest.raises(meaning or sqlite3.OperationalError, match=text):
        use(session)

    assert dialect.judged == [(text, session._connection)]


@pytest.mark.parametrize("meaning", [ConnectionLost, None])
def test_an_error_in_connecting_is_judged_without_a_connection(
    meaning: type[DatabaseError] | None,
) -> None:
    dialect = Judging(meaning, connects=False)
    with pytest.raises(meaning or sqlite3.OperationalError, match="connect"):
        Session(dialect)

    assert dialect.judged == [("connect", None)]


def test_a_connection_that_is_closed_already_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = Judging(ConnectionLost)
    session = Session(dialect)
    refusals: list[str] = []

    def refuse() -> None:
        refusals.append("Already closed")
        raise sqlite3.ProgrammingError(refusals[0])

    monkeypatch.setattr(session._connection, "close", refuse)
    session.close()

    assert refusals == ["Already closed"]
    assert dialect.judged == []
