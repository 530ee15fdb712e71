"""A table of two counters, for tests of transactions and connections."""

from __future__ import annotations

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.session import Session


def make(database: Database) -> None:
    """The table, with a and b at 0."""
    database.execute("CREATE TABLE counters (name VARCHAR(20) NOT NULL PRIMARY KEY, n INTEGER)")
    for name in ("a", "b"):
        database.execute("INSERT INTO counters (name, n) VALUES (?, 0)", name)


def counters(database: Database) -> dict[str, int]:
    """Every counter."""
    return dict(database.query("SELECT name, n FROM counters"))


def add(session: Session, name: str) -> None:
    """One more."""
    assert session.execute("UPDATE counters SET n = n + 1 WHERE name = ?", name) == 1
