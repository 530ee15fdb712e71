"""The Records port in SQL: one row per verification, changed by one conditional update only.

A row has the verification as JSON in `record`, and the columns that conditions and indexes need:
`version`, `status`, `client`, `check_name`, `due_at` while unfinished, `keep_until` afterwards.
`next_backoff` is the length (ms) of the next back-off; any save sets it to 0. `write_token` is
random for each write: a retry of a write whose answer was lost finds its own token if the first
attempt was committed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from liveproof.clouds.filtered_pages import filtered_page
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.expiry import delete_expired
from liveproof.clouds.tencent.sql.session import Row, Session, name_text, placeholders
from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import allowed_before, parse_status
from liveproof.domain.verification import Verification
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    IdempotencyConflict,
    Page,
    RecordUnreadable,
)

_DAY_MS = 24 * 60 * 60 * 1000
_DUE_PAGE = 2_000
_FIRST_BACKOFF_MS = 15_000


class SqlRecords:
    """The verifications and the idempotency keys. Every method raises DatabaseUnavailable.

    Args:
        record_days: days after its creation that a finished verification is kept. None: as long as
            it was to be kept before.
    """

    due_partitions = 1

    def __init__(self, database: Database, record_days: int | None) -> None:
        self._database = database
        self._kept_ms = None if record_days is None else record_days * _DAY_MS

    def load(self, verification_id: str) -> Verification | None:
        if not is_verification_id(verification_id):
            return None  # MySQL ignores spaces at the end of the text to compare
        rows = self._database.query(
            "SELECT record FROM verifications WHERE id = ?", verification_id
        )
        return _verification((verification_id, rows[0][0])) if rows else None

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        saved = replace(verification, version=verification.version + 1)
        token = secrets.token_hex(8)

        def write(session: Session, in_doubt: bool) -> Verification:
            try:
                if claim is not None:
                    _claim(session, claim, saved)
                self._put(session, saved, token)
            except (Conflict, IdempotencyConflict):
                if in_doubt and _was_written(session, saved.id, token):
                    return saved
                raise
            return saved

        if claim is None:
            return self._database.run(write)
        return self._database.transaction(write)

    def _put(self, session: Session, saved: Verification, token: str) -> None:
        columns: dict[str, Any] = {
            "version": saved.version,
            "status": saved.status.value,
            "client": saved.client,
            "check_name": saved.check,
            "due_at": saved.due_at,
            "keep_until": None,
            "next_backoff": 0,
            "write_token": token,
            "record": msgspec.json.encode(saved).decode(),
        }
        if saved.due_at is None:
            if self._kept_ms is None:
                del columns["keep_until"]
            else:
                columns["keep_until"] = saved.created_at + self._kept_ms
        if saved.version == 1:
            _insert(session, {"id": saved.id, **columns})
        else:
            _update(session, saved, columns)

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        rows = self._database.query(
            "SELECT verification, fingerprint FROM idempotency_keys"
            " WHERE claim_key = ? AND expires_at > ?",
            key,
            now,
        )
        return (str(rows[0][0]), str(rows[0][1])) if rows else None

    def due(self, before: int, limit: int) -> Iterator[Due]:
        after = (0, "")
        while limit > 0:
            rows = self._database.query(
                "SELECT id, status, due_at, next_backoff, check_name, client FROM verifications"
                " WHERE due_at >= ? AND due_at <= ? AND (due_at > ? OR id > ?)"
                " ORDER BY due_at, id LIMIT ?",
                after[0],
                before,
                *after,
                min(limit, _DUE_PAGE),
            )
            for verification_id, status, due_at, next_backoff, check, client in rows:
                yield Due(
                    id=verification_id,
                    status=parse_status(status),
                    due_at=due_at,
                    backed_off=next_backoff > 0,
                    check=check,
                    client=name_text(client),
                )
            if len(rows) < _DUE_PAGE:
                return
            after = (int(rows[-1][2]), rows[-1][0])
            limit -= len(rows)

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        def write(session: Session, in_doubt: bool) -> int | None:
            rows = session.query(
                "SELECT due_at, next_backoff FROM verifications WHERE id = ?", due.id
            )
            if not rows:
                return None
            due_at, next_backoff = int(rows[0][0] or 0), int(rows[0][1])
            if in_doubt and now < due_at == now + next_backoff // 2:
                return next_backoff // 2  # by an earlier attempt of this write
            wait = min(next_backoff or first, longest)
            kept_until = now + (self._kept_ms or 0) if wait >= longest else None
            changed = session.execute(
                "UPDATE verifications SET due_at = ?, next_backoff = ?,"
                " keep_until = COALESCE(keep_until, ?) WHERE id = ? AND due_at = ?",
                now + wait,
                wait * 2,
                kept_until,
                due.id,
                due.due_at,
            )
            return wait if changed == 1 else None

        return self._database.run(write)

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        def read(after: str | None, most: int) -> tuple[Sequence[tuple[str, Row]], str | None]:
            conditions = "client = ? AND id >= ? AND id < ?"
            values = [client, criteria.first_id, criteria.end_id]
            if after is not None:
                conditions += f" AND id {'>' if criteria.oldest_first else '<'} ?"
                values.append(after)
            if criteria.state is not None:
                conditions += " AND status = ?"
                values.append(criteria.state.value)
            rows = self._database.query(
                f"SELECT id, record FROM verifications WHERE {conditions}"  # noqa: S608 - only the conditions above
                f" ORDER BY id {'ASC' if criteria.oldest_first else 'DESC'} LIMIT ?",
                *values,
                most + 1,  # one more shows whether the list continues
            )
            more = rows[most - 1][0] if len(rows) > most else None
            return [(row[0], row) for row in rows[:most]], more

        return filtered_page(criteria, limit, cursor, read, _verification)

    def delete_expired(self, now: int, limit: int) -> int:
        return delete_expired(self._database, now, limit)


def look_later(session: Session, verification: Verification, at: int) -> None:
    """Let the sweep request the step of a due verification at a time (ms), if not saved before.

    It is not listed ahead, as nothing that was backed off is, and its first wait in vain is short.
    """
    session.execute(
        "UPDATE verifications SET due_at = ?, next_backoff = ? WHERE id = ? AND version = ?",
        at,
        _FIRST_BACKOFF_MS,
        verification.id,
        verification.version,
    )


def look_again(session: Session, verification_id: str, now: int) -> None:
    """Let the sweep request the step of a verification now, if it was to look later."""
    session.execute(
        "UPDATE verifications SET due_at = ? WHERE id = ? AND next_backoff > 0 AND due_at > ?",
        now,
        verification_id,
        now,
    )


def _verification(row: Row) -> Verification:
    verification_id, document = row
    try:
        return msgspec.json.decode(document, type=Verification)
    except (msgspec.MsgspecError, UnicodeError):
        raise RecordUnreadable(f"the record of {verification_id} cannot be read") from None


def _insert(session: Session, columns: dict[str, Any]) -> None:
    statement = (
        f"INSERT INTO verifications ({', '.join(columns)}) VALUES ({placeholders([*columns])})"  # noqa: S608 - names of ours
    )
    try:
        session.execute(statement, *columns.values())
    except DuplicateKey:
        raise Conflict(f"{columns['id']} is there already") from None


def _update(session: Session, saved: Verification, columns: dict[str, Any]) -> None:
    """Replace the previous version, if its state may be followed by this one. Raises Conflict."""
    before = [status.value for status in allowed_before(saved.status)]
    changed = session.execute(
        f"UPDATE verifications SET {', '.join(f'{name} = ?' for name in columns)}"  # noqa: S608 - names of ours
        f" WHERE id = ? AND version = ? AND status IN ({placeholders(before)})",
        *columns.values(),
        saved.id,
        saved.version - 1,
        *before,
    )
    if changed != 1:
        raise Conflict(f"{saved.id} has changed")


def _was_written(session: Session, verification_id: str, token: str) -> bool:
    return bool(
        session.query(
            "SELECT id FROM verifications WHERE id = ? AND write_token = ?", verification_id, token
        )
    )


def _claim(session: Session, claim: IdempotencyClaim, saved: Verification) -> None:
    """Store the idempotency key, over an expired one. Raises IdempotencyConflict, Conflict."""
    taken = (saved.id, claim.fingerprint, claim.expires_at)
    try:
        session.execute(
            "INSERT INTO idempotency_keys (verification, fingerprint, expires_at, claim_key)"
            " VALUES (?, ?, ?, ?)",
            *taken,
            claim.key,
        )
    except DuplicateKey:
        replaced = session.execute(
            "UPDATE idempotency_keys SET verification = ?, fingerprint = ?, expires_at = ?"
            " WHERE claim_key = ? AND expires_at <= ?",
            *taken,
            claim.key,
            saved.created_at,
        )
        if not replaced:
            _raise_conflict(session, claim)


def _raise_conflict(session: Session, claim: IdempotencyClaim) -> None:
    rows = session.query(
        "SELECT verification, fingerprint FROM idempotency_keys WHERE claim_key = ?", claim.key
    )
    if not rows:
        raise Conflict("the idempotency key was forgotten this moment")
    raise IdempotencyConflict(*rows[0])
