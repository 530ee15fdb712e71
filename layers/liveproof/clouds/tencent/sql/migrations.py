"""The tables, as numbered migrations. A database has had the first N; `schema_migrations` says N.

A migration is one statement, is never edited once it was deployed, and only adds: functions of the
previous version still run on the tables during a deployment, and after a rollback. So a database
that is ahead of the code is accepted.

MySQL commits a schema change by itself. After a crash between a migration and the write of its
number, the migration is run again, finds that its object exists, and only the number is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from liveproof.clock import now_ms
from liveproof.clouds.tencent.sql.errors import AlreadyExists, DuplicateKey, NoSuchTable
from liveproof.clouds.tencent.sql.session import Session

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
    # NULL until a version that has the column saves the verification.
    "ALTER TABLE verifications ADD COLUMN check_name {key} NULL",
    # Of microseconds, and of the pace. `next_at` is what older versions have of the first.
    "ALTER TABLE quota ADD COLUMN next_us {time} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN full_at {time} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN slowed_at {time} NOT NULL DEFAULT 0",
    """CREATE TABLE admission (
        verification {key} NOT NULL PRIMARY KEY,
        check_name {key} NOT NULL,
        client {name} NOT NULL,
        turn {time} NOT NULL,
        permit {number} NULL,
        lease_until {time} NOT NULL,
        is_running {number} NOT NULL
    ) {options}""",
    "CREATE UNIQUE INDEX admission_permits ON admission (check_name, permit)",
    "CREATE UNIQUE INDEX admission_turns ON admission (check_name, client, turn)",
    "CREATE INDEX admission_queue ON admission (check_name, permit, turn, verification)",
    # Of the breaker (`domain/breaker.py`).
    "ALTER TABLE quota ADD COLUMN taken {time} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN failures {number} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN window_at {time} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN window_taken {time} NOT NULL DEFAULT 0",
    "ALTER TABLE quota ADD COLUMN open_until {time} NOT NULL DEFAULT 0",
    # The slot that was given last.
    "ALTER TABLE quota ADD COLUMN last_us {time} NOT NULL DEFAULT 0",
    # The health of each client's webhook endpoint (`domain/endpoint_health.py`).
    """CREATE TABLE endpoints (
        client {name} NOT NULL PRIMARY KEY,
        changes {number} NOT NULL,
        state {document} NOT NULL
    ) {options}""",
    # When something happened last (`heartbeats.py`).
    """CREATE TABLE heartbeats (
        name {key} NOT NULL PRIMARY KEY,
        beat_at {time} NOT NULL,
        detail {key} NOT NULL
    ) {options}""",
    # What is counted of a day before money is spent (`domain/limits.py`).
    """CREATE TABLE limit_counters (
        counter {key} NOT NULL PRIMARY KEY,
        attempts {time} NOT NULL DEFAULT 0,
        open_count {time} NOT NULL DEFAULT 0,
        spend {time} NOT NULL DEFAULT 0,
        keep_until {time} NOT NULL
    ) {options}""",
    "CREATE INDEX limit_counters_kept ON limit_counters (keep_until)",
    # Digests of files that were rejected lately.
    """CREATE TABLE rejected_files (
        digest {key} NOT NULL PRIMARY KEY,
        keep_until {time} NOT NULL
    ) {options}""",
    "CREATE INDEX rejected_files_kept ON rejected_files (keep_until)",
)

_HISTORY = """CREATE TABLE IF NOT EXISTS schema_migrations (
    version {number} NOT NULL PRIMARY KEY,
    applied_at {time} NOT NULL
) {options}"""


def migrate(session: Session, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the tables up to date; one SELECT if they are. Any number of connections may call it.

    Raises:
        Contention: another connection is migrating the database, and has not finished in time.
    """
    if schema_version(session) >= len(migrations):
        return
    with session.exclusive():
        session.execute(_HISTORY.format(**session.types))
        current = schema_version(session)
        for version, migration in enumerate(migrations[current:], current + 1):
            _apply(session, version, migration)


def schema_version(session: Session) -> int:
    """How many migrations the database has had."""
    try:
        newest = session.query("SELECT MAX(version) FROM schema_migrations")[0][0]
    except NoSuchTable:
        return 0
    return int(newest or 0)


def _apply(session: Session, version: int, migration: str) -> None:
    # It exists after a function was stopped before it wrote the number.
    with suppress(AlreadyExists):
        session.execute(migration.format(**session.types))
    with suppress(DuplicateKey):
        session.execute(
            "INSERT INTO schema_migrations (version, applied_at) VALUES (?, ?)",
            version,
            now_ms(),
        )
