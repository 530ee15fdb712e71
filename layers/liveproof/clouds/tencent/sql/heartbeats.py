"""The Heartbeats port in SQL: one row per name."""

from __future__ import annotations

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.heartbeats import Heartbeat


class SqlHeartbeats:
    """The table of heartbeats. Every method raises DatabaseUnavailable, after several attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, name: str, at: int, detail: str = "") -> None:
        update = "UPDATE heartbeats SET beat_at = ?, detail = ? WHERE name = ?"
        while not self._database.execute(update, at, detail, name):
            try:
                self._database.execute(
                    "INSERT INTO heartbeats (name, beat_at, detail) VALUES (?, ?, ?)",
                    name, at, detail,
                )  # fmt: skip
            except DuplicateKey:
                continue  # added by another function
            return

    def last(self, name: str) -> Heartbeat | None:
        rows = self._database.query("SELECT beat_at, detail FROM heartbeats WHERE name = ?", name)
        return Heartbeat(int(rows[0][0]), str(rows[0][1])) if rows else None
