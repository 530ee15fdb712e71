"""Deleting the rows whose time is over: records, idempotency keys, counters, digests."""

from __future__ import annotations

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.session import placeholders

_BATCH = 100
_EXPIRING = (
    ("verifications", "id", "keep_until"),
    ("idempotency_keys", "claim_key", "expires_at"),
    ("limit_counters", "counter", "keep_until"),
    ("rejected_files", "digest", "keep_until"),
)
"""Tables, with their keys and the column that says until when a row is kept."""


def delete_expired(database: Database, now: int, limit: int) -> int:
    """Delete up to `limit` rows that end at `now` (ms) or ended before. Returns how many."""
    deleted = 0
    for table, key, until in _EXPIRING:
        if deleted < limit:
            deleted += _delete(database, table, key, until, now, limit - deleted)
    return deleted


def _delete(database: Database, table: str, key: str, until: str, now: int, limit: int) -> int:
    rows = database.query(
        f"SELECT {key} FROM {table} WHERE {until} <= ? ORDER BY {until} LIMIT ?",  # noqa: S608 - names of ours
        now,
        limit,
    )
    keys = [row[0] for row in rows]
    deleted = 0
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        # A row whose delivery was restarted meanwhile is kept.
        deleted += database.execute(
            f"DELETE FROM {table} WHERE {key} IN ({placeholders(batch)}) AND {until} <= ?",  # noqa: S608 - names of ours
            *batch,
            now,
        )
    return deleted
