"""The tables, as numbered changes. A database has the first N; `schema_migrations` says N.

A change is one statement, is never edited once it was deployed, and only adds: functions of the
version before still run on the tables while a deployment goes on, and after it was taken back. So a
database that is ahead of the code is accepted.

MySQL commits a schema change by itself. A crash may come between it and its number; then the change
is made again, finds what it should make, and only its number is written.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from liveproof.clouds.tencent.dialects import AlreadyThere, Duplicate, NoTable

if TYPE_CHECKING:
    from liveproof.clouds.tencent.database import Session

# Words in braces are a dialect's types.
MIGRATIONS: tuple[str, ...] = (
    """CREATE TABLE verifications (
        id {key} NOT NULL PRIMARY KEY,
        version {number} NOT NULL,
        status {key} NOT NULL,
        client {name} NOT NULL,
        due_at {time} NULL,
        keep_until {time} NULL,
        write_token {key} NOT NULL,
        record {document} NOT NULL
    ) {options}""",
    "CREATE INDEX verifications_due ON verifications (due_at, id)",
    "CREATE INDEX verifications_recent ON verifications (client, id)",
    "CREATE INDEX verifications_recent_by_status ON verifications (client, status, id)",
    "CREATE INDEX verifications_kept ON verifications (keep_until)",
    """CREATE TABLE idempotency_keys (
        claim_key {key} NOT NULL PRIMARY KEY,
        verification {key} NOT NULL,
        fingerprint {key} NOT NULL,
        expires_at {time} NOT NULL
    ) {options}""",
    "CREATE INDEX idempotency_keys_kept ON idempotency_keys (expires_at)",
    """CREATE TABLE quota (
        name {key} NOT NULL PRIMARY KEY,
        next_at {time} NOT NULL
    ) {options}""",
    # A verification that was never backed off, or was saved since, has 0.
    "ALTER TABLE verifications ADD COLUMN next_backoff {time} NOT NULL DEFAULT 0",
)

_HISTORY = """CREATE TABLE IF NOT EXISTS schema_migrations (
    version {number} NOT NULL PRIMARY KEY,
    applied_at {time} NOT NULL
) {options}"""


def migrate(session: Session, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the tables up to date; one SELECT if they are. Safe at any time, from anywhere.

    Raises:
        Busy: another connection is at it and takes long.
    """
    if applied(session) >= len(migrations):
        return
    with session.alone():
        session.execute(_HISTORY.format(**session.types))
        done = applied(session)
        for version, change in enumerate(migrations[done:], done + 1):
            _apply(session, version, change)


def applied(session: Session) -> int:
    """How many changes the database has."""
    try:
        found = session.query("SELECT MAX(version) FROM schema_migrations")[0][0]
    except NoTable:
        return 0
    return int(found or 0)


def _apply(session: Session, version: int, change: str) -> None:
    # Already there: made by a function that was stopped before it wrote the number.
    with suppress(AlreadyThere):
        session.execute(change.format(**session.types))
    with suppress(Duplicate):
        session.execute(
            "INSERT INTO schema_migrations (version, applied_at) VALUES (?, ?)",
            version,
            time.time_ns() // 1_000_000,
        )
