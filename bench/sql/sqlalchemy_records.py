"""Loading and saving as SQLAlchemy Core would do it: the driver that was considered beside PyMySQL.

The same statements as the adapter's, one connection kept open, each statement committing by itself.
"""

from __future__ import annotations

import secrets

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    select,
    update,
)

from liveproof.domain.states import allowed_before
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict

_VERIFICATIONS = Table(
    "verifications",
    MetaData(),
    Column("id", String(64), primary_key=True),
    Column("version", Integer),
    Column("status", String(64)),
    Column("client", String(255)),
    Column("check_name", String(64)),
    Column("due_at", BigInteger),
    Column("keep_until", BigInteger),
    Column("write_token", String(64)),
    Column("record", Text),
)


class SqlAlchemyRecords:
    """Verifications in tables that the adapter made.

    Args:
        url: SQLAlchemy's, with its driver: `mysql+pymysql://…` or `sqlite:////…`.
        options: for the driver's connect.
    """

    def __init__(self, url: str, options: dict[str, object]) -> None:
        self._engine = create_engine(
            url, isolation_level="AUTOCOMMIT", pool_size=1, connect_args=options
        )
        if url.startswith("sqlite:"):
            # As the adapter does; else this side alone would wait for the disk.
            event.listen(
                self._engine,
                "connect",
                lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"),
            )

    def load(self, verification_id: str) -> Verification | None:
        columns = _VERIFICATIONS.c
        with self._engine.connect() as connection:
            row = connection.execute(
                select(columns.record).where(columns.id == verification_id)
            ).first()
        return None if row is None else msgspec.json.decode(row[0], type=Verification)

    def save(self, verification: Verification) -> Verification:
        saved = replace(verification, version=verification.version + 1)
        columns = _VERIFICATIONS.c
        statement = (
            update(_VERIFICATIONS)
            .where(columns.id == saved.id)
            .where(columns.version == verification.version)
            .where(columns.status.in_([status.value for status in allowed_before(saved.status)]))
            .values(
                version=saved.version,
                status=saved.status.value,
                client=saved.client,
                check_name=saved.check,
                due_at=saved.due_at,
                keep_until=None,
                write_token=secrets.token_hex(8),
                record=msgspec.json.encode(saved).decode(),
            )
        )
        with self._engine.connect() as connection:
            if connection.execute(statement).rowcount != 1:
                raise Conflict(saved.id)
        return saved

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()
