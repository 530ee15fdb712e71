"""What a whole verification asks of each cloud's store."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from liveproof.clouds.aws.endpoints import DynamoEndpoints
from liveproof.clouds.aws.quota import DynamoQuota
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.quota import SqlQuota
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Done, Session
from liveproof.endpoints import policy_of
from liveproof_emulator import testing
from tests.store_units.journey import Store, travel
from tests.support.aws import TABLE, account
from tests.support.deployment import settings
from tests.support.dynamo_units import Units, metered
from tests.support.ways import Way
from tools.mariadb import ScratchDatabase

_RECORD_DAYS = 365
_POLICY = policy_of(settings())


@dataclass
class Statements:
    """SQL statements, those that change a row apart from those that read."""

    changed: int = 0
    read: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Count a statement."""
        self.texts.append(text)
        verb = text.split(maxsplit=1)[0].upper()
        if verb == "SELECT":
            self.read += 1
        elif verb in ("INSERT", "UPDATE", "DELETE"):
            self.changed += 1


def count_on_dynamodb(
    vendor: testing.Running, way: Way, idempotency_key: str | None = None, **journey: str
) -> Units:
    """The units of one verification, in its own table. `journey` is for `travel`."""
    with account() as clients, metered() as units:
        records = DynamoRecords(clients, TABLE, _RECORD_DAYS)
        store = Store(
            records, DynamoQuota(clients, TABLE), DynamoEndpoints(clients, TABLE, _POLICY)
        )
        travel(vendor, store, way, idempotency_key, **journey)
    return units


def count_in_sql(
    vendor: testing.Running, way: Way, idempotency_key: str | None = None
) -> Statements:
    """The statements of one verification, in a SQLite database whose tables are there."""
    statements = Statements()
    run = Session._run

    def counted(session: Session, statement: str, values: tuple[object, ...]) -> Done:
        statements.add(statement)
        return run(session, statement, values)

    with TemporaryDirectory() as folder:
        place = ScratchDatabase(f"sqlite:///{Path(folder) / 'records.sqlite'}", None)
        with closing(place.open()) as database:
            database.query("SELECT id FROM verifications")  # the migrations are not counted
            with mock.patch.object(Session, "_run", counted):
                records = SqlRecords(database, _RECORD_DAYS)
                store = Store(records, SqlQuota(database), SqlEndpoints(database, _POLICY))
                travel(vendor, store, way, idempotency_key)
    return statements
